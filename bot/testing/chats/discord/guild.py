"""The guild: people, channels, the bot's place in it, and everything that can befall it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from bot.clock import SystemClock
from bot.testing.chats.discord import views
from bot.testing.chats.discord.acting import Acting
from bot.testing.chats.discord.channels import Channels
from bot.testing.chats.discord.faults import FAULTS
from bot.testing.chats.discord.gateway import BAD_TOKEN, Gateway
from bot.testing.chats.discord.interactions import AUTOCOMPLETE, Form, Interactions
from bot.testing.chats.discord.limits import judged
from bot.testing.chats.discord.messages import Messages
from bot.testing.chats.discord.rates import Rates
from bot.testing.chats.discord.refusals import refuse_form
from bot.testing.chats.discord.roster import Roster
from bot.testing.chats.discord.scene import Route, Scene
from bot.testing.chats.discord.seeing import Seeing
from bot.testing.chats.discord.server import API, Server
from bot.testing.chats.discord.webhooks import Webhooks
from bot.testing.chats.discord.world import PERMISSIONS, Channel, Member, Role, User, World

if TYPE_CHECKING:
    from bot.ports import Clock

TOKEN = "MTE4NzAwMDAwMDAwMDAwMDAwMA.simulated.clarion-bot-token"


class Guild(Acting, Seeing, Server):
    """One guild with one bot in it. Start it; ``base_url`` and ``gateway_url`` are for the client.

    The clock rules everything but latencies, which are real. ``rates.enforce`` is off by default, so
    that tests with a standing clock are not held up: excesses are counted either way (``breaches``).
    """

    def __init__(self, clock: Clock | None = None, *, name: str = "Acme", token: str = TOKEN) -> None:
        clock = clock or SystemClock()
        self._good = token
        rates = Rates(clock)
        world = World(clock, name=name, token=token)
        super().__init__(clock, world, rates, Gateway(world, rates))
        self.scene = Scene(clock=clock, world=world, gateway=self.gateway)
        self.interactions = Interactions(self.scene)
        self.posting = Messages(self.scene)
        self.places = Channels(self.scene)
        self.roster = Roster(self.scene)
        self.hooks = Webhooks(self.scene, self.interactions, self.posting)
        self.forms: dict[str, list[Form]] = self.hooks.forms

    @property
    def id(self) -> str:
        return self.world.id

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def token(self) -> str:
        """What a good client says."""
        return self._good

    @property
    def base_url(self) -> str:
        """What a client takes for ``https://discord.com/api/v10``."""
        return f"{self.url}{API}"

    @property
    def gateway_url(self) -> str:
        """What a client takes for ``wss://gateway.discord.gg/``."""
        return self.gateway.url

    @property
    def breaches(self) -> list[str]:
        """Every call over what Discord allows, refused or not."""
        return self.rates.breaches

    @property
    def acks(self) -> list[float]:
        """Real seconds until each interaction was answered; those that were not are infinite."""
        found = self.interactions.by_id.values()
        return [one.latency for one in found if one.type != AUTOCOMPLETE]

    # --- the server -----------------------------------------------------------------------------------

    def routes(self) -> Mapping[str, Route]:
        doors = (self.posting, self.places, self.roster, self.hooks)
        return {endpoint: route for door in doors for endpoint, route in door.routes().items()}

    async def start(self, port: int = 0) -> Self:
        """Serve on 127.0.0.1; whoever called closes it."""
        await self.serve(self.routes(), port)
        self.scene.url = self.url
        return self

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """``async with guild.running():`` for tests."""
        await self.start()
        try:
            yield self
        finally:
            await self.aclose()

    async def connected(self, *, seconds: float = 10.0) -> None:
        """Returns once the bot listens; raises `TimeoutError` after so many real seconds."""
        await asyncio.wait_for(self.gateway.until_connected(), seconds)

    # --- who and what there is ------------------------------------------------------------------------

    def add_member(self, id: str, name: str, roles: Sequence[str] = (), *, shown: str = "") -> Member:
        """Somebody in the guild; ``roles`` by id."""
        user = User(id=self.world.reserve(id), name=name, shown=shown)
        return self.world.join(user, roles)

    def add_user(self, id: str, name: str, roles: Sequence[str] = ()) -> Member:
        """The same."""
        return self.add_member(id, name, roles)

    def add_role(self, id: str, name: str, permissions: Sequence[str] = ()) -> Role:
        bits = sum(PERMISSIONS[one] for one in permissions)
        role = Role(id=self.world.reserve(id), name=name, permissions=bits)
        self.world.roles[role.id] = role
        return role

    def add_channel(self, id: str, name: str) -> Channel:
        channel = Channel(id=self.world.reserve(id), name=name)
        self.world.channels[channel.id] = channel
        return channel

    def declare(self, commands: Sequence[Mapping[str, Any]]) -> None:
        """Register global commands as a bulk overwrite does; raises `Refusal` for what Discord refuses."""
        refuse_form(judged([dict(one) for one in commands], "commands"))
        self.roster.replace("", [dict(one) for one in commands])

    async def give_roles(self, user: str, roles: Sequence[str]) -> None:
        """Change which roles somebody has."""
        member = self.world.members[user]
        member.roles = list(roles)
        data = {**views.member_view(member), "guild_id": self.id}
        await self.gateway.dispatch("GUILD_MEMBER_UPDATE", data)

    async def regroup(self, role: str, users: Sequence[str]) -> None:
        """Change who has a role."""
        for id, member in tuple(self.world.members.items()):
            roles = [one for one in member.roles if one != role] + ([role] if id in users else [])
            if roles != member.roles:
                await self.give_roles(id, roles)

    # --- trouble --------------------------------------------------------------------------------------

    def go_wrong(
        self,
        endpoint: str,
        fault: str,
        *,
        nth: int = 1,
        times: int = 1,
        delay: float = 0.0,
        wait: float = 0.0,
    ) -> None:
        """Break an endpoint by a name of `FAULTS`, from its nth next call on.

        ``times``: how often, 0 for ever. ``delay``: seconds before anything happens; ``wait``: what a
        429 says to wait.
        """
        failure = FAULTS[fault]
        if delay:
            failure = replace(failure, delay=delay)
        if wait:
            headers = {**failure.headers, "Retry-After": str(int(wait) + 1)}
            failure = replace(failure, headers=headers, body={**failure.body, "retry_after": wait})
        self.fail(endpoint, failure, nth=nth, times=times)

    def called(self, endpoint: str) -> int:
        """How often the app called an endpoint."""
        return self.count(endpoint)

    async def cut(self, *, everything: bool = False, refuse: bool = False) -> None:
        """The gateway breaks and stays down until `mend`; ``everything``: the REST API too."""
        self.down = everything
        await self.gateway.cut(refuse=refuse)

    def mend(self) -> None:
        self.down = False
        self.gateway.restore()

    async def revoke(self) -> None:
        """The bot's token is worth nothing any more; Discord hangs up on it."""
        self.world.token = "revoked"
        self.gateway.forget()
        await self.gateway.hang_up(BAD_TOKEN)

    def restore(self) -> None:
        """The token is good again."""
        self.world.token = self._good

    async def allow(self, channel: str, *permissions: str, who: str = "") -> None:
        """Give the bot (or a role or member) permissions in a channel."""
        await self._overwrite(channel, who or self.bot.id, allow=permissions)

    async def deny(self, channel: str, *permissions: str, who: str = "") -> None:
        """Take them away there."""
        await self._overwrite(channel, who or self.bot.id, deny=permissions)

    async def kick(self, channel: str) -> None:
        """Throw the bot out of a channel: it may not see it any more."""
        await self.deny(channel, "view_channel")

    async def invite(self, channel: str) -> None:
        """Let it in again."""
        await self.allow(channel, "view_channel")

    async def _overwrite(
        self, channel: str, who: str, *, allow: Sequence[str] = (), deny: Sequence[str] = ()
    ) -> None:
        place = self.world.channels[channel]
        _, allowed, denied = place.overwrites.get(who, (False, 0, 0))
        for name in allow:
            allowed, denied = allowed | PERMISSIONS[name], denied & ~PERMISSIONS[name]
        for name in deny:
            allowed, denied = allowed & ~PERMISSIONS[name], denied | PERMISSIONS[name]
        place.overwrites[who] = (who in self.world.members, allowed, denied)
        data = views.channel_view(self.world, place)
        await self.gateway.dispatch("CHANNEL_UPDATE", data)

    async def banish(self) -> None:
        """Throw the bot out of the guild."""
        self.world.members.pop(self.bot.id, None)
        await self.gateway.dispatch("GUILD_DELETE", {"id": self.id})

    async def delete_channel(self, channel: str) -> None:
        data = views.channel_view(self.world, self.world.channels[channel])
        self.world.channels.pop(channel)
        for message in self.world.messages.values():
            message.deleted = message.deleted or message.channel == channel
        await self.gateway.dispatch("CHANNEL_DELETE", data)

    def close_dms(self, user: str, *, closed: bool = True) -> None:
        """Somebody lets nobody write to them."""
        self.world.users[user].takes_dms = not closed
