"""What reading numbers may use up: rates of its own, and money that posts do not need.

Posts come first. Reading is paid from the same budgets, so it becomes sparse when half of one is used,
and stops at four fifths: the last fifth is for posts alone. What a question will cost is counted before it
is asked and given back if nothing came of it; a crash between the two leaves too much counted, never
too little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.message import Message
from bot.domain.money import WARN_PERCENT, Period, day_of, dollars, period_of
from bot.domain.rates import left, opens_at, take
from bot.domain.snapshot import Watch
from bot.domain.when import say
from bot.ports import Tx
from bot.services.budget import Purse, key_of, purses, raise_words, spent_of
from bot.services.context import Connected, Services
from bot.services.tell import tell_brand

SPARSE_PERCENT = 50
"""From this part of a budget on numbers are read less often."""

DAY, TICK = timedelta(days=1), timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """So many posts may be read now, for ``price`` micro-dollars, which are counted already."""

    watches: tuple[Watch, ...]
    price: int = 0
    sparse: bool = False


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Nothing may be read before ``until``."""

    until: datetime


@dataclass(frozen=True, kw_only=True)
class Use:
    """How far a budget would be used up by ``price`` more than was spent ``before``."""

    purse: Purse
    period: Period
    before: int
    price: int

    @property
    def percent(self) -> float:
        limit = self.purse.budget.limit
        return 100 * (self.before + self.price) / limit if limit else float("inf")


def reserve(
    svc: Services, tx: Tx, connected: Connected, ready: Sequence[Watch], now: datetime
) -> Allowed | Wait:
    """Take what reading these posts uses up, or as many of them as there is room for."""
    counting = connected.platform.counting
    held = [(rate, key_of(connected, rate)) for rate in counting.rates]
    buckets = [(rate, key, tx.budgets.bucket(key)) for rate, key in held]
    room = min((counting.fits(left(rate, bucket, now)) for rate, _, bucket in buckets), default=len(ready))
    some = tuple(ready[:room])
    if not some:
        return Wait(until=max(opens_at(rate, bucket, now) for rate, _, bucket in buckets) + TICK)
    price = sum(counting.costs(read_at(watch), now) for watch in some)
    uses = _uses(svc, tx, connected, price, now) if price else ()
    spent = [use for use in uses if use.percent > WARN_PERCENT]
    if spent:
        return Wait(until=_stand_still(svc, tx, connected, spent, now))
    for rate, key, bucket in buckets:
        tx.budgets.keep(key, take(rate, bucket, now, counting.questions(len(some))))
    if price:
        tx.budgets.charge(connected.name, connected.brand, day_of(now), price)
    return Allowed(watches=some, price=price, sparse=any(use.percent > SPARSE_PERCENT for use in uses))


def give_back(tx: Tx, connected: Connected, price: int, then: datetime) -> None:
    """Nothing came of the question that ``price`` was reserved for at ``then``."""
    if price:
        tx.budgets.charge(connected.name, connected.brand, day_of(then), -price)


def read_at(watch: Watch) -> datetime | None:
    """When its numbers were last read; to the second."""
    return datetime.fromtimestamp(watch.latest % (1 << 32), UTC) if watch.latest else None


def _uses(svc: Services, tx: Tx, connected: Connected, price: int, now: datetime) -> list[Use]:
    found = []
    for purse in purses(svc, connected):
        tx.budgets.lock(purse.key)
        period = period_of(purse.budget.per, now)
        found.append(Use(purse=purse, period=period, before=spent_of(tx, purse, period), price=price))
    return found


def _stand_still(
    svc: Services, tx: Tx, connected: Connected, spent: Sequence[Use], now: datetime
) -> datetime:
    """When to ask again; the brand hears once in a period that its numbers stand still, and why."""
    title, zone = connected.platform.title, svc.brands[connected.brand].timezone
    for use in spent:
        purse, period = use.purse, use.period
        used = f"{dollars(use.before)} of {dollars(purse.budget.limit)}"
        text = (
            f"{title} charges for reading numbers, and {purse.name} has used {used} for {period.label}. The "
            f"rest is for posts, so {title}'s numbers stand still until {say(period.after, zone, now=now)}; "
            f"{raise_words(svc, connected.brand)}."
        )
        key = f"reading:{purse.key}:{period.first:%Y-%m-%d}:{purse.budget.limit}"
        tell_brand(svc, tx, connected.brand, key, Message(text=text))
    return min(now + DAY, *(use.period.after for use in spent))
