"""Every documented failure of TikTok, switched on by its name, through the whole bot: how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.domain.delivery import State
from plugins.tiktok.failures import FAILURES
from tests.integration.tiktok_bot import ACCOUNT, DRAFT, PUBLIC, TikTokBot, tiktok_bot
from tests.integration.tiktok_world import CREATOR, INIT, PUT, STATUS
from tests.integration.tiktok_world import DRAFT as DRAFT_INIT

LIVE, WAITS, REFUSED, ASKED = State.LIVE, State.SCHEDULED, State.REFUSED, State.UNCONFIRMED
WORKS, HANDED = State.PUBLISHING, State.HANDED_OVER

BY_THE_CONSENT = frozenset({"T-O1", "T-O1 with 200", "T-O2"})
"""Failures of the token endpoint; they have no post to end."""

BY_PHOTOS = frozenset({"T-I7", "T-I9", "T-G6 done"})
"""What only photos meet, which need a media server: with the publisher's own tests."""


@dataclass(frozen=True)
class Row:
    """``first``: the state right after the failure, with ``words`` on the card or in the thread;
    ``last``: a hundred minutes later. ``puts``: last chunks that reached TikTok; ``posts``: what exists
    there in the end. ``times``: how often the failure comes, 0 for ever.
    """

    id: str
    endpoint: str
    first: State
    words: str
    last: State
    puts: int
    posts: int
    more: str = PUBLIC
    times: int = 1


ROWS = (
    # name, call, right after it, what people read, later, last chunks seen, posts there
    Row("T-G1", CREATOR, WAITS, "no longer accepts this account", WAITS, 0, 0),
    Row("T-G1", INIT, WAITS, "no longer accepts this account", WAITS, 0, 0),
    Row("T-G1", STATUS, ASKED, "I'll ask you", LIVE, 1, 1),
    Row("T-G2", INIT, REFUSED, "leave every permission ticked", REFUSED, 0, 0),
    Row("T-G2 missed", DRAFT_INIT, REFUSED, "leave every permission ticked", REFUSED, 0, 0, DRAFT),
    Row("T-G3", INIT, REFUSED, "wrong parameter: video_size", REFUSED, 0, 0),
    Row("T-G4", INIT, REFUSED, "does not accept the file", REFUSED, 0, 0),
    Row("T-G5", CREATOR, WAITS, "its limit a minute", LIVE, 1, 1),
    Row("T-G5", INIT, WAITS, "its limit a minute", LIVE, 1, 1),
    Row("T-G5", STATUS, WORKS, "processing", LIVE, 1, 1),
    Row("T-G6", CREATOR, WAITS, "has trouble", LIVE, 1, 1),
    Row("T-G6", INIT, WAITS, "has trouble", LIVE, 1, 1),
    Row("T-G6", STATUS, WORKS, "processing", LIVE, 1, 1),
    Row("T-G6 html", INIT, WAITS, "has trouble", LIVE, 1, 1),
    Row("T-C1", CREATOR, WAITS, "its limit of posts a day", WAITS, 0, 0),
    Row("T-C2", CREATOR, REFUSED, "banned this account", REFUSED, 0, 0),
    Row("T-C3", CREATOR, WAITS, "its app's limit", WAITS, 0, 0),
    Row("T-I1", INIT, REFUSED, "total_chunk_count", REFUSED, 0, 0),
    Row("T-I2", INIT, WAITS, "its limit of posts a day", WAITS, 0, 0),
    Row("T-I3", INIT, REFUSED, "appeal", REFUSED, 0, 0),
    Row("T-I4", DRAFT_INIT, WAITS, "five unfinished drafts", HANDED, 1, 0, DRAFT),
    Row("T-I5", INIT, WAITS, "its app's limit", WAITS, 0, 0),
    Row("T-I6", INIT, REFUSED, "not audited this app", REFUSED, 0, 0),
    Row("T-I8", INIT, REFUSED, "approved again", REFUSED, 0, 0),
    Row("T-U400", PUT, REFUSED, "convert the file", REFUSED, 1, 0),
    Row("T-U403", PUT, WAITS, "uploaded anew", LIVE, 2, 1),
    Row("T-U403", PUT, WAITS, "uploaded anew", REFUSED, 2, 0, PUBLIC, 0),
    Row("T-U404", PUT, WAITS, "uploaded anew", LIVE, 2, 1),
    Row("T-U416", PUT, ASKED, "no clear answer after sending", LIVE, 2, 1),
    Row("T-U500", PUT, ASKED, "no clear answer after sending", LIVE, 2, 1),
    Row("T-U503 stored", PUT, ASKED, "no clear answer after sending", LIVE, 1, 1),
    Row("T-S1", STATUS, ASKED, "I'll ask you", LIVE, 1, 1),
    Row("T-S2", STATUS, ASKED, "could not find out", ASKED, 1, 1, PUBLIC, 0),
    Row("lost", INIT, WAITS, "did not answer", LIVE, 1, 1),
    Row("lost", PUT, ASKED, "no clear answer after sending", LIVE, 1, 1),
    Row("lost", PUT, ASKED, "no clear answer after sending", HANDED, 1, 0, DRAFT),
    Row("cut", PUT, ASKED, "no clear answer after sending", LIVE, 2, 1),
    Row("cut off", PUT, ASKED, "no clear answer after sending", LIVE, 1, 1),
    Row("T-X file_format_check_failed", STATUS, REFUSED, "Convert it to MP4", REFUSED, 1, 0),
    Row("T-X internal", STATUS, REFUSED, "nothing was posted", REFUSED, 1, 0),
    Row("T-X auth_removed", STATUS, REFUSED, "Connect the account again", REFUSED, 1, 0),
    Row("T-X spam_risk_too_many_posts", STATUS, REFUSED, "Try again tomorrow", REFUSED, 1, 0),
    # the other reasons end in the same way; each one's sentence is tested where it is made
)


async def test_every_failure_ends_as_it_should(tmp_path: Path) -> None:
    wrong: list[str] = []
    async with tiktok_bot(tmp_path) as bot:
        for number, row in enumerate(ROWS, 1):
            wrong += await played(bot, number, row)
            await bot.fresh()
    assert not wrong, "\n".join(wrong)


def test_every_failure_has_a_row() -> None:
    of_posts = {name for name in FAILURES if not name.startswith("T-X")}
    assert of_posts - BY_THE_CONSENT - BY_PHOTOS <= {row.id for row in ROWS} <= FAILURES.keys()


async def test_a_draft_is_a_task_and_live_once_somebody_has_finished_it(tmp_path: Path) -> None:
    async with tiktok_bot(tmp_path) as bot:
        await bot.publish("Paste this caption", DRAFT)
        await bot.wait(timedelta(minutes=1))
        assert (await bot.delivery(1)).state is HANDED
        told = bot.room.texts()
        assert any("yours to finish" in text and "inbox" in text for text in told)
        assert "Paste this caption" in told
        assert bot.tt.visible() == {}
        bot.tt.world.finish_draft(bot.tt.post(), "Paste this caption")
        await bot.wait(timedelta(minutes=10))
        row = await bot.delivery(1)
        assert (row.state, row.parts[0].ref) == (LIVE, str(bot.tt.post().number))


async def test_a_draft_that_nobody_finishes_is_asked_about_after_a_day(tmp_path: Path) -> None:
    async with tiktok_bot(tmp_path) as bot:
        await bot.publish("Forgotten", DRAFT)
        await bot.wait(timedelta(hours=25))
        row = await bot.delivery(1)
        assert (row.state, row.wake_at) == (HANDED, None)
        assert "could not find out whether somebody finished it" in row.reason
        assert bot.tt.count(PUT) == 1


async def test_moderation_may_take_hours_and_a_poll_may_fail_meanwhile(tmp_path: Path) -> None:
    async with tiktok_bot(tmp_path) as bot:
        bot.tt.world.processing = timedelta(hours=5)
        await bot.publish("Slowly")
        await bot.wait(timedelta(hours=1))
        bot.tt.fail(STATUS, FAILURES["T-G6"], times=3)
        await bot.wait(timedelta(hours=3))
        assert (await bot.delivery(1)).state is WORKS
        await bot.wait(timedelta(hours=2))
        assert ((await bot.delivery(1)).state, bot.tt.count(PUT)) == (LIVE, 1)


async def test_nobody_can_approve_what_has_no_audience(tmp_path: Path) -> None:
    async with tiktok_bot(tmp_path) as bot:
        await bot.publish("For whom?", "")
        assert (await bot.delivery(1)).state is State.DRAFT
        assert "choose privacy: Everyone, Friends, Only me" in await bot.words(1)
        await bot.say("alice", "/edit P1 --set privacy=SELF_ONLY")
        await bot.say("bob", "/approve P1")
        await bot.wait(timedelta(minutes=1))
        assert (await bot.delivery(1)).state is LIVE
        assert bot.tt.post().privacy == "SELF_ONLY"


async def test_a_changed_audience_asks_the_people_again(tmp_path: Path) -> None:
    async with tiktok_bot(tmp_path) as bot:
        line = f'/post "Later" --to {ACCOUNT} --at "sat 12:00" --media {bot.clip("later")} {PUBLIC}'
        await bot.say("alice", line)
        await bot.say("bob", "/approve latest")
        assert (await bot.delivery(1)).state is State.SCHEDULED
        await bot.say("alice", "/edit P1 --set privacy=SELF_ONLY")
        assert (await bot.delivery(1)).state is State.IN_REVIEW
        await bot.wait(timedelta(hours=3))
        assert bot.tt.visible() == {}


async def played(bot: TikTokBot, number: int, row: Row) -> list[str]:
    """Post once with the failure switched on; what differs from the row."""
    sim, text = bot.tt, f"Row {number} of the table"
    name = f"{number} {row.id} at {row.endpoint} {row.more}"
    before, said = sim.count(PUT), len(bot.room.said)
    line = f'/post "{text}" --to {ACCOUNT} --at now --media {bot.clip("row")} {row.more}'
    await bot.say("alice", line)
    sim.fail(row.endpoint, FAILURES[row.id], times=row.times)
    if row.id.startswith("T-X"):  # the post itself fails, for whoever asks
        sim.heal()
        sim.world.breaks.append(row.id.removeprefix("T-X "))
    await bot.say("bob", f"/approve P{number}")
    if row.endpoint == STATUS:
        await bot.wait(timedelta(minutes=12) if row.times == 0 else timedelta(seconds=5))
    first, card = (await bot.delivery(number)).state, await bot.words(number)
    card += " ".join(m.text for m in bot.room.said[said:])
    await bot.wait(timedelta(minutes=100))
    last, puts = (await bot.delivery(number)).state, sim.count(PUT) - before
    posts = sum(words == text for words in sim.visible().values())
    found, expected = (first, last, puts, posts), (row.first, row.last, row.puts, row.posts)
    wrong = [f"{name}: {found}, not {expected}: {card}"] if found != expected else []
    return wrong + ([f"{name}: “{card}” lacks “{row.words}”"] if row.words not in card else [])
