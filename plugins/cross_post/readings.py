"""From rows as they come to one sound reading of each post."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.api import CROSSPOST, PAID, TEST, PostOutcome

NOT_COMPARED = frozenset({PAID, CROSSPOST, TEST})
"""What money, another platform or an experiment did says nothing about an account's usual."""

MOST = 1e15
"""No count is larger: all views of all videos there are would be fewer by far."""

MOSTLY = 0.8
"""Share of an account's posts whose views have to be known for views to be what is compared."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The newest reading of one post. ``fell``: an earlier one was higher."""

    post: PostOutcome
    fell: bool = False

    @property
    def age_h(self) -> float:
        return (self.post.observed_at - self.post.published_at).total_seconds() / 3600.0


def check_aware(*instants: datetime) -> None:
    """Raises `ValueError` for an instant without a zone: nobody can tell what it means."""
    for instant in instants:
        if instant.tzinfo is None or instant.utcoffset() is None:
            raise ValueError(f"an instant without a zone: {instant!r}; give aware UTC")


def newest(posts: Iterable[PostOutcome], now: datetime) -> list[Reading]:
    """One reading of each post, by account, type and time; whatever order they came in.

    What was read after ``now`` or before it went out, and what is no count (not a number, infinite,
    below zero), is left out; views that are no count are unknown. Raises `ValueError` for an instant
    without a zone.
    """
    check_aware(now)
    best: dict[tuple[str, str], PostOutcome] = {}
    peak: dict[tuple[str, str], float] = {}
    for post in posts:
        check_aware(post.published_at, post.observed_at)
        if not _count(post.engagement) or not post.published_at <= post.observed_at <= now:
            continue
        sound = post if _count(post.views) else replace(post, views=None)
        key = (sound.account_id, sound.post_id)
        peak[key] = max(peak.get(key, 0.0), _size(sound))
        held = best.get(key)
        if held is None or _rank(sound) > _rank(held):
            best[key] = sound
    found = [Reading(post=p, fell=_size(p) < peak[key]) for key, p in best.items()]
    return sorted(found, key=lambda r: (*_group(r.post), r.post.published_at, r.post.post_id))


def groups(readings: Sequence[Reading]) -> dict[tuple[str, str, str], list[Reading]]:
    """Account, platform and content type → its readings in time."""
    found: dict[tuple[str, str, str], list[Reading]] = {}
    for reading in readings:
        found.setdefault(_group(reading.post), []).append(reading)
    return found


def basis_of(readings: Sequence[Reading]) -> str:
    """What is compared: views where nearly all posts have them, else engagement."""
    known = sum(r.post.views is not None for r in readings)
    return "views" if readings and known >= MOSTLY * len(readings) else "engagement"


def value_of(post: PostOutcome, basis: str) -> float | None:
    """The count that is compared; None where it is unknown."""
    return post.views if basis == "views" else post.engagement


def _group(post: PostOutcome) -> tuple[str, str, str]:
    return post.account_id, post.platform, post.content_type


def _count(value: float | None) -> bool:
    return value is not None and 0 <= value <= MOST


def _size(post: PostOutcome) -> float:
    return post.views if post.views is not None else post.engagement


def _rank(post: PostOutcome) -> tuple[datetime, bool, float, float, list[str]]:
    """The newer the better; two of one instant are told apart by what they say, so that order is all one."""
    known = post.views is not None
    return post.observed_at, known, post.views or 0.0, post.engagement, sorted(post.flags)
