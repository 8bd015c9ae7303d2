"""The best hour from end to end, with the plugin that ships: learned, shown, signed, kept, compared."""

from __future__ import annotations

import math
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest

from bot.domain.delivery import State
from bot.domain.forecast import Stage
from bot.domain.platform import Metrics
from bot.domain.snapshot import Snapshot, Watch
from bot.ports import BestTimes, Tx
from bot.services.advising.explain import explain
from bot.services.advising.times import best_times, slot_scores
from plugins.best_time import register_optimizers
from tests.unit.demo_world import LOOK, World, open_world

T = TypeVar("T")
EVENING = 2.2
"""How much better a post does at 18:00 to 20:59 in these accounts' past."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        for optimizer in register_optimizers():
            made.app.services.registry.optimizers[optimizer.name] = optimizer
        yield made


async def lived(world: World, count: int, *, effect: float, account: str = LOOK, first: int = 1000) -> None:
    """Posts at random hours until ten days ago; those in the evening did ``effect`` times as well."""
    now, rng = world.clock.now(), Random(7)
    watches, snapshots = list[Watch](), list[Snapshot]()
    for n in range(count):
        days, hour = 10 + n * 0.8, rng.randint(7, 22)
        out = (now - timedelta(days=days)).replace(hour=hour, minute=rng.randint(0, 59))
        likes = math.exp(rng.gauss(5, 0.5)) * (effect if 18 <= hour < 21 else 1)
        watches.append(
            Watch(
                delivery_id=first + n,
                post_id=first + n,
                brand="acme",
                account=account,
                platform="demo-lookup",
                content_type="text",
                out_at=out,
                look_at=None,
                ended="closed",
            )
        )
        numbers = Metrics(likes=round(likes), views=round(20 * likes))
        read = out + timedelta(days=8)
        snapshots.append(Snapshot(delivery_id=first + n, account=account, at=read, metrics=numbers))

    def unit(tx: Tx) -> None:
        for watch in watches:
            tx.snapshots.watch(watch)
        tx.snapshots.put(snapshots)

    await world.app.services.store.write(unit)
    world.app.services.fits.forget("acme")


async def test_from_the_past_of_an_account_to_a_post_that_is_compared(world: World) -> None:
    await lived(world, 160, effect=EVENING)
    svc = world.app.services
    await world.say("bob", f"/besttime {LOOK} --explore off")
    await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    (when,) = [f.value for f in (await world.card()).fields if f.name == "When"]
    row = await world.row()
    assert row.due is not None
    assert 17 <= row.due.hour <= 21
    assert when.startswith("best → ")
    assert "against your usual hour, 160 posts" in when
    await world.say("bob", "/approve latest")
    await world.wait(timedelta(days=8))
    row = await world.row()
    assert row.state is State.LIVE
    out = row.parts[0].out_at
    assert out is not None
    assert out == row.due
    assert world.created(LOOK) == 1
    later = out + timedelta(days=6)
    numbers = Snapshot(delivery_id=row.id, account=LOOK, at=later, metrics=Metrics(likes=300))
    await svc.store.write(lambda tx: tx.snapshots.put([numbers]))
    await world.wait(timedelta(hours=2))
    (made,) = await svc.store.read(lambda tx: tx.forecasts.of_post(1))
    assert made.stage is Stage.REALISED
    assert made.realised is not None
    assert made.compared >= 50
    said = {f.name: f.value for f in (await explain(svc, svc.brands["acme"], 1)).fields}
    assert said["Again"].startswith("it comes out the same")


async def test_an_account_whose_posts_got_nothing_hears_no_number(world: World) -> None:
    await lived(world, 40, effect=0.0, first=3000)

    def nothing(tx: Tx) -> None:
        later = [
            Snapshot(
                delivery_id=3000 + n, account=LOOK, at=world.clock.now(), metrics=Metrics(likes=0, views=0)
            )
            for n in range(40)
        ]
        tx.snapshots.put(later)

    await world.app.services.store.write(nothing)
    await world.say("alice", f"/besttime {LOOK}")
    answer = [m for m in world.room.said if m.title.startswith("Best times")][-1]
    assert "%" not in answer.text


class Watched:
    """The optimizer that ships, and the threads in which it was asked."""

    def __init__(self, real: BestTimes) -> None:
        self.name, self.title = real.name, real.title
        self.threads: set[int] = set()
        self._real = real

    def fit(self, *args: Any, **options: Any) -> Any:
        self.threads.add(threading.get_ident())
        return self._real.fit(*args, **options)

    def recommend(self, *args: Any, **options: Any) -> Any:
        self.threads.add(threading.get_ident())
        return self._real.recommend(*args, **options)

    def score_slots(self, *args: Any, **options: Any) -> Any:
        self.threads.add(threading.get_ident())
        return self._real.score_slots(*args, **options)


async def test_asking_does_not_keep_posts_from_going_out(world: World) -> None:
    """A model of 1,500 posts is fitted and asked in another thread, and its posts are read page by page;
    how long the loop is held is measured by the bench."""
    await lived(world, 1500, effect=1.5)
    svc = world.app.services
    (real,) = [one for one in svc.registry.optimizers.values() if isinstance(one, BestTimes)]
    watched = Watched(real)
    svc.registry.optimizers[real.name] = watched
    pages = list[int]()
    read = svc.store.read

    async def counted(unit: Callable[[Tx], T]) -> T:
        found = await read(unit)
        pages.append(len(found) if isinstance(found, tuple) else 0)
        return found

    object.__setattr__(svc.store, "read", counted)
    assert await best_times(svc, "acme", LOOK)
    assert await slot_scores(svc, "acme", LOOK) is not None
    assert watched.threads
    assert threading.get_ident() not in watched.threads
    assert max(pages) <= 200
    assert sum(pages) >= 1500
