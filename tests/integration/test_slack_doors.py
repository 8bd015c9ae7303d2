"""Slack over real sockets: what comes in by Socket Mode and by HTTP, once, acknowledged in time."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from bot.domain.asks import Form, Input, InputKind
from bot.domain.message import Action, Inbound, Invocation, Message, Press, Reaction
from bot.errors import ChatClosed, StoreBusy
from bot.testing.chats.slack import Workspace
from bot.testing.chats.slack.pages import signed
from tests.integration.slack_world import APPROVE, CARD, HALL, HERE, talking, until

BOTH = pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
REASON = Form(
    title="Reject",
    inputs=(
        Input(name="label", label="Reason", kind=InputKind.CHOICE, choices=("Wrong facts", "Bad moment")),
        Input(name="text", label="Why?", kind=InputKind.LONG, required=True),
    ),
    submit="Reject",
    then=Action(verb="reject", kind="post", id=42, version=3),
)


@BOTH
async def test_a_command_goes_in_and_its_answer_out(http: bool) -> None:
    async with talking(http=http) as world:

        async def answer(said: Inbound) -> None:
            await world.chat.whisper(said.target, said.user, Message(text="Done & dusted", private=True))

        world.inbox.work = answer
        delivery = await world.slack.command("U1", HALL, "post Hello  world --at fri")
        (said,) = await world.inbox.heard(1)
        assert delivery.ok
        assert delivery.latency < 3
        assert isinstance(said, Invocation)
        assert (said.command, said.raw, said.user, said.target.channel) == (
            "post",
            "Hello  world --at fri",
            "U1",
            HALL,
        )
        (seen,) = world.slack.ephemerals("U1")
        assert "Done & dusted" in world.slack.words(seen)
        assert not world.slack.ephemerals("U2")
        assert not world.slack.messages(HALL)


@BOTH
async def test_a_card_is_pressed_and_repainted(http: bool) -> None:
    async with talking(http=http) as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        await world.slack.press("U2", HALL, ref, "Approve")
        (said,) = await world.inbox.heard(1)
        assert isinstance(said, Press)
        assert (said.action, said.user, said.ref) == (APPROVE, "U2", ref)
        assert await world.chat.edit(HERE, ref, replace(CARD, status="APPROVED", buttons=())) == ref
        (card,) = world.slack.messages(HALL)
        assert "APPROVED" in world.slack.words(card)
        assert not world.slack.buttons(card)


@BOTH
async def test_a_button_that_asks_shows_its_form_and_the_answer_comes_once(http: bool) -> None:
    async with talking(http=http) as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        world.inbox.form = lambda said: (
            REASON if isinstance(said, Press) and said.action.verb == "reject" else None
        )
        await world.slack.press("U2", HALL, ref, "Reject")
        await until(lambda: world.slack.modal("U2") is not None)
        assert not world.inbox.copies  # nothing was decided by the press alone
        world.slack.post.times = 2  # a form that arrives twice
        await world.slack.submit("U2", {"text": "too salesy", "label": "Wrong facts"})
        (said,) = await world.inbox.heard(1)
        assert isinstance(said, Press)
        assert (said.action, said.user, said.ref, said.text) == (REASON.then, "U2", ref, "too salesy")
        assert said.values["label"] == "Wrong facts"
        assert len(world.inbox.copies) == 2
        assert len(world.inbox.said) == 1
        assert world.slack.modal("U2") is None


@BOTH
async def test_a_command_becomes_a_form_and_the_form_a_command(http: bool) -> None:
    async with talking(http=http) as world:
        inputs = (
            Input(name="text", label="Text", kind=InputKind.LONG, initial="Draft"),
            Input(name="media", label="Media", kind=InputKind.FILES),
        )
        form = Form(title="Post", inputs=inputs, command="post")
        world.inbox.form = lambda said: form
        file = world.slack.upload("U1", "a.png", b"\x89PNG")
        await world.slack.command("U1", HALL, "post")
        await until(lambda: world.slack.modal("U1") is not None)
        await world.slack.submit("U1", {"text": "Hello", "media": [file]})
        (said,) = await world.inbox.heard(1)
        assert isinstance(said, Invocation)
        assert (said.command, said.values, said.target.channel) == ("post", {"text": "Hello"}, HALL)
        assert [(f.ref, f.name, f.size) for f in said.files] == [(file, "a.png", 4)]


@BOTH
async def test_everything_delivered_four_times_counts_once(http: bool) -> None:
    async with talking(http=http) as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        world.slack.post.times = 4
        await world.slack.command("U1", HALL, "queue")
        await world.slack.press("U2", HALL, ref, "Approve")
        await world.slack.react("U2", HALL, ref, "white_check_mark::skin-tone-3")
        await world.slack.mention("U1", HALL)
        said = await world.inbox.heard(4)
        assert len(world.inbox.copies) == 16
        assert sorted(type(one).__name__ for one in said) == ["Invocation", "Invocation", "Press", "Reaction"]
        reaction = next(one for one in said if isinstance(one, Reaction))
        assert (reaction.emoji, reaction.ref, reaction.added) == ("✅", ref, True)
        assert list(await world.chat.reactions(HERE, ref) or ()) == [("✅", "U2")]


@BOTH
async def test_app_home_shows_what_waits(http: bool) -> None:
    async with talking(http=http) as world:
        await world.slack.open_home("U2")
        await until(lambda: world.slack.home("U2") is not None)
        home = world.slack.home("U2")
        assert home is not None
        assert "nothing waits for U2" in world.slack.words(home.content)


@BOTH
async def test_make_this_a_post(http: bool) -> None:
    async with talking(http=http) as world:
        file = world.slack.upload("U1", "a.png", b"\x89PNG")
        message = world.slack.share("U1", HALL, file, text="We are live &amp; well")
        await world.slack.shortcut("U2", HALL, message["ts"])
        (said,) = await world.inbox.heard(1)
        assert isinstance(said, Invocation)
        assert (said.command, said.values, said.user) == ("post", {"text": "We are live & well"}, "U2")
        assert [f.ref for f in said.files] == [file]


@pytest.mark.parametrize(
    "workspace",
    [Workspace(grid="E0GRID", org_install=True), Workspace(grid="E0GRID")],
    ids=["organisation", "grid"],
)
async def test_t18_somebody_from_another_workspace_presses(workspace: Workspace) -> None:
    async with talking(workspace=workspace) as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        await world.slack.press("U9", HALL, ref, "Approve")
        (said,) = await world.inbox.heard(1)
        assert isinstance(said, Press)
        assert (said.action, said.user, said.target.channel) == (APPROVE, "U9", HALL)


@pytest.mark.parametrize("skew", [-302, 360, -100_000])
async def test_an_old_timestamp_is_refused(skew: float) -> None:
    async with talking(http=True) as world:
        world.slack.pages.skew = skew
        delivery = await world.slack.command("U1", HALL, "queue")
        assert world.slack.pages.statuses == [401]
        assert not delivery.ok
        assert not world.inbox.copies


@BOTH
async def test_a_press_that_arrives_four_times_shows_one_form_and_says_nothing_else(http: bool) -> None:
    async with talking(http=http) as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        world.inbox.form = lambda said: REASON
        world.slack.post.times = 4
        await world.slack.press("U2", HALL, ref, "Reject")
        await until(lambda: world.slack.called("views.open") == 4)
        await world.chat.profile("U2")
        assert world.slack.modal("U2") is not None
        assert len(world.slack.state.stacks["U2"]) == 1
        assert not world.slack.ephemerals("U2")


@BOTH
async def test_invited_again_we_look_again(http: bool) -> None:
    async with talking(http=http) as world:
        before = world.inbox.reconnects
        await world.slack.kick(HALL)
        with pytest.raises(ChatClosed, match="somebody removed me"):
            await world.chat.send(HERE, CARD, key="card:1")
        await world.slack.invite("U1", HALL)
        await world.inbox.until(lambda: world.inbox.reconnects > before)
        await world.chat.send(HERE, CARD, key="card:1")


async def test_a_changed_group_is_asked_for_again_at_once() -> None:
    async with talking() as world:
        world.slack.add_group("S0LEADS", "leads", ["U2"])
        assert tuple(await world.chat.group("leads") or ()) == ("U2",)
        await world.slack.regroup("S0LEADS", ["U1"])
        await until(lambda: world.chat._directory._members == {})
        assert tuple(await world.chat.group("leads") or ()) == ("U1",)


async def test_a_button_in_app_home_is_done_and_the_home_shows_it() -> None:
    async with talking() as world:
        shown = Message(title="Yours", text="P42 waits", buttons=CARD.buttons[:1])

        async def home(user: str, chat: str) -> Message:
            return shown

        world.inbox.home = home  # type: ignore[method-assign]
        await world.slack.open_home("U2")
        await until(lambda: world.slack.home("U2") is not None)
        shown = Message(title="Yours", text="nothing waits")
        await world.slack.press_view("U2", "Approve", home=True)
        (said,) = await world.inbox.heard(1)
        assert isinstance(said, Press)
        assert (said.action, said.ref, said.target.channel) == (APPROVE, "", "U2")
        await until(lambda: "nothing waits" in world.slack.words(world.slack.state.homes["U2"].content))


@pytest.mark.parametrize("everybody", [1, 100])
async def test_t17_a_hundred_presses_at_once_all_arrive(everybody: int) -> None:
    async with talking() as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        names = [f"U{n}" for n in range(100, 100 + everybody)]
        for name in names:
            world.slack.add_user(name, name.lower())
            world.slack.state.channels[HALL].members.add(name)
        await asyncio.gather(*(world.slack.press(name, HALL, ref, "Approve") for name in names))
        said = await world.inbox.heard(everybody)
        assert {one.user for one in said} == set(
            names
        )  # how soon they are acknowledged is the bench's to say


@BOTH
async def test_a_field_that_suggests(http: bool) -> None:
    async with talking(http=http) as world:
        world.inbox.form = lambda said: REASON
        ref = await world.chat.send(HERE, CARD, key="card:1")
        await world.slack.press("U2", HALL, ref, "Reject")
        await until(lambda: world.slack.modal("U2") is not None)
        modal = world.slack.modal("U2")
        assert modal is not None
        element = modal.content["blocks"][0]["element"]
        element |= {"type": "external_select", "action_id": "post", "min_query_length": 0}
        element.pop("options")
        assert await world.slack.suggest("U2", "post", "P4") == ["P40", "P41", "P42"]


async def test_slack_makes_sure_that_the_address_is_ours() -> None:
    async with talking(http=True) as world:
        body = json.dumps(
            {"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmd"}
        ).encode()
        stamp = world.clock.now().timestamp()
        headers = {
            "content-type": "application/json",
            **signed(world.slack.state.signing_secret, body, stamp),
        }
        status, _, text = await world.slack.pages.posted(body, headers)
        assert status == 200
        assert "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmd" in text


@BOTH
async def test_a_quiet_day_leaves_a_quiet_log(http: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-somewhere-else")
    async with talking(http=http) as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        await world.slack.command("U1", HALL, "queue")
        await world.slack.press("U2", HALL, ref, "Approve")
        await world.slack.react("U2", HALL, ref, "x")
        await world.inbox.heard(3)
    assert not world.log.lines


@BOTH
async def test_what_nobody_foresaw_is_told_with_its_number_in_the_log(http: bool) -> None:
    async with talking(http=http) as world:

        def broken(said: Invocation | Press) -> Form | None:
            raise LookupError("a fault of ours")

        world.inbox.form = broken
        ref = await world.chat.send(HERE, CARD, key="card:1")
        command = await world.slack.command("U1", HALL, "queue")
        press = await world.slack.press("U2", HALL, ref, "Approve")
        assert command.ok
        assert press.ok
        for user in ("U1", "U2"):
            await until(lambda user=user: bool(world.slack.ephemerals(user)))  # type: ignore[misc]
            words = world.slack.words(world.slack.ephemerals(user)[0])
            number = words.partition("incident ")[2][:6]
            assert any(number in line and "LookupError" in line for line in world.log.lines)


@BOTH
async def test_a_fault_after_the_acknowledgement_is_told_too(http: bool) -> None:
    async with talking(http=http) as world:

        async def broken(said: Inbound) -> None:
            raise LookupError("a fault of ours")

        world.inbox.work = broken
        command = await world.slack.command("U1", HALL, "queue")
        assert command.ok
        await until(lambda: bool(world.slack.ephemerals("U1")))
        assert "incident" in world.slack.words(world.slack.ephemerals("U1")[0])
        await world.slack.mention("U2", HALL)
        await until(lambda: sum("LookupError" in line for line in world.log.lines) == 2)
        assert not [line for line in world.log.lines if "AssertionError" in line]


async def test_a_form_that_comes_too_late_is_said() -> None:
    async with talking() as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        world.inbox.form = lambda said: REASON
        world.slack.go_wrong("views.open", "expired_trigger_id")
        await world.slack.press("U2", HALL, ref, "Reject")
        await until(lambda: bool(world.slack.ephemerals("U2")))
        assert "Try again" in world.slack.words(world.slack.ephemerals("U2")[0])


async def test_a_wrong_signature_is_refused() -> None:
    async with talking(http=True) as world:
        world.slack.state.signing_secret = "somebody else's"
        await world.slack.command("U1", HALL, "queue")
        assert world.slack.pages.statuses == [401]
        for headers in (
            {},
            {"x-slack-request-timestamp": "soon", "x-slack-signature": "v0=00"},
            {"x-slack-signature": "v0=00"},
        ):
            for body in (b"command=%2Fclarion&text=queue", b"{", b"[]", b"payload=nonsense", b"\xff", b""):
                status, _, _ = await world.slack.pages.posted(body, headers)
                assert 400 <= status < 500, body
        assert not world.inbox.copies


@BOTH
async def test_t20_acknowledged_in_time_while_the_database_is_slow(
    http: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.slack.listen.PATIENCE", 0.2)
    async with talking(http=http) as world:
        world.inbox.slow = asyncio.Event()
        delivery = await world.slack.command("U1", HALL, "queue")
        assert delivery.ok
        assert 0.2 <= delivery.latency < 2.5
        assert not world.inbox.said
        world.inbox.slow.set()
        await world.inbox.heard(1)


@BOTH
async def test_what_could_not_be_written_down_is_told_or_comes_again(http: bool) -> None:
    async with talking(http=http) as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        world.inbox.broken = StoreBusy("The database is locked. Try again in a moment.")
        await world.slack.command("U1", HALL, "queue")
        await until(lambda: bool(world.slack.ephemerals("U1")))
        assert "Try again" in world.slack.words(world.slack.ephemerals("U1")[0])
        reaction = await world.slack.react("U2", HALL, ref, "x")
        assert reaction is not None
        world.inbox.broken = None
        await world.inbox.heard(1)  # Slack brought it again
        assert len(reaction.attempts) > 1


@BOTH
async def test_what_is_wrong_is_told_to_the_person_alone(http: bool) -> None:
    async with talking(http=http) as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        stored = world.slack.state.channels[HALL].messages[ref]
        for block in stored["blocks"]:
            for element in block.get("elements", ()):
                if element.get("type") == "button":
                    element["value"] = "somebody-elses"
        await world.slack.press("U2", HALL, ref, "Approve")
        await until(lambda: bool(world.slack.ephemerals("U2")))
        assert "not one of mine" in world.slack.words(world.slack.ephemerals("U2")[0])
        world.inbox.refuse = "You wrote P42, so someone else has to approve it: bob."
        await world.chat.edit(HERE, ref, CARD)
        await world.slack.press("U1", HALL, ref, "Approve")
        await until(lambda: bool(world.slack.ephemerals("U1")))
        assert "someone else has to" in world.slack.words(world.slack.ephemerals("U1")[0])
        assert not world.inbox.copies
        assert len(world.slack.messages(HALL)) == 1
