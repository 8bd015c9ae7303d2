"""What is asked about a channel and its videos once they are there: its name, its limits, its numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.platform import Gone, Metrics
from bot.errors import Rejected
from bot.testing.simulator import LOST_REPLY
from tests.integration.youtube_world import STATS, World, world


@pytest.fixture
async def yt() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def test_counts_in_batches_and_by_the_list_where_the_batch_is_unknown(yt: World) -> None:
    refs = [str((await yt.published(yt.part(f"Video {n}"))).ref) for n in range(3)]
    yt.videos[0].counts = {"viewCount": 1203, "likeCount": 31, "commentCount": 4}
    yt.videos[1].counts = {"viewCount": 7, "likeCount": -1}  # the owner hides it
    await yt.publisher.remove(refs[2])
    for known in (True, False):
        yt.sim.channel.batch = known
        assert await yt.publisher.measure([*refs, "no video"]) == {
            refs[0]: Metrics(views=1203, likes=31, comments=4),
            refs[1]: Metrics(views=7, likes=None, comments=0),
            refs[2]: Gone(),
        }
    before = yt.sim.count(STATS)
    yt.sim.channel.batch = True
    many = await yt.publisher.measure([f"sim{n:08d}" for n in range(1000, 1120)])
    assert (yt.sim.count(STATS) - before, len(many)) == (3, 120)
    assert all(isinstance(found, Gone) for found in many.values())
    assert await yt.publisher.measure([]) == {}


async def test_taken_down_is_gone_and_may_be_repeated(yt: World) -> None:
    receipt = await yt.published(yt.part())
    await yt.publisher.remove(receipt.ref)
    await yt.publisher.remove(receipt.ref)
    assert yt.sim.visible() == {}
    with pytest.raises(Rejected, match="not a video"):
        await yt.publisher.remove("../../channels")


async def test_check_names_the_channel_and_asks_once_for_daily_reports(yt: World) -> None:
    for _ in range(2):
        info = await yt.publisher.check()
        assert (info.id, info.handle, info.title) == ("UCsimulatedAcmeChannel00", "@acme", "Acme")
        assert info.notes == ()
    job, reach = yt.sim.channel.jobs
    assert reach.kind == "channel_reach_basic_a1"
    assert job.kind == "channel_basic_a3"  # the older one is to end
    yt.sim.channel.jobs.clear()
    yt.sim.fail("POST /v1/jobs", LOST_REPLY)
    assert "no daily reports" in (await yt.publisher.check()).notes[0]
    assert (await yt.publisher.check()).notes == ()
    assert len(yt.sim.channel.jobs) == 2


async def test_a_channel_without_a_phone_number_uploads_short_videos(yt: World) -> None:
    yt.sim.channel.long_uploads = "eligible"
    facts = await yt.publisher.facts()
    assert facts.values == {"long_uploads": False}
    assert facts.expires_at == yt.clock.now() + timedelta(hours=12)
