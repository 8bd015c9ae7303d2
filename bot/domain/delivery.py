"""One planned publication of one variant, and the states it may pass through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from bot.domain.platform import Proof, Ref
from bot.domain.post import Json, Variant


class State(StrEnum):
    """Where a delivery stands (design, §2); the ways between them are `TRANSITIONS`."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    HELD = "held"
    MISSED = "missed"
    EXPIRED = "expired"
    PUBLISHING = "publishing"
    UNCONFIRMED = "unconfirmed"
    PARTIAL = "partial"
    LIVE = "live"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    REMOVED = "removed"


def _table() -> Mapping[State, frozenset[State]]:
    s = State
    editable = {s.DRAFT, s.IN_REVIEW, s.APPROVED, s.CANCELLED}
    table = {
        s.DRAFT: frozenset({s.IN_REVIEW, s.APPROVED, s.CANCELLED}),
        s.IN_REVIEW: frozenset({s.APPROVED, s.CHANGES_REQUESTED, s.EXPIRED, s.HELD, *editable}),
        s.CHANGES_REQUESTED: frozenset({*editable}),
        s.APPROVED: frozenset({s.SCHEDULED, s.CHANGES_REQUESTED, s.EXPIRED, s.HELD, *editable}),
        s.SCHEDULED: frozenset({s.PUBLISHING, s.HELD, s.MISSED, s.CHANGES_REQUESTED, s.PARTIAL, *editable}),
        s.HELD: frozenset({s.SCHEDULED, s.CHANGES_REQUESTED, s.MISSED, *editable}),
        s.MISSED: frozenset({s.SCHEDULED, *editable}),
        s.EXPIRED: frozenset({*editable}),
        s.PUBLISHING: frozenset(
            {s.SCHEDULED, s.HELD, s.LIVE, s.REFUSED, s.UNCONFIRMED, s.PARTIAL, s.HANDED_OVER}
        ),
        s.UNCONFIRMED: frozenset(
            {s.SCHEDULED, s.LIVE, s.REFUSED, s.PARTIAL, s.HELD, s.PUBLISHING, s.HANDED_OVER}
        ),
        s.PARTIAL: frozenset({s.SCHEDULED, s.REMOVED, s.CANCELLED}),
        s.LIVE: frozenset({s.REMOVED}),
        s.REFUSED: frozenset({s.SCHEDULED, *editable}),
        s.HANDED_OVER: frozenset({s.LIVE, s.CANCELLED, s.REFUSED, s.SCHEDULED, s.PARTIAL}),
        s.CANCELLED: frozenset({s.DRAFT, s.IN_REVIEW, s.APPROVED}),
        s.REMOVED: frozenset(),
    }
    return MappingProxyType({before: after - {before} for before, after in table.items()})


TRANSITIONS: Mapping[State, frozenset[State]] = _table()
"""The state machine as data; the manual renders it, a property test walks it."""

FINAL = frozenset({State.LIVE, State.CANCELLED, State.REMOVED})
"""States that need nobody's attention any more."""

EDITABLE = frozenset(
    {
        State.DRAFT,
        State.IN_REVIEW,
        State.CHANGES_REQUESTED,
        State.APPROVED,
        State.SCHEDULED,
        State.HELD,
        State.MISSED,
        State.EXPIRED,
        State.REFUSED,
    }
)
"""States in which nothing of the delivery is on its way or out."""


PARKED = "held by"
"""How the reason begins of what a person has put on hold."""


def may_become(before: State, after: State) -> bool:
    """Whether the table allows the step; staying put is always allowed."""
    return before == after or after in TRANSITIONS[before]


class PartState(StrEnum):
    WAITING = "waiting"
    STAGED = "staged"
    OUT = "out"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True)
class PartProgress:
    """How far one part has come; ``checkpoint`` is what staging saved."""

    index: int
    state: PartState = PartState.WAITING
    ref: Ref | None = None
    url: str | None = None
    proof: Proof | None = None
    out_at: datetime | None = None
    checkpoint: Mapping[str, Json] = field(default_factory=dict)
    checkpoint_expires: datetime | None = None


class AttemptState(StrEnum):
    """``calling``, ``unknown`` and ``ok`` are open: the database allows one for a part."""

    CALLING = "calling"
    UNKNOWN = "unknown"
    OK = "ok"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One irreversible call for one part; its row is written before the call.

    ``price`` is what it costs if it comes off, micro-dollars; ``charged`` what it counts for
    now: its price while it is open or has come off, nothing once nothing came of it.
    """

    id: int
    delivery_id: int
    part: int
    fence: int
    key: str
    state: AttemptState
    started_at: datetime
    deadline: datetime
    request_hash: str
    ref: Ref | None = None
    error: str = ""
    price: int = 0
    charged: int = 0


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One planned publication of one variant.

    ``due`` is the instant the wish resolves to, ``wall`` (naive) with ``zone`` the wall time it
    was meant by, ``rule`` the recurrence it is an occurrence of; None where there is none.
    ``wake_at`` is when the engine must look
    at the row again, whatever its state; None is never. ``fence`` grows with each claim,
    and only the holder of the newest may change the state. ``reason`` is the sentence a
    person reads about why it stands where it stands.
    """

    id: int
    post_id: int
    brand: str
    account: str
    platform: str
    variant: Variant
    fingerprint: str
    version: int
    state: State
    due: datetime | None = None
    wake_at: datetime | None = None
    fence: int = 0
    lease_until: datetime | None = None
    lease_owner: str | None = None
    tries: int = 0
    checks: int = 0
    platform_wait: bool = False
    reason: str = ""
    parts: tuple[PartProgress, ...] = ()
    rule: str | None = None
    wall: datetime | None = None
    zone: str | None = None

    @property
    def next_part(self) -> int | None:
        """Index of the first part that is not out, or None when all are."""
        done = {p.index for p in self.parts if p.state in (PartState.OUT, PartState.REMOVED)}
        return next((i for i in range(len(self.variant.parts)) if i not in done), None)

    @property
    def begun(self) -> bool:
        """Whether a part of it is out: it can be continued or taken down, no longer changed or dropped."""
        return any(p.state is PartState.OUT for p in self.parts)

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(p.url for p in self.parts if p.url and p.state is PartState.OUT)

    def progress(self, index: int) -> PartProgress:
        """The row of one part; a fresh one when nothing happened yet."""
        return next((p for p in self.parts if p.index == index), PartProgress(index=index))


BACKOFF: tuple[timedelta, ...] = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600))
"""Waits after a failure that surely created nothing; after the last one it is held.

Together they stay below `LATE_AFTER`: later than that nothing goes out unasked.
"""

LATE_AFTER = timedelta(minutes=15)
"""What *we* were too late for by this much is held and asked about."""

LATE_AFTER_PLATFORM = timedelta(hours=2)
"""The same, when a platform made us wait."""


def backoff(tries: int) -> timedelta | None:
    """The wait before attempt ``tries + 1``; None when it is time to ask a person."""
    return BACKOFF[tries - 1] if 1 <= tries <= len(BACKOFF) else None


def part_due(delivery: Delivery) -> datetime | None:
    """When the next part is due: so long after the part before it as was signed.

    A person's later word about the time, which moves ``due``, counts more.
    """
    index = delivery.next_part
    before = delivery.progress(index - 1).out_at if index else None
    if not index or before is None:
        return delivery.due
    planned = before + timedelta(seconds=delivery.variant.parts[index].after)
    return planned if delivery.due is None else max(planned, delivery.due)


def too_late(delivery: Delivery, now: datetime) -> bool:
    """Whether the next part's due time has passed by more than a person would expect."""
    due = part_due(delivery)
    if due is None:
        return False
    return now - due > (LATE_AFTER_PLATFORM if delivery.platform_wait else LATE_AFTER)


def parked(delivery: Delivery) -> bool:
    """Whether a person has put it on hold: only a person lets it go on."""
    return delivery.state in (State.HELD, State.PARTIAL) and delivery.reason.startswith(PARKED)
