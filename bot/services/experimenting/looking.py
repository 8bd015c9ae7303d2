"""The registered looks: each once, at its place, by the plan's own bounds; and what a verdict changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.experiment import BlockObs, TestResult, Verdict
from bot.domain.message import Message
from bot.domain.trial import Experiment, Looked, Phase, result_to_json
from bot.ports import Experimenting, Tx
from bot.services.advised import advised
from bot.services.context import Services
from bot.services.experimenting.words import APPLY, WHY, button, result_words
from bot.services.tell import audit, tell, tell_brand

DECIDED = frozenset({Verdict.WIN, Verdict.LOSE, Verdict.TIE, Verdict.INVALID})
AUTO = "auto"


async def look(
    svc: Services, experiment: Experiment, number: int, seen: Sequence[BlockObs], now: datetime
) -> bool:
    """Take one look and write it down; whether a verdict fell. Right when run twice: a look stays as it was
    taken first."""

    def ask(one: Experimenting) -> TestResult:
        return one.analyse(experiment.plan, seen, look=number)

    result = await advised(svc, Experimenting, ask, sound=_sound)  # type: ignore[type-abstract]  # told apart by what it can be asked
    if result is None:
        svc.log.warning("experiment_look", experiment=experiment.name, look=number)
        return False
    decided = result.verdict in DECIDED
    row = Looked(experiment_id=experiment.id, look=number, at=now, result=result_to_json(result))

    def unit(tx: Tx) -> bool:
        if not tx.experiments.look(row):
            return False
        facts = {"experiment": experiment.name, "look": number, "verdict": result.verdict.value}
        audit(svc, tx, experiment.brand, "clarion", "experiment_looked", facts=facts)
        if decided:
            conclude(svc, tx, experiment, result.verdict, result.winner, now)
        return decided

    return await svc.store.write(unit)


def conclude(
    svc: Services,
    tx: Tx,
    experiment: Experiment,
    verdict: Verdict,
    winner: str,
    now: datetime,
    *,
    why: str = "",
) -> None:
    """A verdict fell: what was there before is shown again, or the winner where a policy says so."""
    fresh = tx.experiments.get(experiment.id)
    if fresh is None or fresh.phase not in (Phase.RUNNING, Phase.HELD):
        return
    policy = svc.brands[experiment.brand].experiments
    keep = winner if verdict is Verdict.WIN and policy == AUTO else fresh.first
    if not fresh.swaps:
        tx.experiments.save(
            replace(fresh, phase=Phase.ENDED, verdict=verdict.value, why=why, wake_at=None, ended_at=now)
        )
        announce_end(svc, tx, replace(fresh, verdict=verdict.value), now)
        return
    tx.experiments.save(
        replace(fresh, phase=Phase.ENDING, verdict=verdict.value, keep=keep, why=why, wake_at=now)
    )


def announce_end(svc: Services, tx: Tx, experiment: Experiment, now: datetime) -> None:
    """What it found, once, in the thread of its post, or in the brand's channels."""
    fresh = tx.experiments.get(experiment.id)
    assert fresh is not None
    looks = tx.experiments.looks(experiment.id)
    said = _said(fresh, looks)
    if svc.simulated:
        said += " SIMULATED — no account is connected."
    buttons = [button(fresh, WHY, "Why?")]
    if fresh.verdict == Verdict.WIN.value and fresh.swaps and fresh.keep == fresh.first:
        winner = str(looks[-1].result["winner"])
        buttons.insert(0, button(fresh, APPLY, f"Show {winner} from now on", primary=True))
    post = tx.posts.get(fresh.post_id) if fresh.post_id is not None else None
    key = f"experiment:{fresh.id}:over"
    if post is not None:
        tell(svc, tx, post, key, said, buttons=tuple(buttons))
    else:
        tell_brand(svc, tx, fresh.brand, key, Message(title=fresh.name, text=said, buttons=tuple(buttons)))


def _said(experiment: Experiment, looks: Sequence[Looked]) -> str:
    if experiment.verdict in (Verdict.STOPPED.value, "") or not looks:
        why = f" {experiment.why[:1].upper()}{experiment.why[1:]}." if experiment.why else ""
        head = "is over without a verdict" if experiment.verdict == Verdict.INVALID.value else "was stopped"
        return f"{experiment.name} {head}.{why}"
    return f"{experiment.name}: {result_words(experiment, looks[-1].result)}"


def _sound(result: TestResult) -> bool:
    """Whether its numbers are numbers."""
    found = [i for i in (result.effect, result.shrunk) if i is not None]
    return isinstance(result, TestResult) and all(
        abs(n) < float("inf") for i in found for n in (i.mean, i.lo, i.hi)
    )
