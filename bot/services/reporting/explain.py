"""What a number in a report rests on, reckoned again from the rows that were cited."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence

from bot.domain.counts_in_words import count, times
from bot.domain.message import Field, Message
from bot.domain.people import Brand
from bot.domain.periods import WEEK, parse_period
from bot.domain.post import Json
from bot.domain.report import MadeReport
from bot.domain.when import say
from bot.errors import NotFound
from bot.services.context import Services
from bot.services.reporting.gather import gather
from bot.services.reporting.headline import many

CLOSE = 1e-9
"""Relative; what is reckoned in floating point twice may differ in its last digits only."""

TOLD = 5


async def explain(svc: Services, brand: Brand, number: int) -> Message:
    """What the report of that row rests on, and whether it still comes out the same.

    Raises `NotFound`.
    """
    made = await svc.store.read(lambda tx: tx.reports.get(number))
    if made is None or made.report.brand != brand.name or made.evidence is None or made.made_at is None:
        raise NotFound("That report is not here any more. /report makes one.")
    evidence = made.evidence
    period = parse_period(made.report.period, WEEK, now=svc.clock.now(), zone=brand.timezone)
    again = await gather(svc, brand, period, evidence.at)
    told = await asyncio.to_thread(
        _compare,
        made,
        {t.unit: t.value for t in again.totals},
        {str(p.delivery_id): p.ratio for p in again.posts},
    )
    zone = brand.timezone
    basis = (
        f"{many(evidence.n, 'post')} that came out from "
        f"{say(made.report.since, zone)} up to {say(made.report.until, zone)}, "
        f"with what had been read by {say(evidence.at, zone)}."
    )
    method = (
        "Each count is taken from the readings on both sides of the same age, on the line between them. "
        "Usual is the middle of the 8 periods before as they stood at the same point, and the range in which "
        "four of five of them lie; periods are compared by the day, as some have 167 or 169 hours."
    )
    left = "Paid, cross-posted and tested posts are not what others are compared with."
    return Message(
        title=f"Why the numbers of {period.title}",
        fields=(
            Field(name="Rests on", value=basis),
            Field(name="Method", value=f"{method} {left} ({evidence.method})"),
            Field(name="Again", value=told),
        ),
    )


def _compare(made: MadeReport, totals: Mapping[str, float | None], ratios: Mapping[str, float | None]) -> str:
    """Whether the same rows come to the same numbers."""
    assert made.evidence is not None
    facts = made.evidence.facts
    before: list[tuple[str, Json, Json, bool]] = [
        (unit, was, totals.get(unit), True) for unit, was in dict(facts.get("totals", {})).items()
    ]
    before += [
        (f"delivery {name}", was, ratios.get(name), False)
        for name, was in dict(facts.get("ratios", {})).items()
    ]
    changed = [one for one in before if not same(one[1], one[2])]
    if not changed:
        return f"Reckoned again from the same rows: all {len(before)} numbers come out the same."
    said = f"{len(changed)} of {len(before)} numbers come out otherwise now: {'; '.join(_changes(changed))}."
    return f"{said} Rows have changed since: a platform corrected its counts, or a post was flagged."


def _changes(changed: Sequence[tuple[str, Json, Json, bool]]) -> list[str]:
    def say_it(value: Json, whole: bool) -> str:
        return count(value) if whole else times(value)

    return [f"{name} was {say_it(was, w)}, is {say_it(now, w)}" for name, was, now, w in changed[:TOLD]]


def same(was: Json, now: Json) -> bool:
    """Whether two numbers, either of which may be unknown, are one."""
    if was is None or now is None:
        return was is now
    return math.isclose(was, now, rel_tol=CLOSE, abs_tol=CLOSE)
