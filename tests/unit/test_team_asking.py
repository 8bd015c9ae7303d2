"""What a button or a command asks before it goes on: pre-filled, and never of somebody for nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.asks import REASONS, Form, InputKind
from bot.domain.delivery import State
from bot.domain.marks import plain
from bot.domain.message import Action, Attachment, Invocation, Press
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.testing.picture import png
from tests.unit.demo_world import BLIND, LOOK, open_world
from tests.unit.team_world import HERE, Team, open_team

POST = '/post "Hello" --to acme-lookup --to acme-neither --at "in 3h"'


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with open_team(tmp_path) as made:
        await made.say("alice", POST)
        yield made


def pressing(team: Team, who: str, label: str) -> Press:
    button, ref = team.button(label)
    return team.pressing(who, button.action, HERE, ref=ref)


async def asked(team: Team, who: str, label: str) -> Form:
    form = await team.app.dispatch.ask(pressing(team, who, label))
    assert form is not None
    return form


async def typed(team: Team, who: str, line: str) -> Form | None:
    name, _, raw = line.removeprefix("/").partition(" ")
    call = Invocation(command=name, raw=raw, user=f"H-{who}", target=HERE)
    return await team.app.dispatch.ask(call)


async def fill(team: Team, who: str, button: str, /, **values: str) -> str:
    """Press, fill the form in and send it; what was answered."""
    press = pressing(team, who, button)
    form = await team.app.dispatch.ask(press)
    assert form is not None
    given = {i.name: i.initial for i in form.inputs} | values
    before = len(team.hall.told(f"H-{who}"))
    await team.app.dispatch(replace(press, values=given, key="form"))
    await team.app.settle()
    return plain(" ".join(team.hall.told(f"H-{who}")[before:]))


@pytest.mark.parametrize(("label", "verb"), [("Request changes", "changes"), ("Reject", "reject")])
async def test_a_refusal_asks_for_a_label_and_for_words(team: Team, label: str, verb: str) -> None:
    form = await asked(team, "bob", label)
    assert (form.then and form.then.verb) == verb
    assert [(i.name, i.kind, i.choices) for i in form.inputs] == [
        ("label", InputKind.CHOICE, REASONS),
        ("text", InputKind.LONG, ()),
    ]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"label": "Wrong facts", "text": "it is 2.0"}, "Wrong facts: it is 2.0"),
        ({"label": "Wrong facts", "text": ""}, "Wrong facts"),
        ({"label": "", "text": "it is 2.0"}, "it is 2.0"),
    ],
)
async def test_label_and_words_become_one_reason(team: Team, values: dict[str, str], reason: str) -> None:
    await fill(team, "bob", "Request changes", **values)
    rows = await team.svc.store.read(lambda tx: tx.deliveries.of_post(1))
    assert {(d.state, d.reason) for d in rows} == {
        (State.CHANGES_REQUESTED, f"bob asks for changes: {reason}")
    }


async def test_a_refusal_without_a_word_is_none(team: Team) -> None:
    assert "Say why" in await fill(team, "bob", "Reject", label="", text="")
    rows = await team.svc.store.read(lambda tx: tx.deliveries.of_post(1))
    assert {d.state for d in rows} == {State.IN_REVIEW}


async def test_a_form_that_is_sent_twice_does_it_once(team: Team) -> None:
    press = pressing(team, "bob", "Reject")
    done = replace(press, values={"label": "Wrong facts", "text": ""}, key="V1")
    assert await team.give(done) is True
    assert await team.give(done) is False
    entries = await team.svc.store.read(lambda tx: tx.audit.of_post(1))
    assert sum(e.what == "no" for e in entries) == 1


async def test_what_asks_nothing_goes_on_at_once(team: Team) -> None:
    for label in ("Approve", "Hold", "Cancel", "Preview"):
        assert await team.app.dispatch.ask(pressing(team, "bob", label)) is None


async def test_who_may_not_is_told_before_a_form_not_after(team: Team) -> None:
    with pytest.raises(NotAllowed, match="Approving is for"):
        await team.app.dispatch.ask(pressing(team, "eve", "Reject"))
    with pytest.raises(NotAllowed, match="That is for"):
        await team.app.dispatch.ask(pressing(team, "eve", "Edit"))


async def test_a_stale_button_is_told_before_a_form_not_after(team: Team) -> None:
    old = {label: pressing(team, "bob", label) for label in ("Reject", "Edit", "Other time")}
    await team.say("alice", '/edit P1 "Other words"')
    for press in old.values():
        with pytest.raises(
            Conflict,
            match=r"changed since this card \(v1 → v2: text for acme-lookup, text for acme-neither\)",
        ):
            await team.app.dispatch.ask(press)
    fresh = pressing(team, "bob", "Reject")
    await team.press("carol", "Approve")
    await team.press("bob", "Cancel")
    with pytest.raises(Conflict, match="already approved v2"):
        await team.app.dispatch.ask(fresh)


@pytest.mark.parametrize("verb", ["reject", "edit", "schedule", "preview", "keep"])
async def test_the_button_of_a_deleted_post_is_told(team: Team, verb: str) -> None:
    press = team.pressing("bob", Action(verb=verb, kind="post", id=99, version=1), HERE)
    if verb in ("reject", "edit", "schedule"):
        with pytest.raises(NotFound):
            await team.app.dispatch.ask(press)
    await team.app.dispatch(press)
    assert "here" in team.hall.told("H-bob")[-1]


async def test_a_button_nobody_knows_is_told(team: Team) -> None:
    for kind in ("post", "delivery", "moon"):
        press = team.pressing("bob", Action(verb="dance", kind=kind, id=1, version=1), HERE)
        assert await team.app.dispatch.ask(press) is None
        await team.app.dispatch(press)
        assert (
            "I do not know that button." in team.hall.told("H-bob")[-1]
            or "changed" in team.hall.told("H-bob")[-1]
        )


async def test_edit_shows_what_there_is_and_saves_it_as_one_edit(team: Team) -> None:
    await team.say("alice", '/edit P1 --for acme-neither "Its own words"')
    form = await asked(team, "alice", "Edit")
    assert [(i.name, i.initial) for i in form.inputs] == [
        ("text", "Hello"),
        ("at", "2026-11-21 12:00"),
        ("own:acme-neither", "Its own words"),
    ]
    said = await fill(team, "alice", "Edit", text="Good morning", **{"own:acme-elsewhere": "x"})
    assert said == "P1 is now v3."
    rows = await team.svc.store.read(lambda tx: tx.deliveries.of_post(1))
    assert {d.account: d.variant.text for d in rows} == {
        "acme-lookup": "Good morning",
        "acme-neither": "Its own words",  # its input was not changed, and acme-elsewhere is nobody
    }


async def test_an_own_text_is_changed_alone_and_given_up_when_it_is_emptied(team: Team) -> None:
    await team.say("alice", '/edit P1 --for acme-neither "Its own words"')
    await fill(team, "alice", "Edit", **{"own:acme-neither": "Better words"})

    async def texts() -> dict[str, str]:
        rows = await team.svc.store.read(lambda tx: tx.deliveries.of_post(1))
        return {d.account: d.variant.text for d in rows}

    assert await texts() == {"acme-lookup": "Hello", "acme-neither": "Better words"}
    await fill(team, "alice", "Edit", text="Bye", at="in 5h", **{"own:acme-neither": ""})
    assert await texts() == {"acme-lookup": "Bye", "acme-neither": "Bye"}
    post = await team.svc.store.read(lambda tx: tx.posts.get(1))
    assert (post.version, post.brief, post.wish) == (4, "Bye", "2026-11-21 14:00")
    form = await asked(team, "alice", "Edit")
    assert [i.name for i in form.inputs] == ["text", "at"]


async def test_a_form_sent_back_unchanged_changes_nothing(team: Team) -> None:
    assert "You changed nothing, so P1 stays as it is." in await fill(team, "alice", "Edit")
    assert "nothing" in await fill(team, "alice", "Edit", text="Hello \r\n")
    post = await team.svc.store.read(lambda tx: tx.posts.get(1))
    assert post.version == 1


async def test_a_text_that_was_written_in_vain_is_given_back(team: Team) -> None:
    press = pressing(team, "alice", "Edit")
    await team.say("alice", '/edit P1 "Somebody was faster"')
    await team.app.dispatch(replace(press, values={"text": "My long text\nin two lines", "at": "now"}))
    said = team.hall.told("H-alice")[-1]
    assert "changed since this card (v1 → v2: text for acme-lookup, text for acme-neither)" in said
    assert said.endswith("You wrote:\n\nMy long text\nin two lines")


async def test_a_text_that_no_form_can_hold_is_not_cut_but_said(team: Team) -> None:
    long = "word " * 700
    await team.say("alice", f'/edit P1 "{long.strip()}"')
    with pytest.raises(BadInput, match="longer than a form takes"):
        await team.app.dispatch.ask(pressing(team, "alice", "Edit"))


async def test_a_command_without_what_it_needs_asks_for_it(team: Team) -> None:
    form = await typed(team, "bob", "/approve")
    assert form is not None
    assert (form.command, form.inputs[0].name, form.inputs[0].required) == ("approve", "post", True)
    form = await typed(team, "bob", "/reject")
    assert form is not None
    assert [i.name for i in form.inputs] == ["post", "reason"]
    assert await typed(team, "bob", "/approve P1") is None
    assert await typed(team, "bob", "/queue") is None
    assert await typed(team, "alice", "/halt") is None


async def test_a_post_begun_with_nothing_asks_and_keeps_what_was_given(team: Team) -> None:
    form = await typed(team, "alice", "/post")
    assert form is not None
    assert [i.name for i in form.inputs] == ["text", "to", "at", "media"]
    assert await typed(team, "alice", '/post "Hello"') is None


async def test_a_command_that_names_only_a_post_asks_what_its_button_asks(team: Team) -> None:
    form = await typed(team, "bob", "/reject P1")
    assert form is not None
    assert form.then == Action(verb="reject", kind="post", id=1, version=1)
    edit = await typed(team, "alice", "/edit 1")
    assert edit == await asked(team, "alice", "Edit")


async def test_who_may_not_use_a_command_is_refused_not_asked(team: Team) -> None:
    assert await typed(team, "eve", "/post") is None
    assert "is for" in await team.say("eve", "/post")


async def test_make_this_a_post_is_prefilled_and_keeps_its_files(team: Team) -> None:
    files = (Attachment(name="a.png", ref="f1", size=10),)
    team.hall.files["f1"] = png(40, 30)
    call = Invocation(
        command="post",
        raw="",
        user="H-alice",
        target=HERE,
        values={"text": "From a message"},
        files=files,
        partial=True,
    )
    form = await team.app.dispatch.ask(call)
    assert form is not None
    assert [(i.name, i.initial) for i in form.inputs] == [("text", "From a message"), ("to", ""), ("at", "")]
    # where no form can be shown it is drafted at once
    await team.app.dispatch(call)
    await team.app.settle()
    (first, *_) = await team.svc.store.read(lambda tx: tx.deliveries.of_post(2))
    assert (first.variant.text, len(first.variant.media)) == ("From a message", 1)


async def test_a_time_that_the_clocks_leave_out_is_offered_the_next_one(team: Team) -> None:
    """28 March 2027, Lisbon: 01:00 is followed by 02:00."""
    said = await fill(team, "alice", "Other time", text="2027-03-28 01:30")
    assert said.startswith(
        "01:30 does not exist in Lisbon on 28 Mar 2027 (clocks go forward). I'd use 02:00."
    )
    (_, _, asked_) = team.hall.whispers[-1]
    assert [b.label for b in asked_.buttons] == ["Use 02:00", "Other time"]
    assert await team.app.dispatch.ask(team.pressing("alice", asked_.buttons[0].action, HERE)) is None
    await team.app.dispatch(team.pressing("eve", asked_.buttons[0].action, HERE))
    assert "That is for" in team.hall.told("H-eve")[-1]
    await team.app.dispatch(team.pressing("alice", asked_.buttons[0].action, HERE))
    post = await team.svc.store.read(lambda tx: tx.posts.get(1))
    assert (post.version, post.wish) == (2, "2027-03-28 02:00")
    typed_ = await team.say("alice", '/schedule P1 "2027-03-28 01:30"')
    assert "I'd use 02:00" in typed_
    assert [b.label for b in team.hall.whispers[-1][2].buttons] == ["Use 02:00", "Other time"]


async def test_at_a_console_the_words_come_with_the_press(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say("alice", f'/post "Hello" --to {LOOK},{BLIND} --at "in 3h"')
        assert await world.press("alice", await world.button("Edit"), "Other words") == "P1 is now v2."
        assert {d.variant.text for d in (await world.rows()).values()} == {"Other words"}
        shown = await world.press("eve", await world.button("Preview"))
        assert shown.count("Other words") == 2
        assert world.room.whispered[-1] == ("eve", shown)
        assert "That is for" in await world.press("mallory", await world.button("Preview"))
        said = await world.press("bob", await world.button("Request changes"), "Wrong facts: it is 2.0")
        assert said == "alice is asked to change P1: Wrong facts: it is 2.0"
