"""Killed at every point of the road: nothing doubles, nothing is lost, nothing is claimed without proof."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from PIL import Image

from tests.e2e.crash_child import PARTS
from tests.e2e.crash_world import PROCESSES, Outcome, World, crash_world

MODES = ("own_key", "lookup", "neither")
BEFORE, BEHIND = "before the call", "behind it"
NEVER = 10_000
CALL_EVENTS = 4
"""From the commit of the attempt's row to the answer: connected, head and body sent, answer received."""
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("crash")
    image = folder / "bread.png"
    Image.new("RGB", (8, 8), "tan").save(image)
    async with crash_world(folder, image) as world:
        yield world


async def at_every_point(
    run: Callable[[int], Awaitable[Outcome]], reached: Callable[[Outcome], bool]
) -> list[Outcome]:
    """One run for each point, until the runs are no longer killed: so many points there are."""
    found: list[Outcome] = []
    points = itertools.count(1)
    ended = asyncio.Event()

    async def work() -> None:
        while not ended.is_set():
            outcome = await run(next(points))
            if reached(outcome):
                found.append(outcome)
            else:
                ended.set()

    async with asyncio.TaskGroup() as group:
        for _ in range(PROCESSES):
            group.create_task(work())
    return found


def tell(what: str, found: list[Outcome]) -> None:
    """Numbers for the log, and every fault with its point."""
    faults = [fault for outcome in found for fault in outcome.wrong]
    cut, asked = sum(o.cut for o in found), sum(o.asked for o in found)
    print(
        f"{what}: killed at {len(found)} points, {cut} calls cut, {asked} people asked, {len(faults)} faults"
    )
    assert not faults, "\n".join(faults)
    assert cut > 0
    assert asked <= cut


@pytest.mark.parametrize("variant", PARTS)
@pytest.mark.parametrize("mode", MODES)
async def test_killed_at_any_point_it_publishes_exactly_once(world: World, mode: str, variant: str) -> None:
    undisturbed = await world.crash(mode, variant, at=NEVER)
    assert undisturbed.wrong == ()
    found = await at_every_point(lambda at: world.crash(mode, variant, at), lambda o: o.killed)
    assert len(found) >= undisturbed.points > 10
    tell(f"{mode} {variant}", found)


@pytest.mark.parametrize(
    ("mode", "moment"),
    [("own_key", BEFORE), ("lookup", BEFORE), ("lookup", BEHIND), ("neither", BEHIND)],
)
async def test_killed_again_at_any_point_of_the_recovery(world: World, mode: str, moment: str) -> None:
    answered = await world.number_of(mode, "text", "POST /posts: http11.receive_response_headers")
    at = answered if moment == BEHIND else answered - CALL_EVENTS
    found = await at_every_point(lambda again: world.crash(mode, "text", at, again), lambda o: o.killed_again)
    tell(f"{mode} twice, first {moment}", found)
