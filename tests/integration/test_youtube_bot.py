"""YouTube's failures through the whole bot: what the card says, what happens by itself, what is public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.domain.delivery import State
from plugins.youtube.failures import ENDS, FAILURES
from tests.integration.youtube_bot import ACCOUNT, YouTubeBot, youtube_bot
from tests.integration.youtube_world import INIT, LIST, PUT, UPDATE

LIVE, WAITS, REFUSED, HELD = State.LIVE, State.SCHEDULED, State.REFUSED, State.HELD
ASKED = State.UNCONFIRMED


@dataclass(frozen=True)
class Row:
    """``first``: right after the failure, with ``words`` on the card; ``last``: half an hour later
    and more, five minutes (``waits`` times) at a time.

    ``updates``: how often YouTube was asked to publish; ``public``: what people can watch in the end.
    """

    id: str
    endpoint: str
    first: State
    words: str
    last: State
    updates: int
    public: int
    times: int = 1
    waits: int = 6


ROWS = (
    Row("quotaExceeded", INIT, WAITS, "daily quota of this app", WAITS, 0, 0),
    Row("uploadLimitExceeded", INIT, WAITS, "this channel's daily uploads", WAITS, 0, 0),
    Row("rateLimitExceeded", INIT, WAITS, "waits for YouTube until 09:00:30", LIVE, 1, 1),
    Row("authError", PUT, WAITS, "no longer accepts this account", WAITS, 0, 0),
    Row("channelSuspended", PUT, WAITS, "suspended this channel", WAITS, 0, 0),
    Row("youtubeSignupRequired", INIT, REFUSED, "has no YouTube channel", REFUSED, 0, 0),
    Row("502", INIT, WAITS, "has trouble", LIVE, 1, 1),
    Row("lost", INIT, WAITS, "answer is missing", LIVE, 1, 1),
    Row("502", PUT, WAITS, "", LIVE, 1, 1),
    Row("lost", PUT, WAITS, "", LIVE, 1, 1),
    Row("cut", PUT, WAITS, "", LIVE, 1, 1),
    Row("404 session", PUT, WAITS, "", LIVE, 1, 1),
    Row("502", PUT, WAITS, "", HELD, 0, 0, times=0, waits=24),
    Row("502", LIST, WAITS, "", LIVE, 1, 1),
    Row("backendError", UPDATE, ASKED, "no clear answer after sending", LIVE, 2, 1),
    Row("lost", UPDATE, ASKED, "no clear answer after sending", LIVE, 1, 1),
    Row("cut", UPDATE, ASKED, "no clear answer after sending", LIVE, 2, 1),
    Row("cut off", UPDATE, ASKED, "no clear answer after sending", LIVE, 1, 1),
    Row("quotaExceeded", UPDATE, WAITS, "daily quota of this app", WAITS, 1, 0),
    Row("authError", UPDATE, WAITS, "no longer accepts this account", WAITS, 1, 0),
    Row("invalidTitle", UPDATE, REFUSED, "does not take the title", REFUSED, 1, 0),
    Row("videoNotFound", UPDATE, WAITS, "uploaded anew", LIVE, 2, 1),
    Row("videoNotFound", UPDATE, WAITS, "uploaded anew", REFUSED, 2, 0, times=0),
)


async def test_every_failure_ends_as_it_should(tmp_path: Path) -> None:
    wrong: list[str] = []
    async with youtube_bot(tmp_path) as bot:
        for row in ROWS:
            wrong += await played(bot, row)
            await bot.fresh()
    assert not wrong, "\n".join(wrong)


async def played(bot: YouTubeBot, row: Row) -> list[str]:
    """Post once with the failure switched on; what differs from the row."""
    sim, shown = bot.yt, len(bot.yt.visible())
    before = sim.count(UPDATE)
    sim.fail(row.endpoint, FAILURES[row.id], times=row.times)
    number = await bot.publish(f"{row.id} at {row.endpoint}")
    first, card = (await bot.delivery(number)).state, await bot.words(number)
    for _ in range(row.waits):
        await bot.wait(timedelta(minutes=5))
    last = await bot.delivery(number)
    found = (first, last.state, sim.count(UPDATE) - before, len(sim.visible()) - shown)
    expected = (row.first, row.last, row.updates, row.public)
    name = f"{number} {row.id} at {row.endpoint}"
    wrong = [f"{name}: {found}, not {expected}; {last.reason}"] if found != expected else []
    return wrong + ([f"{name}: “{card}” lacks “{row.words}”"] if row.words not in card else [])


async def test_a_slow_processing_is_waited_for_and_nothing_is_public_before_its_time(tmp_path: Path) -> None:
    """Uploaded an hour before it is due, public when it is due."""
    async with youtube_bot(tmp_path) as bot:
        bot.yt.channel.processing = timedelta(minutes=20)
        number = await bot.publish("Launch\\nToday", at="12:00")
        await bot.wait(timedelta(hours=2, minutes=5))
        assert (bot.yt.count(INIT), bot.yt.visible()) == (1, {})
        await bot.wait(timedelta(minutes=50))
        assert bot.yt.visible() == {}
        await bot.wait(timedelta(minutes=6))
        assert (await bot.delivery(number)).state is LIVE
        assert list(bot.yt.visible()) == [(await bot.delivery(number)).parts[0].ref]


async def test_processing_that_takes_long_after_its_time_is_no_reason_to_hold_it(tmp_path: Path) -> None:
    async with youtube_bot(tmp_path) as bot:
        bot.yt.channel.processing = timedelta(minutes=50)
        number = await bot.publish("Slow")
        assert "still preparing the media" in await bot.words(number)
        for _ in range(11):
            await bot.wait(timedelta(minutes=5))
        assert (await bot.delivery(number)).state is LIVE
        assert bot.yt.count(INIT) == 1


async def test_a_processing_that_fails_is_told_with_the_way_out(tmp_path: Path) -> None:
    async with youtube_bot(tmp_path) as bot:
        bot.yt.channel.ends = ENDS["codec"]
        number = await bot.publish("Odd codec")
        row = await bot.delivery(number)
        assert (row.state, row.reason) == (REFUSED, "YouTube does not know the video's codec.")
        assert any("Export it anew as MP4" in text for text in bot.room.texts())
        assert bot.yt.visible() == {}


async def test_halt_stops_it_before_it_is_public(tmp_path: Path) -> None:
    async with youtube_bot(tmp_path) as bot:
        bot.yt.channel.processing = timedelta(minutes=5)
        number = await bot.publish("Stop me")
        await bot.say("dana", "/halt")
        await bot.wait(timedelta(minutes=10))
        assert (bot.yt.visible(), bot.yt.count(UPDATE)) == ({}, 0)
        await bot.say("dana", "/resume")
        await bot.wait(timedelta(minutes=5))
        assert (await bot.delivery(number)).state in (LIVE, HELD)
        assert bot.yt.count(INIT) == 1


async def test_a_suspended_channel_goes_on_where_it_was_once_it_is_back(tmp_path: Path) -> None:
    async with youtube_bot(tmp_path) as bot:
        bot.yt.fail(UPDATE, FAILURES["channelSuspended"])
        number = await bot.publish("Suspended")
        assert "suspended this channel" in await bot.words(number)
        await bot.say("dana", "/accounts --check")
        await bot.wait(timedelta(minutes=11))
        assert (await bot.delivery(number)).state is LIVE
        assert (bot.yt.count(INIT), len(bot.yt.visible())) == (1, 1)


async def test_nobody_approves_before_somebody_said_for_whom_it_is_made(tmp_path: Path) -> None:
    async with youtube_bot(tmp_path) as bot:
        clip = bot.clip("kids")
        await bot.say("alice", f'/post "For whom?" --to {ACCOUNT} --at now --media {clip}')
        await bot.say("bob", "/approve P1")
        assert (await bot.delivery(1)).state is not LIVE
        assert bot.yt.count(INIT) == 0
        assert "made_for_kids" in await bot.words(1) or "Made for kids" in await bot.words(1)


async def test_a_time_of_youtubes_own_is_handed_over_until_it_is_public(tmp_path: Path) -> None:
    async with youtube_bot(tmp_path) as bot:
        number = await bot.publish("By itself", f"--set {ACCOUNT}.publish_at=2026-11-21T12:00+00:00")
        await bot.wait(timedelta(minutes=1))
        row = await bot.delivery(number)
        assert (row.state, bot.yt.visible()) == (State.HANDED_OVER, {})
        await bot.wait(timedelta(hours=3))
        await bot.wait(timedelta(minutes=30))
        assert ((await bot.delivery(number)).state, len(bot.yt.visible())) == (LIVE, 1)
