"""Tests in a sentence each: for lists and for reports."""

from __future__ import annotations

from datetime import datetime

from bot.domain.people import Brand
from bot.domain.revising import day_of
from bot.domain.trial import GOING_ON, Experiment, Looked
from bot.ports import Tx
from bot.services.context import Services
from bot.services.experimenting.words import VARIED, interval_of, result_words, span, state_words


async def experiment_lines(svc: Services, brand: Brand, since: datetime, until: datetime) -> tuple[str, ...]:
    """Tests that ran in the span: state, days left, effect with its interval, what they found."""

    def unit(tx: Tx) -> list[tuple[Experiment, tuple[Looked, ...]]]:
        found = tx.experiments.of_brand(brand.name)
        inside = [e for e in found if e.created_at < until and (e.ended_at is None or e.ended_at >= since)]
        return [(e, tx.experiments.looks(e.id)) for e in reversed(inside)]

    now = min(svc.clock.now(), until)
    return tuple(line(e, looks, now) for e, looks in await svc.store.read(unit))


def line(experiment: Experiment, looks: tuple[Looked, ...], now: datetime) -> str:
    """One experiment in one sentence."""
    what = VARIED[experiment.plan.spec.kind]
    where = f" of P{experiment.post_id}" if experiment.post_id else ""
    head = f"{experiment.name} ({what}{where})"
    if experiment.phase not in GOING_ON:
        if looks and experiment.verdict not in ("stopped", ""):
            return f"{head}: {result_words(experiment, looks[-1].result)}"
        return f"{head}: {state_words(experiment)}{': ' + experiment.why if experiment.why else ''}."
    state = state_words(experiment, experiment.day_index(day_of(now, experiment.zone)))
    effect = interval_of(looks[-1].result["effect"]) if looks else None
    so_far = f", so far {span(effect)} (decides nothing yet)" if effect else ""
    return f"{head}: {state}{so_far}."
