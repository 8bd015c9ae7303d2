"""Why a test said what it said: its plan, what each day brought, and the same reckoned once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.experiment import TestResult
from bot.domain.message import Field, Message
from bot.domain.people import Brand
from bot.domain.revising import day_of
from bot.domain.trial import Experiment, Looked, Phase, Shown, result_to_json
from bot.domain.when import say
from bot.ports import Experimenting, Tx
from bot.services.advised import advised
from bot.services.context import Services
from bot.services.experimenting.arms import observed
from bot.services.experimenting.deciding import experiment_of
from bot.services.experimenting.reading import observations
from bot.services.experimenting.words import (
    APPLY,
    GO_ON,
    STOP,
    WHY,
    button,
    promise,
    result_words,
    state_words,
    variant_lines,
)

EXACT = 1e-9


async def explain(svc: Services, brand: Brand, number: int) -> Message:
    """What it rests on, and whether the last look comes out the same today. Raises `NotFound`."""

    def unit(tx: Tx) -> tuple[Experiment, tuple[Shown, ...], tuple[Looked, ...]]:
        found = experiment_of(tx, brand, number)
        return found, tx.experiments.blocks(number), tx.experiments.looks(number)

    found, blocks, looks = await svc.store.read(unit)
    spec, plan = found.plan.spec, found.plan
    fields = [
        Field(name="Variants", value="\n".join(variant_lines(found))),
        Field(name="Plan", value=promise(plan)),
        Field(
            name="Rules",
            value=f"{spec.design}, judged by {spec.metric} alone, {len(plan.looks)} looks at "
            f"{', '.join(map(str, plan.looks))}; a difference counts from {plan.bounds[-1]:.2f} standard "
            f"errors at the end (more at earlier looks); order drawn with seed {plan.seed}; {plan.method}.",
        ),
    ]
    if found.swaps:
        fields.append(Field(name="Days", value=_days(blocks)))
    text = f"{found.name} is {state_words(found, found.day_index(day_of(svc.clock.now(), found.zone)))}."
    if looks:
        last = looks[-1]
        at = say(last.at, brand.timezone, now=svc.clock.now())
        text += f" Look {last.look} of {len(plan.looks)}, {at}: {result_words(found, last.result)}"
        text += f" {await _again(svc, found, blocks, last)}"
    else:
        text += " Nobody has looked yet: numbers before a registered look decide nothing."
    simulated = "SIMULATED — no account is connected" if svc.simulated else ""
    return Message(title=f"{found.name} · why", text=text, fields=tuple(fields), footer=simulated)


async def status(svc: Services, brand: Brand, number: int) -> Message:
    """Where it stands, with what can be done."""

    def unit(tx: Tx) -> tuple[Experiment, tuple[Looked, ...], int]:
        found = experiment_of(tx, brand, number)
        return found, tx.experiments.looks(number), len(tx.experiments.arms(number))

    found, looks, arms = await svc.store.read(unit)
    text = state_words(found, found.day_index(day_of(svc.clock.now(), found.zone)))
    text = f"{found.name}: {text}."
    if not found.swaps:
        text += f" {arms} of {found.plan.days} posts have their variant."
    if looks and found.phase is not Phase.ASKED:
        text += f" {result_words(found, looks[-1].result)}"
    buttons = [button(found, WHY, "Why?")]
    if found.phase in (Phase.ASKED, Phase.RUNNING, Phase.HELD):
        buttons.append(button(found, STOP, "Stop the test"))
    if found.phase is Phase.HELD and found.wake_at is None:
        buttons.insert(0, button(found, GO_ON, "Go on"))
    if found.phase is Phase.ENDED and found.verdict == "win" and found.swaps and found.keep == found.first:
        buttons.insert(
            0, button(found, APPLY, f"Show {looks[-1].result['winner']} from now on", primary=True)
        )
    simulated = "SIMULATED — no account is connected" if svc.simulated else ""
    lines = "\n".join(variant_lines(found))
    return Message(title=found.name, text=f"{text}\n{lines}", buttons=tuple(buttons), footer=simulated)


async def _again(svc: Services, found: Experiment, blocks: Sequence[Shown], last: Looked) -> str:
    """The same look at the rows of today."""
    if found.swaps:
        seen = observations(blocks, found.plan.looks[last.look - 1])
    else:
        seen = await observed(svc, found, svc.clock.now())

    def ask(one: Experimenting) -> TestResult:
        return one.analyse(found.plan, seen, look=last.look)

    result = await advised(svc, Experimenting, ask)  # type: ignore[type-abstract]  # told apart by what it can be asked
    if result is None:
        return "It cannot be reckoned again just now."
    fresh = result_to_json(result)
    if _same(fresh, last.result):
        return "Reckoned again from the same rows, it comes out the same."
    return (
        f"Reckoned again today it would read: {result_words(found, fresh)} Numbers were corrected since; the "
        "verdict of the registered look stays."
    )


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one["verdict"] != other["verdict"] or one["n"] != other["n"]:
        return False
    a, b = one["effect"], other["effect"]
    if a is None or b is None:
        return a is b
    return all(abs(a[k] - b[k]) <= EXACT for k in ("mean", "lo", "hi"))


def _days(blocks: Sequence[Shown]) -> str:
    """How many days each variant was shown and which do not count."""
    shown = [b for b in blocks if b.seen_at is not None]
    if not shown:
        return "none yet"
    names = sorted({b.variant for b in shown})
    counts = ", ".join(f"{name} {sum(b.variant == name for b in shown)}" for name in names)
    left = [f"day {b.index + 1}: {b.why}" for b in shown if not b.valid]
    return counts + (f". Left out: {'; '.join(left)}" if left else "")
