"""Posts that recur: which of their occurrences counts now, and what is known of the series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.delivery import FINAL, Delivery, State

SPENT = frozenset({State.REFUSED, State.EXPIRED, State.MISSED, State.HANDED_OVER})
"""States that wait for a person, but not for ever: the next occurrence takes their place."""

AHEAD = frozenset(
    {
        State.DRAFT,
        State.IN_REVIEW,
        State.CHANGES_REQUESTED,
        State.APPROVED,
        State.SCHEDULED,
        State.CANCELLED,
    }
)
"""States of an occurrence that has not begun."""

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Series:
    """A post that recurs. ``look_at``: when its next occurrence has to be made, None when there is
    none to make; ``ended``: why it was ended before its time."""

    post_id: int
    brand: str
    look_at: datetime | None = None
    ended: str = ""


class EntryKind(StrEnum):
    SLOT = "slot"
    BLACKOUT = "blackout"


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """A slot or some days off that a person added; ``text`` as `bot.domain.slots` reads it."""

    brand: str
    kind: EntryKind
    text: str
    by: str
    at: datetime


def current(deliveries: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """One delivery for each account, by id: the earliest that is not settled, else the last.

    What was refused or expired counts until the occurrence after it has begun.
    """
    by_account: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        by_account.setdefault(delivery.account, []).append(delivery)
    chosen = [rows[0] if len(rows) == 1 else _one(rows) for rows in by_account.values()]
    return tuple(sorted(chosen, key=lambda d: d.id))


def _one(rows: Sequence[Delivery]) -> Delivery:
    order = sorted(rows, key=lambda d: (d.due or NEVER, d.id))
    for index, delivery in enumerate(order):
        if delivery.state in FINAL:
            continue
        begun = any(later.state not in AHEAD for later in order[index + 1 :])
        if delivery.state not in SPENT or not begun:
            return delivery
    return order[-1]
