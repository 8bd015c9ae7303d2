"""Killed on the road to each platform: nothing doubles, nothing is claimed that is not there."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.platform_world import Outcome, World, kinds_of, platform_world, platforms

ROADS = [(name, kind) for name, platform in platforms().items() for kind in kinds_of(platform)]
FEW = 5
"""Points tried of each road in every run of the tests; the long run tries all."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with platform_world(tmp_path_factory.mktemp("platforms")) as world:
        yield world


def tell(what: str, found: list[Outcome]) -> None:
    """Numbers for the log, and every fault with its point."""
    wrong = [fault for outcome in found for fault in outcome.wrong]
    states = Counter(outcome.state for outcome in found)
    cut, asked = sum(o.cut for o in found), sum(o.asked for o in found)
    share = f"{100 * states['unconfirmed'] / max(len(found), 1):.0f} % unconfirmed"
    kills = sum(o.kills for o in found)
    facts = f"{kills} kills, {cut} calls cut, {asked} asked, {share}, {dict(states)}"
    print(f"{what}: {facts}, {len(wrong)} faults")
    assert not wrong, "\n".join(wrong)


async def run_all(world: World, points: list[tuple[str, str, int, int]]) -> list[Outcome]:
    return list(await asyncio.gather(*(world.crash(*point) for point in points)))


@pytest.mark.parametrize(("name", "kind"), ROADS)
async def test_killed_on_the_road(world: World, name: str, kind: str) -> None:
    undisturbed = await world.crash(name, kind, 0)
    assert undisturbed.wrong == ()
    assert undisturbed.state in ("live", "handed_over")
    few = random.Random(f"{name} {kind}").sample(range(1, undisturbed.points + 1), FEW)
    tell(f"{name} {kind}", await run_all(world, [(name, kind, at, 0) for at in few]))


@pytest.mark.chaos
@pytest.mark.parametrize(("name", "kind"), ROADS)
async def test_killed_at_any_point(world: World, name: str, kind: str) -> None:
    points = (await world.crash(name, kind, 0)).points
    tell(f"{name} {kind}", await run_all(world, [(name, kind, at, 0) for at in range(1, points + 1)]))


@pytest.mark.chaos
async def test_five_hundred_random_kills(world: World) -> None:
    rng = random.Random(21)
    length = {road: (await world.crash(*road, 0)).points for road in ROADS}
    points = []
    for _ in range(500):  # every other is killed once more while it recovers
        road = rng.choice(ROADS)
        points.append((*road, rng.randint(1, length[road]), rng.choice([0, rng.randint(1, length[road])])))
    found = await run_all(world, points)
    for name in sorted({name for name, _ in ROADS}):
        mine = [o for o, point in zip(found, points, strict=True) if point[0] == name]
        tell(name, mine)
