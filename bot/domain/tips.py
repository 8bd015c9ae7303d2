"""What an adviser on texts is given, and what it answers. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from bot.domain.counts_in_words import lift
from bot.domain.outcomes import CROSSPOST, PAID, TEST, Interval, PostOutcome

LIMIT, OWN, GENERAL, REWRITE = "limit", "own", "general", "rewrite"
"""Kinds of a `Suggestion`: certain, seen in its own posts, seen elsewhere, another wording to try."""

KINDS = (LIMIT, OWN, GENERAL, REWRITE)
"""The strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """One picture or video of a draft, as numbers. ``kind`` is "image", "gif", "video" or "document".

    ``letters``: how high the largest lettering found in the picture is when it is 120 pixels wide,
    ``contrast``: how it stands out from its ground (WCAG 2.2, 1 to 21); None where no lettering was found or
    nobody looked. ``cover``: it is the small picture that a video is announced with.
    """

    name: str
    kind: str
    width: int = 0
    height: int = 0
    alt: str = ""
    cover: bool = False
    letters: float | None = None
    contrast: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text for one account before it goes out, with what its platform says about how it will be shown.

    ``title`` is the platform for people, ``heading`` a title of the post's own, ``feed`` the words that its
    feed shows, empty where they are the text. They are folded after ``cut`` characters or ``lines`` lines, 0
    never. ``frame`` and ``ratios`` are width over height of what is shown of a picture
    (`bot.domain.look.Look`); ``alt_texts``: it takes descriptions.
    """

    account: str
    platform: str
    content_type: str
    text: str
    title: str = ""
    heading: str = ""
    feed: str = ""
    cut: int = 0
    lines: int = 0
    frame: float = 0.0
    ratios: tuple[float, float] | None = None
    alt_texts: bool = False
    shown: tuple[ShownFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPost:
    """A post that is out: what it said and what it brought."""

    outcome: PostOutcome
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountProfile:
    """What is known of an account: its posts, in any order. Those of other accounts are left alone."""

    account: str
    platform: str
    posts: tuple[PastPost, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One thing to consider about a draft; nothing waits for it.

    ``kind``: see `KINDS`. ``code`` is a short machine word. ``evidence`` is None where it is not a matter of
    chance; ``n`` posts stand behind it, ``rows`` are their ids.
    """

    kind: str
    code: str
    text: str
    account: str
    fix: str = ""
    evidence: Interval | None = None
    n: int = 0
    rows: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it can be shown: a known kind, words, and only numbers that are numbers."""
        told = self.evidence
        numbers = (told.mean, told.lo, told.hi) if told is not None else ()
        return self.kind in KINDS and bool(self.text.strip()) and all(map(math.isfinite, numbers))


def tip_words(tip: Suggestion) -> str:
    """One line: what it is, how much, of how sure, and what can be done."""
    told = f"{tip.text}: {lift(tip.evidence)}" if tip.evidence is not None else tip.text
    if tip.kind == OWN and tip.evidence is not None:
        told += " against the others"
    return f"{told.rstrip('.')} — {tip.fix}" if tip.fix else told


def comparable(profile: AccountProfile, now: datetime) -> tuple[PastPost, ...]:
    """The account's own posts that say something about its texts, each once by its newest reading, the
    oldest post first. Left out: paid for, made of another post, an arm of a test, without words, without
    a count that is one, read before it was out."""
    newest: dict[str, PastPost] = {}
    for one in profile.posts:
        told = one.outcome
        if (
            told.account_id != profile.account
            or told.flags & {PAID, CROSSPOST, TEST}
            or not _usable(one, now)
        ):
            continue
        known = newest.get(told.post_id)
        if known is None or known.outcome.observed_at < told.observed_at:
            newest[told.post_id] = one
    return tuple(sorted(newest.values(), key=lambda p: (p.outcome.published_at, p.outcome.post_id)))


def _usable(one: PastPost, now: datetime) -> bool:
    told = one.outcome
    known = math.isfinite(told.engagement) and told.engagement >= 0
    return bool(one.text.strip()) and known and told.published_at < told.observed_at <= now
