"""Options, covers, subtitles and the pictures of how a post will look, from command and card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.choices import choose_form
from bot.domain.asks import InputKind
from bot.domain.delivery import State
from bot.domain.message import Press
from bot.errors import Unsupported
from bot.testing.picture import png
from tests.unit.demo_world import BLIND, KEY, LOOK, MAIN
from tests.unit.preparing_world import Preparing, preparing

SRT = "1\n00:00:00,000 --> 00:00:00,300\nHallo\n"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Preparing]:
    async with preparing(tmp_path) as world:
        yield world


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Preparing]:
    """A platform that wants an audience chosen."""
    async with preparing(tmp_path, required=True) as world:
        yield world


async def test_a_required_choice_keeps_it_from_review_until_a_person_chose(strict: Preparing) -> None:
    await strict.say("alice", f"/post Hello --at now --to {KEY},{LOOK}")
    rows = await strict.rows()
    assert (rows[KEY].state, rows[LOOK].state) == (State.DRAFT, State.IN_REVIEW)
    words = await strict.words(KEY)
    assert "✗ choose audience: Everyone or Only me — /set P1 acme-key audience=…" in words
    said = await strict.say("alice", f"/set P1 {KEY} audience=only me")
    assert said == "P1 is now v2."
    rows = await strict.rows()
    assert rows[KEY].variant.options == {"audience": "me"}
    assert (rows[KEY].state, rows[KEY].version, rows[LOOK].version) == (State.IN_REVIEW, 2, 1)
    assert "audience: Only me" in await strict.words(KEY)


async def test_a_choice_asks_only_its_target_again(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at 'fri 17:30' --to {KEY},{LOOK}")
    await world.say("bob", "/approve P1")
    await world.say("alice", f"/set P1 {KEY} title=Launch promoted=yes")
    rows = await world.rows()
    assert (rows[KEY].state, rows[LOOK].state) == (State.IN_REVIEW, State.SCHEDULED)
    assert rows[KEY].variant.options == {"title": "Launch", "promoted": True}
    assert any("acme-key title: usual → Launch" in text for text in world.room.texts())


async def test_choices_are_made_with_the_post_and_survive_an_edit_of_words(world: Preparing) -> None:
    await world.say(
        "alice", f'/post Hello --at now --to {KEY},{LOOK} --set {KEY}.title="Launch day" --set audience=me'
    )
    assert (await world.rows())[KEY].variant.options == {"title": "Launch day", "audience": "me"}
    await world.say("alice", '/edit P1 "Other words / in two parts" --thread')
    rows = await world.rows()
    assert rows[KEY].variant.options == {"title": "Launch day", "audience": "me"}
    assert rows[LOOK].variant.options == {}
    await world.say("alice", f"/edit P1 --set {KEY}.title=")
    assert (await world.rows())[KEY].variant.options == {"audience": "me"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"/post x --to {KEY} --set privacy=me", "None of these accounts has an option “privacy”"),
        (f"/post x --to {KEY} --set acme-look.title=me", "does not go to acme-look"),
        (f"/post x --to {KEY} --set title", "Write it like: --set ACCOUNT.NAME=VALUE"),
        (f"/post x --to {KEY} --set audience=friends", "audience is Everyone (all) or Only me (me)"),
        (f"/post x --to {KEY} --set title={'x' * 21}", "title takes 20 characters, this has 21"),
    ],
)
async def test_a_wrong_choice_writes_nothing(world: Preparing, line: str, words: str) -> None:
    assert words in await world.say("alice", line)
    assert world.sql("SELECT count(*) FROM posts") == [(0,)]


async def test_set_answers_what_there_is(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at now --to {KEY}")
    assert "has no account “nobody”" in await world.say("alice", "/set P1 nobody title=x")
    assert "has no option “titel”" in await world.say("alice", f"/set P1 {KEY} titel=x")
    assert "does not go to acme-blind" in await world.say("alice", f"/set P1 {BLIND} title=x") or (
        "nothing to choose" in await world.say("alice", f"/set P1 {BLIND} title=x")
    )
    assert "Write it like: name=value" in await world.say("alice", f"/set P1 {KEY} Launch")
    assert "/set is for" in await world.say("eve", f"/set P1 {KEY} title=x")
    assert (await world.row()).version == 1


async def test_the_button_takes_words_and_a_form(strict: Preparing) -> None:
    await strict.say("alice", f"/post Hello --at now --to {KEY}")
    button = await strict.button("Choose")
    assert await strict.press("alice", button, "everyone") == "P1 is now v2."
    assert (await strict.row()).variant.options == {"audience": "all"}
    button = await strict.button("Choose")
    form = await choose_form(strict.app.services, button.action)
    assert [(i.name, i.kind, i.initial) for i in form.inputs][:3] == [
        ("audience", InputKind.CHOICE, "Everyone"),
        ("fit", InputKind.CHOICE, ""),
        ("promoted", InputKind.FLAG, ""),
    ]
    assert form.inputs[0].choices == ("Everyone", "Only me")
    values = {i.name: i.initial for i in form.inputs} | {"audience": "Only me", "title": "Launch"}
    press = Press(action=button.action, user="alice", ref="m0", target=MAIN, values=values)
    await strict.app.dispatch.handle(press)
    assert (await strict.row()).variant.options == {"audience": "me", "title": "Launch"}


async def test_a_form_sent_unchanged_changes_nothing(strict: Preparing) -> None:
    await strict.say("alice", f"/post Hello --at now --to {KEY} --set audience=me")
    button = await strict.button("Choose")
    form = await choose_form(strict.app.services, button.action)
    values = {i.name: i.initial for i in form.inputs}
    await strict.app.dispatch.handle(
        Press(action=button.action, user="alice", ref="m0", target=MAIN, values=values)
    )
    assert (await strict.row()).version == 1


async def test_a_cover_is_chosen_from_the_contact_sheet(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at now --to {KEY},{LOOK} --media {world.video}")
    shown = await world.say("alice", "/cover P1")
    assert "1 0:00.0 · 2 0:00.1" in shown
    assert (world.app.services.previews / "P1-covers.jpg").is_file()
    assert world.room.said[-1].image is not None or any(m.image for m in world.room.said)
    said = await world.say("alice", "/cover P1 4")
    assert "P1 is now v2." in said
    assert "takes no covers from here" in said
    rows = await world.rows()
    cover = rows[KEY].variant.media[0].cover
    assert cover is not None
    assert world.app.services.media.path(cover).read_bytes().startswith(b"frame at 0.30")
    assert rows[LOOK].variant.media[0].cover is None
    assert (rows[KEY].version, rows[LOOK].version) == (2, 1)
    assert "with a cover" in (await world.card()).text
    assert "There are covers 1 to 9, not 12." in await world.say("alice", "/cover P1 12")
    await world.say("alice", f"/set P1 {KEY} fit=crop")
    assert (await world.rows())[KEY].variant.media[0].cover == cover, "another rendition keeps its cover"


async def test_a_picture_as_cover_and_subtitles(world: Preparing, tmp_path: Path) -> None:
    (tmp_path / "cover.png").write_bytes(png(8, 6))
    (tmp_path / "talk.de.srt").write_text(SRT)
    await world.say("alice", f"/post Hello --at now --to {KEY},{LOOK} --media {world.video}")
    talk = tmp_path / "talk.de.srt"
    files = f"--file {tmp_path / 'cover.png'} --file {talk} --file {talk}:fr"
    said = await world.say("alice", f"/cover P1 {files}")
    assert "takes no subtitles from here" in said
    (media,) = (await world.rows())[KEY].variant.media
    assert media.cover is not None
    assert [m.language for m in media.captions] == ["de", "fr"]
    assert any("subtitles of launch.mp4: none → de, fr" in text for text in world.room.texts())
    assert "captions de and fr" in (await world.card()).text


async def test_who_takes_no_subtitles_says_so_and_keeps_saying_it(world: Preparing, tmp_path: Path) -> None:
    (tmp_path / "talk.srt").write_text(SRT)
    files = f"--media {world.video} --media {tmp_path / 'talk.srt'}"
    await world.say("alice", f"/post Hello --at 'fri 17:30' --to {KEY},{LOOK} {files}")
    assert "takes no subtitles from here" in await world.words(LOOK)
    assert (await world.rows())[LOOK].variant.media[0].captions == ()
    await world.say("bob", "/approve P1")
    await world.say("alice", f'/edit P1 --for {KEY} "Other words"')
    rows = await world.rows()
    assert (rows[KEY].state, rows[LOOK].state) == (State.IN_REVIEW, State.SCHEDULED)


async def test_subtitles_go_with_the_video_of_a_post(world: Preparing, tmp_path: Path) -> None:
    (tmp_path / "talk.srt").write_text(SRT)
    await world.say(
        "alice",
        f"/post Hello --at now --to {KEY} --media {world.video} --media {tmp_path / 'talk.srt'}:pt-BR",
    )
    (media,) = (await world.row()).variant.media
    assert [m.language for m in media.captions] == ["pt-BR"]
    said = await world.say("alice", f"/post Hello --at now --to {KEY} --media {tmp_path / 'talk.srt'}")
    assert "there is no video for them" in said


async def test_covers_need_a_video(world: Preparing) -> None:
    await world.say("alice", f"/post Hello --at now --to {KEY}")
    assert "has no video there" in await world.say("alice", "/cover P1")
    await world.say("alice", f"/post Hello --at now --to {LOOK} --media {world.video}")
    assert "takes no covers from here" in await world.say("alice", "/cover P2")


async def test_every_target_gets_a_picture_of_how_it_will_look(world: Preparing, tmp_path: Path) -> None:
    await world.say("alice", f"/post Hello --at now --to {KEY},{LOOK}")
    assert world.shop.drawn == [((KEY, LOOK), False)]
    assert sorted(p.name for p in (tmp_path / "previews").glob("*.jpg")) == [
        "P1-v1-acme-key.jpg",
        "P1-v1-acme-look.jpg",
    ]
    said = await world.say("alice", f"/preview P1 --dark --to {KEY}")
    assert "a picture of it: " in said
    assert world.shop.drawn[-1] == ((KEY,), True)


async def test_a_text_that_cannot_be_drawn_is_told(world: Preparing) -> None:
    world.shop.cards_fail = Unsupported("This text cannot be set right here: install FriBiDi.")
    await world.say("alice", f"/post Hello --at now --to {KEY}")
    assert (await world.row()).state is State.IN_REVIEW
    said = await world.say("alice", "/preview P1")
    assert "There is no picture of it: This text cannot be set right here: install FriBiDi." in said
    assert "Hello" in said
