"""What people read about tests: before, meanwhile, at the end."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from bot.domain.experiment import Design, Metric, TestPlan, Varied, Verdict
from bot.domain.message import Action, Button
from bot.domain.outcomes import Interval
from bot.domain.trial import Experiment, Phase

KIND = "experiment"
"""The `Action.kind` of its buttons; the number is the experiment's, the version its turn."""

APPROVE, REJECT, STOP, GO_ON, APPLY, WHY = "approve", "reject", "stop", "go-on", "apply", "why"

MEASURES: Mapping[str, str] = MappingProxyType(
    {
        Metric.CTR: "click rate",
        Metric.VIEWS: "views a day",
        Metric.ENGAGEMENT: "engagement",
    }
)
VARIED: Mapping[str, str] = MappingProxyType(
    {
        Varied.TITLE: "title",
        Varied.THUMBNAIL: "thumbnail",
        Varied.CAPTION: "caption",
    }
)


def percent(lift: float) -> str:
    """``0.18`` → ``+18 %``; a minus sign is one."""
    number = round(100 * lift)
    return f"{'+' if number > 0 else '−' if number < 0 else '±'}{abs(number)} %"


def span(interval: Interval) -> str:
    """``+18 % [6, 31]``."""
    lo, hi = (f"{'−' if n < 0 else ''}{abs(round(100 * n))}" for n in (interval.lo, interval.hi))
    return f"{percent(interval.mean)} [{lo}, {hi}]"


def interval_of(row: Mapping[str, Any] | None) -> Interval | None:
    """An interval as it lies in a kept result."""
    return None if row is None else Interval(**row)


def size_words(plan: TestPlan) -> str:
    """How long it takes."""
    spec = plan.spec
    match spec.design:
        case Design.SWITCHBACK:
            return f"daily swaps in a drawn order, {spec.days} days"
        case Design.SPLIT:
            return f"{spec.days} days side by side"
        case Design.PAIRS:
            return f"{spec.per_arm} items on two accounts"
    return f"{spec.per_arm} posts of each variant"


def promise(plan: TestPlan) -> str:
    """What it can find, said before anything begins."""
    spec, lift = plan.spec, plan.detectable
    if lift is None:
        found = "What it can detect is not known yet: —."
    else:
        found = (
            f"I can detect about {percent(lift)} in {MEASURES[spec.metric]} "
            f"({100 * spec.power:.0f} % chance); smaller differences will look like a tie."
        )
    size = size_words(plan)
    return " ".join([f"{size[0].upper()}{size[1:]}: {found}", *plan.warnings])


def variant_lines(experiment: Experiment) -> list[str]:
    """Every variant with the words or the file it shows."""
    lines = []
    for name in experiment.plan.spec.variants:
        file, text = experiment.files.get(name), experiment.texts.get(name, "")
        now = " (as it is now)" if name == experiment.first and experiment.swaps else ""
        lines.append(f"{name}{now}: {file.name if file else f'“{text}”'}")
    return lines


def asking_words(experiment: Experiment, title: str) -> str:
    """The request for approval of the variants."""
    what = VARIED[experiment.plan.spec.kind]
    where = f"P{experiment.post_id} on {title}" if experiment.post_id else title
    head = f"{experiment.author} wants to test the {what} of {where}. People will see each of these:"
    return "\n".join([head, *variant_lines(experiment), promise(experiment.plan)])


def result_words(experiment: Experiment, result: Mapping[str, Any]) -> str:
    """What it found, in two or three sentences."""
    effect, shrunk = interval_of(result["effect"]), interval_of(result["shrunk"])
    verdict, names = Verdict(result["verdict"]), experiment.plan.spec.variants
    best = result["winner"] or (names[1] if len(names) == 2 else "the best other")
    used = f"{result['n']} {'days' if experiment.swaps else 'posts'} counted"
    swaps = _swaps(experiment)
    tail = f"{used}{swaps}."
    match verdict:
        case Verdict.WIN if effect and shrunk:
            said = (
                f"{best} wins: measured {span(effect)}; expect about {percent(shrunk.mean)}, "
                "winners look better than they are."
            )
        case Verdict.LOSE if effect:
            said = f"{names[0]} stays: {best if best != names[0] else names[1]} measured {span(effect)}."
        case Verdict.TIE if effect:
            said = (
                f"Tie: the difference is somewhere between {percent(effect.lo)} and {percent(effect.hi)}. "
                "Nothing to change."
            )
        case Verdict.INVALID:
            return f"No verdict: {_first(result)} {tail}"
        case Verdict.STOPPED:
            return f"Stopped before its end, so there is no verdict. {tail}"
        case _ if effect:
            said = f"So far {span(effect)}, which decides nothing yet."
        case _:
            said = "Nothing can be told yet."
    noted = [w for w in result["warnings"] if not w.startswith("Left out")]
    return " ".join([said, tail, *noted])


def _first(result: Mapping[str, Any]) -> str:
    return str(result["warnings"][0]) if result["warnings"] else "too little can be used."


def _swaps(experiment: Experiment) -> str:
    if not experiment.swaps:
        return ""
    order = [b.variant for b in experiment.plan.blocks]
    changes = sum(a != b for a, b in pairwise(order))
    return f", {changes} swaps planned"


def state_words(experiment: Experiment, today_index: int | None = None) -> str:
    """Where it stands, in a few words."""
    match experiment.phase:
        case Phase.ASKED:
            return "waits for approval"
        case Phase.HELD:
            return f"on hold: {experiment.why}"
        case Phase.ENDING:
            return f"ending ({experiment.verdict})"
        case Phase.ENDED:
            return experiment.verdict or "ended"
        case Phase.REFUSED:
            return f"not begun: {experiment.why}" if experiment.why else "not begun"
    if today_index is None or not experiment.swaps:
        return "running"
    left = experiment.plan.days - max(today_index, 0)
    if left <= 0:
        return "its days are over; the last numbers are awaited"
    return f"running, {left} of {experiment.plan.days} days left"


def button(experiment: Experiment, verb: str, label: str, **more: Any) -> Button:
    """A button of this experiment as it stands."""
    action = Action(verb=verb, kind=KIND, id=experiment.id, version=experiment.turn)
    return Button(label=label, action=action, **more)
