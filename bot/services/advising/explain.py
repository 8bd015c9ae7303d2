"""Why a post goes out when it does: the claim, and what the same question is answered to now."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.advice_words import ledger_line, record_words, span_words
from bot.domain.claims import Record, corrected, record_of
from bot.domain.forecast import Forecast, Origin
from bot.domain.message import Field, Message
from bot.domain.outcomes import PostOutcome, SlotAdvice
from bot.domain.people import Brand
from bot.domain.post import Json
from bot.domain.when import say
from bot.errors import NotFound
from bot.ports import Reading, Tx
from bot.services.advising.times import Room, ask, fit_to
from bot.services.context import Services
from bot.services.measuring.outcomes import outcome_of

SAME = 0.005
"""How far two lifts may be apart and still be the same in words: half a percent point."""


async def explain(svc: Services, brand: Brand, number: int) -> Message:
    """The times that were chosen for post ``number``, each computed again from the numbers as they were.

    Raises `NotFound` where no time of it was left to us.
    """
    rows, record = await svc.store.read(
        lambda tx: (tx.forecasts.of_post(number), record_of(tx.forecasts.realised(brand.name)))
    )
    rows = tuple(row for row in rows if row.brand == brand.name)
    if not rows:
        raise NotFound(f"Nobody left the time of P{number} to me; /why P{number} says where it comes from.")
    fields = [field for row in rows for field in await _about(svc, brand, row)]
    return Message(
        title=f"Why P{number} goes out then",
        fields=(*fields, Field(name="Track record", value=record_words(record))),
    )


async def _about(svc: Services, brand: Brand, row: Forecast) -> list[Field]:
    now, one = svc.clock.now(), row.advice
    line = ledger_line(row, brand.timezone, now)
    facts = [
        f"said {say(row.made_at, brand.timezone, now=now)} by {row.method}, from {len(row.rows)} posts of "
        f"{row.account} and {row.facts.get('others', 0)} of the brand's other accounts",
        _chance(row),
        *one.because,
        *(f"⚠ {warning}" for warning in one.warnings),
    ]
    return [
        Field(name=f"{row.account} {line.partition(': ')[0]}", value=line.partition(": ")[2]),
        Field(name="From", value=" · ".join(facts)),
        Field(name="Again", value=await again(svc, brand, row)),
    ]


def _chance(row: Forecast) -> str:
    """How likely it was that this hour would be chosen."""
    if row.origin is Origin.TAKEN:
        return "taken by a person"
    if row.advice.explore:
        return f"tried on purpose, as 1 choice in 7 is; this very hour with about {row.propensity:.1%}"
    return "chosen as the best" + (", as 6 choices in 7 are" if row.propensity < 1 else "")


async def again(svc: Services, brand: Brand, row: Forecast) -> str:
    """The same question to the same optimizer, from the numbers that were known then."""
    found = await compute_again(svc, brand, row)
    if found is None:
        return "— it cannot be computed again: the optimizer or its numbers are not there any more"
    before = row.advice.lift
    same_hour = next((one for one in found if one.starts_at == row.slot), None)
    if same_hour is None:
        best = next((one for one in found if not one.explore), None)
        now_best = f"; it would be {say(best.starts_at, brand.timezone)}" if best else ""
        return f"it does not come out the same: this hour is not among the best any more{now_best}"
    after = same_hour.lift
    if before is None or after is None:
        same = before is None and after is None
        return "it comes out the same: nothing is claimed" if same else "it does not come out the same"
    close = all(
        math.isclose(a, b, abs_tol=SAME)
        for a, b in ((before.mean, after.mean), (before.lo, after.lo), (before.hi, after.hi))
    )
    if close:
        return f"it comes out the same: {span_words(after)} before anything is taken off for selection"
    return f"it does not come out the same: {span_words(before)} then, {span_words(after)} now"


async def compute_again(svc: Services, brand: Brand, row: Forecast) -> list[SlotAdvice] | None:
    """What the optimizer says to the question that led to ``row``; None where that cannot be asked."""
    connected = svc.accounts.get(row.account)
    room = room_again(row.facts)
    if connected is None or room is None:
        return None
    fitted_at = datetime.fromisoformat(row.facts["fitted_at"])
    asked_at = datetime.fromisoformat(row.facts["asked_at"])
    known = await svc.store.read(lambda tx: outcomes_at(tx, brand, fitted_at))
    fit = await fit_to(svc, brand.name, known, fitted_at)
    if fit is None:
        return None
    found = await ask(
        svc,
        brand,
        connected,
        fit,
        room,
        content_type=row.content_type,
        seed=row.seed,
        now=asked_at,
        k=int(row.facts.get("k", 24)),
    )
    record = replace(
        Record(),
        slope=float(row.facts.get("slope", Record().slope)),
        widen=float(row.facts.get("widen", 1.0)),
        failing=bool(row.facts.get("failing", False)),
    )
    return None if found is None else [corrected(one, record) for one in found]


def room_again(facts: Mapping[str, Json]) -> Room | None:
    """What the calendar left then; None where the row does not say."""
    if not {"window", "busy", "quiet", "min_gap", "explore", "fitted_at", "asked_at"} <= set(facts):
        return None
    begins, ends = (datetime.fromisoformat(at) for at in facts["window"])
    return Room(
        window=(begins, ends),
        busy=tuple(datetime.fromisoformat(at) for at in facts["busy"]),
        quiet=tuple((first, last) for first, last in facts["quiet"]),
        min_gap=timedelta(seconds=facts["min_gap"]),
        explore=facts["explore"],
        hours=int(facts.get("number", 0)),
        number=0,
    )


def outcomes_at(tx: Tx, brand: Brand, at: datetime) -> tuple[PostOutcome, ...]:
    """What was known of the brand's posts at an instant: of each the newest numbers until then."""
    found = []
    readings = {r.watch.delivery_id: r for r in tx.snapshots.readings(brand.name) if r.watch.out_at <= at}
    newest: dict[int, Reading] = {}
    for snapshot in tx.snapshots.series(list(readings)):
        if snapshot.at <= at and snapshot.delivery_id in readings:
            newest[snapshot.delivery_id] = replace(readings[snapshot.delivery_id], snapshot=snapshot)
    for reading in newest.values():
        one = outcome_of(reading, brand.metric)
        if one is not None:
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.published_at, int(one.post_id))))
