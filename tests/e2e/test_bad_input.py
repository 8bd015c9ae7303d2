"""Whatever goes wrong, a person reads one plain sentence, and nothing is lost."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from bot.commands import all_commands
from bot.commands.dispatch import Dispatch
from bot.domain.message import Invocation
from bot.errors import StoreBusy, StoreError, StoreTooNew
from bot.services.pump import pump
from bot.store import open_store
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import CREATE, DemoSimulator
from bot.testing.simulator import Failure
from tests.e2e.desk import TARGET, Desk, config, desk, dump


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def sim(clock: FakeClock) -> AsyncIterator[DemoSimulator]:
    async with DemoSimulator(clock).running() as simulator:
        yield simulator


@pytest.fixture
async def bot(tmp_path: Path, sim: DemoSimulator, clock: FakeClock) -> AsyncIterator[Desk]:
    """Alice may write, bob and carol approve, on one demo account."""
    async with desk(setup(tmp_path, sim), clock=clock) as running:
        yield running


def setup(folder: Path, sim: DemoSimulator) -> Any:
    return config(folder, {"acme-demo": {"base_url": sim.url, "mode": "lookup", "name": "acme"}})


def rows(folder: Path) -> dict[str, Any]:
    return dump(folder / "clarion.db")


# What people type -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "line", "answer"),
    [
        ("alice", "/pots hello", "I do not know /pots, did you mean /post?"),
        ("alice", "/xyzzy", "I do not know /xyzzy. /help lists what I know."),
        ("alice", '/post ""', "There is nothing to post: give a text or --media FILE."),
        ("alice", '/post "hi" --to acme-y', "acme has no account “acme-y”. It has acme-demo."),
        ("alice", '/post "hi" --for acme-y "ho"', "acme has no account “acme-y”. It has acme-demo."),
        ("alice", '/post "hi" --at "2026-11-20 10:00"', "has passed. Name a later time."),
        ("alice", '/post "hi" --at "when the cows come home"', "I could not read the time"),
        ("alice", '/post "hi" --at "2027-02-30 10:00"', "there is no such day"),
        ("alice", '/post "hi" --at "next slot"', "This brand has no slots."),
        ("alice", '/post "hi" --brand acne', "There is no brand “acne”, did you mean 'acme'?"),
        ("alice", "/approve P7", "There is no P7 in acme."),
        ("alice", "/approve latest", "acme has no post yet."),
        ("alice", "/confirm P7 maybe", "is live, not or leave, not “maybe”"),
        ("eve", '/post "hi"', "You are not a member of acme yet; dana can add you."),
        ("alice", "/retry P1", "/retry is for bob, carol, dana. I told nobody that you tried."),
        ("alice", "/resume", "/resume is for bob, carol, dana."),
    ],
)
async def test_what_cannot_be_done_is_said_and_changes_nothing(
    bot: Desk, tmp_path: Path, user: str, line: str, answer: str
) -> None:
    before = rows(tmp_path)
    said = await bot.say(user, line)
    assert f"(to {user})" in said
    assert answer in said
    assert rows(tmp_path) == before
    assert "command_broke" not in bot.log.events()


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (None, "There is no file"),
        (b"", "picture.png is empty."),
        (b"MZ\x90 a program", "picture.png is neither an image nor a video I know"),
        (b"PK\x03\x04 a spreadsheet", "picture.png is cut off or damaged. Send it again."),
        (b"\x89PNG\r\n\x1a\n and then nothing", "picture.png is damaged"),
    ],
    ids=["missing", "empty", "wrong", "wrong inside", "damaged"],
)
async def test_media_that_cannot_be_used(
    bot: Desk, tmp_path: Path, content: bytes | None, answer: str
) -> None:
    file = tmp_path / "picture.png"
    if content is not None:
        await asyncio.to_thread(file.write_bytes, content)
    before = rows(tmp_path)
    assert answer in await bot.say("alice", f'/post "Look" --media {file} --at now')
    assert rows(tmp_path) == before


async def test_media_that_was_cut_off_after_a_good_start(bot: Desk, tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    Image.effect_noise((64, 64), 90).save(file)
    await asyncio.to_thread(lambda: file.write_bytes(file.read_bytes()[:900]))
    assert "picture.png is damaged" in await bot.say("alice", f'/post "Look" --media {file}')


async def test_media_that_vanishes_after_the_approval(bot: Desk, tmp_path: Path, sim: DemoSimulator) -> None:
    file = tmp_path / "picture.png"
    Image.new("RGB", (8, 8)).save(file)
    await bot.say("alice", f'/post "Look" --media {file} --at "in 1 h"')
    await bot.say("bob", "/approve P1")
    for kept in (tmp_path / "media").iterdir():
        kept.unlink()
    bot.clock.advance(3700)
    await bot.pass_time()
    assert await bot.states() == ["refused"]
    assert "picture.png is no longer in the media folder." in bot.said
    assert "/edit" in bot.said
    assert sim.count(CREATE) == 0


async def test_a_text_that_is_too_long_is_kept_as_a_draft_and_can_be_mended(
    bot: Desk, sim: DemoSimulator
) -> None:
    said = await bot.say("alice", f'/post "{"x" * 501}" --at now')
    assert "P1 is kept as a draft: it cannot go out as it is." in said
    assert "Demo takes 500 characters, this has 501" in said
    assert "P1 is not ready for approval" in await bot.say("bob", "/approve P1")
    await bot.say("alice", '/edit P1 "short"')
    assert "approved" in await bot.say("bob", "/approve P1")
    assert [post.text for post in sim.posts] == ["short"]


async def test_a_word_without_end_holds_nobody_up(bot: Desk) -> None:
    began = time.perf_counter()
    await bot.say("alice", f'/post "{"x" * 200_000}" --at now')
    assert time.perf_counter() - began < 10
    assert await bot.states() == ["draft"]


async def test_the_second_decision_is_told_who_was_first(bot: Desk, sim: DemoSimulator) -> None:
    await bot.say("alice", '/post "Once" --at "in 2 h"')
    assert "someone else has to approve it: bob, carol or dana" in await bot.say("alice", "/approve P1")
    await bot.say("bob", "/approve P1")
    assert "bob already approved v1 at" in await bot.say("carol", "/approve P1")
    await bot.pass_time(most=timedelta(hours=3))
    assert len(sim.posts) == 1


async def test_an_edit_voids_the_approval_and_says_whose(bot: Desk, sim: DemoSimulator) -> None:
    await bot.say("alice", '/post "First" --at "in 1 h"')
    await bot.say("bob", "/approve P1")
    said = await bot.say("alice", '/edit P1 "Second"')
    assert "so bob's approval of v1 no longer covers it" in said
    assert "First" in said
    assert "Second" in said
    bot.clock.advance(3700)
    await bot.pass_time()
    assert sim.posts == []
    assert await bot.states() == ["expired"]


# Platforms ------------------------------------------------------------------------------------------


async def test_a_platform_that_cannot_be_reached_gets_the_post_later(
    tmp_path: Path, clock: FakeClock
) -> None:
    sim = await DemoSimulator(clock).start()
    port = int(sim.url.rpartition(":")[2])
    async with desk(setup(tmp_path, sim), clock=clock) as bot:
        await sim.aclose()
        said = await bot.post('"Patience" --at now')
        assert "could not be reached; next try" in said
        assert await bot.states() == ["scheduled"]
        again = DemoSimulator(clock)
        await again.start(port)
        try:
            await bot.pass_time()
            assert await bot.states() == ["live"]
            assert again.count(CREATE) == 1
        finally:
            await again.aclose()


async def test_an_expired_token_pauses_the_account_and_loses_nothing(bot: Desk, sim: DemoSimulator) -> None:
    sim.fail(CREATE, Failure(status=401), times=0)
    said = await bot.post('"Later" --at now')
    assert "is paused for acme-demo" in said
    assert "dana can fix it" in said
    assert await bot.states() == ["scheduled"]
    assert "paused" in await bot.say("bob", "/accounts")
    sim.heal()
    await bot.say("dana", "/accounts --check")
    assert await bot.states() == ["live"]
    assert len(sim.posts) == 1


# Plugins --------------------------------------------------------------------------------------------

BROKEN = "from __future__ import annotations\nimport nothing_of_that_name\n"
RAISING = """
from __future__ import annotations
from bot.api import hookimpl

@hookimpl
def review_post(post, deliveries):
    raise RuntimeError("no opinion today")

@hookimpl
def bot_started():
    raise SystemExit(3)

@hookimpl
async def post_published(post, delivery):
    raise KeyError("x")
"""


async def test_broken_plugins_are_named_and_everything_else_goes_on(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock
) -> None:
    files = [tmp_path / "absent.py", tmp_path / "broken.py", tmp_path / "raising.py"]
    files[1].write_text(BROKEN)
    files[2].write_text(RAISING)
    async with desk(setup(tmp_path, sim), clock=clock, files=files) as bot:
        await bot.app.settle()
        assert "plugin 'broken': could not be loaded" in bot.said
        assert "nothing_of_that_name" in bot.said
        assert "plugin 'absent': could not be loaded" in bot.said
        said = await bot.say("alice", '/post "Anyway" --at now')
        assert "The reviewer raising could not look at this." in said
        await bot.say("bob", "/approve P1")
        assert await bot.states() == ["live"]
    assert len(sim.posts) == 1


# The database ---------------------------------------------------------------------------------------


@pytest.fixture
def writers() -> Iterator[list[sqlite3.Connection]]:
    """Every connection the store opens, to break it from outside."""
    opened: list[sqlite3.Connection] = []

    def connected(connection: sqlite3.Connection, _record: object) -> None:
        opened.append(connection)

    sa.event.listen(sa.Engine, "connect", connected)
    yield opened
    sa.event.remove(sa.Engine, "connect", connected)


async def test_a_locked_database(bot: Desk, tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'clarion.db'}", patience=0.05)
    hasty = Dispatch(replace(bot.app.services, store=store), all_commands())
    line = Invocation(command="post", raw='"Locked" --at now', user="alice", target=TARGET)
    try:
        with closing(sqlite3.connect(tmp_path / "clarion.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await hasty.handle(line)
            assert "The database is locked by another program; close that program or wait" in bot.said
            other.execute("ROLLBACK")
        assert rows(tmp_path)["posts"] == []
        await hasty.handle(line)
    finally:
        await store.aclose()
    await bot.app.settle()
    assert len(rows(tmp_path)["posts"]) == 1


@pytest.mark.parametrize(
    ("pragma", "heal", "answer"),
    [
        ("query_only = ON", "query_only = OFF", "The database cannot be written; make its file and folder"),
        ("max_page_count = 1", "max_page_count = 1000000", "The disk that holds the database is full"),
    ],
    ids=["read-only", "full"],
)
async def test_a_database_that_cannot_be_written(
    tmp_path: Path,
    sim: DemoSimulator,
    clock: FakeClock,
    writers: list[sqlite3.Connection],
    pragma: str,
    heal: str,
    answer: str,
) -> None:
    """SQLite's own answers for a read-only file and a full disk, at a command and on the road."""
    big = "x" * 200_000
    async with desk(setup(tmp_path, sim), clock=clock) as bot:
        await bot.say("alice", '/post "Kept" --at "in 1 h"')
        await bot.say("bob", "/approve P1")
        before = rows(tmp_path)
        put(writers, pragma)
        assert answer in await typed(bot, "alice", f'/post "{big}" --at now')
        put(writers, heal)
        assert rows(tmp_path) == before
        clock.advance(3601)
        if "query_only" in pragma:
            put(writers, pragma)
            with suppress(StoreError):
                await pump(bot.app.services)
            await bot.app.services.engine.idle()
            assert sim.calls == []
            put(writers, heal)
        await bot.pass_time()
        assert await bot.states() == ["live"]
        assert "kept as a draft" in await bot.say("alice", f'/post "{big}" --at now')
    assert len(sim.posts) == 1


def put(connections: list[sqlite3.Connection], pragma: str) -> None:
    for connection in connections:
        try:
            connection.execute(f"PRAGMA {pragma}")
        except sqlite3.ProgrammingError:
            continue


async def typed(bot: Desk, user: str, line: str) -> str:
    """A command without what follows from it."""
    word, _, rest = line.removeprefix("/").partition(" ")
    await bot.app.dispatch.handle(Invocation(command=word, raw=rest, user=user, target=TARGET))
    return bot.said


async def test_two_processes_on_one_file(bot: Desk, tmp_path: Path, sim: DemoSimulator) -> None:
    with pytest.raises(StoreBusy, match=r"Another Clarion already runs on clarion\.db\. Stop it first"):
        async with desk(setup(tmp_path, sim)):
            raise AssertionError("it started")
    await bot.post('"Still here" --at now')
    assert await bot.states() == ["live"]


async def test_a_database_of_a_newer_clarion(tmp_path: Path, sim: DemoSimulator, clock: FakeClock) -> None:
    async with desk(setup(tmp_path, sim), clock=clock) as bot:
        await bot.say("alice", '/post "From the future" --at "in 1 h"')
    with closing(sqlite3.connect(tmp_path / "clarion.db")) as connection:
        (now,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = rows(tmp_path)
    with pytest.raises(
        StoreTooNew, match=r"written by a newer Clarion .*start that version again, or restore"
    ):
        async with desk(setup(tmp_path, sim), clock=clock):
            raise AssertionError("it started")
    assert rows(tmp_path) == before
    with closing(sqlite3.connect(tmp_path / "clarion.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (now,))
        connection.commit()
    async with desk(setup(tmp_path, sim), clock=clock) as bot:
        assert "From the future" in await bot.say("alice", "/queue")


async def test_a_file_that_is_no_database(tmp_path: Path, sim: DemoSimulator) -> None:
    (tmp_path / "clarion.db").write_bytes(b"Dear diary, " * 400)
    with pytest.raises(StoreError, match="damaged or is no database; restore a copy"):
        async with desk(setup(tmp_path, sim)):
            raise AssertionError("it started")
    assert (tmp_path / "clarion.db").read_bytes() == b"Dear diary, " * 400
