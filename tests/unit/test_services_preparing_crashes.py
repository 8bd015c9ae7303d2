"""Death at every step of making a file: one rendition is signed, nothing goes out twice or unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.domain.delivery import State
from bot.domain.message import Invocation
from bot.errors import StoreError
from bot.ports import Store, Tx
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import DemoSimulator
from tests.unit.demo_world import KEY, MAIN, MODES
from tests.unit.preparing_world import Preparing, preparing

T = TypeVar("T")


class Mortal:
    """A store that dies behind its n-th commit: what was written stays, and nothing is written any more."""

    def __init__(self, inner: Store, dies_behind: int) -> None:
        self._inner = inner
        self._left = dies_behind
        self.commits = 0
        self.dead = False

    def die(self) -> None:
        self.dead = True

    async def write(self, unit: Callable[[Tx], T]) -> T:
        self._alive()
        found = await self._inner.write(unit)
        self.commits += 1
        if self.commits == self._left:
            self.die()
        self._alive()
        return found

    async def read(self, unit: Callable[[Tx], T]) -> T:
        self._alive()
        return await self._inner.read(unit)

    async def aclose(self) -> None:
        """Whoever opened it closes it."""

    def _alive(self) -> None:
        if self.dead:
            raise StoreError("It is dead.")


async def first_life(world: Preparing, store: Mortal, when: str) -> None:
    """Post a video and let everything happen until the store dies."""
    object.__setattr__(world.app.services, "store", store)
    fit: Any = world.shop.fit

    async def dying(*args: Any, **kwargs: Any) -> Any:
        if when == "before the render":
            store.die()
        made = await fit(*args, **kwargs)
        if when == "between render and write":
            store.die()
        return made

    world.shop.fit = dying  # type: ignore[method-assign]  # the same, with a death in it
    line = f"Hello --at now --to {KEY} --media {world.video}"
    with suppress(StoreError):
        await world.app.dispatch.handle(Invocation(command="post", raw=line, user="alice", target=MAIN))
        await world.app.settle()


async def second_life(world: Preparing) -> None:
    """Whatever is there is brought to an end, and what must hold, holds."""
    await world.app.settle()
    if not await world.app.services.store.read(lambda tx: tx.posts.get(1)):
        return  # it died before the post was written: nothing of it is there
    row = await world.row()
    (media,) = row.variant.media
    assert row.state is State.IN_REVIEW
    assert media.origin, "what people are asked about is the rendition"
    assert len({plan for _, plan in world.shop.asked}) <= 1
    assert world.created(KEY) == 0, "nothing goes out before somebody approved it"
    await world.say("bob", "/approve P1")
    assert (await world.row()).state is State.LIVE
    assert world.created(KEY) == 1
    assert world.sims[KEY].media == [world.app.services.media.path(media).read_bytes()]


async def lives(folder: Path, *, dies_behind: int = 0, when: str = "") -> int:
    """Both lives; how many commits the first one came to."""
    clock = FakeClock()
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    async with AsyncExitStack() as stack:
        sims = {name: await stack.enter_async_context(DemoSimulator(clock).running()) for name in MODES}
        async with preparing(folder, clock=clock, sims=sims) as world:
            real = world.app.services.store
            store = Mortal(real, dies_behind)
            await first_life(world, store, when)
            object.__setattr__(world.app.services, "store", real)
        async with preparing(folder, clock=clock, sims=sims) as world:
            await second_life(world)
    return store.commits


@pytest.mark.parametrize("when", ["before the render", "between render and write"])
async def test_a_death_beside_the_render(tmp_path: Path, when: str) -> None:
    assert await lives(tmp_path, when=when) > 1


async def test_a_death_behind_every_commit(tmp_path: Path) -> None:
    whole = await lives(tmp_path / "whole")
    assert whole >= 5
    for number in range(1, whole + 1):
        assert await lives(tmp_path / str(number), dies_behind=number) == number
