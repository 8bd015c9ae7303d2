"""Killed anywhere, answers lost, requests late: never two posts, and never live without its proof."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.platform import Absent, Checkpoint, Live, Ready, Receipt, Wait
from bot.domain.post import Link, Media, Part
from bot.errors import Transient, Uncertain
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from tests.integration.bluesky_world import PUT, World, world

if TYPE_CHECKING:
    from bot.ports import Http, Reply

RUNS = 60
"""Seeded; ten times as many were run by hand when this was written."""

BROKEN = (CUT, LOST_REPLY, Failure(effect=True, truncate=True), Failure(status=502, body=b"<html>"))


async def carried(bs: World, part: Part, dice: random.Random) -> tuple[Receipt | Live, int]:
    """The part brought to its end by processes that die; and how often one said "not there".

    A process may die after a step and before its checkpoint is saved; after the attempt's row, before
    or after the call. What is in doubt is looked up, as the core does, and sent again only if absent.
    """
    saved, absent = Checkpoint(), 0
    call = bs.call(part)
    for _ in range(200):
        bs.sim.desk.logins.clear()
        if dice.random() < 0.3:
            bs.sim.fail("*", dice.choice(BROKEN), nth=dice.randint(1, 4))
        if dice.random() < 0.3:
            bs.sim.fail(PUT, dice.choice(BROKEN))
        if dice.random() < 0.1:
            bs.clock.advance(timedelta(minutes=dice.randint(1, 600)))
        publisher = bs.another()
        try:
            staged = await publisher.stage(part, saved)
            if dice.random() < 0.2:
                continue  # killed before the checkpoint was saved
            saved = staged.checkpoint
            if isinstance(staged, Wait):
                bs.clock.advance(staged.until - bs.clock.now())
            if not isinstance(staged, Ready) or dice.random() < 0.1:
                continue
            answer = await publisher.commit(part, saved, call)
            if dice.random() < 0.7:
                return answer, absent
        except Transient:
            continue
        except Uncertain:
            pass
        while True:  # killed, or in doubt: looked into by whoever comes next
            bs.sim.desk.logins.clear()
            try:
                found = await bs.another().confirm(part, saved, call)
            except Transient:
                continue
            if isinstance(found, Live):
                return found, absent
            assert isinstance(found, Absent), found
            absent += 1
            break
    raise AssertionError("it does not end")


async def test_killed_at_random_there_is_one_post_with_its_proof() -> None:
    dice, looked = random.Random(20261121), 0
    async with world() as bs:
        bs.sim.videos.processing = timedelta(seconds=5)
        bs.sim.desk.address.most = 10**9
        picture, clip = await bs.picture(), await bs.clip()
        link = Link(url="https://example.com", title="t", image=picture)
        kinds: tuple[tuple[Media, ...], ...] = ((), (), (picture,), (clip,))
        for number in range(RUNS):
            part = Part(text=f"Post {number}", media=dice.choice(kinds))
            if not part.media and dice.random() < 0.3:
                part = Part(text=part.text, link=link)
            bs.sim.desk.hours.clear()
            bs.sim.desk.days.clear()
            bs.sim.heal()
            bs.sim.videos.videos_left = 25
            done, absent = await carried(bs, part, dice)
            looked += absent
            mine = [uri for uri, said in bs.sim.visible().items() if said == part.text]
            assert mine == [done.ref], f"run {number}"
            assert bs.sim.repository.records[mine[0]].written == 1, f"run {number}"
        assert len(bs.sim.visible()) == RUNS
        assert looked > RUNS // 10  # the dice did kill where it matters


@dataclass
class Slow:
    """A wire on which puts arrive only when they are let go; the sender gives up at once."""

    inner: Http
    held: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    async def request(self, method: str, url: str, **how: Any) -> Reply:
        if "repo.putRecord" not in url:
            return await self.inner.request(method, url, **how)
        self.held.append((method, url, how))
        raise Uncertain("The platform's answer is missing.", detail="slow")

    async def arrive(self) -> list[int]:
        """Everything that is on its way arrives."""
        return [(await self.inner.request(method, url, **how)).status for method, url, how in self.held]


async def test_a_put_that_arrives_after_it_was_sent_again_changes_nothing() -> None:
    async with world() as bs:
        part, slow = Part(text="Overtaken"), Slow(bs.http)
        checkpoint, call = await bs.staged(part), bs.call(part)
        with pytest.raises(Uncertain):
            await bs.another(http=slow).commit(part, checkpoint, call)
        assert isinstance(await bs.publisher.confirm(part, checkpoint, call), Absent)
        receipt = await bs.publisher.commit(part, checkpoint, call)
        assert await slow.arrive() == [200]
        assert list(bs.sim.visible()) == [receipt.ref]
        assert bs.sim.repository.records[str(receipt.ref)].written == 1


async def test_a_put_that_arrives_after_its_time_was_renewed_is_refused() -> None:
    async with world() as bs:
        part, slow = Part(text="Overtaken by hours"), Slow(bs.http)
        checkpoint, call = await bs.staged(part), bs.call(part)
        with pytest.raises(Uncertain):
            await bs.another(http=slow).commit(part, checkpoint, call)
        bs.clock.advance(timedelta(minutes=30))
        staged = await bs.publisher.stage(part, checkpoint)
        receipt = await bs.publisher.commit(part, staged.checkpoint, call)
        assert await slow.arrive() == [400]
        assert list(bs.sim.visible()) == [receipt.ref]
        assert bs.sim.repository.records[str(receipt.ref)].written == 1
