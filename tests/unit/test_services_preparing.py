"""Files are made to fit before anybody can sign them: when, by what, and what becomes of it then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.delivery import State
from bot.domain.fitting import Step
from bot.domain.people import Policy
from bot.domain.post import fingerprint
from bot.domain.preparing import Stage
from bot.errors import Rejected
from bot.testing.clock import FakeClock
from bot.testing.picture import png
from bot.testing.platforms._demo_server import DemoSimulator
from tests.unit.demo_world import BLIND, BRAND, KEY, LOOK, MAIN, MODES
from tests.unit.preparing_world import Preparing, preparing


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Preparing]:
    async with preparing(tmp_path) as world:
        yield world


async def begin(world: Preparing, line: str = "", *, to: str = f"{KEY},{LOOK}") -> asyncio.Task[str]:
    """Post a video with the workshop shut; back once it is at work."""
    world.shop.gate = asyncio.Event()
    said = asyncio.ensure_future(
        world.say("alice", f'/post "Hello" --at now --to {to} --media {world.video} {line}')
    )
    await asyncio.wait_for(world.shop.begun.wait(), 10)
    return said


async def finish(world: Preparing, said: asyncio.Task[str]) -> str:
    assert world.shop.gate is not None
    world.shop.gate.set()
    words = await said
    await world.app.settle()
    return words


async def show(world: Preparing) -> str:
    """Bring the card up to date while the workshop is at work."""
    from bot.services.courier import carry

    await carry(world.app.services)
    return await world.words(KEY)


async def test_nobody_can_approve_before_the_rendition_is_there(world: Preparing) -> None:
    task = await begin(world, to=KEY)
    row = await world.row()
    assert row.state is State.DRAFT
    assert (await show(world)).startswith("acme-key  preparing 0 % · 9:16 by blurred fill")
    assert (await world.card()).status == "PREPARING"
    given = row.variant.media[0].sha256
    refused = await _typed(world, "bob", "/approve P1")
    assert "its files are being prepared" in refused
    assert (await world.votes()) == ()
    assert "files are prepared for acme-key first" in await finish(world, task)
    row = await world.row()
    (media,) = row.variant.media
    assert (row.state, media.origin, media.width / media.height) == (State.IN_REVIEW, given, 90 / 160)
    assert row.fingerprint == fingerprint(row.variant, "now")
    assert media.sha256 != given
    versions = await world.app.services.store.read(lambda tx: tx.posts.versions(1))
    assert [v.variants[0] for v in versions] == [row.variant]
    assert "9:16 by blurred fill" in await world.words(KEY)
    await world.say("bob", "/approve P1")
    assert (await world.row()).state is State.LIVE
    assert world.sims[KEY].media == [world.app.services.media.path(media).read_bytes()]


async def _typed(world: Preparing, user: str, line: str) -> str:
    """As `say`, while something is made: nothing is waited for."""
    from bot.domain.message import Invocation

    before = len(world.room.whispered), len(world.room.said)
    name, _, raw = line.removeprefix("/").partition(" ")
    await world.app.dispatch.handle(Invocation(command=name, raw=raw, user=user, target=MAIN))
    private = [text for who, text in world.room.whispered[before[0] :] if who == user]
    return (private or [m.text for m in world.room.said[before[1] :] if not m.title] or [""])[0]


async def _press(world: Preparing, user: str, label: str) -> str:
    from bot.domain.message import Press

    await show(world)
    button, before = await world.button(label), (len(world.room.whispered), len(world.room.said))
    await world.app.dispatch.handle(Press(action=button.action, user=user, ref="m0", target=MAIN))
    private = [text for who, text in world.room.whispered[before[0] :] if who == user]
    return (private or [m.text for m in world.room.said[before[1] :] if not m.title] or [""])[0]


async def test_the_other_targets_do_not_wait(world: Preparing) -> None:
    task = await begin(world)
    rows = await world.rows()
    assert (rows[KEY].state, rows[LOOK].state) == (State.DRAFT, State.IN_REVIEW)
    assert "approved" in (await _typed(world, "bob", "/approve P1")).lower()
    await finish(world, task)
    rows = await world.rows()
    assert (rows[KEY].state, rows[LOOK].state) == (State.IN_REVIEW, State.LIVE)
    assert "as it is" not in await world.words(KEY)


async def test_a_file_that_fits_is_taken_as_it_is(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at now --to {LOOK} --media {world.video}")
    assert await world.needs() == []
    assert world.shop.asked == []
    assert "as it is" in await world.words(LOOK)


async def test_a_platform_without_rules_gets_what_was_given(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at now --to {BLIND} --media {world.video}")
    assert (await world.row()).state is State.IN_REVIEW
    assert world.shop.asked == []


async def test_pictures_are_made_before_the_post_is_written(world: Preparing, tmp_path: Path) -> None:
    (tmp_path / "wide.png").write_bytes(png(64, 36))
    said = await world.say(
        "alice", f"/post Hello --at now --to {KEY} --media {tmp_path / 'wide.png'} --set shape=1:1"
    )
    assert said.startswith("P1 waits for approval")
    row = await world.row()
    (need,) = await world.needs()
    assert (row.state, need.stage, need.need.plan.step) == (State.IN_REVIEW, Stage.DONE, Step.PICTURE)
    assert row.variant.media[0].width == row.variant.media[0].height
    assert row.fingerprint == fingerprint(row.variant, "now")


async def test_progress_repaints_the_card_at_most_every_three_seconds(world: Preparing) -> None:
    task = await begin(world, to=KEY)
    assert world.shop.told is not None
    await _let_it_write(world)
    seen = []
    for share, seconds in ((0.1, 1), (0.2, 1), (0.3, 1), (0.31, 1), (0.6, 3), (0.6, 3)):
        world.clock.advance(seconds)
        world.shop.told(share)
        await _let_it_write(world)
        seen.append((await world.needs())[0].percent)
    assert seen == [0, 0, 30, 30, 60, 60]
    assert "preparing 60 %" in await show(world)
    await finish(world, task)


async def _let_it_write(world: Preparing) -> None:
    for _ in range(10):  # whoever was told gets as far as the store, which writes in order
        await asyncio.sleep(0)
    await world.app.services.store.write(lambda tx: None)


async def test_cancelling_ends_the_work_and_leaves_a_draft(world: Preparing) -> None:
    task = await begin(world, to=KEY)
    words = await _press(world, "alice", "Cancel preparing")
    assert "stopped; it stays a draft" in words
    await task
    (need,) = await world.needs()
    assert (need.stage, need.said, world.shop.cut) == (Stage.CANCELLED, "cancelled by alice", 1)
    assert (await world.row()).state is State.DRAFT
    assert "preparing launch.mp4 was cancelled by alice" in await world.words(KEY)
    assert world.app.services.preparing == {}
    world.shop.gate = None
    await world.press("alice", await world.button("Try again"))
    assert (await world.row()).state is State.IN_REVIEW


async def test_cancelling_the_post_ends_the_work_and_an_edit_begins_it_anew(world: Preparing) -> None:
    task = await begin(world, to=KEY)
    await _typed(world, "alice", "/cancel P1")
    await task
    assert (await world.needs())[0].stage is Stage.CANCELLED
    assert world.shop.cut == 1
    world.shop.gate = None
    await world.say("alice", '/edit P1 "Hello again"')
    assert (await world.row()).state is State.IN_REVIEW
    assert (await world.row()).variant.media[0].origin


async def test_an_edit_of_words_goes_on_with_the_same_work(world: Preparing) -> None:
    task = await begin(world, to=KEY)
    await _typed(world, "alice", '/edit P1 "Other words"')
    await finish(world, task)
    row = await world.row()
    assert (row.state, row.version, row.variant.text) == (State.IN_REVIEW, 2, "Other words")
    assert row.variant.media[0].origin
    assert len(world.shop.asked) == 1


async def test_an_edit_of_words_keeps_the_rendition(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at now --to {KEY} --media {world.video}")
    before = (await world.row()).variant.media
    await world.say("alice", '/edit P1 "Other words"')
    after = await world.row()
    assert (after.state, after.variant.media) == (State.IN_REVIEW, before)
    assert len(world.shop.asked) == 1


async def test_another_wish_is_made_from_the_original(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at now --to {KEY} --media {world.video}")
    first = (await world.row()).variant.media[0]
    await world.say("alice", f"/set P1 {KEY} fit=crop trim=0:00-0:00.2")
    second = (await world.row()).variant.media[0]
    assert second.sha256 != first.sha256
    assert second.origin == first.origin
    assert {source for source, _ in world.shop.asked} == {first.origin}
    await world.say("alice", f"/set P1 {KEY} fit= trim=")
    assert (await world.row()).variant.media[0] == first, "the same wish leads to the same bytes"


async def test_what_cannot_be_made_is_told_and_the_others_go_on(world: Preparing) -> None:
    world.shop.fails = Rejected("No bit rate makes it small enough.", fix="Trim it.")
    await world.say("alice", f"/post Hello --at now --to {KEY},{LOOK} --media {world.video}")
    rows = await world.rows()
    assert (rows[KEY].state, rows[LOOK].state) == (State.DRAFT, State.IN_REVIEW)
    card = await world.words(KEY)
    assert "launch.mp4 could not be prepared: No bit rate makes it small enough — Trim it." in card
    assert any("could not be prepared" in text and "The others go on." in text for text in world.room.texts())
    await world.press("alice", await world.button("Try again"))
    assert (await world.rows())[KEY].state is State.IN_REVIEW


async def test_what_we_cannot_mend_is_refused_with_the_reason(world: Preparing, tmp_path: Path) -> None:
    paper = tmp_path / "brief.pdf"
    paper.write_bytes(_pdf())
    await world.say("alice", f"/post Hello --at now --to {KEY} --media {paper}")
    assert (await world.row()).state is State.DRAFT
    assert await world.needs() == []
    assert "brief.pdf" in await world.words(KEY)
    assert "✗" in await world.words(KEY)


def _pdf() -> bytes:
    import io

    from pypdf import PdfWriter

    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)
    writer.write(out)
    return out.getvalue()


async def test_a_file_that_breaks_the_studio_is_given_up(world: Preparing) -> None:
    class Broken:
        async def fit(self, *_: object, **__: object) -> None:
            raise ZeroDivisionError

    object.__setattr__(world.app.services, "studio", Broken())
    await world.say("alice", f"/post Hello --at now --to {KEY} --media {world.video}")
    (need,) = await world.needs()
    assert (need.stage, need.tries) == (Stage.FAILED, 3)
    assert "broke off 3 times" in await world.words(KEY)


async def test_where_nobody_is_asked_it_goes_out_once_it_is_ready(tmp_path: Path) -> None:
    brand = replace(BRAND, policy=Policy(mode="none"))
    async with preparing(tmp_path, brand=brand) as world:
        task = await begin(world, to=KEY)
        assert (await world.row()).state is State.DRAFT
        assert world.created(KEY) == 0
        await finish(world, task)
        assert (await world.row()).state is State.LIVE
        assert world.created(KEY) == 1


async def test_what_recurs_is_prepared_once_and_every_occurrence_has_it(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at 'every day 9:00 3 times' --to {KEY} --media {world.video}")
    await world.say("bob", "/approve P1")
    rows = await world.app.services.store.read(lambda tx: tx.deliveries.series(1))
    assert len(rows) == 3
    assert len({r.fingerprint for r in rows}) == 1
    assert all(r.variant.media[0].origin for r in rows)
    assert len(world.shop.asked) == 1
    await world.say("alice", '/edit P1 "Other words"')
    assert (await world.row()).variant.media[0].origin
    assert len(world.shop.asked) == 1


async def test_why_says_that_it_is_being_prepared(world: Preparing) -> None:
    task = await begin(world, to=KEY)
    await _typed(world, "bob", "/why P1")
    told = world.room.said[-1]
    assert "its files are being prepared" in "".join([told.text, *(f.value for f in told.fields)])
    await finish(world, task)


async def test_an_account_that_is_added_later_gets_its_own_rendition(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at now --to {KEY} --media {world.video}")
    await world.say("alice", f"/edit P1 --add {LOOK}")
    rows = await world.rows()
    (upright,), (given,) = rows[KEY].variant.media, rows[LOOK].variant.media
    assert upright.origin == given.sha256
    assert rows[LOOK].state is State.IN_REVIEW
    assert rows[KEY].version == 1, "nobody is asked again about what did not change"


async def test_a_rendition_that_was_thrown_away_is_made_again(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at now --to {KEY} --media {world.video}")
    first = (await world.row()).variant.media[0]
    await world.say("alice", f"/set P1 {KEY} fit=crop")
    world.app.services.media.path(first).unlink()
    world.shop.made.clear()
    await world.say("alice", f"/set P1 {KEY} fit=")
    row = await world.row()
    assert (row.state, row.variant.media[0]) == (State.IN_REVIEW, first)
    assert world.app.services.media.path(first).is_file()


async def test_a_dry_run_makes_nothing_and_says_what_it_would(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at now --to {KEY} --media {world.video} --dry-run")
    shown = world.room.said[-1]
    words = "\n".join([shown.text, *(f.value for f in shown.fields)])
    assert "would be prepared first: 9:16 by blurred fill" in words
    assert world.shop.asked == []
    assert world.shop.drawn == []


async def test_a_start_takes_up_what_the_last_process_was_at(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        clock = FakeClock()
        sims = {name: await stack.enter_async_context(DemoSimulator(clock).running()) for name in MODES}
        async with preparing(tmp_path, clock=clock, sims=sims) as world:
            task = await begin(world, to=KEY)
            await world.app.services.engine.stop(0.1)
            await task
            assert (await world.needs())[0].stage is Stage.RUNNING
        async with preparing(tmp_path, clock=clock, sims=sims) as again:
            await again.app.settle()
            assert (await again.row()).state is State.IN_REVIEW
            assert len(again.shop.asked) == 1
            await again.say("bob", "/approve P1")
            assert again.created(KEY) == 1


async def test_a_video_that_is_too_long_names_the_command_that_trims_it(tmp_path: Path) -> None:
    async with preparing(tmp_path, longest=0.3) as world:
        await world.say("alice", f"/post Hello --at now --to {KEY} --media {world.video}")
        assert (await world.row()).state is State.DRAFT
        words = await world.words(KEY)
        assert "launch.mp4: it is" in words
        assert "/set P1 acme-key trim=0:00-0.3 keeps the beginning." in words
        await world.say("alice", f"/set P1 {KEY} trim=0:00-0:00.2")
        row = await world.row()
        assert row.state is State.IN_REVIEW
        assert row.variant.media[0].seconds == pytest.approx(0.2)


async def test_every_new_version_has_the_preview_that_its_card_names(world: Preparing) -> None:
    """Also while its files are prepared, when nothing can be drawn yet."""
    task = await begin(world, to=KEY)
    changed = asyncio.ensure_future(world.say("alice", f"/set P1 {KEY} fit=pad"))
    named = world.app.services.previews / f"P1-v2-{KEY}.txt"
    async with asyncio.timeout(10):
        while not named.is_file():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await finish(world, task)
    await changed
