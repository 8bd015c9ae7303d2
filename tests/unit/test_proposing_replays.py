"""Whatever is replayed, restarted, measured anew or pressed twice: one proposal and one post at most."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.outcomes import CROSSPOST
from bot.domain.proposal import Standing
from bot.testing.platforms._demo_server import DemoSimulator
from tests.unit.demo_world import BLIND, KEY, LOOK, MODES, Room, World
from tests.unit.proposing_world import (
    USUAL,
    all_proposals,
    history,
    look,
    proposing,
    read,
    winner,
    with_policy,
)

LIVES, STEPS = 3, 5


async def _step(world: World, rng: random.Random, sources: list[int]) -> None:
    """Something that happens to a running bot, or that somebody does."""
    name = f"R{rng.randint(1, 4)}"
    match rng.choice(
        ["look", "look", "twice", "read", "fall", "take", "take", "decline", "undo", "wait", "winner"]
    ):
        case "look":
            await look(world)
        case "twice":
            await asyncio.gather(look(world), look(world), world.say("alice", f"/proposals take {name}"))
        case "read" | "fall" as which:
            times = 7.0 if which == "read" else 0.5
            at, source = world.clock.now(), rng.choice(sources)
            await world.app.services.store.write(
                lambda tx: read(tx, source, KEY, at, round(USUAL * times * rng.uniform(0.9, 1.1)))
            )
        case "winner" if len(sources) < 3:
            sources.append((await winner(world, f"Another one, number {len(sources)}.", days_old=1.5))[1])
        case "wait":
            await world.wait(timedelta(hours=rng.choice([1, 9, 30])))
        case word:
            await world.say(rng.choice(["alice", "bob"]), f"/proposals {word} {name}")
            await world.say("bob", "/approve latest")


@pytest.mark.parametrize("seed", [11, 12, 13])
async def test_one_proposal_and_one_post_for_each_source_and_target(tmp_path: Path, seed: int) -> None:
    rng, room, sources = random.Random(seed), Room(), list[int]()
    mode = rng.choice(["propose", "auto"])
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(proposing(tmp_path / "first"))
        clock = first.clock
        sims = {n: await stack.enter_async_context(DemoSimulator(clock).running()) for n in MODES}
        for life in range(LIVES):
            shared: dict[str, Any] = {
                "sims": sims,
                "clock": clock,
                "room": room,
                "brand": with_policy(mode=mode, a_day=5),
            }
            async with proposing(tmp_path / "one", **shared) as world:
                if life == 0:
                    await history(world)
                    sources.append((await winner(world))[1])
                    await look(world)
                for _ in range(STEPS):
                    await _step(world, rng, sources)
                await _check(world)


async def _check(world: World) -> None:
    found = await all_proposals(world)
    pairs = Counter((p.source_post, p.account) for p in found)
    assert found
    assert max(pairs.values()) == 1
    made = [p.post_id for p in found if p.post_id is not None]
    assert len(made) == len(set(made))
    flags = await world.app.services.store.read(lambda tx: tx.snapshots.flags(range(1, 100)))
    assert sorted(made) == sorted(n for n, values in flags.items() if (CROSSPOST, "") in values)
    assert all(p.post_id is not None for p in found if p.standing is Standing.TAKEN)
    for account in (LOOK, BLIND):
        texts = Counter(p.text for p in world.sims[account].posts)
        assert not texts or max(texts.values()) == 1
