"""Interactions: what somebody did, the token that answers it, and how far the answer came."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bot.testing.chats.discord import views
from bot.testing.chats.discord.scene import Scene
from bot.testing.chats.discord.world import DIRECT, Message

FIRST_ANSWER, TOKEN_LIFE = 3.0, 900.0
"""Seconds until the first answer, and of a token's life (interactions/receiving-and-responding)."""

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
REPLY, LATER, LATER_UPDATE, UPDATE, SUGGEST, ASK = 4, 5, 6, 7, 8, 9
ALLOWED: Mapping[int, frozenset[int]] = MappingProxyType(
    {
        COMMAND: frozenset({REPLY, LATER, ASK}),
        COMPONENT: frozenset({REPLY, LATER, LATER_UPDATE, UPDATE, ASK}),
        AUTOCOMPLETE: frozenset({SUGGEST}),
        MODAL: frozenset({REPLY, LATER, LATER_UPDATE, UPDATE}),
    }
)
"""Which answers each kind of interaction takes."""


@dataclass
class Interaction:
    """One thing a person did. ``answer`` is the type of the callback, 0 while there is none.

    ``claimed``: an answer is being
    judged. ``latency``: seconds until then by the simulator's clock. ``original`` is the message the answer
    made or changes; ``followups`` came after it; ``form`` the modal it opened.
    """

    id: str
    token: str = field(repr=False)
    type: int
    user: str
    channel: str
    born: float
    began: float
    data: dict[str, Any]
    message: Message | None = None
    answer: int = 0
    claimed: bool = False
    latency: float = float("inf")
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    form: Form | None = None
    choices: list[dict[str, Any]] = field(default_factory=list)
    ephemeral: bool = False
    answered: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    refused: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether it was answered; if not, the person reads "The application did not respond"."""
        return self.answer != 0

    @property
    def told(self) -> list[Message]:
        """What the person got for it and can still see, oldest first."""
        made = [] if self.original is None or self.original is self.message else [self.original]
        return [m for m in (*made, *self.followups) if not m.deleted and not m.loading]


@dataclass
class Form:
    """A modal as it stands before somebody; ``closed`` once it was sent and taken."""

    custom_id: str
    title: str
    components: list[dict[str, Any]]
    user: str
    channel: str
    message: Message | None = None
    closed: bool = False


class Interactions:
    """All of them, by id and by token."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.by_id: dict[str, Interaction] = {}
        self.by_token: dict[str, Interaction] = {}

    async def begin(
        self, kind: int, user: str, channel: str, data: dict[str, Any], *, message: Message | None = None
    ) -> Interaction:
        """Something was done: tell the bot."""
        scene = self.scene
        made = Interaction(
            id=scene.world.snowflake(),
            token=f"aW50ZXJhY3Rpb246{secrets.token_urlsafe(96)}",
            type=kind,
            user=user,
            channel=channel,
            born=scene.clock.monotonic(),
            began=asyncio.get_running_loop().time(),
            data=data,
            message=message,
        )
        self.by_id[made.id] = made
        self.by_token[made.token] = made
        await scene.gateway.dispatch("INTERACTION_CREATE", self._event(made))
        return made

    def _event(self, made: Interaction) -> dict[str, Any]:
        world = self.scene.world
        channel = world.channels[made.channel]
        event: dict[str, Any] = {
            "id": made.id,
            "application_id": world.app,
            "type": made.type,
            "token": made.token,
            "version": 1,
            "data": made.data,
            "channel_id": channel.id,
            "channel": views.channel_view(world, channel),
            "locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": 10 << 20,
            "app_permissions": str(world.permissions(world.bot.id, channel)),
            "authorizing_integration_owners": {"0": world.id},
            "context": 1 if channel.type == DIRECT else 0,
        }
        if channel.type == DIRECT:
            event["user"] = views.user_view(world.users[made.user])
        else:
            rights = str(world.permissions(made.user, channel))
            event["member"] = {**views.member_view(world.members[made.user]), "permissions": rights}
            event["guild_id"] = world.id
            event["guild"] = {"id": world.id, "locale": "en-US", "features": []}
            event["guild_locale"] = "en-US"
        if made.message is not None:
            event["message"] = self.scene.show(made.message)
        return event

    def late(self, interaction: Interaction) -> bool:
        """Whether its first answer comes too late now."""
        return self.scene.clock.monotonic() - interaction.born > FIRST_ANSWER

    def dead(self, interaction: Interaction) -> bool:
        """Whether its token is over."""
        return self.scene.clock.monotonic() - interaction.born > TOKEN_LIFE
