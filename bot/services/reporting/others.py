"""What other rooms have to say in a report: tests and alerts, a sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.domain.alarms import WORDS, Alert, Severity
from bot.domain.marks import plain
from bot.domain.people import Brand
from bot.domain.trial import GOING_ON, Experiment, Phase
from bot.domain.when import wall_at
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.context import Services

TOLD, LONGEST = 3, 220
"""Alerts whose own words are repeated, the weightiest first, and characters of each."""


async def test_lines(svc: Services, brand: Brand, since: datetime, until: datetime) -> tuple[str, ...]:
    """Tests that ran in the span: where they stand, and what they found."""

    def unit(tx: Tx) -> tuple[Experiment, ...]:
        found = tx.experiments.of_brand(brand.name)
        return tuple(one for one in found if _ran(one, since, until))

    now = svc.clock.now()
    found = await svc.store.read(unit)
    return tuple(_test_line(one, brand, now) for one in reversed(found))


def _ran(one: Experiment, since: datetime, until: datetime) -> bool:
    if one.started_at is None or one.started_at >= until:
        return False
    return one.ended_at is None or one.ended_at >= since


def _test_line(one: Experiment, brand: Brand, now: datetime) -> str:
    about = f"{one.name} ({one.plan.spec.kind}{f' of P{one.post_id}' if one.post_id else ''})"
    if one.phase not in GOING_ON:
        return f"{about}: {_short(one.why or one.verdict or one.phase.value)}"
    if one.swaps:
        gone = max(0, one.day_index(wall_at(now, one.zone).date()))
        held = "held" if one.phase is Phase.HELD else "runs"
        return (
            f"{about} {held}: day {min(gone + 1, one.plan.days)} of {one.plan.days}, nothing is decided yet."
        )
    return f"{about} {'is held' if one.phase is Phase.HELD else 'runs'}: nothing is decided yet."


async def alert_lines(svc: Services, brand: Brand, since: datetime, until: datetime) -> tuple[str, ...]:
    """What was announced in the span: how many of each kind, and the weightiest in their own words."""
    told = await svc.store.read(lambda tx: tx.alerts.told(brand.name, since))
    return tuple(_alert_lines([one for one in told if one.told_at is not None and one.told_at < until]))


def _alert_lines(told: Sequence[Alert]) -> Iterator[str]:
    if not told:
        return
    kinds = Counter(one.kind for one in told)
    yield f"{listed([f'{WORDS[kind]} {number}' for kind, number in kinds.most_common()])}."
    weighty = [one for one in told if one.severity > Severity.NOTE]
    for one in sorted(weighty, key=lambda one: (-one.severity, one.opened_at))[:TOLD]:
        yield f"{one.name}: {_short(one.text)}"


def _short(text: str) -> str:
    words = " ".join(plain(text).split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"
