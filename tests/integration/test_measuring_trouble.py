"""Reading numbers when it does not go well: errors, budgets, a death in the middle, two at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.domain.money import Budget
from bot.domain.platform import Metrics
from bot.domain.post import Post
from bot.domain.records import Health
from bot.domain.snapshot import Snapshot
from bot.errors import AppMisconfigured, Unsupported
from bot.hookspecs import hookimpl
from bot.services.measuring.read import CLAIM, measure_account
from bot.testing.clock import FakeClock
from bot.testing.simulator import Failure
from plugins.linkedin.simulator import LinkedInSimulator
from plugins.twitter.simulator import TwitterSimulator
from tests.integration.breadth_world import X, breadth
from tests.integration.measuring_world import DAY, HOUR, MINUTE, Six, six
from tests.unit.demo_world import BRAND

READ = "GET /2/tweets"
X_ALONE = "twitter"


async def health(world: Six) -> Health:
    state = await world.app.services.store.read(lambda tx: tx.accounts.get("acme-x"))
    assert state is not None
    return state.health


async def test_a_limit_of_the_platform_is_kept_for_the_whole_account(tmp_path: Path) -> None:
    async with six(tmp_path, only=X_ALONE) as world:
        for n in range(2):
            await world.publish(f'/post "Number {n}" --to acme-x --at now')
        world.clock.advance(15 * MINUTE)
        sim, until = world.at["twitter"], world.clock.now() + 7 * MINUTE
        headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(until.timestamp()))}
        sim.fail(READ, Failure(status=429, headers=headers, body={"title": "Too Many Requests"}))
        await world.look()
        assert [(await world.watch(n)).look_at for n in (1, 2)] == [until, until]
        await world.look(6 * MINUTE)
        assert sim.count(READ) == 1
        await world.look(MINUTE)
        assert [len(await world.read(n)) for n in (1, 2)] == [1, 1]


async def test_what_cannot_be_reached_is_tried_again_later_and_later(tmp_path: Path) -> None:
    async with six(tmp_path, only=X_ALONE) as world:
        await world.publish('/post "Out of reach" --to acme-x --at now')
        world.clock.advance(15 * MINUTE)
        world.wall.down = True
        waits = []
        for _ in range(6):
            await world.look()
            watch = await world.watch()
            assert watch.look_at is not None
            waits.append((watch.look_at - world.clock.now()) / MINUTE)
            world.clock.advance(watch.look_at - world.clock.now())
        assert waits == [1, 5, 15, 60, 180, 180]
        world.wall.down = False
        await world.look()
        assert (len(await world.read()), (await world.watch()).tries) == (1, 0)


async def test_an_account_that_is_not_accepted_any_more_is_paused_as_ever(tmp_path: Path) -> None:
    async with six(tmp_path, only=X_ALONE) as world:
        await world.publish('/post "Locked out" --to acme-x --at now')
        world.at["twitter"].fail(READ, Failure(status=401, body={"title": "Unauthorized", "status": 401}))
        await world.look(HOUR)
        assert await health(world) is Health.EXPIRED
        asked = world.at["twitter"].count(READ)
        await world.look(2 * HOUR)
        assert world.at["twitter"].count(READ) == asked
        state = await world.app.services.store.read(lambda tx: tx.accounts.get("acme-x"))
        assert state is not None
        await world.app.services.store.write(lambda tx: tx.accounts.save(replace(state, health=Health.OK)))
        await world.look(HOUR)
        assert len(await world.read()) == 1


class Refusing:
    """Stands before a publisher that is let post and not read."""

    def __init__(self, inner: Any, error: Exception) -> None:
        self.inner, self.error, self.asked = inner, error, 0

    async def measure(self, refs: Any) -> Mapping[str, Metrics]:
        self.asked += 1
        raise self.error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


async def test_an_app_that_may_not_read_goes_on_posting(tmp_path: Path) -> None:
    async with six(tmp_path, only=X_ALONE) as world:
        connected = world.app.services.accounts["acme-x"]
        refusing = Refusing(connected.publisher, AppMisconfigured("Reading is not in this app's plan."))
        connected.publisher = refusing
        await world.publish('/post "Unread" --to acme-x --at now')
        for _ in range(5):
            await world.look(6 * HOUR)
        assert await health(world) is Health.OK
        assert refusing.asked == 2  # once a day
        told = [t for t in world.room.texts() if "tells no numbers" in t]
        assert told == [
            "X tells no numbers of acme-x: Reading is not in this app's plan. "
            "Its posts go out as ever; I ask again tomorrow."
        ]
        await world.publish('/post "Still out" --to acme-x --at now')
        assert len(world.at["twitter"].posts) == 2


async def test_numbers_that_do_not_exist_are_not_asked_for_again(tmp_path: Path) -> None:
    async with six(tmp_path, only=X_ALONE) as world:
        connected = world.app.services.accounts["acme-x"]
        refusing = Refusing(connected.publisher, Unsupported("Nothing is counted here."))
        connected.publisher = refusing
        await world.publish('/post "Uncounted" --to acme-x --at now')
        for _ in range(3):
            await world.look(6 * HOUR)
        assert (refusing.asked, (await world.watch()).ended) == (1, "not counted")
        assert [t for t in world.room.texts() if "tells no numbers" in t] == [
            "X tells no numbers of acme-x: Nothing is counted here."
        ]


async def test_an_account_that_left_the_configuration_is_left_alone(tmp_path: Path) -> None:
    async with six(tmp_path, only=X_ALONE) as world:
        await world.publish('/post "Orphan" --to acme-x --at now')
        await world.app.services.store.write(lambda tx: tx.snapshots.put_off("acme-x", world.clock.now()))
        world.sql("UPDATE watches SET account = 'acme-gone', look_at = 0")
        await world.look(HOUR)
        watch = await world.watch()
        assert watch.look_at is not None
        assert watch.look_at > world.clock.now()
        assert not [line for line in world.log.getvalue().splitlines() if "task_failed" in line]


async def test_money_runs_short_reading_becomes_sparse_then_stops_and_posts_go_out(tmp_path: Path) -> None:
    """A post without a link costs $0.015, reading one $0.005 a UTC day."""
    brand = replace(BRAND, budget=Budget(limit=100_000, per="month"))
    async with six(tmp_path, brand=brand, only=X_ALONE) as world:
        for n in range(2):
            await world.publish(f'/post "Number {n}" --to acme-x --at now')
        assert await spent(world) == 30_000
        await world.look(15 * MINUTE)
        assert await spent(world) == 40_000
        await world.look(15 * MINUTE)  # the same day: nothing more
        assert await spent(world) == 40_000
        assert [len(await world.read(n)) for n in (1, 2)] == [2, 2]
        await world.publish('/post "Number 2" --to acme-x --at now')
        await world.look(15 * MINUTE)
        # 60 % of the budget: from now on only the end of each day
        assert await spent(world) == 60_000
        zone_midnight = world.clock.now().replace(hour=0, minute=0) + DAY
        assert (await world.watch(3)).look_at == zone_midnight
        world.clock.advance(zone_midnight - world.clock.now())
        await world.look()
        assert await spent(world) == 75_000
        await world.look(DAY)
        assert await spent(world) == 75_000
        (told,) = [t for t in world.room.texts() if "charges for reading" in t]
        assert told.startswith(
            "X charges for reading numbers, and acme has used $0.075 of $0.10 for November."
        )
        assert "dana can raise `budget`" in told
        await world.look(DAY)
        assert len([t for t in world.room.texts() if "charges for reading" in t]) == 1
        await world.publish('/post "Number 3" --to acme-x --at now')
        assert len(world.at["twitter"].posts) == 4
        assert await spent(world) == 90_000


async def test_what_came_to_nothing_costs_nothing(tmp_path: Path) -> None:
    brand = replace(BRAND, budget=Budget(limit=1_000_000))
    async with six(tmp_path, brand=brand, only=X_ALONE) as world:
        await world.publish('/post "Priced" --to acme-x --at now')
        world.wall.down = True
        await world.look(15 * MINUTE)
        assert await spent(world) == 15_000
        world.wall.down = False
        await world.look(15 * MINUTE)
        assert await spent(world) == 20_000


async def spent(world: Six) -> int:
    first = world.clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return await world.app.services.store.read(
        lambda tx: tx.budgets.spent(since=first, until=first + 31 * DAY, brand="acme")
    )


class Dying:
    """Asks the platform, and is gone before the answer is written down."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def measure(self, refs: Any) -> Any:
        await self.inner.measure(refs)
        raise asyncio.CancelledError

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


async def test_a_death_between_the_answer_and_the_row_costs_one_look(tmp_path: Path) -> None:
    clock = FakeClock()
    async with (
        TwitterSimulator(clock).running() as x,
        LinkedInSimulator(clock).running() as li,
    ):
        async with breadth(tmp_path, clock=clock, sims=(x, li)) as world:
            await world.publish(f'/post "Half way" --to {X} --at now')
            connected = world.app.services.accounts[X]
            connected.publisher = Dying(connected.publisher)
            clock.advance(15 * MINUTE)
            await world.app.settle()
            assert x.count(READ) == 1
            assert world.sql("SELECT count(*) FROM snapshots") == [(0,)]
            assert world.sql("SELECT count(*) FROM samplings") == [(1,)]
        async with breadth(tmp_path, clock=clock, sims=(x, li)) as world:
            await world.app.settle()  # alone on its database: whoever had claimed the account is dead
            assert x.count(READ) == 2
            assert world.sql("SELECT count(*) FROM snapshots") == [(1,)]
            assert world.sql("SELECT count(*) FROM samplings") == [(0,)]


async def test_two_processes_do_not_read_an_account_at_the_same_time(tmp_path: Path) -> None:
    async with six(tmp_path, only=X_ALONE) as world:
        await world.publish('/post "One reader" --to acme-x --at now')
        svc = world.app.services
        one, other = (replace(svc, owner=name, alone=False) for name in ("one", "other"))
        world.clock.advance(15 * MINUTE)
        await asyncio.gather(*(measure_account(s, "acme-x") for s in (one, other)))
        assert len(await world.read()) == 1
        assert world.at["twitter"].count(READ) == 1


async def test_a_claim_of_the_dead_lapses(tmp_path: Path) -> None:
    async with six(tmp_path, only=X_ALONE) as world:
        await world.publish('/post "Claimed" --to acme-x --at now')
        svc = replace(world.app.services, owner="me", alone=False)
        world.clock.advance(15 * MINUTE)
        now = world.clock.now()
        await svc.store.write(
            lambda tx: tx.snapshots.claim("acme-x", owner="dead", now=now, until=now + CLAIM)
        )
        await measure_account(svc, "acme-x")
        assert await world.read() == ()
        world.clock.advance(CLAIM)
        await measure_account(svc, "acme-x")
        assert len(await world.read()) == 1


async def test_many_posts_are_read_in_batches_and_bound_by_the_rate(tmp_path: Path) -> None:
    """230 posts are three questions of X's; with a rate that is nearly used up fewer are asked about."""
    async with six(tmp_path, only=X_ALONE) as world:
        await world.publish('/post "The first" --to acme-x --at now')
        sim, svc = world.at["twitter"], world.app.services
        for n in range(2, 231):
            world.sql(
                "INSERT INTO deliveries SELECT ?, post_id, brand, account, platform, variant, "
                "fingerprint, version, state, due, wake_at, fence, lease_until, lease_owner, tries, "
                "checks, platform_wait, reason, rule, wall, zone FROM deliveries WHERE id = 1",
                n,
            )
            world.sql(
                "INSERT INTO parts SELECT ?, idx, state, ref, url, proof, out_at, checkpoint, "
                "checkpoint_expires FROM parts WHERE delivery_id = 1",
                n,
            )
        svc.chored.clear()
        await world.app.settle()
        world.clock.advance(15 * MINUTE)
        await world.look()
        assert sim.count(READ) == 3
        assert world.sql("SELECT count(*), count(DISTINCT id >> 32) FROM snapshots") == [(230, 230)]


async def test_plugins_are_told_of_every_reading(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int | None]] = []

    class Listening:
        @hookimpl
        async def metrics_collected(self, post: Post, delivery: Any, snapshot: Snapshot) -> None:
            heard.append((post.name, delivery.id, snapshot.metrics.views))

    async with six(tmp_path, only=X_ALONE, given={"listening": Listening()}) as world:
        await world.publish('/post "Tell everybody" --to acme-x --at now')
        await world.look(15 * MINUTE)
        await world.look(15 * MINUTE)
        assert heard == [("P1", 1, 0), ("P1", 1, 0)]


async def test_stories_vanish_without_an_alarm(tmp_path: Path) -> None:
    async with six(tmp_path, only="instagram") as world:
        await world.publish(f'/post "A story" --to acme-ig --at now --media {world.picture} --set kind=story')
        for _ in range(5):
            await world.wait(MINUTE)
        for _ in range(60):
            await world.look(25 * MINUTE)
        watch = await world.watch()
        assert (watch.look_at, watch.ended) == (None, "closed")
        last = (await world.read())[-1]
        assert timedelta(hours=23, minutes=39) < last.at - watch.out_at < timedelta(hours=24)
        assert not [t for t in world.room.texts() if "any more" in t or "not to be seen" in t]
