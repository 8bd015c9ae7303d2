"""Who is asked to approve, who has, and who is waited for: one line of a card. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.approval import Choice, Step, Vote
from bot.domain.when import say
from bot.domain.words import listed

NOBODY = "nobody in this brand may approve"


def asked_line(
    steps: Sequence[Step], votes: Iterable[Vote], *, zone: str, now: datetime, ends: datetime | None
) -> str:
    """``"needs 2 of bob, carol or dana by 12:00 · bob ✅ v3 10:02"``, or how far each level has come."""
    deadline = f" by {say(ends, zone, now=now)}" if ends else ""
    if len(steps) > 1:
        return " · ".join([*_levels(steps), *([f"until {say(ends, zone, now=now)}"] if ends else [])])
    signed = {v.member: v for v in votes if v.choice is Choice.YES}
    step = steps[0] if steps else Step(name="", needed=1)
    words = [f"{_needs(step)}{deadline}"]
    words += [f"{v.member} ✅ v{v.version} {say(v.at, zone, now=now)}" for v in signed.values()]
    if step.by and step.waiting and not step.done and len(step.who) > 2:
        words.append(f"waiting: {', '.join(step.waiting)}")
    return " · ".join(words)


def _needs(step: Step) -> str:
    if not step.who:
        return NOBODY
    if step.needed > len(step.who):
        return f"needs {step.needed}, but only {listed(step.who)} may approve"
    if step.needed == len(step.who) > 1:
        return f"needs everybody of {listed(step.called)}" if step.called else f"needs {listed(step.who)}"
    return f"needs {step.needed} of {listed(step.called or step.who, 'or')}"


def _levels(steps: Sequence[Step]) -> list[str]:
    """``"legal ✓ bob"``, ``"brand: waiting for dana"``, ``"then board: 1 of 2 ✓ erin"``."""
    words: list[str] = []
    reached = False
    for step in steps:
        signed = f" ✓ {', '.join(step.by)}" if step.by else ""
        if step.done:
            words.append(f"{step.name}{signed}")
            continue
        count = f"{len(step.by)} of {step.needed}" if step.needed > 1 else ""
        people = listed(step.left, "or") if step.waiting else ""
        left = (f"then {people}" if reached else f"waiting for {people}") if people else NOBODY
        words.append(f"{step.name}: " + ", ".join(filter(None, [f"{count}{signed}".strip(), left])))
        reached = True
    return words
