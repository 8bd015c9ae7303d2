"""What a simulated run means for people: days with what goes out, and what would go wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from bot.domain.delivery import Delivery, State
from bot.domain.people import Brand
from bot.domain.recurrence import rule_of
from bot.domain.when import instant_of, wall_at

GOOD = frozenset({State.LIVE, State.REMOVED, State.HANDED_OVER})
WAITING = frozenset({State.SCHEDULED, State.APPROVED, State.CANCELLED, State.PUBLISHING})


@dataclass(frozen=True, kw_only=True)
class Line:
    """One delivery of a day. ``trouble``: why it would not go out, or only later; empty when it would."""

    at: datetime
    delivery: Delivery
    trouble: str = ""


def went_out(delivery: Delivery) -> datetime | None:
    """When its first part came out."""
    return min((p.out_at for p in delivery.parts if p.out_at is not None), default=None)


def lines_of(deliveries: Iterable[Delivery], start: datetime) -> Iterator[Line]:
    """Everything that goes out or should, in order of time."""
    found = []
    for delivery in deliveries:
        out = went_out(delivery)
        if delivery.state in WAITING and not delivery.reason:
            continue
        if delivery.state is State.CANCELLED and not delivery.reason.startswith("skipped"):
            continue
        at = out or delivery.due or start
        trouble = "" if delivery.state in GOOD else _trouble(delivery)
        found.append(Line(at=max(at, start), delivery=delivery, trouble=trouble))
    yield from sorted(found, key=lambda line: (line.at, line.delivery.id))


def _trouble(delivery: Delivery) -> str:
    word = delivery.state.value.replace("_", " ")
    if delivery.state is State.CANCELLED:
        return delivery.reason
    if delivery.state is State.IN_REVIEW:
        return "nobody has approved it"
    if delivery.state is State.DRAFT:
        return "it cannot go out as it is; its card says why"
    return f"{word}: {delivery.reason}" if delivery.reason else word


def by_day(lines: Sequence[Line], zone: str, start: datetime, days: int) -> Mapping[date, list[Line]]:
    """The lines of each day, empty days too."""
    first = wall_at(start, zone).date()
    found: dict[date, list[Line]] = {first + timedelta(days=n): [] for n in range(days + 1)}
    for line in lines:
        found.setdefault(wall_at(line.at, zone).date(), []).append(line)
    return dict(sorted(found.items()))


def last_times(deliveries: Iterable[Delivery], end: datetime) -> Mapping[int, datetime]:
    """Posts whose rule names its last time before ``end``, and that time."""
    found: dict[int, datetime] = {}
    for delivery in deliveries:
        if delivery.rule is None or delivery.zone is None or delivery.post_id in found:
            continue
        walls = list(rule_of(delivery.rule).walls())
        if walls and (last := instant_of(walls[-1], delivery.zone)) <= end:
            found[delivery.post_id] = last
    return found


def crowds(deliveries: Iterable[Delivery], brand: Brand) -> tuple[str, ...]:
    """Accounts that would post more often than the brand wants, each with the first moment of it."""
    outs: dict[str, list[datetime]] = {}
    for delivery in deliveries:
        out = went_out(delivery)
        if out is not None and delivery.brand == brand.name:
            outs.setdefault(delivery.account, []).append(out)
    found = []
    for account, times in sorted(outs.items()):
        times.sort()
        burst, spacing = brand.burst, timedelta(seconds=brand.spacing_s)
        if burst:
            hot = next(
                (a for a, b in zip(times, times[burst:], strict=False) if b - a < timedelta(hours=1)), None
            )
            if hot is not None:
                at = wall_at(hot, brand.timezone)
                found.append(
                    f"{account} posts more than {burst} times within an hour from {at:%a %d %b %H:%M} on"
                )
        near = next((a for a, b in pairwise(times) if b - a < spacing), None)
        if near is not None:
            at = wall_at(near, brand.timezone)
            found.append(
                f"{account} posts twice within {brand.spacing_s // 60} minutes at {at:%a %d %b %H:%M}"
            )
    return tuple(found)
