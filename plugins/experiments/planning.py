"""Registering a test: what is compared, in which drawn order, when a verdict may fall, what it can see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from bot.api import (
    MOST_LOOKS,
    MOST_VARIANTS,
    BadInput,
    Block,
    Design,
    Metric,
    TestPlan,
    TestSpec,
    Underpowered,
    Varied,
)
from plugins.experiments.bounds import bounds
from plugins.experiments.power import day_information, detectable, needed

if TYPE_CHECKING:
    from numpy.random import Generator

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "before_after": "One variant first and the other afterwards cannot be told from what happens anyway: "
        "views fall with age. Choose switchback, which changes back and forth in a drawn order.",
        "alternate": "Turn by turn repeats itself, and so does the week. "
        "Choose switchback, whose order is drawn.",
    }
)
"""Designs that people ask for, and why they prove nothing."""

SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "before/after": "before_after",
        "before-after": "before_after",
        "beforeafter": "before_after",
        "abab": "alternate",
        "alternating": "alternate",
        "alternation": "alternate",
    }
)
BLOCKS_A_LOOK, LOOKS_BY_ITSELF, FEWEST_DAYS, FEWEST_POSTS = 7, 5, 8, 3


def plan_test(spec: TestSpec, *, rng: Generator) -> TestPlan:
    """The plan, with an order drawn by ``rng``.

    Raises `BadInput` for a test that would prove nothing (before and after, turn by turn, two metrics at
    once) and its kind `Underpowered`, with what could be detected instead, when it could not see
    ``spec.smallest``.
    """
    spec = checked(spec)
    seed = int(rng.integers(2**31))
    blocks = laid_out(spec, np.random.default_rng(seed))
    looks = looks_of(spec, len(blocks))
    limits = bounds(times(spec, looks), spec.alpha)
    arms = len(spec.variants)
    strict = bounds(times(spec, looks), spec.alpha / (arms * (arms - 1) // 2))
    lift = detectable(spec, strict[-1])
    if lift is not None and lift > spec.smallest:
        raise Underpowered(
            too_weak(spec, lift, enough := needed(spec, _most(spec))), detectable=lift, needed=enough
        )
    return TestPlan(spec, blocks, looks, limits, lift, seed, tuple(warnings_of(spec, lift)))


def _most(spec: TestSpec) -> float:
    """The bound at the end of a test with as many looks as there may be, whatever its size."""
    arms = len(spec.variants)
    looks = spec.looks or LOOKS_BY_ITSELF
    return bounds(range(1, looks + 1), spec.alpha / (arms * (arms - 1) // 2))[-1]


def checked(spec: TestSpec) -> TestSpec:
    """The spec with its words as the enumerations have them; raises `BadInput` with the way out."""
    design = SYNONYMS.get(str(spec.design).lower().strip(), str(spec.design).lower().strip())
    if design in REFUSED:
        raise BadInput(REFUSED[design])
    if not isinstance(spec.metric, str) or any(sign in spec.metric for sign in ",+&"):
        raise BadInput(
            "A test is judged by one metric, chosen beforehand: with several, one of them wins by chance. "
            "Name the one that matters."
        )
    try:
        known = Design(design), Metric(spec.metric.lower()), Varied(str(spec.kind).lower())
    except ValueError as error:
        raise BadInput(f"A test cannot be planned that way: {error}.") from None
    variants = tuple(spec.variants)
    if not 2 <= len(variants) <= MOST_VARIANTS or len(set(variants)) < len(variants) or "" in variants:
        raise BadInput(f"A test needs 2 to {MOST_VARIANTS} different variants.")
    numbers = (spec.days, spec.per_arm, spec.smallest, spec.alpha, spec.power)
    if not all(np.isfinite(n) and n > 0 for n in numbers) or spec.alpha >= 0.5 or spec.power >= 1:
        raise BadInput("Days, posts, the smallest lift, alpha and power must be positive numbers.")
    for given in (spec.impressions_per_day, spec.rate, spec.noise):
        if given is not None and not (np.isfinite(given) and given > 0):
            raise BadInput("What is known of the account must be positive numbers, or left open.")
    if spec.looks is not None and not 1 <= spec.looks <= MOST_LOOKS:
        raise BadInput(f"A test may be looked at 1 to {MOST_LOOKS} times.")
    if known[0] == Design.PAIRS and len(variants) != 2:
        raise BadInput("Matched pairs compare two variants.")
    fixed = replace(spec, design=known[0], metric=known[1], kind=known[2], variants=variants)
    if known[0] == Design.SWITCHBACK:
        fixed = replace(fixed, days=spec.days - spec.days % len(variants))
        _long_enough(fixed, fixed.days, max(FEWEST_DAYS, 3 * len(variants)), "days")
    elif known[0] in (Design.PAIRS, Design.POSTS):
        _long_enough(fixed, spec.per_arm, FEWEST_POSTS, "posts of each variant")
    return fixed


def _long_enough(spec: TestSpec, has: int, least: int, what: str) -> None:
    if has < least:
        lift = detectable(spec, 1.96)
        raise Underpowered(
            f"{has} {what} are too few to tell anything: it needs at least {least}.",
            detectable=float("inf") if lift is None else lift,
            needed=least,
        )


def laid_out(spec: TestSpec, rng: Generator) -> tuple[Block, ...]:
    """The order: in each group every variant once, in an order of its own."""
    if spec.design == Design.SPLIT:
        return tuple(Block(day, "", day, _day(spec, day)) for day in range(spec.days))
    groups = spec.days // len(spec.variants) if spec.design == Design.SWITCHBACK else spec.per_arm
    while True:
        drawn = [rng.permutation(len(spec.variants)) for _ in range(groups)]
        order = [int(place) for group in drawn for place in group]
        if spec.design != Design.SWITCHBACK or not suspicious(order):
            break
    dated = spec.design == Design.SWITCHBACK
    size = len(spec.variants)
    return tuple(
        Block(i, spec.variants[place], i // size, _day(spec, i) if dated else None)
        for i, place in enumerate(order)
    )


def suspicious(order: Sequence[object]) -> bool:
    """Whether it goes turn by turn all the way, or changes only once: then time explains everything."""
    changes = sum(a != b for a, b in pairwise(order))
    kinds = len(set(order))
    period = all(order[i] == order[i - kinds] for i in range(kinds, len(order)))
    return changes <= kinds - 1 or period


def looks_of(spec: TestSpec, blocks: int) -> tuple[int, ...]:
    """After how many blocks a verdict may fall; the last is the end."""
    size = 1 if spec.design == Design.SPLIT else len(spec.variants)
    groups = blocks // size
    if spec.looks is not None:
        count = min(spec.looks, groups)
    elif spec.design == Design.SPLIT:
        count = min(LOOKS_BY_ITSELF, groups)
    else:
        count = max(1, min(LOOKS_BY_ITSELF, blocks // BLOCKS_A_LOOK // (1 if size == 2 else 2)))
    return tuple(round(groups * (k + 1) / count) * size for k in range(count))


def times(spec: TestSpec, looks: Sequence[int]) -> tuple[float, ...]:
    """How much of what the test will tell is told by each look."""
    if spec.design == Design.SWITCHBACK:
        told = np.cumsum(day_information(spec, looks[-1]))
        return tuple(float(told[look - 1] / told[-1]) for look in looks)
    return tuple(look / looks[-1] for look in looks)


def _day(spec: TestSpec, index: int) -> date | None:
    return None if spec.start is None else spec.start + timedelta(days=index)


def size_in_words(spec: TestSpec) -> str:
    """How long it goes on."""
    if spec.design in (Design.SPLIT, Design.SWITCHBACK):
        return f"{spec.days} days"
    return f"{spec.per_arm} {'items' if spec.design == Design.PAIRS else 'posts'} of each variant"


def too_weak(spec: TestSpec, lift: float, enough: int | None) -> str:
    """Why not, and what would do."""
    what = "+1000 % and more" if lift > 10 else f"about +{100 * lift:.0f} %"
    unit = "days" if spec.design in (Design.SPLIT, Design.SWITCHBACK) else "posts of each variant"
    way_out = (
        f"It needs about {enough} {unit}." if enough else f"No number of {unit} up to the limit would do."
    )
    return (
        f"In {size_in_words(spec)} I could only see {what}, and you want to see "
        f"+{100 * spec.smallest:.0f} %. {way_out}"
    )


def warnings_of(spec: TestSpec, lift: float | None) -> list[str]:
    """What people should know before it starts."""
    said = []
    if spec.design == Design.SWITCHBACK and spec.metric != Metric.CTR:
        said.append(
            "Without impressions only views per day can be compared, and they swing: small differences will "
            "look like a tie."
        )
    if spec.design == Design.SWITCHBACK and spec.days < 14:
        said.append("With less than two weeks, weekdays are not balanced.")
    if lift is None:
        said.append("Nobody knows how many people will see it, so what it can detect is not known.")
    if spec.design == Design.SWITCHBACK and spec.metric == Metric.CTR and not spec.impressions_per_day:
        said.append("What it can detect supposes 4,000 impressions a day; the account's own are not known.")
    if not spec.ours:
        said.append("The split is not ours, so I believe it only beyond a wider margin.")
    return said
