"""Slack's connection breaks, is renewed, or is refused; we close in the middle of work. Nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.chat.slack import spec
from bot.chat.slack.adapter import SlackChat
from bot.clock import SystemClock
from bot.config.secret import Secret
from bot.domain.message import Inbound, Message, Press
from bot.errors import ChatClosed, ChatError
from bot.testing.chats.slack import Workspace
from bot.testing.contract.lent import RememberedLog
from tests.integration.slack_world import (
    CARD,
    HALL,
    HERE,
    Recorder,
    nothing_running,
    serving,
    settings,
    talking,
    until,
)

BOTH = pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])


@pytest.mark.parametrize("everything", [False, True], ids=["sockets", "everything"])
async def test_a_cut_connection_comes_back_and_the_cards_are_read_again(everything: bool) -> None:
    async with talking() as world:
        ref = await world.chat.send(HERE, CARD, key="card:1")
        world.slack.cut(everything=everything)
        await world.slack.react("U2", HALL, ref, "x")  # nobody hears it
        if everything:
            with pytest.raises(ChatError):
                await world.chat.send(HERE, Message(text="Look"), key="notice:1")
        before = world.inbox.reconnects
        world.slack.mend()
        await world.inbox.until(lambda: world.inbox.reconnects > before)
        assert list(await world.chat.reactions(HERE, ref) or ()) == [("❌", "U2")]
        await world.slack.press("U2", HALL, ref, "Approve")
        await until(lambda: any(isinstance(said, Press) for said in world.inbox.said))
        if everything:
            await world.chat.resend(HERE, Message(text="Look"), key="notice:1", since=world.earlier)
            assert len(world.slack.messages(HALL)) == 2


class Wire:
    """A network in between. `freeze`: what is connected stays so, and nothing goes through any more."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open: set[asyncio.Event] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        assert own is not None
        self._tasks.append(own)
        far, forth = await asyncio.open_connection("127.0.0.1", self._to)
        frozen = asyncio.Event()
        self._open.add(frozen)

        async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                if not frozen.is_set():
                    sink.write(data)
                    await sink.drain()

        one, other = pass_on(near, forth), pass_on(far, back)
        try:
            async with asyncio.TaskGroup() as group:
                ways = {group.create_task(one), group.create_task(other)}
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
        except* ConnectionError:
            pass
        finally:
            self._open.discard(frozen)
            for sink in (forth, back):
                sink.close()

    def freeze(self) -> None:
        for frozen in self._open:
            frozen.set()

    async def aclose(self) -> None:
        if self._server is not None:
            self._server.close()
            await asyncio.gather(*self._tasks)
            await self._server.wait_closed()


async def test_a_network_that_went_silent_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chat.slack.api.TIMEOUT", 1.0)  # a call on a dead connection ends by it
    async with nothing_running(), serving(Workspace()) as slack:
        wire = Wire(int(slack.url.rpartition(":")[2]))
        slack.state.url = await wire.start()
        inbox = Recorder()
        through = replace(settings(slack), base_url=f"{slack.state.url}/api")
        chat = SlackChat(through, clock=SystemClock(), log=RememberedLog(), ping=0.2)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(chat.run(inbox))
            await inbox.until(lambda: inbox.reconnects == 1)
            wire.freeze()
            await inbox.until(lambda: inbox.reconnects == 2)
            await slack.command("U1", HALL, "queue")
            await inbox.heard(1)
            await chat.aclose()
            await running
        await wire.aclose()


async def test_slack_renews_the_connection_and_nothing_is_missed() -> None:
    async with talking() as world:
        await world.slack.sockets.refresh(wait=0.0)
        # slack_sdk opens anew at the warning, at the refresh and at the close frame. A command that comes
        # while it changes over is not acknowledged, and Slack says so to whoever typed it
        await world.inbox.until(lambda: world.inbox.reconnects >= 4)
        await until(lambda: len(world.slack.sockets.lines) == 1)
        await world.slack.command("U1", HALL, "queue")
        await world.inbox.heard(1)


@BOTH
async def test_t16_the_first_click_after_a_restart_counts(http: bool) -> None:
    workspace = Workspace()
    async with nothing_running(), serving(workspace) as slack:
        before = SlackChat(settings(slack), clock=SystemClock(), log=RememberedLog())
        ref = await before.send(HERE, CARD, key="card:1")
        await before.aclose()
        log, inbox = RememberedLog(), Recorder()
        after = SlackChat(settings(slack, http=http), clock=SystemClock(), log=log, ping=0.2)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(after.run(inbox))
            await after.ready()
            slack.pages.url = after.url
            await until(lambda: http or bool(slack.sockets.lines))
            await slack.press("U2", HALL, ref, "Approve")
            (said,) = await inbox.heard(1)
            assert isinstance(said, Press)
            assert said.ref == ref
            await after.aclose()
            await running


@BOTH
@pytest.mark.parametrize("how", ["closed", "cancelled"])
async def test_what_is_being_done_comes_to_its_end_when_we_stop(http: bool, how: str) -> None:
    async with nothing_running(), serving(Workspace()) as slack:
        inbox, started, go = Recorder(), asyncio.Event(), asyncio.Event()

        async def work(said: Inbound) -> None:
            started.set()
            await go.wait()

        inbox.work = work
        chat = SlackChat(settings(slack, http=http), clock=SystemClock(), log=RememberedLog(), ping=0.2)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(chat.run(inbox))
            await chat.ready()
            slack.pages.url = chat.url
            await until(lambda: http or bool(slack.sockets.lines))
            delivery = await slack.command("U1", HALL, "queue")
            assert delivery.ok
            await started.wait()
            closing = group.create_task(chat.aclose())
            if how == "cancelled":
                running.cancel()
            await asyncio.sleep(0)
            assert not closing.done()
            go.set()
            await closing
        assert len(inbox.said) == 1


@BOTH
async def test_a_refused_token_is_told_in_the_log_and_tried_again(http: bool) -> None:
    async with nothing_running(), serving(Workspace()) as slack:
        slack.revoke("invalid_auth")
        log, inbox = RememberedLog(), Recorder()
        chat = SlackChat(settings(slack, http=http), clock=SystemClock(), log=log, ping=0.2)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(chat.run(inbox))
            await until(lambda: any("slack_closed" in line for line in log.lines))
            slack.restore()
            await chat.ready()
            await chat.aclose()
            await running
        assert not [line for line in log.lines if slack.state.bot_token in line]


async def test_a_port_that_is_taken_is_said() -> None:
    async with talking(http=True) as world:
        port = world.chat.url.rpartition(":")[2].partition("/")[0]
        taken = replace(settings(world.slack, http=True), listen=f"127.0.0.1:{port}")
        other = SlackChat(taken, clock=SystemClock(), log=RememberedLog())
        with pytest.raises(ChatClosed, match=f"cannot listen on 127.0.0.1:{port}"):
            await other.run(Recorder())
        await other.aclose()


async def test_a_chat_that_never_spoke_closes_too() -> None:
    async with nothing_running():
        chat = SlackChat(
            spec().settings(bot_token=Secret("xoxb-1"), app_token=Secret("xapp-1")),
            clock=SystemClock(),
            log=RememberedLog(),
        )
        await chat.aclose()
        await chat.aclose()
