"""Good times for an account: from what became of its posts, through the optimizer, in its calendar."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.domain.best import is_best, next_span
from bot.domain.calendar import Calendar
from bot.domain.claims import corrected, record_of, sound
from bot.domain.forecast import Offers
from bot.domain.outcomes import Audience, PostOutcome, SlotAdvice, SlotScores
from bot.domain.people import Brand
from bot.domain.post import Json
from bot.domain.when import wall_at
from bot.ports import BestTimes, Tx
from bot.services.advised import advised, adviser
from bot.services.advising.exploring import explores
from bot.services.context import Connected, Services
from bot.services.fits import Fit
from bot.services.measuring.outcomes import outcomes
from bot.services.plan import calendar_of

LEAD = timedelta(minutes=15)
"""No time is proposed that is nearer than this: somebody has to read about it first."""

LEAST_GAP = timedelta(hours=3)
"""Between posts of an account that Clarion places: nearer ones take each other's readers (reference:
optimizer, section 12)."""

MANY = 24
"""Times that are kept for one post, in case the better ones are taken when it is approved."""

CITED = 1000
"""Posts of the account that a claim names; the newest, where there are more."""

WEEK = 168

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Room:
    """What the calendar leaves of a span: what optimizers are told beside the numbers."""

    window: tuple[datetime, datetime]
    busy: tuple[datetime, ...]
    quiet: tuple[tuple[int, int], ...]
    min_gap: timedelta
    explore: bool
    hours: int
    number: int

    @property
    def facts(self) -> Mapping[str, Json]:
        """The same as JSON, so that the question can be asked again."""
        return {
            "window": [at.isoformat() for at in self.window],
            "busy": [at.isoformat() for at in self.busy],
            "quiet": [list(span) for span in self.quiet],
            "min_gap": self.min_gap.total_seconds(),
            "explore": self.explore,
        }


async def best_times(
    svc: Services,
    brand: str,
    account: str,
    *,
    content_type: str = "text",
    window: tuple[datetime, datetime] | None = None,
    k: int = 3,
) -> tuple[SlotAdvice, ...]:
    """At most ``k`` times in ``window`` (the next seven days), the best first.

    None of them is in quiet hours, on a day off, or near another post of the account. Empty where
    nothing can be advised: there is no optimizer, it broke, or no hour is free.
    """
    found = await offers(svc, brand, account, content_type=content_type, window=window, k=max(k, MANY))
    return found.advice[:k] if found is not None else ()


async def offers(
    svc: Services,
    brand: str,
    account: str,
    *,
    content_type: str = "text",
    window: tuple[datetime, datetime] | None = None,
    k: int = MANY,
) -> Offers | None:
    """`best_times` with everything that is needed to say it again; None where nothing can be advised."""
    connected = svc.accounts.get(account)
    fit = await fitted(svc, brand) if connected is not None else None
    if connected is None or fit is None:
        return None
    whole, now = svc.brands[brand], svc.clock.now()
    span = window or next_span("best", now=now, zone=whole.timezone)

    room, calendar = await svc.store.read(lambda tx: room_for(tx, whole, account, span, now))
    record = fit.record
    seed = seed_of(svc.instance, account, content_type, room.number)
    if room.window[0] >= room.window[1]:
        return None
    advice = await ask(svc, whole, connected, fit, room, content_type=content_type, seed=seed, now=now, k=k)
    if advice is None:
        return None
    free = [one for one in advice if not calendar.is_off(wall_at(one.starts_at, calendar.zone).date())]
    return Offers(
        advice=tuple(corrected(one, record) for one in free),
        account=account,
        content_type=content_type,
        method=fit.method,
        seed=seed,
        at=now,
        until=room.window[1],
        rows=fit.rows.get(account, ())[-CITED:],
        hours=room.hours,
        explores=room.explore,
        facts={
            **room.facts,
            "k": k,
            "fitted_at": fit.at.isoformat(),
            "others": sum(len(rows) for name, rows in fit.rows.items() if name != account),
            "slope": record.slope,
            "widen": record.widen,
            "failing": record.failing,
        },
    )


async def ask(
    svc: Services,
    brand: Brand,
    connected: Connected,
    fit: Fit,
    room: Room,
    *,
    content_type: str,
    seed: int,
    now: datetime,
    k: int,
) -> list[SlotAdvice] | None:
    """What the optimizer says, if it makes sense; it is asked in a thread."""

    def question(one: BestTimes) -> list[SlotAdvice]:
        return one.recommend(
            fit.model,
            account_id=connected.name,
            platform=connected.platform.name,
            content_type=content_type,
            tz=brand.timezone,
            window=room.window,
            now=now,
            seed=seed,
            audience=audience_of(brand, connected.name),
            quiet=room.quiet,
            busy=room.busy,
            k=k,
            min_gap=room.min_gap,
            explore=room.explore,
        )

    def fits(found: list[SlotAdvice]) -> bool:
        begins, ends = room.window
        return sound(found) and all(begins <= one.starts_at <= ends for one in found)

    return await _asked(svc, question, sound=fits)


async def slot_scores(svc: Services, brand: str, account: str) -> SlotScores | None:
    """What each hour of the week is thought to bring; None where nobody can say."""
    connected = svc.accounts.get(account)
    fit = await fitted(svc, brand) if connected is not None else None
    if connected is None or fit is None:
        return None

    def sensible(found: SlotScores) -> bool:
        rows = (found.means, found.lows, found.highs)
        return all(len(row) == WEEK and all(v == v for v in row) for row in rows)

    return await _asked(
        svc,
        lambda one: one.score_slots(
            fit.model,
            account_id=account,
            platform=connected.platform.name,
            content_type="text",
            audience=audience_of(svc.brands[brand], account),
        ),
        sound=sensible,
    )


async def fitted(svc: Services, brand: str) -> Fit | None:
    """The brand's model, fitted anew when it is stale; None where nobody can fit one."""
    if asked_of(svc) is None:
        return None
    async with svc.fits.lock:
        now = svc.clock.now()
        known = svc.fits.fresh(brand, now)
        if known is not None:
            return known
        found = await outcomes(svc, brand)
        fit = await fit_to(svc, brand, found, now)
        if fit is None:
            return None
        record = await svc.store.read(lambda tx: record_of(tx.forecasts.realised(brand)))
        fit = replace(fit, record=record)
        svc.fits.keep(brand, fit)
        return fit


async def fit_to(svc: Services, brand: str, posts: Sequence[PostOutcome], now: datetime) -> Fit | None:
    """A model of these posts as of ``now``; None where the optimizer breaks."""
    whole, one = svc.brands[brand], asked_of(svc)
    names = {p.account_id for p in posts} | {a.name for a in svc.accounts_of(brand)}
    zones = {name: zone_of(whole, name) for name in names}
    model: Any = await _asked(svc, lambda best: best.fit(posts, zones=zones, now=now))
    if model is None or one is None:
        return None
    rows: dict[str, list[int]] = {}
    for post in posts:
        rows.setdefault(post.account_id, []).append(int(post.post_id))
    return Fit(
        model=model,
        method=f"{one.name}/{getattr(one, 'version', 1)}",
        at=now,
        rows={name: tuple(sorted(ids)) for name, ids in rows.items()},
        newest=max((p.observed_at for p in posts), default=None),
    )


async def offers_for(
    svc: Services, brand: Brand, wish: str, targets: Mapping[str, str]
) -> Mapping[str, Offers]:
    """For a wish that leaves the hour to us: what each account is offered; ``targets`` is account →
    content type. Empty for every other wish."""
    if not is_best(wish):
        return {}
    span = next_span(wish, now=svc.clock.now(), zone=brand.timezone)
    found = {}
    for account, content_type in targets.items():
        one = await offers(svc, brand.name, account, content_type=content_type, window=span)
        if one is not None:
            found[account] = one
    return found


def room_for(
    tx: Tx, brand: Brand, account: str, span: tuple[datetime, datetime], now: datetime
) -> tuple[Room, Calendar]:
    """The span as the calendar and the account's other posts leave it."""
    calendar = calendar_of(tx, brand)
    begins, ends = max(span[0], now + LEAD), span[1]
    gap = max(calendar.spacing, LEAST_GAP)
    busy = tx.deliveries.dues(account, begins - gap, ends + gap)
    quiet: tuple[tuple[int, int], ...] = ()
    if calendar.quiet is not None:
        first, last = calendar.quiet
        quiet = ((first.hour * 60 + first.minute, last.hour * 60 + last.minute),)
    return (
        Room(
            window=(begins, ends),
            busy=busy,
            quiet=quiet,
            min_gap=gap,
            explore=explores(tx, account),
            hours=_open_hours(calendar, begins, ends),
            number=tx.forecasts.count(account),
        ),
        calendar,
    )


def _open_hours(calendar: Calendar, begins: datetime, ends: datetime) -> int:
    count, at = 0, begins
    while at < ends:
        wall = wall_at(at, calendar.zone)
        count += not (calendar.is_off(wall.date()) or calendar.is_quiet(wall))
        at += timedelta(hours=1)
    return count


def asked_of(svc: Services) -> BestTimes | None:
    """Who is asked for good times; None where nobody can be."""
    return adviser(svc, BestTimes)  # type: ignore[type-abstract]  # told apart by what it can be asked


async def _asked(
    svc: Services, question: Callable[[BestTimes], R], *, sound: Callable[[R], bool] = lambda _: True
) -> R | None:
    answer = await advised(svc, BestTimes, question, sound=sound)  # type: ignore[type-abstract]  # as above
    return answer


def seed_of(instance: str, account: str, content_type: str, number: int) -> int:
    """The chance that goes into the account's choice of that number; the same whenever it is asked."""
    text = f"{instance}:{account}:{content_type}:{number}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def audience_of(brand: Brand, account: str) -> Audience | None:
    """When the account's audience is there, as the configuration says; None where it says nothing."""
    return brand.audiences.get(account, brand.audience)


def zone_of(brand: Brand, account: str) -> str:
    """The zone that hours are counted in: the audience's, else the brand's."""
    audience = audience_of(brand, account)
    return audience.tz if audience is not None else brand.timezone
