"""Rates and money: asked in the transaction that writes an attempt's row, so that neither is overrun.

A call takes one token of every rate of its platform, and its price out of the budgets of its
account and brand. Nothing has to be settled afterwards: the row itself is what counts (see
`bot.store.attempts`), so a crash at any line leaves the sums right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.domain.message import Message
from bot.domain.money import WARN_PERCENT, Budget, Period, dollars, period_of, warns
from bot.domain.people import Role
from bot.domain.post import Part
from bot.domain.rates import Bucket, Rate, Scope, Sighting, left, opens_at, take, told
from bot.domain.words import listed
from bot.ports import Platform, Tx
from bot.services.context import Connected, Services
from bot.services.tell import tell_brand

NOTED = timedelta(minutes=1)
"""How often what a platform says about its rates is written down although it changes nothing."""


@dataclass(frozen=True, kw_only=True)
class Toll:
    """What a call will use up: its price in micro-dollars, and the buckets as they are after it."""

    price: int = 0
    buckets: tuple[tuple[str, Bucket], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Full:
    """A rate is used up until then; ``why`` is read after "waits for X until 17:45"."""

    until: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class Spent:
    """A budget would be overrun; ``why`` is the sentence on the card."""

    why: str


@dataclass(frozen=True, kw_only=True)
class Purse:
    """One budget: of an account, or of all accounts of a brand."""

    key: str
    name: str
    budget: Budget
    account: str | None = None
    brand: str | None = None


def ask(svc: Services, tx: Tx, connected: Connected, price: int, now: datetime) -> Toll | Full | Spent:
    """What one call takes, or why it cannot be made now. `pay` writes it down."""
    rates = connected.platform.rates
    if not rates and not price:
        return Toll()
    known = [(rate, key_of(connected, rate)) for rate in rates]
    held = [(rate, key, tx.budgets.bucket(key)) for rate, key in known]
    full = [(opens_at(rate, bucket, now), rate) for rate, _, bucket in held if not left(rate, bucket, now)]
    if full:
        until, rate = max(full, key=lambda pair: pair[0])
        return Full(until=max(until, now + timedelta(microseconds=1)), why=in_words(svc, connected, rate))
    if price:
        for purse in purses(svc, connected):
            refusal = _ask_purse(svc, tx, connected, purse, price, now)
            if refusal is not None:
                return refusal
    return Toll(price=price, buckets=tuple((key, take(rate, bucket, now)) for rate, key, bucket in held))


def pay(tx: Tx, toll: Toll) -> None:
    """Keep the buckets; the price is counted by the attempt's row."""
    for key, bucket in toll.buckets:
        tx.budgets.keep(key, bucket)


def price_of(connected: Connected, part: Part) -> int:
    """Micro-dollars that one part costs; 0 where the platform asks for nothing."""
    price = connected.platform.price(part) if connected.platform.price is not None else None
    return price.micros if price is not None else 0


def learn(tx: Tx, connected: Connected, seen: Mapping[str, Sighting], now: datetime) -> None:
    """Move the buckets to what the platform's headers said, never back."""
    for rate in connected.platform.rates:
        if rate.name not in seen:
            continue
        key = key_of(connected, rate)
        bucket = tx.budgets.bucket(key)
        moved = told(rate, bucket, now, seen[rate.name])
        same = replace(moved, told_at=bucket.told_at) == bucket
        if not same or bucket.told_at is None or not bucket.told_at <= now < bucket.told_at + NOTED:
            tx.budgets.keep(key, moved)


def app_name(platform: Platform[Any], settings: Any) -> str:
    """What tells one developer app from another without giving away its key; empty when unknown."""
    named = platform.app_of(settings) if platform.app_of is not None else ""
    return sha256(f"{platform.name}:{named}".encode()).hexdigest()[:16] if named else ""


def key_of(connected: Connected, rate: Rate) -> str:
    """The bucket's name: accounts of one developer app share those of the app, across brands."""
    if rate.scope is Scope.APP and connected.app:
        return f"{connected.platform.name}:app:{connected.app}:{rate.name}"
    return f"account:{connected.name}:{rate.name}"


def shared_with(svc: Services, connected: Connected, rate: Rate) -> tuple[str, ...]:
    """Other brands that use up the same rate."""
    if rate.scope is not Scope.APP or not connected.app:
        return ()
    same = (a for a in svc.accounts.values() if key_of(a, rate) == key_of(connected, rate))
    return tuple(dict.fromkeys(a.brand for a in same if a.brand != connected.brand))


def in_words(svc: Services, connected: Connected, rate: Rate) -> str:
    """ "its daily app limit, shared with globex"."""
    others = shared_with(svc, connected, rate)
    return f"its {rate.name}" + (f", shared with {listed(others)}" if others else "")


def purses(svc: Services, connected: Connected) -> Iterator[Purse]:
    """The budgets that a call of this account counts against."""
    if connected.budget is not None:
        name = connected.name
        yield Purse(key=f"account:{name}", name=name, budget=connected.budget, account=name)
    brand = svc.brands[connected.brand]
    if brand.budget is not None:
        yield Purse(key=f"brand:{brand.name}", name=brand.name, budget=brand.budget, brand=brand.name)


def spent_of(tx: Tx, purse: Purse, period: Period) -> int:
    """Micro-dollars that count in the period, open calls included."""
    return tx.budgets.spent(since=period.first, until=period.after, account=purse.account, brand=purse.brand)


def raise_words(svc: Services, brand: str) -> str:
    """Who can raise a budget, and how."""
    admins = svc.brands[brand].who(Role.ADMIN)
    who = " or ".join(admins) if admins else "whoever keeps the configuration"
    return f"{who} can raise `budget` in the configuration and start me again"


def _ask_purse(
    svc: Services, tx: Tx, connected: Connected, purse: Purse, price: int, now: datetime
) -> Spent | None:
    tx.budgets.lock(purse.key)
    period, limit = period_of(purse.budget.per, now), purse.budget.limit
    before = spent_of(tx, purse, period)
    incident = f"budget:{purse.key}:{period.first:%Y-%m-%d}:{purse.budget.per}:{limit}"
    way_out = raise_words(svc, connected.brand)
    stand = f"{dollars(before)} of {dollars(limit)}"
    if before + price > limit:
        costs = f"{stand} used, this costs {dollars(price)}"
        why = f"{purse.name}'s budget for {period.label} does not cover it: {costs}"
        text = f"{why}. Posts that cost money are held; {way_out}."
        tell_brand(svc, tx, connected.brand, f"{incident}:cap", Message(text=text))
        return Spent(why=f"{why}; {way_out}, then /retry sends it")
    if warns(before, before + price, limit):
        after = dollars(before + price)
        text = (
            f"{purse.name} has used {WARN_PERCENT} % of its budget for {period.label}: {after} of "
            f"{dollars(limit)}. When it is used up, posts that cost money are held; {way_out}."
        )
        tell_brand(svc, tx, connected.brand, f"{incident}:warn", Message(text=text))
    return None
