"""Dry runs: everything is shown, nothing is written or sent."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import PartState, State
from bot.domain.message import Message
from bot.domain.platform import Call, Checkpoint, Receipt
from bot.domain.post import Part
from bot.errors import Transient
from bot.ports import Publisher
from bot.testing.picture import png
from tests.unit.demo_world import BRAND, KEY, LOOK, World, open_world
from tests.unit.money_world import open_money, price, quick, states

DRY = replace(BRAND, dry_run=True)
SIGNED = "approved v1 by bob · DRY RUN — nothing is sent"


class Mute:
    """A publisher that must never be asked to send."""

    def __init__(self, inner: Publisher) -> None:
        self._inner = inner
        self.sent = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        self.sent += 1
        raise AssertionError("a dry run sends nothing")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        await made.app.settle()
        yield made


def mute(world: World) -> list[Mute]:
    made = []
    for account in world.app.services.accounts.values():
        made.append(Mute(account.publisher))
        account.publisher = made[-1]
    return made


def rows(world: World) -> list[str]:
    """Everything in the database, but what the console counts."""
    with closing(sqlite3.connect(world.file)) as connection:
        return list(connection.iterdump())


def files(world: World) -> set[str]:
    folder = world.file.parent
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.name.startswith("world.db")}


async def rehearsed(world: World, user: str, line: str) -> Message:
    """The answer to a command that must change nothing."""
    stored, there = rows(world), files(world)
    said = await world.say(user, line)
    answer = world.room.said[-1]
    assert answer.footer == "DRY RUN — nothing was written or sent", said
    assert answer.buttons == ()
    assert rows(world) == stored
    assert files(world) == there
    return answer


async def test_a_rehearsed_post_shows_everything_and_writes_nothing(world: World, tmp_path: Path) -> None:
    picture = tmp_path / "elsewhere.png"
    picture.write_bytes(png(40, 30))
    line = f'/post "Launch day" --to {KEY},{LOOK} --at "in 2h" --media {picture} --alt "A launch" --dry-run'
    shown = await rehearsed(world, "alice", line)
    assert (shown.title, shown.status) == ("Dry run of a new post", "IN REVIEW, if it were real")
    assert f"account {KEY}" in shown.text
    assert "elsewhere.png, 40×30" in shown.text
    values = {f.name: f.value for f in shown.fields}
    assert values["When"] == "2026-11-21 11:00 → Sat 21 Nov 11:00 Lisbon"
    assert values["Approve"].startswith("needs 1 of bob, carol or dana")
    assert values["Demo (lookup)"].startswith(f"{LOOK}  ✓ 10/500")
    assert await world.say("alice", "/queue") == "Nothing is unfinished for acme."


async def test_a_rehearsed_post_that_cannot_go_out_says_why(world: World) -> None:
    shown = await rehearsed(world, "alice", f'/post "{"x" * 501}" --to {KEY} --dry-run')
    assert shown.status == "NOT READY, if it were real"
    assert "Demo takes 500 characters, this has 501." in shown.text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/post --dry-run", "There is nothing to post"),
        ('/post "x" --to nobody --dry-run', "has no account “nobody”"),
        ('/post "x" --at "yesterday-ish" --dry-run', "I could not read"),
    ],
)
async def test_a_rehearsal_refuses_what_the_real_thing_refuses(world: World, line: str, words: str) -> None:
    stored = rows(world)
    assert words in await world.say("alice", line)
    assert rows(world) == stored


async def test_a_rehearsed_edit_shows_what_would_be_asked_again(world: World) -> None:
    await world.say("alice", f'/post "One thing" --to {KEY},{LOOK} --at "in 2h"')
    await world.say("bob", "/approve latest")
    shown = await rehearsed(world, "alice", f'/edit P1 --for {KEY} "Another thing" --dry-run')
    assert shown.title == "Dry run of P1 v2"
    assert "Another thing" in shown.text
    assert [d.state for d in (await world.rows()).values()] == [State.SCHEDULED] * 2
    assert (await world.app.services.store.read(lambda tx: tx.posts.get(1))).version == 1  # type: ignore[union-attr]


async def test_a_rehearsed_time_shows_the_instant(world: World) -> None:
    await world.say("alice", f'/post "One thing" --to {KEY} --at "in 2h"')
    shown = await rehearsed(world, "alice", '/schedule P1 "tomorrow 9:00" --dry-run')
    values = {f.name: f.value for f in shown.fields}
    assert values["When"] == "2026-11-22 09:00 → Sun 22 Nov 09:00 Lisbon"


async def test_a_rehearsal_tells_the_price(tmp_path: Path) -> None:
    async with open_money(tmp_path, price=price) as world:
        await world.app.settle()
        shown = await rehearsed(
            world, "alice", '/post "Read https://example.com/why / and this" --thread --dry-run'
        )
        assert {f.name: f.value for f in shown.fields}["Price"] == "$0.22 when it goes out"


REVIEWER = """
from bot.api import Finding, Level, hookimpl

@hookimpl
def review_post(post, deliveries):
    return [Finding(level=Level.WARN, code="tone", text=f"{post.brief} for {len(deliveries)} is loud.")]
"""


async def test_reviewers_are_asked_in_a_rehearsal_too(tmp_path: Path) -> None:
    plugin = tmp_path / "reviewer.py"
    plugin.write_text(REVIEWER)
    async with open_money(tmp_path, brands=[BRAND], plugins=[plugin]) as world:
        await world.app.settle()
        shown = await rehearsed(world, "alice", '/post "Shouting" --at "in 1h" --dry-run')
        assert [f.value for f in shown.fields if f.name == "Review"] == ["⚠ Shouting for 1 is loud."]


async def test_a_brand_in_a_dry_run_reviews_schedules_and_sends_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=DRY) as world:
        muted = mute(world)
        await world.say("alice", f'/post "One / two" --thread --to {KEY},{LOOK} --at "in 1h"')
        assert (await world.card()).footer.endswith("DRY RUN — nothing is sent")
        await world.say("bob", "/approve latest")
        assert {d.state for d in (await world.rows()).values()} == {State.SCHEDULED}
        await world.wait(timedelta(minutes=59))
        assert {d.state for d in (await world.rows()).values()} == {State.SCHEDULED}
        await world.wait(timedelta(minutes=1))
        card = await world.card()
        assert card.status == "CANCELLED"
        assert card.footer == SIGNED
        assert card.fields[0].value == f"{KEY}  cancelled: dry run: it would have gone out now"
        told = [t for t in world.room.texts() if "This would have gone out" in t]
        assert len(told) == 2
        assert told[0] == (
            "P1: dry run. This would have gone out on Demo (own key) now:\n"
            "(1 of 2) One\n(2 of 2) two\nNothing was sent."
        )
        await world.wait(timedelta(days=2))
        assert [m.sent for m in muted] == [0, 0, 0]
        assert await world.attempts() == []
        assert world.asked(KEY) + world.asked(LOOK) == 0


async def test_a_dry_run_needs_the_approval_as_well(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=DRY) as world:
        await world.say("alice", f'/post "Not signed" --to {KEY} --at "in 1h"')
        await world.wait(timedelta(hours=1))
        assert (await world.row()).state is State.EXPIRED


async def test_a_file_that_is_staged_early_ends_at_its_time_not_before(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=DRY) as world:
        picture = tmp_path / "p.png"
        picture.write_bytes(png(40, 30))
        await world.say("alice", f'/post "Picture" --to {KEY} --media {picture} --alt x --at "in 1h"')
        await world.say("bob", "/approve latest")
        await world.wait(timedelta(minutes=59, seconds=30))
        assert (await world.row()).state is State.SCHEDULED
        assert world.sims[KEY].media == []
        await world.wait(timedelta(seconds=30))
        assert (await world.row()).state is State.CANCELLED
        assert any("with p.png" in t for t in world.room.texts())


async def test_a_halt_stops_a_dry_run_too(tmp_path: Path) -> None:
    async with open_world(tmp_path, brand=DRY) as world:
        await world.say("alice", f'/post "x" --to {KEY} --at "in 1m"')
        await world.say("bob", "/approve latest")
        await world.say("dana", "/halt")
        await world.wait(timedelta(minutes=2))
        assert (await world.row()).state is State.SCHEDULED
        await world.say("dana", "/resume")
        assert (await world.row()).state is State.CANCELLED


async def test_what_was_on_its_way_when_the_dry_run_began_is_not_sent(tmp_path: Path) -> None:
    """Half a thread is out, the process is gone; the next start is a dry run."""
    async with open_world(tmp_path) as world:
        sims, clock = world.sims, world.clock
        world.app.services.accounts[KEY].publisher = Half(world.app.services.accounts[KEY].publisher)
        await world.say("alice", f'/post "One / two" --thread --to {KEY} --at now')
        await world.say("bob", "/approve latest")
        row = await world.row()
        assert [p.state for p in row.parts] == [PartState.OUT]
        async with open_world_again(tmp_path, world) as later:
            muted = mute(later)
            await later.wait(timedelta(hours=1))
            assert [m.sent for m in muted] == [0, 0, 0]
            assert (await later.row()).state is State.PARTIAL
            assert "dry run" in (await later.row()).reason
        assert sims[KEY].clock is clock


class Half(Mute):
    """Sends the first part, and cannot be reached after that."""

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        self.sent += 1
        if self.sent > 1:
            raise Transient("away")
        return Receipt(ref="d1", url="https://demo.example/d1")


def open_world_again(folder: Path, world: World) -> Any:
    """The same database in a dry run; a copy, as the first process still holds its own."""
    other = folder / "later"
    other.mkdir()
    with closing(sqlite3.connect(world.file)) as old, closing(sqlite3.connect(other / "world.db")) as new:
        old.backup(new)
    return open_world(other, brand=DRY, sims=world.sims, clock=world.clock)


async def test_a_brand_that_asks_nobody_is_dry_as_well(tmp_path: Path) -> None:
    async with open_money(tmp_path, brands=[quick("acme", dry_run=True)], price=price) as world:
        muted = mute(world)
        answer = await world.say("alice", '/post "At once" --at now')
        assert "DRY RUN" in answer
        assert await states(world) == [State.CANCELLED]
        assert [m.sent for m in muted] == [0]
        assert any("nothing was charged ($0.02)" in t for t in world.room.texts())
