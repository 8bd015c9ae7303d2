"""One way to sit at three chats: what people do and see, whatever the service calls it."""

from __future__ import annotations

import asyncio
import re
import shlex
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from bot.chat.console import Console
from bot.chat.discord.declare import declared
from bot.clock import SystemClock
from bot.commands import all_commands
from bot.commands.option import Kind
from bot.config import Secret
from bot.domain.post import Json
from bot.testing.chats.discord import Guild
from bot.testing.chats.discord.components import walk
from bot.testing.chats.slack import Workspace
from tests.e2e.chats.bots import PATIENCE, until

EMOJI = {"✅": "white_check_mark", "❌": "x", "⏸": "double_vertical_bar", "♻️": "recycle"}
IDS = {"alice": "U0ALICE", "bob": "U0BOB", "carol": "U0CAROL", "dana": "U0DANA", "mallory": "U0MALLORY"}
CHANNEL = "C0LAUNCH"
FLAKES = {
    "alice": "80351110224678912",
    "bob": "53908232506183680",
    "carol": "53908099506183680",
    "dana": "66192955777486848",
    "mallory": "66192955777486849",
}
PLACE = "1187026123847319552"


class Desk(Protocol):
    """A channel with people in front of it."""

    address: str

    def table(self) -> Mapping[str, Mapping[str, Json]]:
        """What ``[chat]`` says about the service."""

    def people(self) -> Mapping[str, Sequence[str]]:
        """What ``[people]`` says."""

    async def ready(self) -> None:
        """Wait until the bot listens."""

    async def say(self, who: str, line: str) -> str:
        """Type a command (without its slash); the answer."""

    async def press(self, who: str, label: str, words: str = "", *, post: int = 1) -> str:
        """Press a button of a card, fill in what it asks; the answer."""

    async def react(self, who: str, emoji: str, *, on: bool = True, post: int = 1) -> None:
        """Put or take away a reaction on a card."""

    def card(self, post: int = 1) -> str:
        """The words on a card as it stands, or nothing."""

    def buttons(self, post: int = 1) -> Sequence[str]:
        """What can be pressed on it."""

    def thread(self, post: int = 1) -> str:
        """Everything in the thread under it."""

    def heard(self, who: str) -> str:
        """Everything that was said to one person alone."""


def flat(text: str) -> str:
    return " ".join(text.replace("│", " ").replace("\u200b", "").replace("\u2060", "").split())


class ConsoleDesk:
    """The terminal; everybody sits at the same one."""

    address = "console:main"

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str | None] = asyncio.Queue()
        self.spoken: list[str] = []
        self.done = asyncio.Event()

    def make(self, first: int) -> Console:
        return Console(
            read_line=self._next, write=self.spoken.append, width=4_000, first_ref=first, channel="main"
        )

    async def _next(self) -> str | None:
        if self.lines.empty():
            self.done.set()
        return await self.lines.get()

    def table(self) -> Mapping[str, Mapping[str, Json]]:
        return {}

    def people(self) -> Mapping[str, Sequence[str]]:
        return {}

    async def ready(self) -> None:
        await self.done.wait()

    async def _type(self, who: str, line: str) -> str:
        self.done.clear()
        seen = len(self.spoken)
        self.lines.put_nowait(f"as {who}")
        self.lines.put_nowait(line)
        await self.done.wait()
        return flat("\n".join(self.spoken[seen + 1 :]))

    async def say(self, who: str, line: str) -> str:
        return await self._type(who, f"/{line}")

    async def press(self, who: str, label: str, words: str = "", *, post: int = 1) -> str:
        (number,) = [n for n, name in enumerate(self.buttons(post), 1) if name.startswith(label)][:1]
        return await self._type(who, f"{number} P{post} {words}".rstrip())

    async def react(self, who: str, emoji: str, *, on: bool = True, post: int = 1) -> None:
        await self._type(who, f"{'+' if on else '-'}{emoji} P{post}")

    def _cards(self, post: int) -> list[str]:
        return [t for t in self.spoken if re.match(rf"┌ P{post} ·", t.lstrip())]

    def card(self, post: int = 1) -> str:
        return flat((self._cards(post) or [""])[-1])

    def buttons(self, post: int = 1) -> Sequence[str]:
        return re.findall(r"\[\d+\] (.+?)(?=  \[\d+\]|\n|$)", (self._cards(post) or [""])[-1])

    def thread(self, post: int = 1) -> str:
        return flat("\n".join(t for t in self.spoken if t.startswith("↳")))

    def heard(self, who: str) -> str:
        return flat("\n".join(t for t in self.spoken if f"(to {who})" in t))


class SlackDesk:
    """A channel of a workspace, over Socket Mode or over HTTP."""

    address = f"slack:{CHANNEL}"

    def __init__(self, workspace: Workspace, listen: str = "") -> None:
        self.workspace = workspace
        self.listen = listen

    def table(self) -> Mapping[str, Mapping[str, Json]]:
        base: dict[str, Json] = {"base_url": self.workspace.base_url}
        state = self.workspace.state
        if self.listen:
            base |= {"listen": self.listen, "signing_secret": Secret(state.signing_secret)}
        else:
            base |= {"app_token": Secret(state.app_token)}
        return {"slack": {**base, "bot_token": Secret(state.bot_token)}}

    def people(self) -> Mapping[str, Sequence[str]]:
        return {name: [f"slack:{id_}"] for name, id_ in IDS.items() if name != "mallory"}

    async def ready(self) -> None:
        if not self.listen:
            await asyncio.wait_for(self.workspace.sockets.connected.wait(), 20)
            return
        host, _, port = self.listen.rpartition(":")

        for _ in range(int(PATIENCE * 100)):
            with suppress(OSError):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"nobody listens at {self.listen}")

    async def say(self, who: str, line: str) -> str:
        seen = len(self.workspace.ephemerals(IDS[who]))
        told = await self.workspace.command(IDS[who], CHANNEL, line)
        assert told.ok, told.fault
        return await self._answer(who, seen)

    async def press(self, who: str, label: str, words: str = "", *, post: int = 1) -> str:
        user = IDS[who]
        message = self._message(post)
        assert message is not None
        name = next(b for b in self.workspace.buttons(message) if b.startswith(label))
        seen = len(self.workspace.ephemerals(user))
        told = await self.workspace.press(user, CHANNEL, message["ts"], name)
        assert told.ok, told.fault
        if words:
            view = await until(lambda: self.workspace.modal(user), f"the form behind {label}")
            inputs = [b for b in view.content["blocks"] if b["type"] == "input"]
            text = next(b for b in inputs if b["element"]["type"] == "plain_text_input")
            told = await self.workspace.submit(user, {text["block_id"]: words})
            assert told.ok, told.fault
        return await self._answer(who, seen)

    async def react(self, who: str, emoji: str, *, on: bool = True, post: int = 1) -> None:
        message = self._message(post)
        assert message is not None
        act = self.workspace.react if on else self.workspace.unreact
        await act(IDS[who], CHANNEL, message["ts"], EMOJI[emoji])

    async def _answer(self, who: str, seen: int) -> str:
        user = IDS[who]
        await until(lambda: len(self.workspace.ephemerals(user)) > seen, f"an answer to {who}")
        return flat("\n".join(map(self.workspace.words, self.workspace.ephemerals(user)[seen:])))

    def _message(self, post: int) -> Any:
        for message in self.workspace.messages(CHANNEL):
            if message.get("thread_ts", message["ts"]) != message["ts"]:
                continue
            if re.match(rf"\W*P{post} ·", flat(self.workspace.words(message))):
                return message
        return None

    def card(self, post: int = 1) -> str:
        message = self._message(post)
        return flat(self.workspace.words(message)) if message else ""

    def buttons(self, post: int = 1) -> Sequence[str]:
        message = self._message(post)
        return self.workspace.buttons(message) if message else ()

    def thread(self, post: int = 1) -> str:
        message = self._message(post)
        said = self.workspace.thread(CHANNEL, message["ts"]) if message else []
        return flat("\n".join(map(self.workspace.words, said)))

    def heard(self, who: str) -> str:
        return flat("\n".join(map(self.workspace.words, self.workspace.ephemerals(IDS[who]))))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def slack_desk(*, http: bool = False) -> AsyncIterator[SlackDesk]:
    """A workspace with a channel, four people who count and one who does not."""
    async with Workspace(SystemClock()).running() as workspace:
        for name, id_ in IDS.items():
            workspace.add_user(id_, name)
        workspace.add_channel(CHANNEL, "launch", list(IDS.values()))
        # these bots' clocks are fast, so the service's own seconds would be long ones
        workspace.rates.enforced = False
        desk = SlackDesk(workspace)
        if http:
            desk.listen = f"127.0.0.1:{free_port()}"
            workspace.pages.url = f"http://{desk.listen}/slack/events"
        yield desk


class DiscordDesk:
    """A channel of a guild."""

    address = f"discord:{PLACE}"

    def __init__(self, guild: Guild) -> None:
        self.guild = guild
        self._known = {c.name: c for c in all_commands()}

    def table(self) -> Mapping[str, Mapping[str, Json]]:
        guild = self.guild
        return {
            "discord": {
                "token": Secret(guild.token),
                "base_url": guild.base_url,
                "gateway_url": guild.gateway_url,
            }
        }

    def people(self) -> Mapping[str, Sequence[str]]:
        return {name: [f"discord:{id_}"] for name, id_ in FLAKES.items() if name != "mallory"}

    async def ready(self) -> None:
        await self.guild.connected()

    async def say(self, who: str, line: str) -> str:
        name, *words = shlex.split(line)
        options = self._known[name].options
        order = [o.name for o in sorted(options, key=lambda o: (not o.required, not o.positional))]
        given: dict[str, str | int] = {}
        left = iter(words)
        for word in left:
            if word.startswith("--"):
                given[word[2:]] = next(left)
            else:
                given[next(n for n in order if n not in given)] = word
        for option in options:
            if option.kind is Kind.INTEGER and option.name in given:
                given[option.name] = int(given[option.name])
        seen = len(self.guild.ephemerals(FLAKES[who]))
        groups = [g for g in declared(all_commands()) if name in (o["name"] for o in g.get("options", ()))]
        told = await self.guild.command(FLAKES[who], PLACE, f"{groups[0]['name']} {name}", given)
        assert told.ok, told
        return await self._answer(who, seen)

    async def press(self, who: str, label: str, words: str = "", *, post: int = 1) -> str:
        user = FLAKES[who]
        message = self._message(post)
        assert message is not None
        name = next(b for b in self.guild.buttons(message) if b.startswith(label))
        seen = len(self.guild.ephemerals(user))
        told = await self.guild.press(user, PLACE, message["id"], name)
        assert told.ok, told
        if words:
            form = await until(lambda: self.guild.modal(user), f"the form behind {label}")
            (field,) = [t for t in walk(form.components) if t["type"] == 4]
            told = await self.guild.submit(user, {field["custom_id"]: words})
            assert told.ok, told
        return await self._answer(who, seen)

    async def react(self, who: str, emoji: str, *, on: bool = True, post: int = 1) -> None:
        message = self._message(post)
        assert message is not None
        act = self.guild.react if on else self.guild.unreact
        await act(FLAKES[who], PLACE, message["id"], emoji)

    async def _answer(self, who: str, seen: int) -> str:
        def answered() -> bool:
            said = self.guild.ephemerals(FLAKES[who])
            return len(said) > seen and not self.guild.loading(FLAKES[who])

        await until(answered, f"an answer to {who}")
        return flat("\n".join(map(self.guild.words, self.guild.ephemerals(FLAKES[who])[seen:])))

    def _message(self, post: int) -> Any:
        for message in self.guild.messages(PLACE):
            if re.search(rf"\bP{post} ·", unescaped(flat(self.guild.words(message)))):
                return message
        return None

    def card(self, post: int = 1) -> str:
        message = self._message(post)
        return unescaped(flat(self.guild.words(message))) if message else ""

    def buttons(self, post: int = 1) -> Sequence[str]:
        message = self._message(post)
        return self.guild.buttons(message) if message else ()

    def thread(self, post: int = 1) -> str:
        message = self._message(post)
        said = self.guild.thread(PLACE, message["id"]) if message else []
        return unescaped(flat("\n".join(map(self.guild.words, said))))

    def heard(self, who: str) -> str:
        user = FLAKES[who]
        said = [*self.guild.ephemerals(user), *self.guild.dms(user)]
        return unescaped(flat("\n".join(map(self.guild.words, said))))


def unescaped(text: str) -> str:
    """Words as Discord shows them: without the backslashes that keep markdown out."""
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", text)


@asynccontextmanager
async def discord_desk() -> AsyncIterator[DiscordDesk]:
    """A guild with a channel, four people who count and one who does not."""
    async with Guild(SystemClock()).running() as guild:
        for name, id_ in FLAKES.items():
            guild.add_user(id_, name)
        guild.add_channel(PLACE, "launch")
        guild.declare(declared(all_commands()))
        yield DiscordDesk(guild)
