"""Which observations count: one a block, none that is no number, none that was disturbed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.api import BadInput, BlockObs, Design, Metric, TestPlan

MOST_NAMED, MOST_PEOPLE = 3, 1e15


@dataclass(frozen=True)
class Clean:
    """``kept`` count, ``left_out`` of those that were registered do not; ``strange`` of these because the
    variant that was shown was another."""

    kept: tuple[BlockObs, ...]
    left_out: int = 0
    strange: int = 0
    warnings: tuple[str, ...] = field(default=())


def clean(plan: TestPlan, observations: Sequence[BlockObs], *, look: int) -> Clean:
    """What the look may use: blocks before it, each once, as it was read last.

    Raises `BadInput` for a variant that the plan does not have.
    """
    upto = plan.looks[look - 1]
    foreign = sorted({o.variant for o in observations} - set(plan.spec.variants))
    if foreign:
        raise BadInput(f"The plan has no variant {foreign[0]!r}; it has {', '.join(plan.spec.variants)}.")
    rows = [o for o in observations if 0 <= o.block < upto]
    newest, repeated = _once(plan, rows)
    warnings = [f"{repeated} observations were given twice; the last counts."] if repeated else []
    kept, strange = list[BlockObs](), 0
    why: dict[str, list[int]] = {}
    for row in newest:
        fault = _fault(plan, row)
        if fault:
            why.setdefault(fault, []).append(row.block)
            strange += fault == STRANGE
        else:
            kept.append(row)
    for fault, blocks in why.items():
        named = ", ".join(str(b + 1) for b in sorted(set(blocks))[:MOST_NAMED])
        more = " and others" if len(set(blocks)) > MOST_NAMED else ""
        warnings.append(f"Left out {len(blocks)} (block {named}{more}): {fault}.")
    left = sum(len(b) for b in why.values())
    return Clean(tuple(kept), left, strange, tuple(warnings))


STRANGE = "what was shown was not the variant of the plan"


def _once(plan: TestPlan, rows: Sequence[BlockObs]) -> tuple[list[BlockObs], int]:
    """Each block once; posts that all say block 0 are told apart by nothing, so each of them counts."""
    if plan.spec.design in (Design.POSTS, Design.PAIRS) and len({o.block for o in rows}) < 2:
        return list(rows), 0
    newest: dict[tuple[int, str, str, str], BlockObs] = {}
    for row in rows:
        key = (row.block, row.variant, row.account, row.item)
        had = newest.get(key)
        if had is None or had.at is None or row.at is None or row.at >= had.at:
            newest[key] = row
    return list(newest.values()), len(rows) - len(newest)


def _fault(plan: TestPlan, row: BlockObs) -> str:
    """Why it does not count; empty when it does."""
    if not row.valid:
        return row.why or "it was disturbed"
    if row.shown is not None and row.shown != row.variant:
        return STRANGE
    if plan.spec.design == Design.SWITCHBACK and plan.blocks[row.block].variant != row.variant:
        return STRANGE
    numbers = _numbers(plan, row)
    if any(n is None for n in numbers):
        return "its numbers are not known"
    if not all(n is not None and math.isfinite(n) and 0 <= n <= MOST_PEOPLE for n in numbers):
        return "its numbers are none"
    if plan.spec.metric == Metric.CTR and row.value is None:
        shown, clicks = numbers
        if not shown:
            return "nobody was shown it"
        if clicks is not None and shown is not None and clicks > shown:
            return "it has more clicks than people who saw it"
    return ""


def _numbers(plan: TestPlan, row: BlockObs) -> tuple[float | None, ...]:
    if plan.spec.design == Design.SPLIT or plan.spec.metric == Metric.CTR:
        if plan.spec.design in (Design.POSTS, Design.PAIRS) and row.value is not None:
            return (row.value,)
        return row.impressions, row.clicks
    if plan.spec.metric == Metric.VIEWS and row.views is not None:
        return (row.views,)
    return (row.value,)
