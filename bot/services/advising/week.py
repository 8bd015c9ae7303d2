"""The best times of the week to come over all accounts of a brand: what a weekly report proposes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.domain.advice_words import brief
from bot.domain.evidence import Evidence
from bot.domain.forecast import Offers
from bot.domain.outcomes import SlotAdvice
from bot.domain.people import Brand
from bot.domain.when import DAYS, instant_of, say, wall_at
from bot.services.advising.times import offers
from bot.services.context import Services


@dataclass(frozen=True, kw_only=True)
class WeekSlot:
    """One time of the week to come: for whom, what is said, and what it rests on.

    ``slot`` is the weekly wall time like ``"tue 18:30"`` in the brand's zone; ``key`` is the same
    whenever the same time of the same week is proposed.
    """

    account: str
    platform: str
    advice: SlotAdvice
    slot: str
    text: str
    key: str
    evidence: Evidence


def next_week(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """From the coming Monday 0:00 of the zone for seven days."""
    today = wall_at(now, zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    begins, ends = (datetime.combine(day, time()) for day in (monday, monday + timedelta(days=7)))
    return instant_of(begins, zone), instant_of(ends, zone)


async def week_slots(svc: Services, brand: Brand, *, k: int = 3) -> tuple[WeekSlot, ...]:
    """At most ``k`` times of next week, those first whose lift is surest; one of each account before a
    second of any. None of them is in quiet hours, on a day off or near another post of its account."""
    now = svc.clock.now()
    window = next_week(now, brand.timezone)
    found: list[tuple[int, float, WeekSlot]] = []
    for connected in svc.accounts_of(brand.name):
        if not connected.platform.features:
            continue
        offered = await offers(svc, brand.name, connected.name, window=window)
        if offered is None:
            continue
        sure = [one for one in offered.advice if not one.explore][:k]
        for turn, one in enumerate(sure):
            gain = one.lift.lo if one.lift is not None else float("-inf")
            found.append((turn, -gain, _slot(brand, connected.platform.title, offered, one, now)))
    found.sort(key=lambda item: (item[0], item[1], item[2].account))
    return tuple(slot for _, _, slot in found[:k])


def _slot(brand: Brand, title: str, offered: Offers, one: SlotAdvice, now: datetime) -> WeekSlot:
    wall = wall_at(one.starts_at, brand.timezone)
    return WeekSlot(
        account=offered.account,
        platform=title,
        advice=one,
        slot=f"{DAYS[wall.weekday()]} {wall:%H:%M}",
        text=f"{title} {say(one.starts_at, brand.timezone, now=now)}: {brief(one, title)}",
        key=f"slot:{offered.account}:{wall:%G-W%V}:{DAYS[wall.weekday()]}:{wall:%H%M}",
        evidence=evidence_of(offered, one),
    )


def evidence_of(offered: Offers, one: SlotAdvice) -> Evidence:
    """What a time rests on, so that it can be computed again."""
    return Evidence(
        method=offered.method,
        at=offered.at,
        n=one.n_posts,
        rows=offered.rows,
        until=offered.at,
        facts={
            **offered.facts,
            "account": offered.account,
            "content_type": offered.content_type,
            "seed": offered.seed,
            "starts_at": one.starts_at.isoformat(),
            "basis": one.basis,
        },
    )
