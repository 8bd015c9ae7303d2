"""The workspace against slack-bolt, unmodified, by socket and by HTTP: what is told, repeated, lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.clock import SystemClock
from bot.testing.chats.slack import CannotDo, Workspace
from bot.testing.chats.slack.pages import signed
from bot.testing.clock import FakeClock
from bot.testing.guards import nothing_left
from tests.integration.slack_sim_world import CARD, listening, living, settled, socket

BOTH = pytest.mark.parametrize("way", [socket, listening])


@pytest.fixture
async def world() -> AsyncIterator[Workspace]:
    async with living() as world:
        yield world


@BOTH
async def test_a_bolt_app_hears_and_answers_everything(way: Any, world: Workspace) -> None:
    async with way(world) as app:
        told = await world.command("U1ANA", "C1LAUNCH", "post hello")
        assert told.ok
        assert told.latency < 1
        await settled(lambda: world.ephemerals("U1ANA"))
        assert [m["text"] for m in world.ephemerals("U1ANA")] == ["heard post hello"]
        card = await app.bolt.client.chat_postMessage(channel="C1LAUNCH", text="P1", blocks=CARD)
        assert (await world.press("U2BOB", "C1LAUNCH", card["ts"], "Approve")).ok
        modal = world.modal("U2BOB")
        assert modal is not None
        assert modal.title == "Why not?"
        with pytest.raises(CannotDo, match="'Reason' must be filled in"):
            await world.submit("U2BOB")
        await world.submit("U2BOB", {"Reason": "no"})
        assert modal.errors == {"why": "Say more."}
        assert await world.suggest("U2BOB", "pick", "co") == ["co 0", "co 1", "co 2"]
        await world.submit("U2BOB", {"why": "not now"})
        assert world.modal("U2BOB") is None
        assert (await world.shortcut("U2BOB", "C1LAUNCH", card["ts"])).ok
        await world.react("U2BOB", "C1LAUNCH", card["ts"], "white_check_mark")
        await world.mention("U1ANA", "C1LAUNCH", "help")
        await world.open_home("U1ANA")
        kinds = [kind for kind, _ in app.heard]
        assert kinds == ["command", "action", "view", "view", "shortcut", "event", "event", "event"]
        assert len({d.name for d in world.post.deliveries if d.ok}) == len(
            {d.name for d in world.post.deliveries}
        )
    assert not world.breaches
    assert max(world.acks) < 1


@BOTH
async def test_nothing_is_left_behind(way: Any) -> None:
    with nothing_left():
        async with living() as world, way(world):
            assert (await world.command("U1ANA", "C1LAUNCH", "help")).ok


@BOTH
async def test_everything_four_times(way: Any, world: Workspace) -> None:
    world.post.times = 4
    async with way(world) as app:
        said = world.say("U1ANA", "C1LAUNCH", "hello")
        told = await world.react("U1ANA", "C1LAUNCH", said["ts"], "x")
        assert told is not None
        assert [a.latency is not None for a in told.attempts] == [True] * 4
        await settled(lambda: len(app.heard) == 4)
        assert len({body["event_id"] for _, body in app.heard}) == 1


async def test_events_held_back_reordered_and_dropped(world: Workspace) -> None:
    async with socket(world) as app:
        ts = world.say("U1ANA", "C1LAUNCH", "hello")["ts"]
        world.post.hold()
        for name in ("one", "two", "three"):
            await world.react("U1ANA", "C1LAUNCH", ts, name)
        assert not app.heard
        await world.post.release(lambda held: [held[2], held[0]])
        await settled(lambda: len(app.heard) == 2)
        assert [body["event"]["reaction"] for _, body in app.heard] == ["three", "one"]
        assert [d.lost for d in world.post.deliveries] == [False, True, False]


async def test_an_event_that_nobody_acknowledges_comes_again(world: Workspace) -> None:
    """At once, after one minute, after five; then it is lost."""
    clock = world.clock
    assert isinstance(clock, FakeClock)
    ts = world.say("U1ANA", "C1LAUNCH", "hello")["ts"]
    told = await world.react("U1ANA", "C1LAUNCH", ts, "x")
    assert told is not None
    assert told.fault == "connection_failed"
    await settled(lambda: len(told.attempts) == 2)
    for count, pause in ((3, 60), (4, 300)):
        await settled(lambda: clock.next_wake is not None)
        clock.advance(pause)
        await settled(lambda count=count: len(told.attempts) == count)
    await settled(lambda: told.lost)
    assert [a.number for a in told.attempts] == [0, 1, 2, 3]
    assert told.lost


async def test_a_cut_of_a_minute(world: Workspace) -> None:
    """Interactions of that time fail to the person, events arrive when the app is back."""
    clock = world.clock
    assert isinstance(clock, FakeClock)
    async with socket(world) as app:
        card = world.say("U1ANA", "C1LAUNCH", "hello")
        world.cut()
        lost = await world.command("U1ANA", "C1LAUNCH", "queue")
        assert lost.fault == "connection_failed"
        (said,) = world.ephemerals("U1ANA")
        assert said["text"] == '/clarion failed with the error "dispatch_failed"'
        told = await world.react("U2BOB", "C1LAUNCH", card["ts"], "x")
        assert told is not None
        world.mend()
        await world.sockets.connected.wait()
        await settled(lambda: len(told.attempts) == 2)
        clock.advance(60)
        await settled(lambda: told.ok)
        await settled(lambda: app.heard)
        assert app.retries == ["2"]


async def test_a_slow_app_is_told_again(world: Workspace) -> None:
    """No answer within three seconds counts as none."""
    clock = world.clock
    assert isinstance(clock, FakeClock)
    gate = asyncio.Event()

    async def slow(ack: Any) -> None:
        await gate.wait()
        await ack()

    async with socket(world) as app:
        app.bolt.command("/slow")(slow)
        world.state.commands.add("/slow")
        typing = asyncio.ensure_future(world.command("U1ANA", "C1LAUNCH", "", "/slow"))
        await settled(lambda: clock.next_wake is not None)
        clock.advance(3.1)
        told = await typing
        assert told.fault == "timeout"
        assert world.ephemerals("U1ANA")[-1]["text"].endswith('"operation_timeout"')
        gate.set()


async def test_slack_renews_a_connection(world: Workspace) -> None:
    clock = world.clock
    assert isinstance(clock, FakeClock)
    async with socket(world) as app:
        (old,) = world.sockets.lines
        renewing = asyncio.ensure_future(world.sockets.refresh())
        await settled(lambda: any(line is not old for line in world.sockets.lines))
        clock.advance(10)
        await renewing
        assert old not in world.sockets.lines
        assert (await world.command("U1ANA", "C1LAUNCH", "help")).ok
        assert [kind for kind, _ in app.heard] == ["command"]


async def test_at_most_ten_connections(world: Workspace) -> None:
    async with aiohttp.ClientSession() as session:
        lines = []
        for number in range(11):
            world.state.tickets.add(f"t{number}")
            lines.append(await session.ws_connect(f"{world.url}/link/?ticket=t{number}"))
        told = [await line.receive_json() for line in lines]
        assert [t["type"] for t in told] == ["hello"] * 10 + ["disconnect"]
        assert told[-1]["reason"] == "too_many_websockets"
        assert told[9]["num_connections"] == 10
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(f"{world.url}/link/?ticket=t1")  # a ticket is good once
        for line in lines:
            await line.close()


async def test_a_forged_signature_is_refused_and_told_again(world: Workspace) -> None:
    clock = world.clock
    assert isinstance(clock, FakeClock)
    async with listening(world) as app:
        right, world.state.signing_secret = world.state.signing_secret, "forged"
        assert (await world.command("U1ANA", "C1LAUNCH", "help")).fault == "http_error"
        ts = world.say("U1ANA", "C1LAUNCH", "hello")["ts"]
        told = await world.react("U1ANA", "C1LAUNCH", ts, "x")
        assert told is not None
        await settled(lambda: len(told.attempts) == 2 and told.attempts[1].fault)
        world.state.signing_secret = right
        assert set(world.pages.statuses) == {401}
        assert not app.heard
        await asyncio.sleep(0)
        clock.advance(60)
        await settled(lambda: told.ok)
        assert app.retries == ["2"]


async def test_the_request_url_proves_itself(world: Workspace) -> None:
    async with listening(world):
        assert await world.verify()
        world.pages.url = world.pages.url.replace("/slack/events", "/elsewhere")
        assert not await world.verify()


async def test_an_app_may_ask_for_no_repeat(world: Workspace) -> None:
    clock = world.clock
    assert isinstance(clock, FakeClock)

    async def stubborn(request: web.Request) -> web.Response:
        return web.Response(status=500, headers={"x-slack-no-retry": "1"})

    app = web.Application()
    app.router.add_post("/slack/events", stubborn)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.pages.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    ts = world.say("U1ANA", "C1LAUNCH", "hello")["ts"]
    told = await world.react("U1ANA", "C1LAUNCH", ts, "x")
    await settled(lambda: not world.post.busy)
    await runner.cleanup()
    assert told is not None
    assert [a.fault for a in told.attempts] == ["http_error"]


async def test_an_old_timestamp_is_refused(world: Workspace) -> None:
    async with listening(world) as app:
        world.pages.skew = -301.0
        assert (await world.command("U1ANA", "C1LAUNCH", "help")).fault == "http_error"
        world.pages.skew = -290.0
        assert (await world.command("U1ANA", "C1LAUNCH", "help")).ok
        assert len(app.heard) == 1


async def test_what_was_signed_cannot_be_changed(world: Workspace) -> None:
    async with listening(world):
        headers = signed(world.state.signing_secret, b"{}", SystemClock().now().timestamp())
        headers["content-type"] = "application/json"
        status, _, _ = await world.pages.posted(b'{"type":"x"}', headers)
        assert status == 401


@pytest.mark.parametrize(
    ("how", "team", "grid"),
    [({}, "T9OTHER", None), ({"grid": "E1", "org_install": True}, None, "E1")],
    ids=["connect", "grid"],
)
async def test_foreign_and_missing_teams(how: Any, team: str | None, grid: str | None) -> None:
    async with living(**how) as world, socket(world) as app:
        world.add_user("U3CAT", "Cat", team="T9OTHER")
        world.state.channels["C1LAUNCH"].members.add("U3CAT")
        card = await app.bolt.client.chat_postMessage(channel="C1LAUNCH", text="P1", blocks=CARD)
        assert (await world.press("U3CAT", "C1LAUNCH", card["ts"], "Approve")).ok
        await world.react("U3CAT", "C1LAUNCH", card["ts"], "x")
        (_, pressed), (_, reacted) = app.heard
        assert (pressed["team"] or {}).get("id") == team
        assert (pressed["enterprise"] or {}).get("id") == grid
        assert pressed["user"]["team_id"] == "T9OTHER"
        assert reacted["authorizations"][0]["enterprise_id"] == grid


async def test_people_cannot_press_what_they_do_not_see(world: Workspace) -> None:
    async with socket(world) as app:
        world.add_user("U4EVE", "Eve")
        card = await app.bolt.client.chat_postMessage(channel="C1LAUNCH", text="P1", blocks=CARD)
        with pytest.raises(CannotDo, match="U4EVE sees no message"):
            await world.press("U4EVE", "C1LAUNCH", card["ts"], "Approve")
        with pytest.raises(CannotDo, match="only Approve"):
            await world.press("U1ANA", "C1LAUNCH", card["ts"], "Launch")
        seen = world.message("C1LAUNCH", card["ts"])
        world.erase("C1LAUNCH", card["ts"])
        assert (await world.press("U1ANA", "C1LAUNCH", card["ts"], "Approve", seen=seen)).ok
        assert world.modal("U1ANA") is not None


async def test_a_modal_sent_off_twice(world: Workspace) -> None:
    async with socket(world) as app:
        card = await app.bolt.client.chat_postMessage(channel="C1LAUNCH", text="P1", blocks=CARD)
        await world.press("U1ANA", "C1LAUNCH", card["ts"], "Approve")
        view = world.modal("U1ANA")
        for _ in range(2):
            assert (await world.submit("U1ANA", {"Reason": "because"}, view=view)).ok
        ids = {body["view"]["id"] for kind, body in app.heard if kind == "view"}
        assert len(ids) == 1
