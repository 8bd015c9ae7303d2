"""Small rows around a post: cards, notices, versions, halts, the audit trail, account health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.message import Message, Target
from bot.domain.post import Json, Variant


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a post was after its ``number``-th edit."""

    post_id: int
    number: int
    author: str
    at: datetime
    wish: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, kw_only=True)
class Card:
    """A chat message that shows a post. Stale while ``painted < wanted``."""

    id: int
    post_id: int
    target: Target
    ref: str | None = None
    wanted: int = 1
    painted: int = 0
    tries: int = 0


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something to be said once. ``key`` names the incident; ``to`` one person, when private."""

    id: int
    key: str
    target: Target
    message: Message
    brand: str = ""
    post_id: int | None = None
    delivery_id: int | None = None
    to: str | None = None
    tries: int = 0
    ref: str | None = None


@dataclass(frozen=True, kw_only=True)
class Halt:
    """A brand is stopped: nothing new is sent until somebody resumes."""

    brand: str
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """Who did what, when. Append-only."""

    at: datetime
    brand: str
    who: str
    what: str
    post_id: int | None = None
    delivery_id: int | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A delivery that waits for approval, and since when people have been asked."""

    delivery_id: int
    post_id: int
    brand: str
    account: str
    fingerprint: str
    asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """What was done once about a request: a reminder, or an escalation that ``called`` people in."""

    post_id: int
    fingerprint: str
    step: str
    at: datetime
    called: tuple[str, ...] = ()


class Health(StrEnum):
    OK = "ok"
    EXPIRED = "expired"
    MISCONFIGURED = "misconfigured"


@dataclass(frozen=True, kw_only=True)
class AccountState:
    """What is known of a connected profile. ``blocked_until``: the platform asked us to wait.

    ``health`` other than OK pauses the account until somebody reconnects it or the bot
    starts again. ``why`` is the sentence a person reads.
    """

    name: str
    brand: str
    platform: str
    health: Health = Health.OK
    blocked_until: datetime | None = None
    why: str = ""
    handle: str = ""
