"""Parts with a time of their own on platforms of every temper, also across a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import State
from bot.domain.platform import Feature
from bot.ports import Tx
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import DemoSimulator
from tests.unit.demo_world import BLIND, KEY, LOOK, Room, World, open_world

FULL = '--comment "First" --comment-after 10m --follow-up 2h "Later"'


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


def able(world: World) -> None:
    """The demo platforms take replies, so they can have comments."""
    for account in world.app.services.accounts.values():
        account.platform = replace(account.platform, features=account.platform.features | Feature.COMMENT)


async def test_a_platform_without_comments_gets_the_rest(world: World) -> None:
    for account in world.app.services.accounts.values():
        account.platform = replace(account.platform, features=account.platform.features & ~Feature.COMMENT)
    object.__setattr__(world.app.services, "pages", None)
    await world.say("alice", f'/post "Launch" --at now --to {KEY} {FULL} --link https://demo.example/why')
    card = await world.card()
    assert "takes no comments from here" in card.fields[0].value
    assert "takes no follow-ups from here" in card.fields[0].value
    await world.say("bob", "/approve P1")
    assert (await world.row()).state is State.LIVE
    assert [p.text for p in world.sims[KEY].posts] == ["Launch\n\nhttps://demo.example/why"]


async def test_every_temper_sends_each_part_once_and_in_its_time(world: World) -> None:
    able(world)
    began = world.clock.now()
    await world.say("alice", f'/post "Launch" --at now --to {KEY},{LOOK},{BLIND} {FULL}')
    await world.say("bob", "/approve P1")
    await world.wait(timedelta(hours=3))
    for name, row in (await world.rows()).items():
        assert row.state is State.LIVE
        assert [p.text for p in world.sims[name].posts] == ["Launch", "First", "Later"]
        assert [p.out_at - began for p in row.parts if p.out_at] == [
            timedelta(),
            timedelta(minutes=10),
            timedelta(hours=2),
        ]


async def test_a_row_taken_over_after_the_first_part_keeps_the_distance(world: World) -> None:
    """The answer was recorded by somebody who no longer held the row; whoever has it now must not hurry."""
    able(world)
    await world.say("alice", f'/post "Launch" --at now --to {KEY} --comment "First" --comment-after 1h')
    await world.say("bob", "/approve P1")

    def as_if_lost(tx: Tx) -> None:
        (row,) = tx.deliveries.of_post(1)
        now = world.clock.now()
        tx.deliveries.save(replace(row, wake_at=now, due=now, reason=""), fence=row.fence)

    await world.app.services.store.write(as_if_lost)
    world.app.services.wake()
    await world.app.settle()
    row = await world.row()
    assert (row.state, world.created(KEY)) == (State.SCHEDULED, 1)
    assert row.wake_at == world.clock.now() + timedelta(hours=1)
    await world.wait(timedelta(hours=1))
    assert world.created(KEY) == 2


async def test_a_restart_between_two_parts_changes_nothing(tmp_path: Path) -> None:
    clock, room = FakeClock(), Room()
    async with AsyncExitStack() as stack:
        sims = {
            name: await stack.enter_async_context(DemoSimulator(clock).running())
            for name in (KEY, LOOK, BLIND)
        }
        async with open_world(tmp_path, sims=sims, clock=clock, room=room) as world:
            able(world)
            await world.say("alice", f'/post "Launch" --at now --to {LOOK} {FULL}')
            await world.say("bob", "/approve P1")
            await world.wait(timedelta(minutes=9))
            assert world.created(LOOK) == 1
        clock.advance(timedelta(minutes=3))
        async with open_world(tmp_path, sims=sims, clock=clock, room=room) as world:
            await world.app.settle()
            assert world.created(LOOK) == 2
            await world.wait(timedelta(hours=2))
            assert [p.text for p in sims[LOOK].posts] == ["Launch", "First", "Later"]
            row = await world.row()
            assert row.state is State.LIVE
            assert row.parts[0].out_at is not None
            assert row.parts[2].out_at is not None
            # a part is late by what the one before it was late
            assert row.parts[2].out_at - row.parts[0].out_at == timedelta(hours=2, minutes=2)


async def test_what_waits_for_its_time_is_not_pressing(world: World) -> None:
    """`clarion run` at the end of its input does not wait hours for a follow-up."""
    able(world)
    await world.say("alice", f'/post "Launch" --at now --to {KEY} {FULL}')
    await world.say("bob", "/approve P1")
    now = world.clock.now()
    assert await world.app.services.store.read(lambda tx: tx.deliveries.pressing(now)) == 0


async def test_an_approval_withdrawn_meanwhile_stops_what_follows(world: World) -> None:
    able(world)
    await world.say("alice", f'/post "Launch" --at now --to {KEY} {FULL}')
    await world.say("bob", "/approve P1")
    await world.app.services.store.write(lambda tx: tx.votes.drop((tx.deliveries.of_post(1))[0].id, "bob"))
    await world.wait(timedelta(hours=3))
    row = await world.row()
    assert (row.state, world.created(KEY)) == (State.PARTIAL, 1)
