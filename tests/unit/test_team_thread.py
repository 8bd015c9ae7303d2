"""The thread below a card: who did what, what each account will get, failures with what mends them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.console import Console
from bot.domain.delivery import State
from bot.domain.message import Attachment
from bot.domain.people import Policy
from bot.testing.picture import png
from bot.testing.platforms._demo_server import CREATE
from bot.testing.simulator import LOST_REPLY, Failure
from tests.unit.team_world import BRAND, HERE, THERE, Said, Team, open_team

TWO = replace(BRAND, policy=Policy(needed=2))
POST = '/post "Hello" --to acme-lookup'


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with open_team(tmp_path, brand=TWO) as made:
        yield made


def below(team: Team, post: int = 1) -> list[Said]:
    """What stands in the post's thread, oldest first; each is where it belongs."""
    card = team.card(post=post)
    found = [s for s in team.hall.said.values() if s.to.thread == post]
    assert all(s.to.under == card.ref for s in found)
    return found


def lines(team: Team, post: int = 1) -> list[str]:
    return [s.message.text for s in below(team, post)]


def failing(team: Team, how: Failure) -> None:
    team.app.simulators["demo-lookup"].fail(CREATE, how)  # type: ignore[attr-defined]


async def test_votes_holds_and_what_became_of_it_are_its_history(team: Team) -> None:
    await team.say("alice", f'{POST} --at "in 3h"')
    await team.press("bob", "Approve")
    await team.press("carol", "Hold", THERE)
    await team.press("carol", "Resume")
    await team.press("dana", "Approve")
    await team.wait(3 * 3600)
    told = lines(team)[1:]
    assert told[:3] == [
        "bob approved v1 (1 of 2). It still needs carol or dana.",
        "carol put it on hold. Resume lets it go on.",
        "carol resumed it. P1 waits for approval again.",
    ]
    assert told[3] == "dana approved v1. It goes out 12:00."
    assert told[4].startswith("Demo (lookup): live 12:00:00 (receipt) · ")
    assert len(told) == 5
    # the same stands in the other chat
    assert [s.message.text for s in team.yard.said.values() if s.to.thread == 1][1:] == told


async def test_whoever_is_asked_is_called_once_for_each_version(team: Team) -> None:
    await team.say("alice", f'{POST} --at "in 3h"')
    await team.say("alice", '/edit P1 "Hello again"')
    called = [s.message for s in below(team) if s.message.mentions]
    assert [m.text.split("\n")[0] for m in called] == [
        "v1 by alice, as each account gets it. It needs 2 of bob, carol or dana.",
        "v2, as acme-lookup will get it. It needs 2 of bob, carol or dana.",
    ]
    assert {m.mentions for m in called} == {("H-bob", "H-carol", "H-dana")}


async def test_a_draft_shows_every_preview_and_every_picture(team: Team) -> None:
    team.hall.files |= {"f1": png(40, 30), "f2": png(30, 40)}
    files = tuple(Attachment(name=f"{n}.png", ref=f"f{n}", size=9, alt=f"picture {n}") for n in (1, 2))
    await team.say("alice", '/post "Hello" --to acme-lookup,acme-neither --at "in 3h"', files=files)
    first, *pictures = below(team)
    assert first.message.text.count("— text —\nHello") == 2
    assert "account acme-lookup" in first.message.text
    assert "account acme-neither" in first.message.text
    # these platforms take one picture, so the other one is not to be seen either
    (picture,) = pictures
    assert (picture.message.text, picture.message.image_alt) == ("1.png", "picture 1")
    assert picture.message.image
    assert picture.message.image.read_bytes() == png(40, 30)


async def test_long_previews_have_a_message_each(team: Team) -> None:
    long = " ".join(["word"] * 250)
    targets = ["acme-lookup", "acme-neither", "acme-own-key"]
    pairs = " ".join(f'--for {name} "{long}"' for name in targets)
    await team.say("alice", f'/post "x" --to {",".join(targets)} {pairs} --at "in 3h"')
    first, *others = lines(team)
    assert first == "v1 by alice, as each account gets it."
    assert [text.split(", account ")[1].split("\n")[0] for text in others] == targets
    assert all(long in text for text in others)


async def test_an_edit_tells_its_differences_and_previews_what_changed_only(team: Team) -> None:
    await team.say("alice", '/post "Hello" --to acme-lookup,acme-neither --at "in 3h"')
    await team.say("alice", '/edit P1 --for acme-neither "Good morning"')
    _, difference, preview = lines(team)
    assert difference == "v2 by alice:\nacme-neither text: ‹−Hello−› ‹+Good morning+›"
    assert preview.startswith("v2, as acme-neither will get it.")
    assert "acme-lookup" not in preview


async def test_a_wish_for_changes_tells_the_author_why_with_the_button_that_mends_it(team: Team) -> None:
    await team.say("alice", f'{POST} --at "in 3h"')
    await team.say("bob", '/changes P1 "Wrong facts: it is 2.0"')
    said = below(team)[-1].message
    assert (said.text, said.mentions) == ("bob asks for changes: Wrong facts: it is 2.0", ("H-alice",))
    (button,) = said.buttons
    assert (button.label, button.action.encode(), button.asks) == ("Edit", "edit:post:1:1", "The new text?")


async def test_t13_a_refusal_is_one_message_that_later_says_how_it_was_mended(team: Team) -> None:
    failing(team, Failure(status=403, body={"error": "not permitted"}))
    await team.say("alice", f"{POST} --at now")
    await team.press("bob", "Approve")
    await team.press("carol", "Approve")
    (refused,) = [s for s in below(team) if "refused P1" in s.message.text]
    assert [b.label for b in refused.message.buttons] == ["Try again", "Edit"]
    assert refused.message.mentions == ("H-alice",)
    retry = team.pressing("bob", refused.message.buttons[0].action, HERE, ref=refused.ref)
    await team.app.dispatch(retry)
    await team.app.settle()
    assert (refused.message.buttons, refused.message.text.split("\n")[1]) == ((), "→ bob sends it again.")
    assert sum("refused P1" in text for text in lines(team)) == 1
    rows = await team.svc.store.read(lambda tx: tx.deliveries.of_post(1))
    assert [d.state for d in rows] == [State.LIVE]


async def test_t13_a_question_is_one_message_that_later_tells_the_answer(team: Team) -> None:
    sim = team.app.simulators["demo-neither"]
    sim.fail(CREATE, LOST_REPLY)  # type: ignore[attr-defined]
    await team.say("alice", '/post "Hello" --to acme-neither --at now')
    await team.press("bob", "Approve")
    await team.press("carol", "Approve")
    for _ in range(20):
        await team.wait(60)
    (question,) = [s for s in below(team) if "I could not find out" in s.message.text]
    assert [b.label for b in question.message.buttons] == ["It's live", "It's not — send it", "Leave it"]
    press = team.pressing("alice", question.message.buttons[0].action, HERE, ref=question.ref)
    form = await team.app.dispatch.ask(press)
    assert form is not None
    assert [(i.name, i.required) for i in form.inputs] == [("text", False)]
    bad = replace(press, values={"text": "over there"})
    await team.app.dispatch(bad)
    assert "is not a link" in team.hall.told("H-alice")[-1]
    await team.app.dispatch(replace(press, values={"text": "https://x.example/1"}))
    await team.app.settle()
    assert question.message.buttons == ()
    assert question.message.text.endswith("→ alice says it is live.")
    assert lines(team)[-1].startswith("Demo (neither): live")


async def test_a_new_version_mends_a_refusal_too(team: Team) -> None:
    failing(team, Failure(status=403, body={"error": "not permitted"}))
    await team.say("alice", f"{POST} --at now")
    await team.press("bob", "Approve")
    await team.press("carol", "Approve")
    await team.say("alice", '/edit P1 "Something else"')
    (refused,) = [s for s in below(team) if "refused P1" in s.message.text]
    assert refused.message.text.endswith("→ alice made v2.")
    assert refused.message.buttons == ()


async def test_a_halt_is_announced_where_the_brand_talks(team: Team) -> None:
    await team.say("dana", "/halt wrong campaign", THERE)
    await team.say("dana", "/resume")
    for chat in (team.hall, team.yard):
        assert [text for text in chat.texts()] == [
            "dana stopped acme at 09:00:00 (wrong campaign). Nothing new is sent. Nothing is in flight. "
            "/resume when ready.",
            "dana resumed. acme sends again. 0 scheduled; what is too late by now, I ask about first.",
        ]


async def test_a_console_beside_them_prints_the_card_and_no_history(tmp_path: Path) -> None:
    printed = io.StringIO()

    async def end() -> str | None:
        return None

    console = Console(read_line=end, write=printed.write)
    brand = replace(TWO, channels=("console:main", *TWO.channels))
    async with open_team(tmp_path, brand=brand, others=[console]) as team:
        await team.say("alice", f'{POST} --at "in 3h"')
        await team.press("bob", "Approve")
        await team.press("carol", "Hold")
        await team.press("carol", "Resume")
        await team.press("dana", "Reject")
    text = printed.getvalue()
    assert text.count("┌ P1") >= 3
    assert "↳" not in text
    assert "as each account gets it" not in text


async def test_t13_what_came_too_late_is_one_question_that_later_tells_the_answer(team: Team) -> None:
    for n in range(2):
        await team.say("alice", f'{POST} --at "in {n + 1}h"')
        await team.press("bob", "Approve", post=n + 1)
        await team.press("carol", "Approve", post=n + 1)
    await team.wait(5 * 3600)  # nobody was there in between
    asked = [s for c in (team.hall, team.yard) for s in c.said.values() if "could not send" in s.message.text]
    assert len(asked) == 2
    assert {tuple(b.label for b in s.message.buttons) for s in asked} == {
        ("Publish now", "Spread over today", "Choose", "Drop")
    }
    actions = {b.label: b.action for b in asked[0].message.buttons}
    choose = team.pressing("bob", actions["Choose"], HERE, ref=asked[0].ref)
    await team.app.dispatch(choose)
    await team.app.settle()
    assert all(s.message.buttons for s in asked)
    await team.app.dispatch(replace(choose, action=actions["Drop"]))
    await team.app.settle()
    for said in asked:
        assert said.message.buttons == ()
        assert said.message.text.endswith("→ bob: 2 held posts are dropped.")
    await team.app.dispatch(replace(choose, action=actions["Publish now"]))
    assert team.hall.told("H-bob")[-1] == "Nothing is held any more."


async def test_t13_an_account_that_is_paused_is_one_message_until_it_is_well(team: Team) -> None:
    failing(team, Failure(status=401, body={"error": "revoked"}))
    await team.say("alice", f"{POST} --at now")
    await team.press("bob", "Approve")
    await team.press("carol", "Approve")
    for _ in range(3):
        await team.wait(700)
    paused = [s for s in team.hall.said.values() if "is paused for acme-lookup" in s.message.text]
    assert len(paused) == 1
    await team.say("dana", "/accounts --check")
    await team.app.settle()
    assert [d.state for d in await team.svc.store.read(lambda tx: tx.deliveries.of_post(1))] == [State.LIVE]
    assert paused[0].message.text.endswith("→ It answers again.")


async def test_t19_a_request_that_lapses_is_repainted_everywhere_and_its_old_button_is_told(
    team: Team,
) -> None:
    await team.say("alice", f'{POST} --at "in 3h"')
    old = team.button("Approve")[0].action
    await team.wait(3 * 3600)
    for where in (HERE, THERE):
        card = team.card(where).message
        assert card.status == "EXPIRED"
        assert [b.label for b in card.buttons] == ["Edit", "Other time"]
        assert "a new time or version asks again" in card.footer
    lapsed = below(team)[-1].message
    assert lapsed.text.startswith("P1 expired: nobody approved it by 12:00.")
    assert ([b.label for b in lapsed.buttons], lapsed.mentions) == (["Other time", "Edit"], ("H-alice",))
    await team.app.dispatch(team.pressing("bob", old, HERE))
    assert "P1 does not wait for a decision" in team.hall.told("H-bob")[-1]


async def test_an_approval_that_no_longer_holds_calls_those_who_can_sign_it_again(tmp_path: Path) -> None:
    async with open_team(tmp_path, brand=replace(BRAND, policy=Policy(needed=1, valid_s=3600))) as team:
        await team.say("alice", f'{POST} --at "in 3h"')
        await team.press("bob", "Approve")
        await team.wait(3 * 3600)
        (held,) = [s for s in below(team) if "no longer holds" in s.message.text]
        assert [b.label for b in held.message.buttons] == ["Sign and send"]
        assert "H-dana" in held.message.mentions
        await team.app.dispatch(team.pressing("dana", held.message.buttons[0].action, HERE))
        await team.app.settle()
        assert held.message.text.endswith("→ dana sends it again.")
        assert team.card().message.status == "LIVE"


async def test_a_card_shows_what_each_target_gets_where_it_is_not_what_all_get(team: Team) -> None:
    own = "Good morning, " + "everybody " * 40
    await team.say(
        "alice", f'/post "Hello" --to acme-lookup,acme-neither --for acme-neither "{own}" --at "in 3h"'
    )
    same, other = [f.value for f in team.card().message.fields[:2]]
    assert same == "acme-lookup  ✓ 5/500"
    assert other.startswith(f"acme-neither  ✓ {len(own)}/500  · “Good morning, everybody everybody")
    assert other.endswith("…”")
    assert ".txt" not in same + other


async def test_a_preview_in_a_team_names_no_file_of_this_machine(team: Team) -> None:
    await team.say("alice", f'{POST} --at "in 3h"')
    for said in (await team.say("eve", "/preview P1"), await team.press("eve", "Preview")):
        assert "— text —\nHello" in said
        assert "saved as" not in said
        assert str(team.folder) not in said
