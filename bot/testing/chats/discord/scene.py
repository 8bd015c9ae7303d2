"""What the routes of the REST API share, and what goes in and out of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.testing.chats.discord import views
from bot.testing.chats.discord.gateway import Gateway
from bot.testing.chats.discord.refusals import (
    NO_ACCESS,
    NO_PERMISSION,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    Refusal,
)
from bot.testing.chats.discord.world import DIRECT, Channel, File, Message, World

if TYPE_CHECKING:
    from bot.ports import Clock


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request: ``endpoint`` as declared, ``names`` what stood in its braces."""

    endpoint: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    files: Sequence[File] = ()

    def fields(self) -> dict[str, Any]:
        """The body as an object; empty when it is none."""
        return self.body if isinstance(self.body, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Answer:
    body: Any = None
    status: int = 200
    raw: bytes | None = None
    kind: str = "application/json"


Route = Callable[[Call], Awaitable[Answer]]
NOTHING = Answer(status=204)


@dataclass
class Scene:
    """One guild behind one server."""

    clock: Clock
    world: World
    gateway: Gateway
    url: str = ""
    opened: list[str] = field(default_factory=list)

    def channel(self, channel_id: str, *needs: str) -> Channel:
        """A channel the bot may see, with these permissions; raises `Refusal`."""
        channel = self.world.channels.get(channel_id)
        if channel is None:
            raise Refusal(UNKNOWN_CHANNEL)
        bot = self.world.bot.id
        if not self.world.may(bot, "view_channel", channel):
            raise Refusal(NO_ACCESS)
        if not all(self.world.may(bot, need, channel) for need in needs):
            raise Refusal(NO_PERMISSION)
        return channel

    def message(self, channel_id: str, message_id: str) -> Message:
        """A message that stands there for everybody; raises `Refusal`."""
        message = self.world.messages.get(message_id)
        if message is None or message.deleted or message.reader or message.channel != channel_id:
            raise Refusal(UNKNOWN_MESSAGE)
        return message

    def show(self, message: Message) -> dict[str, Any]:
        return views.message_view(self.world, message, self.url)

    def placed(self, channel: Channel) -> dict[str, str]:
        """``guild_id`` for events of the guild, nothing for those of a direct channel."""
        return {} if channel.type == DIRECT else {"guild_id": self.world.id}

    async def tell(self, kind: str, message: Message) -> None:
        """Dispatch an event that carries a whole message, unless only one person may see it."""
        channel = self.world.channels[message.channel]
        view = {**self.show(message), **self.placed(channel)}
        if channel.type != DIRECT and (member := self.world.members.get(message.author.id)):
            view["member"] = views.member_view(member, with_user=False)
        if not message.reader:
            await self.gateway.dispatch(kind, view)
