"""What waits for one person, short help, what is kept, and what is offered while somebody types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.marks import plain
from bot.domain.message import Invocation, Message, Reaction, Target, in_words
from bot.domain.people import Brand, Policy
from bot.testing.platforms._demo_server import CREATE
from bot.testing.simulator import LOST_REPLY, Failure
from tests.unit.team_world import BRAND, HALL, HERE, THERE, Team, open_team

SLOTS = replace(BRAND, slots=("mon-fri 09:00", "mon-fri 17:30"))
TWO = replace(SLOTS, policy=Policy(needed=2))
LOOK = "--to acme-lookup"


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with open_team(tmp_path, brand=SLOTS) as made:
        yield made


async def home(team: Team, who: str) -> dict[str, str]:
    message = in_words(await team.app.dispatch.home(f"H-{who}", HALL))
    return {"": message.status} | {f.name: f.value for f in message.fields}


async def answer(team: Team, who: str, line: str, where: Target = HERE) -> Message:
    """The whole answer to a command."""
    await team.say(who, line, where)
    chat = team.hall if where == HERE else team.yard
    found: Message = next(m for whom, _, m in reversed(chat.whispers) if whom.endswith(f"-{who}"))
    return found


async def test_home_shows_decisions_to_whom_they_wait_for_until_they_are_made(tmp_path: Path) -> None:
    async with open_team(tmp_path, brand=TWO) as team:
        await team.say("alice", f'/post "Launch day" {LOOK} --at "in 3h"')
        waiting = {"": "1 for you", "Waits for you": "P1 · acme · by alice: “Launch day”, by 12:00"}
        assert await home(team, "bob") == waiting
        assert await home(team, "alice") == await home(team, "eve") == {"": "nothing for you"}
        message = await team.app.dispatch.home("H-bob", HALL)
        assert [b.label for b in message.buttons] == ["Preview P1", "Approve P1", "Changes to P1"]
        await team.app.dispatch(
            team.pressing("bob", message.buttons[1].action, Target(chat=HALL, channel=""))
        )
        assert await home(team, "bob") == {"": "nothing for you"}
        assert await home(team, "carol") == waiting
        await team.press("carol", "Approve", THERE)
        today = "12:00 P1 on Demo (lookup): “Launch day”"
        assert await home(team, "carol") == {"": "nothing for you", "Today": today}


async def test_home_shows_questions_changes_failures_and_a_halt(team: Team) -> None:
    sims = team.app.simulators
    sims["demo-lookup"].fail(CREATE, Failure(status=403, body={"error": "no"}))  # type: ignore[attr-defined]
    sims["demo-neither"].fail(CREATE, LOST_REPLY)  # type: ignore[attr-defined]
    await team.say("alice", '/post "One" --to acme-lookup,acme-neither --at now')
    await team.press("bob", "Approve")
    for _ in range(20):
        await team.wait(60)
    await team.say("alice", f'/post "Two" {LOOK} --at "in 3h"')
    await team.say("carol", "/changes P2 softer")
    await team.say("dana", "/halt")
    found = await home(team, "alice")
    assert found[""] == "2 for you"
    assert found["Stopped"].startswith("acme, by dana 09:20")
    assert found["Needs your word"].startswith("P1 on Demo (neither): “One” — sent at 09:00:00")
    assert found["Asks you for changes"].startswith("P2 on Demo (lookup): “Two” — carol asks for changes")
    assert found["Did not go out"] == "P1 on Demo (lookup): “One” — no"
    message = await team.app.dispatch.home("H-alice", HALL)
    labels = [b.label for b in message.buttons]
    assert "It's live (P1, Demo (neither))" in labels
    assert "Try again (P1, Demo (lookup))" in labels
    assert "Edit P2" in labels
    assert len(labels) <= 25
    # what is not theirs to mend is not shown to others
    assert set(await home(team, "eve")) == {"", "Stopped"}


async def test_home_of_a_stranger_names_neither_brands_nor_people(team: Team) -> None:
    message = await team.app.dispatch.home("H-mallory", HALL)
    said = plain(message.text)
    assert said == "You are in no brand here yet. Ask in your team's channel: an admin there can add you."
    assert "acme" not in said
    assert message.fields == ()


async def test_home_never_shows_another_brands_posts(tmp_path: Path) -> None:
    async with open_team(tmp_path, brand=SLOTS) as team:
        await team.say("alice", f'/post "Secret" {LOOK} --at "in 3h"')
        other = Brand(name="umbrella", roles={**SLOTS.roles}, channels=("hall:H9",))
        team.svc.brands["umbrella"] = other
        team.svc.brands["acme"] = replace(SLOTS, roles={})
        assert "Waits for you" not in await home(team, "bob")


async def test_the_queue_begins_with_what_waits_for_whoever_asks(team: Team) -> None:
    await team.say("alice", f'/post "Launch day" {LOOK} --at "in 3h"')
    asked, other = await answer(team, "bob", "/queue"), await answer(team, "alice", "/queue")
    assert [f.name for f in asked.fields] == ["Waits for you", "P1 acme-lookup"]
    assert [f.name for f in other.fields] == ["P1 acme-lookup"]
    assert (asked.title, asked.status) == ("Queue of acme", "1 · 1 for you")
    empty = replace(await answer(team, "eve", "/queue --days 3"), text="")
    assert empty.title == "3 days of acme"


async def test_short_help_says_what_one_can_do_here(team: Team) -> None:
    bob, eve, nobody = [await answer(team, who, "/help") for who in ("bob", "eve", "mallory")]
    assert "approve those of others" in bob.text
    assert {"/post", "/queue", "/approve", "/halt"} <= {f.name for f in bob.fields}
    assert "/post" not in {f.name for f in eve.fields}
    assert nobody.text == "You are not a member of acme yet; dana can add you."
    everything = await answer(team, "bob", "/help all")
    assert len(everything.fields) > 25
    assert (await answer(team, "bob", "/help post")).title.startswith("/post")


async def published(team: Team) -> None:
    await team.say("alice", f'/post "Launch day" {LOOK} --at now')
    await team.press("bob", "Approve")


async def test_a_published_post_is_kept_by_button_and_command(team: Team) -> None:
    await team.say("alice", f'/post "Launch day" {LOOK} --at "in 3h"')
    assert await team.say("alice", "/keep P1") == "P1 is not out yet; what is published can be kept."
    await team.press("bob", "Approve")
    await team.wait(3 * 3600)
    assert (await team.press("alice", "♻ Keep")).startswith("P1 is kept for later.")
    assert "♻ kept by alice" in team.card(THERE).message.footer
    assert "You keep P1 already" in await team.say("alice", "/keep P1")
    assert "kept by alice, not by you" in await team.say("bob", "/unkeep P1")
    assert "/keep is for alice, bob, carol, dana" in await team.say("eve", "/keep P1")
    kept = await answer(team, "eve", "/queue --kept")
    (field,) = kept.fields
    assert field.name == "P1"
    assert field.value.startswith("“Launch day” · ")
    assert field.value.endswith("♻ alice")
    assert await team.press("alice", "♻ Let go") == "P1 is no longer kept by you."
    assert "kept" not in team.card().message.footer
    assert await team.say("eve", "/queue --kept") == (
        "Nothing is kept for later. ♻ on the card of a published post keeps it."
    )


@pytest.mark.parametrize("emoji", ["♻️", "♻", "recycle"])
async def test_a_published_post_is_kept_by_emoji_for_as_long_as_it_stands(team: Team, emoji: str) -> None:
    await published(team)
    ref = team.card().ref

    async def event(*, added: bool) -> None:
        await team.app.dispatch(Reaction(emoji=emoji, user="H-alice", ref=ref, target=HERE, added=added))
        await team.app.settle()

    team.hall.marks[ref] = [(emoji, "H-alice"), (emoji, "H-eve")]
    for _ in range(4):
        await event(added=True)
    assert team.card().message.footer.startswith("approved v1 by bob · ♻ kept by alice")
    await team.wait(11)
    assert any("Keeping posts is for" in text for text in team.hall.told("H-eve"))
    team.hall.marks[ref] = []
    await event(added=False)
    assert "kept" not in team.card().message.footer
    # what was kept by hand stays when an emoji goes
    await team.say("alice", "/keep P1")
    team.hall.marks[ref] = [(emoji, "H-alice")]
    await event(added=True)
    team.hall.marks[ref] = []
    await event(added=False)
    assert "♻ kept by alice" in team.card().message.footer


async def offered(team: Team, command: str, option: str, typed: str, who: str = "bob") -> Sequence[str]:
    call = Invocation(command=command, raw="", user=f"H-{who}", target=HERE)
    return await team.app.dispatch.suggest(command, option, typed, call)


async def test_posts_are_offered_unfinished_first_and_can_be_given_as_they_are_offered(team: Team) -> None:
    await published(team)
    await team.say("alice", f'/post "Second thing" {LOOK} --at "in 3h"')
    await team.say("alice", f'/post "Third thing" {LOOK} --at "in 4h"')
    everything = await offered(team, "approve", "post", "")
    assert everything == (
        "P3 · in review · Third thing",
        "P2 · in review · Second thing",
        "P1 · live · Launch day",
    )
    assert await offered(team, "approve", "post", "secnd") == ("P2 · in review · Second thing",)
    assert await offered(team, "approve", "post", "p2") == ("P2 · in review · Second thing",)
    assert (await offered(team, "approve", "post", "live"))[0] == "P1 · live · Launch day"
    await team.say("bob", "/approve", values={"post": everything[1]})
    rows = await team.svc.store.read(lambda tx: tx.deliveries.of_post(2))
    assert [d.state for d in rows] == ["scheduled"]


async def test_accounts_times_members_choices_and_commands_are_offered(team: Team) -> None:
    assert set(await offered(team, "post", "to", "")) == {"acme-own-key", "acme-lookup", "acme-neither"}
    assert await offered(team, "post", "to", "look") == ("acme-lookup",)
    assert set(await offered(team, "post", "to", "acme-lookup,")) == {
        "acme-lookup,acme-own-key",
        "acme-lookup,acme-neither",
    }
    assert (await offered(team, "post", "at", ""))[:3] == ("now", "next slot", "mon 09:00")
    assert (await offered(team, "post", "at", "fri"))[:3] == ("fri", "fri 09:00", "fri 17:30")
    assert await offered(team, "confirm", "answer", "le") == ("leave",)
    assert await offered(team, "confirm", "answer", "lve") == ("live", "leave")
    assert (await offered(team, "help", "about", "/app"))[0] == "approve"
    assert (await offered(team, "reje", "", "reje"))[0] == "reject"
    assert await offered(team, "approve", "no such option", "") == ()
    assert await offered(team, "no such command", "post", "") == ()
    assert max(map(len, await offered(team, "post", "at", "x" * 500))) <= 100


async def test_strangers_are_offered_nothing_and_nobody_more_than_fits(team: Team) -> None:
    for n in range(30):
        await team.say("alice", f'/post "Thing {n} {"long " * 40}" {LOOK} --at "in 3h"')
    found = await offered(team, "approve", "post", "")
    assert len(found) == 25
    assert max(map(len, found)) <= 100
    assert await offered(team, "approve", "post", "", who="mallory") == ()
