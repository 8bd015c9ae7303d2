"""The workspace: one server for everything the app calls, and the people in front of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self

from aiohttp import web

from bot.clock import SystemClock
from bot.ports import Clock
from bot.testing.chats.slack import api
from bot.testing.chats.slack.acting import Acting
from bot.testing.chats.slack.clicking import labels, texts
from bot.testing.chats.slack.delivery import Carrier, Post
from bot.testing.chats.slack.doors import Doors
from bot.testing.chats.slack.faults import FAULTS
from bot.testing.chats.slack.install import install
from bot.testing.chats.slack.methods import METHODS
from bot.testing.chats.slack.pages import Pages, signed
from bot.testing.chats.slack.rates import Breach, Rates
from bot.testing.chats.slack.socket import Sockets
from bot.testing.chats.slack.state import Channel, Group, Json, Person, State, View
from bot.testing.simulator import Handler, Simulator


class Workspace(Acting, Simulator):
    """A Slack workspace with one app in it. Start it, then ``base_url`` is for the app's client.

    ``grid``: the id of an Enterprise Grid it is part of; ``org_install``: the app was installed there for
    the whole organisation, so that its payloads carry no team. The clock rules everything but
    signatures and latencies, which are real.
    """

    def __init__(
        self, clock: Clock | None = None, *, team: str = "T0ACME", grid: str = "", org_install: bool = False
    ) -> None:
        super().__init__(clock or SystemClock())
        self.state = State(self.clock, team=team, grid=grid, org_install=org_install)
        self.rates = Rates(self.clock)
        self.sockets = Sockets(self.state)
        self.pages = Pages(self.state)
        self.post = Post(self.clock, self._carrier)
        self.down = False

    def _carrier(self) -> Carrier:
        return self.pages if self.pages.url else self.sockets

    @property
    def base_url(self) -> str:
        """What an SDK's client takes for ``https://slack.com/api/``."""
        return f"{self.url}/api/"

    @property
    def breaches(self) -> list[Breach]:
        """Every call over what Slack documents, refused or not."""
        return self.rates.breaches

    @property
    def acks(self) -> list[float]:
        """Real seconds of every acknowledgement."""
        return self.post.latencies

    # --- the server ---------------------------------------------------------------------------------

    def routes(self) -> Mapping[str, Handler]:
        doors = Doors(self.state)
        called: dict[str, Handler] = {
            f"* /api/{name}": self._up(api.handler(name, self.state, self.rates)) for name in METHODS
        }
        return {
            **called,
            "* /api/{method}": api.unknown,
            "GET /link/": self.sockets.handle,
            "POST /hooks/{rest:.*}": self._up(doors.hook),
            "POST /upload/v1/{file}": self._up(doors.upload),
            "GET /files-pri/{file}/{rest:.*}": self._up(doors.file),
        }

    def _up(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return self._hang_up(request) if self.down else await handler(request)

        return handle

    async def start(self, port: int = 0) -> Self:
        await super().start(port)
        self.state.url = self.url
        return self

    async def aclose(self) -> None:
        await self.post.aclose()
        await self.sockets.aclose()
        await self.pages.aclose()
        await super().aclose()

    # --- trouble ------------------------------------------------------------------------------------

    def go_wrong(
        self, method: str, fault: str, *, nth: int = 1, times: int = 1, delay: float = 0.0, wait: int = 0
    ) -> None:
        """Break a method (``"chat.postMessage"``) by a name of `FAULTS`, from its nth next call on.

        ``times``: how often, 0 for ever. ``delay``: seconds before anything happens; ``wait``:
        ``Retry-After`` of ``ratelimited``.
        """
        failure = FAULTS[fault]
        if delay:
            failure = replace(failure, delay=delay)
        if wait:
            failure = replace(failure, headers={"retry-after": str(wait)})
        endpoint = f"* /api/{method}" if method in METHODS else method
        self.fail(endpoint, failure, nth=nth, times=times)

    def called(self, method: str) -> int:
        """How often the app called a method."""
        return self.count(f"* /api/{method}")

    def cut(self, *, everything: bool = False) -> None:
        """The sockets break and stay down until `mend`; ``everything``: the Web API too."""
        self.sockets.cut()
        self.down = everything

    def mend(self) -> None:
        self.sockets.mend()
        self.down = False

    def revoke(self, error: str = "token_revoked", *, app: bool = False) -> None:
        """The bot's token (or the app's) is worth nothing any more."""
        self.state.revoked[self.state.app_token if app else self.state.bot_token] = error

    def restore(self) -> None:
        """Every token is good again."""
        self.state.revoked.clear()

    async def verify(self) -> bool:
        """Ask the request URL to prove itself, as Slack does when it is entered."""
        challenge = self.state.id("challenge")
        body = json.dumps({"type": "url_verification", "token": "", "challenge": challenge}).encode()
        headers = signed(self.state.signing_secret, body, SystemClock().now().timestamp())
        headers["content-type"] = "application/json"
        status, _, text = await self.pages.posted(body, headers)
        return status == 200 and challenge in text

    def install(self, manifest: Json) -> None:
        """Set the app up anew from a manifest. Raises `ValueError` when Slack would not take it."""
        install(self.state, manifest)

    # --- who and what there is ----------------------------------------------------------------------

    def add_user(self, id: str, name: str, tz: str = "Europe/Lisbon", *, team: str = "") -> Person:
        """``team``: another organisation's id, for somebody who comes through Slack Connect."""
        return self.state.people.setdefault(id, Person(id=id, name=name, tz=tz, team=team or self.state.team))

    def add_group(self, id: str, handle: str, users: Sequence[str]) -> Group:
        return self.state.groups.setdefault(id, Group(id=id, handle=handle, users=list(users)))

    def add_channel(
        self,
        id: str,
        name: str,
        members: Sequence[str] = (),
        *,
        private: bool = False,
        shared: bool = False,
        bot: bool = True,
    ) -> Channel:
        """``bot``: the app was invited. ``shared``: with another organisation."""
        inside = {*members, *([self.state.bot_user] if bot else [])}
        channel = Channel(id=id, name=name, members=inside, private=private, shared=shared)
        return self.state.channels.setdefault(id, channel)

    # --- what people see ----------------------------------------------------------------------------

    def messages(self, channel: str) -> list[Json]:
        """What stands in a channel, oldest first, without replies; copies."""
        found = self.state.channels[channel].messages.values()
        return copy.deepcopy([m for m in found if m.get("thread_ts", m["ts"]) == m["ts"]])

    def message(self, channel: str, ts: str) -> Json:
        """One message as it is now; a copy."""
        return copy.deepcopy(self.state.channels[channel].messages[ts])

    def thread(self, channel: str, ts: str) -> list[Json]:
        """The replies to a message, oldest first; copies."""
        found = self.state.channels[channel].messages.values()
        return copy.deepcopy([m for m in found if m.get("thread_ts") == ts and m["ts"] != ts])

    def direct(self, user: str) -> list[Json]:
        """The direct messages between the app and somebody."""
        return self.messages(self.state.direct(user).id)

    def ephemerals(self, user: str) -> list[Json]:
        """What only this person saw, oldest first; copies."""
        return copy.deepcopy(self.state.whispers.get(user, []))

    def modal(self, user: str) -> View | None:
        """The topmost modal somebody has open."""
        stack = self.state.stacks.get(user)
        return self.state.views[stack[-1]] if stack else None

    def home(self, user: str) -> View | None:
        """Somebody's Home tab, once it was published."""
        return self.state.homes.get(user)

    def buttons(self, seen: Json) -> list[str]:
        """What can be pressed in a message, or in a view's content."""
        return labels(seen.get("blocks") or [])

    def words(self, seen: Json) -> str:
        """All text of a message's blocks (or its plain text), or of a view's content."""
        return "\n".join(texts(seen.get("blocks") or []) or [str(seen.get("text", ""))])
