"""What was read about a published post at an instant, and which posts are read about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from bot.domain.platform import Metrics

MOST = 10**15
"""No count is larger: all views of all videos there are would be fewer by far. What is larger is a fault."""

NAMES = tuple(f.name for f in fields(Metrics))
"""What is counted, in the order of `Metrics`."""

NOT_COUNTED, CLOSED, GONE, TAKEN_DOWN, NO_ADDRESS = (
    "not counted",
    "closed",
    "gone",
    "taken down",
    "no address",
)
"""Why nothing more is read about a delivery (`Watch.ended`)."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A delivery's numbers at an instant. ``at``: when we read them, aware UTC, to the second.

    ``source`` says where from ("api", "report"). ``gone``: the platform says that it does not exist any
    more; its last numbers stay what they were. None in ``metrics`` is unknown, which is not zero.
    ``id`` is made of the delivery and the second (`bot.store.snapshots`), so that no second is told twice.
    """

    delivery_id: int
    account: str
    at: datetime
    metrics: Metrics
    source: str = "api"
    gone: bool = False
    id: int = 0


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A delivery that is live, and when its numbers are read next.

    ``look_at`` None: never again, and ``ended`` says why. ``out_at`` is when its first part came out.
    ``tries``: how often in a row the platform could not be asked; ``missing``: how often in a row it said
    that the post is not there. ``latest`` is the id of the newest snapshot with numbers, 0
    while there is none.
    """

    delivery_id: int
    post_id: int
    brand: str
    account: str
    platform: str
    content_type: str
    out_at: datetime
    look_at: datetime | None
    tries: int = 0
    missing: int = 0
    ended: str = ""
    latest: int = 0


@dataclass(frozen=True, kw_only=True)
class AccountCount:
    """How many follow an account, as of one of the brand's local days; ``day`` is "2026-11-21"."""

    account: str
    day: str
    at: datetime
    followers: int


def fault_of(metrics: Metrics) -> str:
    """What cannot be in these numbers, as a log reads it; empty when they are sound.

    A plugin may hand over anything: NaN, text, counts below zero or beyond all bounds.
    """
    if not isinstance(metrics, Metrics):
        return f"{type(metrics).__name__} is no Metrics"
    for name in NAMES:
        value: object = getattr(metrics, name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int):
            return f"{name} is {value!r}"
        if not 0 <= value <= MOST:
            return f"{name} is {value}"
    return ""


def fell(before: Metrics, after: Metrics) -> Mapping[str, tuple[int, int]]:
    """Counters that are lower than they were, with both values: platforms take false ones away."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in NAMES)
    return {n: (was, now) for n, was, now in pairs if was is not None and now is not None and now < was}
