"""Changing a video that is out, and the daily reports about its thumbnail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
import pytest_asyncio

from bot.errors import RateLimited, Rejected, Transient, Unsupported
from plugins.youtube.failures import FAILURES
from tests.integration.youtube_world import UPDATE, World, world

DAY = date(2026, 11, 2)


@pytest_asyncio.fixture
async def yt() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def test_a_title_changes_and_everything_else_stays(yt: World) -> None:
    receipt = await yt.published(yt.part(tags=["release", "video"]))
    video = yt.videos[0]
    video.snippet["defaultLanguage"] = "en"
    before = {name: value for name, value in video.snippet.items() if name != "title"}
    units = yt.sim.gate.used("units")
    await yt.publisher.revise(receipt.ref, {"title": "Why it took us a year"})
    assert video.snippet["title"] == "Why it took us a year"
    assert {name: value for name, value in video.snippet.items() if name != "title"} == before
    assert video.status["privacyStatus"] == "public"
    assert yt.sim.gate.used("units") - units == 51
    calls = yt.sim.count(UPDATE)
    await yt.publisher.revise(receipt.ref, {"title": "Why it took us a year"})
    assert yt.sim.count(UPDATE) == calls
    assert await yt.publisher.shown(receipt.ref) == {"title": "Why it took us a year"}


async def test_refusals_are_told_apart(yt: World) -> None:
    receipt = await yt.published(yt.part())
    with pytest.raises(Unsupported):
        await yt.publisher.revise(receipt.ref, {"description": "x"})
    with pytest.raises(Rejected, match="not a video"):
        await yt.publisher.shown("../x")
    yt.sim.fail(UPDATE, FAILURES["quotaExceeded"])
    with pytest.raises(RateLimited) as caught:
        await yt.publisher.revise(receipt.ref, {"title": "Later"})
    assert caught.value.until is not None
    assert caught.value.until > yt.clock.now()
    await yt.publisher.remove(receipt.ref)
    with pytest.raises(Rejected) as gone:
        await yt.publisher.shown(receipt.ref)
    assert gone.value.code == "gone"


async def test_reports_come_after_two_days_and_only_of_the_video_asked_for(yt: World) -> None:
    receipt = await yt.published(yt.part())
    video = str(receipt.ref)
    assert await yt.publisher.days(video, DAY, DAY) == {}
    await yt.publisher.check()
    today = yt.clock.now().date()
    yt.sim.reports.reach = {
        (video, today): (4000, 200),
        ("othervideo0", today): (9, 9),
        (video, today + timedelta(days=1)): (0, 0),
    }
    last = today + timedelta(days=5)
    assert await yt.publisher.days(video, today, last) == {}
    yt.clock.advance(timedelta(days=6))
    found = await yt.publisher.days(video, today, last)
    assert {day: (c.impressions, c.clicks) for day, c in found.items()} == {
        today: (4000.0, 200.0),
        today + timedelta(days=1): (0.0, 0.0),
    }
    assert list(await yt.publisher.days(video, today, today)) == [today]


async def test_a_report_at_a_strange_place_is_not_fetched_with_our_token(yt: World) -> None:
    receipt = await yt.published(yt.part())
    await yt.publisher.check()
    today = yt.clock.now().date()
    yt.sim.reports.reach = {(str(receipt.ref), today): (1, 1)}
    yt.clock.advance(timedelta(days=6))
    yt.sim.reports._url = lambda: "https://elsewhere.example"
    with pytest.raises(Transient, match="strange place"):
        await yt.publisher.days(receipt.ref, today, today)
