"""What a card is painted from: the post, its targets, and everything shown beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.approval import Verdict, Vote
from bot.domain.delivery import Delivery
from bot.domain.numbers import Numbers
from bot.domain.platform import Finding
from bot.domain.post import Media, Post
from bot.domain.records import Halt
from bot.domain.tips import Suggestion


@dataclass(frozen=True, kw_only=True)
class Row:
    """One target of the post: its delivery and everything shown beside it.

    ``files``: what is or was done to its files, ``preparing`` while that is under way, ``stopped`` when it
    will not go on by itself. ``chosen``: what people chose for it alone; ``choosable``: they have to.
    ``until``: when the platform throws away what was handed over. ``hour``: what its time rests on, where
    the hour was left to us.
    """

    delivery: Delivery
    title: str
    handle: str
    findings: tuple[Finding, ...] = ()
    verdict: Verdict | None = None
    preview: str = ""
    asks_at: datetime | None = None
    files: str = ""
    preparing: bool = False
    stopped: bool = False
    chosen: tuple[str, ...] = ()
    choosable: bool = False
    until: datetime | None = None
    hour: str = ""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a card is painted from. ``kept``: who wants the post kept; ``given``: files as people
    gave them, by SHA-256, of those that something was made from; ``tips``: what an adviser said about
    this version; ``numbers``: what its live targets were last shown to have brought."""

    post: Post
    rows: tuple[Row, ...]
    votes: tuple[Vote, ...]
    zone: str
    now: datetime
    approvers: tuple[str, ...]
    needed: int
    expires_at: datetime | None = None
    halt: Halt | None = None
    simulated: bool = False
    dry_run: bool = False
    reviews: tuple[Finding, ...] = ()
    repeats: str = ""
    kept: tuple[str, ...] = ()
    given: Mapping[str, Media] = field(default_factory=dict)
    tips: tuple[Suggestion, ...] = ()
    numbers: Numbers | None = None
