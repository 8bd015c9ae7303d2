"""Which chats a bot talks in: the configuration's, checked at once, connected, served, closed."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import build, make_log, run
from bot.app.chats import plan_chats
from bot.app.listening import listen
from bot.chat.console import Console
from bot.clock import SystemClock
from bot.config import Config, Secret
from bot.domain.message import Invocation
from bot.domain.records import Card
from bot.errors import ChatClosed, ChatError, ConfigError
from bot.ports import ChatSpec, Deps, Inbox, Tx
from bot.redaction import Redaction
from bot.registry import Registry, load
from bot.services.courier import hand_out
from bot.services.locked_out import tell_shut
from bot.testing.clock import FakeClock
from tests.unit.team_world import BRAND, HALL, HERE, THERE, YARD, Hall, open_team


@dataclass(frozen=True, kw_only=True)
class PondSettings:
    token: Secret
    pier: str = ""


class Pond(Hall):
    """A chat that a plugin brings."""

    settings: PondSettings
    deps: Deps
    closed = False

    async def aclose(self) -> None:
        self.closed = True
        await super().aclose()


@dataclass
class Plugin:
    """Offers the pond; keeps what was connected."""

    made: list[Pond]

    def connect(self, settings: PondSettings, deps: Deps) -> Pond:
        clock: Any = deps.clock
        pond = Pond("pond", clock)
        pond.settings, pond.deps = settings, deps
        self.made.append(pond)
        return pond


def registry(log: io.StringIO, made: list[Pond]) -> Registry:
    found = load(log=make_log(log), builtins="bot.testing.platforms", entry_points=())
    spec = ChatSpec(
        name="pond",
        settings=PondSettings,
        connect=Plugin(made).connect,
        variables={"token": "POND_TOKEN"},
    )
    found.chats["pond"] = spec
    return found


def config(folder: Path, *use: str, **tables: Any) -> Config:
    return Config(
        path=folder / "acme.toml",
        chat_use=use,
        chat_tables=tables,
        brands=(replace(BRAND, channels=("pond:main",)),),
        store_url="sqlite+aiosqlite:///chats.db",
    )


def problems(found: Config, env: dict[str, str]) -> tuple[str, ...]:
    return plan_chats(found, registry(io.StringIO(), []), env=env)[1]


@pytest.mark.parametrize(
    ("use", "tables", "words"),
    [
        (("slak",), {}, "acme.toml: chat.use: there is no chat 'slak', did you mean 'slack'?"),
        (
            ("irc",),
            {},
            "acme.toml: chat.use: there is no chat 'irc'; there are console",
        ),
        (("pond",), {}, "acme.toml: chat.pond: needs POND_TOKEN in the environment"),
        (("pond",), {"pond": {"token": "x"}}, "acme.toml: chat.pond.token"),
        (("pond",), {"pond": {"peir": "x"}}, "acme.toml: chat.pond.peir: unknown key, did you mean 'pier'?"),
        (
            ("console",),
            {"discrod": {}},
            "acme.toml: chat.discrod: there is no such chat, did you mean",
        ),
    ],
)
def test_what_is_wrong_with_a_chat_is_one_sentence(
    tmp_path: Path, use: tuple[str, ...], tables: dict[str, Any], words: str
) -> None:
    assert [p for p in problems(config(tmp_path, *use, **tables), {}) if p.startswith(words)]


def test_the_customary_variables_of_the_built_in_chats_will_do(tmp_path: Path) -> None:
    env = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "DISCORD_TOKEN": "abc.def.ghi"}
    found = config(tmp_path, "console", "slack", "discord")
    planned, wrong = plan_chats(found, registry(io.StringIO(), []), env=env)
    assert wrong == ()
    assert [p.spec.name for p in planned] == ["slack", "discord"]
    told = " ".join(problems(found, {}))
    assert "SLACK_BOT_TOKEN" in told
    assert "DISCORD_TOKEN" in told


async def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    found = config(tmp_path, "pond", "slak")
    with pytest.raises(ConfigError) as caught:
        async with build(
            found,
            problems=["acme.toml: brand.acme.slots: nonsense"],
            clock=FakeClock(),
            env={},
            chats=[],
            log=make_log(io.StringIO()),
            registry=registry(io.StringIO(), []),
            team_chats=True,
        ):
            raise AssertionError("it started")
    assert len(caught.value.problems) == 3
    assert not (tmp_path / "chats.db").exists()


async def test_a_chat_of_the_configuration_is_connected_and_closed(tmp_path: Path) -> None:
    made: list[Pond] = []
    redaction = Redaction()
    async with build(
        config(tmp_path, "pond"),
        clock=FakeClock(),
        env={"POND_TOKEN": "a-very-secret-token"},
        chats=[],
        log=make_log(io.StringIO()),
        registry=registry(io.StringIO(), made),
        redaction=redaction,
        team_chats=True,
    ) as app:
        (pond,) = made
        assert app.services.chats == {"pond": pond}
        assert app.services.teams == {"pond": pond}
        assert pond.settings.token.reveal() == "a-very-secret-token"
        assert redaction.clean("it is a-very-secret-token") == "it is ***"
        assert not pond.closed
    assert pond.closed


async def test_a_bot_that_only_looks_ahead_connects_to_nobody(tmp_path: Path) -> None:
    made: list[Pond] = []
    async with build(
        config(tmp_path, "pond"),
        clock=FakeClock(),
        env={"POND_TOKEN": "a-very-secret-token"},
        chats=[],
        log=make_log(io.StringIO()),
        registry=registry(io.StringIO(), made),
    ) as app:
        assert not app.services.chats
    assert not made


async def test_a_chat_that_comes_later_gets_the_cards_of_open_posts(tmp_path: Path) -> None:
    clock = FakeClock()
    hall, yard = Hall(HALL, clock), Hall(YARD, clock)
    alone = replace(BRAND, channels=(HERE.address,))
    async with open_team(tmp_path, brand=alone, clock=clock, hall=hall, yard=yard) as team:
        await team.say("alice", '/post "Hello" --at "in 9h"')
        assert not yard.said
    for _ in range(2):
        async with open_team(tmp_path, clock=clock, hall=hall, yard=yard) as team:
            await team.app.settle()
            assert "IN REVIEW" in team.card(THERE).message.status
            assert "IN REVIEW" in team.card(HERE).message.status


async def test_being_told_to_stop_it_does_not_finish_a_long_list_first(tmp_path: Path) -> None:
    clock = FakeClock()
    hall = Hall(HALL, clock)
    async with open_team(tmp_path, clock=clock, hall=hall) as team:
        await team.say("alice", '/post "Hello" --at "in 9h"')
        said = hall.calls.total()
        hall.gate.clear()

        def more(tx: Tx) -> None:
            for _ in range(100):
                tx.cards.add(Card(id=0, post_id=1, target=replace(HERE, thread=1)))

        await team.svc.store.write(more)
        await hand_out(team.svc)
        await team.working(lambda: hall.calls.total() > said)
        stopping = asyncio.get_running_loop().create_task(team.svc.engine.stop(30.0))
        await asyncio.sleep(0)
        hall.gate.set()
        await stopping
        assert hall.calls.total() == said + 1
        left = await team.svc.store.read(lambda tx: tx.cards.stale(clock.now(), limit=200))
        assert len(left) == 99
        assert not [card for card in left if card.since]  # nobody has to look for what was never tried


# serving


def typing(*lines: str) -> tuple[Callable[[int], Console], list[str]]:
    """A console where somebody types these lines and is gone."""
    left, out = list(lines), list[str]()

    async def read_line() -> str | None:
        return left.pop(0) if left else None

    return lambda first: Console(read_line=read_line, write=out.append, first_ref=first), out


async def test_a_piped_console_ends_a_bot_that_has_team_chats_too(tmp_path: Path) -> None:
    console, out = typing('/post "Hello" --at "in 9h"', "as bob", "/approve latest")
    clock: Any = SystemClock()
    hall = Hall(HALL, clock)
    brand = replace(BRAND, channels=("console:main", HERE.address))
    found = replace(config(tmp_path, "console"), brands=(brand,))
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(
            build(
                found,
                clock=clock,
                env={},
                chats=[console, lambda _first: hall],
                log=make_log(io.StringIO()),
                registry=registry(io.StringIO(), []),
            )
        )
        assert await run(app, linger=20.0)
    text = "".join(out)
    assert "SCHEDULED" in text
    cards = [s for s in hall.said.values() if s.key.startswith("card:")]
    assert [s.message.status for s in cards] == ["SCHEDULED"]


async def test_without_a_console_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    clock: Any = SystemClock()
    async with open_team(tmp_path, clock=clock) as team:
        for chat in (team.hall, team.yard):
            chat.clock = clock
        serving = asyncio.get_running_loop().create_task(run(team.app, linger=None))
        await team.give(team_post())
        await team.working(lambda: any(k.startswith("card:") for k in team.yard.tally()))
        assert not serving.done()
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving


def team_post() -> Any:
    return Invocation(command="post", raw='"Hello" --at "in 9h"', user="H-alice", target=HERE, key="E1")


async def test_a_chat_that_falls_is_started_again_and_told_elsewhere(tmp_path: Path) -> None:
    async with open_team(tmp_path) as team:
        falls: list[BaseException] = [
            ChatClosed("hall no longer accepts my token: make a new one and put it into SLACK_BOT_TOKEN."),
            ChatClosed("hall no longer accepts my token: make a new one and put it into SLACK_BOT_TOKEN."),
            ChatError("the network is gone"),
            RuntimeError("a fault in a library"),
        ]
        served = asyncio.Event()

        async def fall(inbox: Inbox) -> None:
            if falls:
                raise falls.pop(0)
            served.set()
            await asyncio.Event().wait()

        team.hall.run = fall  # type: ignore[method-assign]
        listening = asyncio.get_running_loop().create_task(listen(team.svc, team.hall, team.app.dispatch))
        for _ in range(400):
            if served.is_set():
                break
            team.clock.advance(1)
            await asyncio.sleep(0.001)
        assert served.is_set()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await team.app.settle()
        told = [t for t in team.yard.texts() if "no longer accepts my token" in t]
        assert len(told) == 1
        assert "nothing is lost" in told[0]
        assert "a fault in a library" in team.log.getvalue()
        await team.app.dispatch.reconnected(HALL)  # it is over: the next time is news again
        await tell_shut(team.svc, HALL, ChatClosed("hall no longer accepts my token."))
        await team.app.settle()
        assert len([t for t in team.yard.texts() if "no longer accepts my token" in t]) == 2


async def test_nobody_is_told_of_channels_that_do_not_concern_them(tmp_path: Path) -> None:
    other = replace(BRAND, name="other", channels=(f"{YARD}:other",))
    async with open_team(tmp_path) as team:
        team.svc.brands["other"] = other
        await tell_shut(team.svc, HERE.address, ChatClosed())
        await team.app.settle()
        assert [s.to.channel for s in team.yard.said.values()] == ["Y1"]
        assert team.yard.texts() == [
            "I cannot write in hall:H1: it does not let me in any more. "
            "What belongs there waits; nothing is lost."
        ]
