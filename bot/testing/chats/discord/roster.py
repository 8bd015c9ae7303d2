"""The guild, its people, the application and its commands over REST."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.testing.chats.discord import views
from bot.testing.chats.discord.declared import CREATES_A_DAY
from bot.testing.chats.discord.limits import judged
from bot.testing.chats.discord.messages import whole
from bot.testing.chats.discord.rates import IDENTIFIES, within
from bot.testing.chats.discord.refusals import (
    NO_ACCESS,
    TOO_MANY_CREATES,
    UNKNOWN_COMMAND,
    UNKNOWN_GUILD,
    UNKNOWN_MEMBER,
    UNKNOWN_ROLE,
    UNKNOWN_USER,
    Refusal,
    refuse_form,
    wrong,
)
from bot.testing.chats.discord.scene import NOTHING, Answer, Call, Route, Scene
from bot.testing.chats.discord.world import TEXT, Member

DAY = 86_400.0
DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "type": 1,
        "nsfw": False,
        "dm_permission": True,
        "default_member_permissions": None,
        "contexts": None,
        "integration_types": [0],
    }
)


class Roster:
    """The routes under ``/guilds``, ``/users``, ``/applications`` and ``/gateway``."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._creates: dict[str, deque[float]] = {}

    def routes(self) -> Mapping[str, Route]:
        everywhere, here = "/applications/{app}/commands", "/applications/{app}/guilds/{guild}/commands"
        return {
            "GET /gateway": self.gateway,
            "GET /gateway/bot": self.gateway,
            "GET /users/@me": self.me,
            "GET /users/@me/guilds": self.guilds,
            "GET /users/{user}": self.user,
            "GET /applications/@me": self.application,
            "GET /oauth2/applications/@me": self.application,
            "GET /guilds/{guild}": self.guild,
            "GET /guilds/{guild}/channels": self.channels,
            "GET /guilds/{guild}/roles": self.roles,
            "GET /guilds/{guild}/roles/{role}": self.role,
            "GET /guilds/{guild}/members": self.members,
            "GET /guilds/{guild}/members/{user}": self.member,
            f"GET {everywhere}": self.commands,
            f"POST {everywhere}": self.declare,
            f"PUT {everywhere}": self.overwrite,
            f"DELETE {everywhere}/{{command}}": self.forget,
            f"GET {here}": self.commands,
            f"POST {here}": self.declare,
            f"PUT {here}": self.overwrite,
            f"DELETE {here}/{{command}}": self.forget,
        }

    async def gateway(self, call: Call) -> Answer:
        """Where the gateway is, and for a bot how often it may still begin a session."""
        url = self.scene.gateway.url
        if call.endpoint == "GET /gateway":
            return Answer(body={"url": url})
        left = IDENTIFIES - len(self.scene.gateway.rates.identifies)
        limit = {"total": IDENTIFIES, "remaining": left, "reset_after": 86_400_000, "max_concurrency": 1}
        return Answer(body={"url": url, "shards": 1, "session_start_limit": limit})

    async def me(self, call: Call) -> Answer:
        return Answer(
            body={
                **views.user_view(self.scene.world.bot),
                "verified": True,
                "mfa_enabled": False,
                "locale": "en-US",
            }
        )

    async def guilds(self, call: Call) -> Answer:
        world = self.scene.world
        one: dict[str, Any] = {
            "id": world.id,
            "name": world.name,
            "icon": None,
            "banner": None,
            "owner": False,
            "features": [],
        }
        permissions = str(world.permissions(world.bot.id))
        inside = world.bot.id in world.members
        return Answer(body=[{**one, "permissions": permissions}] if inside else [])

    async def user(self, call: Call) -> Answer:
        user = self.scene.world.users.get(call.names["user"])
        if user is None:
            raise Refusal(UNKNOWN_USER)
        return Answer(body=views.user_view(user))

    async def application(self, call: Call) -> Answer:
        return Answer(body=views.application_view(self.scene.world))

    def _inside(self, call: Call) -> None:
        """Raises unless the guild is this one and the bot is in it."""
        if call.names["guild"] != self.scene.world.id:
            raise Refusal(UNKNOWN_GUILD)
        if self.scene.world.bot.id not in self.scene.world.members:
            raise Refusal(NO_ACCESS)

    async def guild(self, call: Call) -> Answer:
        self._inside(call)
        return Answer(body=views.guild_view(self.scene.world))

    async def channels(self, call: Call) -> Answer:
        self._inside(call)
        found = [c for c in self.scene.world.channels.values() if c.type == TEXT]
        return Answer(body=[views.channel_view(self.scene.world, c) for c in found])

    async def roles(self, call: Call) -> Answer:
        self._inside(call)
        return Answer(body=[views.role_view(r, n) for n, r in enumerate(self.scene.world.roles.values())])

    async def role(self, call: Call) -> Answer:
        self._inside(call)
        roles = list(self.scene.world.roles)
        if call.names["role"] not in roles:
            raise Refusal(UNKNOWN_ROLE)
        found = self.scene.world.roles[call.names["role"]]
        return Answer(body=views.role_view(found, roles.index(found.id)))

    async def members(self, call: Call) -> Answer:
        """All members by rising id; only with the members intent switched on in the portal."""
        self._inside(call)
        if "members" not in self.scene.world.privileged:
            raise Refusal(NO_ACCESS)
        limit, after = whole(call.query.get("limit"), 1), whole(call.query.get("after"), 0)
        if not 1 <= limit <= 1000:
            raise wrong("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 1000.")
        found = sorted((m for m in self.scene.world.members.values() if int(m.user.id) > after), key=by_user)
        return Answer(body=[views.member_view(m) for m in found[:limit]])

    async def member(self, call: Call) -> Answer:
        self._inside(call)
        found = self.scene.world.members.get(call.names["user"])
        if found is None:
            raise Refusal(UNKNOWN_MEMBER if call.names["user"] in self.scene.world.users else UNKNOWN_USER)
        return Answer(body=views.member_view(found))

    def _place(self, call: Call) -> str:
        """Whose commands these are: "" for global ones, else the guild."""
        if call.names["app"] != self.scene.world.app:
            raise Refusal(NO_ACCESS)
        if "guild" in call.names:
            self._inside(call)
        return call.names.get("guild", "")

    def _standing(self, place: str) -> list[dict[str, Any]]:
        return [c for c in self.scene.world.commands.values() if c.get("guild_id", "") == place]

    async def commands(self, call: Call) -> Answer:
        return Answer(body=self._standing(self._place(call)))

    async def declare(self, call: Call) -> Answer:
        """Add a command, or replace the one of the same name and type."""
        place, body = self._place(call), call.fields()
        refuse_form(judged(body, "command"))
        others = [c for c in self._standing(place) if same(c) != same(body)]
        refuse_form(judged([*others, body], "commands"))
        known = {same(c) for c in self._standing(place)}
        return Answer(body=self.put(place, body), status=200 if same(body) in known else 201)

    async def overwrite(self, call: Call) -> Answer:
        """Put these commands in the place of all that were there."""
        place = self._place(call)
        refuse_form(judged(call.body, "commands"))
        return Answer(body=self.replace(place, call.body))

    def replace(self, place: str, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Like `overwrite`, for whoever judged them before."""
        names = {same(c) for c in commands}
        for old in self._standing(place):
            if same(old) not in names:
                self.scene.world.commands.pop(old["id"])
        return [self.put(place, command) for command in commands]

    def put(self, place: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write a command down; 200 new ones a day in one place."""
        old = next((c for c in self._standing(place) if same(c) == same(body)), None)
        if old is None:
            times = self._creates.setdefault(place, deque())
            if not within(times, self.scene.clock.monotonic(), CREATES_A_DAY, DAY):
                raise Refusal(TOO_MANY_CREATES)
        made = {
            **DEFAULTS,
            "description": "",
            **{key: value for key, value in body.items() if value is not None},
            "id": old["id"] if old else self.scene.world.snowflake(),
            "application_id": self.scene.world.app,
            "version": self.scene.world.snowflake(),
            **({"guild_id": place} if place else {}),
        }
        self.scene.world.commands[made["id"]] = made
        return made

    async def forget(self, call: Call) -> Answer:
        place = self._place(call)
        if not any(c["id"] == call.names["command"] for c in self._standing(place)):
            raise Refusal(UNKNOWN_COMMAND)
        self.scene.world.commands.pop(call.names["command"])
        return NOTHING


def same(command: Mapping[str, Any]) -> tuple[int, str]:
    """Commands of the same type and name are one."""
    return command.get("type") or 1, str(command.get("name"))


def by_user(member: Member) -> int:
    return int(member.user.id)
