"""1,000 random worlds of slots, rules, zones and quiet hours: what is foreseen is what happens.

`CLARION_WORLDS=1000 pytest tests/integration/test_time_worlds.py` runs all of them, `CLARION_WORLD=17`
the one with that seed (`17-19` three of them); without either a few are run.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.integration.time_world import draw, live, verdict

FEW = 4
ONE, MANY = os.environ.get("CLARION_WORLD"), int(os.environ.get("CLARION_WORLDS", FEW))
FIRST, LAST = (ONE.split("-") * 2)[:2] if ONE else ("0", str(MANY - 1))
SEEDS = range(int(FIRST), int(LAST) + 1)


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_is_foreseen_is_what_happens(seed: int) -> None:
    rng = random.Random(seed)
    lived = await live(draw(rng), rng)
    assert verdict(lived) == []
