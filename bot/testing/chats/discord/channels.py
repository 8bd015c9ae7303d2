"""Channels, threads and reactions over REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from bot.testing.chats.discord import views
from bot.testing.chats.discord.limits import judged
from bot.testing.chats.discord.messages import whole
from bot.testing.chats.discord.refusals import (
    CANNOT_DM,
    NO_PERMISSION,
    THREAD_ARCHIVED,
    THREAD_EXISTS,
    TOO_MANY_REACTIONS,
    UNKNOWN_EMOJI,
    UNKNOWN_USER,
    WRONG_CHANNEL,
    Refusal,
    refuse_form,
    wrong,
)
from bot.testing.chats.discord.scene import NOTHING, Answer, Call, Route, Scene
from bot.testing.chats.discord.world import STARTER, TEXT, THREAD, Channel, Message

MOST_REACTIONS = 20


class Channels:
    """The routes under ``/channels`` but for messages themselves."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def routes(self) -> Mapping[str, Route]:
        reactions = "/channels/{channel}/messages/{message}/reactions/{emoji}"
        return {
            "GET /channels/{channel}": self.read,
            "PATCH /channels/{channel}": self.patch,
            "POST /channels/{channel}/typing": self.typing,
            "POST /channels/{channel}/messages/{message}/threads": self.thread,
            "GET /guilds/{guild}/threads/active": self.active,
            "PUT /channels/{channel}/thread-members/@me": self.join,
            f"GET {reactions}": self.reactors,
            f"PUT {reactions}/@me": self.react,
            f"DELETE {reactions}/@me": self.unreact,
            "POST /users/@me/channels": self.direct,
        }

    async def read(self, call: Call) -> Answer:
        return Answer(body=views.channel_view(self.scene.world, self.scene.channel(call.names["channel"])))

    async def patch(self, call: Call) -> Answer:
        """Archive, open, lock or rename a thread; other channels are not the bot's to change."""
        channel = self.scene.channel(call.names["channel"])
        body, bot = call.fields(), self.scene.world.bot.id
        if channel.type != THREAD:
            raise Refusal(NO_PERMISSION)
        manages = self.scene.world.may(bot, "manage_threads", channel)
        if not manages and (channel.locked or "locked" in body or channel.owner != bot):
            raise Refusal(NO_PERMISSION)
        if channel.archived and body.get("archived") is not False:
            raise Refusal(THREAD_ARCHIVED)
        refuse_form(judged({"name": channel.name, **body}, "thread"))
        channel.name = body.get("name", channel.name)
        await self.set(channel, archived=body.get("archived"), locked=body.get("locked"))
        return Answer(body=views.channel_view(self.scene.world, channel))

    async def set(self, thread: Channel, *, archived: bool | None = None, locked: bool | None = None) -> None:
        """Change a thread and tell of it."""
        thread.archived = thread.archived if archived is None else archived
        thread.locked = thread.locked if locked is None else locked
        thread.changed = self.scene.clock.now()
        await self.scene.gateway.dispatch("THREAD_UPDATE", views.channel_view(self.scene.world, thread))

    async def typing(self, call: Call) -> Answer:
        self.scene.channel(call.names["channel"], "send_messages")
        return NOTHING

    async def join(self, call: Call) -> Answer:
        channel = self.scene.channel(call.names["channel"])
        if channel.type != THREAD:
            raise Refusal(WRONG_CHANNEL)
        return NOTHING

    async def thread(self, call: Call) -> Answer:
        """Begin a thread at a message; its id is the message's."""
        channel = self.scene.channel(call.names["channel"], "read_message_history", "create_public_threads")
        if channel.type != TEXT:
            raise Refusal(WRONG_CHANNEL)
        message = self.scene.message(channel.id, call.names["message"])
        if message.id in self.scene.world.channels:
            raise Refusal(THREAD_EXISTS)
        refuse_form(judged(call.fields(), "thread"))
        thread = await self.begin(message, str(call.fields()["name"]), self.scene.world.bot.id)
        return Answer(body=views.channel_view(self.scene.world, thread), status=201)

    async def begin(self, message: Message, name: str, owner: str) -> Channel:
        """Make the thread, whoever does it; it starts with a pointer to its message."""
        world = self.scene.world
        now = self.scene.clock.now()
        thread = Channel(
            id=message.id, name=name, type=THREAD, parent=message.channel, owner=owner, changed=now
        )
        world.channels[thread.id] = thread
        starter = Message(
            id=world.snowflake(),
            channel=thread.id,
            author=message.author,
            created=now,
            type=STARTER,
            reference=message.id,
        )
        world.put(starter)
        view = {**views.channel_view(world, thread), "newly_created": True}
        await self.scene.gateway.dispatch("THREAD_CREATE", view)
        await self.scene.tell("MESSAGE_UPDATE", message)
        return thread

    async def active(self, call: Call) -> Answer:
        world = self.scene.world
        open_ones = [
            views.channel_view(world, c)
            for c in world.channels.values()
            if c.type == THREAD and not c.archived and world.may(world.bot.id, "view_channel", c)
        ]
        return Answer(body={"threads": open_ones, "members": [], "has_more": False})

    async def reactors(self, call: Call) -> Answer:
        """Who put one emoji, by rising id, at most 100 from ``after`` on."""
        channel = self.scene.channel(call.names["channel"], "read_message_history")
        message = self.scene.message(channel.id, call.names["message"])
        limit = whole(call.query.get("limit"), 25)
        if not 1 <= limit <= 100:
            raise wrong("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        emoji = unquote(call.names["emoji"])
        if emoji.isascii() and ":" not in emoji:
            raise Refusal(UNKNOWN_EMOJI)
        after = whole(call.query.get("after"), 0)
        found = sorted((one for one in message.reactions.get(emoji, ()) if int(one) > after), key=int)
        return Answer(body=[views.user_view(self.scene.world.users[one]) for one in found[:limit]])

    async def react(self, call: Call) -> Answer:
        channel = self.scene.channel(call.names["channel"], "read_message_history")
        message, emoji = self.scene.message(channel.id, call.names["message"]), unquote(call.names["emoji"])
        if not message.reactions.get(emoji) and not self.scene.world.may(
            self.scene.world.bot.id, "add_reactions", channel
        ):
            raise Refusal(NO_PERMISSION)
        await self.put(message, self.scene.world.bot.id, emoji)
        return NOTHING

    async def unreact(self, call: Call) -> Answer:
        channel = self.scene.channel(call.names["channel"])
        message = self.scene.message(channel.id, call.names["message"])
        await self.take(message, self.scene.world.bot.id, unquote(call.names["emoji"]))
        return NOTHING

    async def put(self, message: Message, user: str, emoji: str) -> None:
        """Add a reaction, whoever does it; a second of the same does nothing."""
        if emoji.isascii() and ":" not in emoji:
            raise Refusal(UNKNOWN_EMOJI)
        if self.scene.world.channels[message.channel].archived:
            raise Refusal(THREAD_ARCHIVED)
        if emoji not in message.reactions and len(message.reactions) >= MOST_REACTIONS:
            raise Refusal(TOO_MANY_REACTIONS)
        users = message.reactions.setdefault(emoji, [])
        if user not in users:
            users.append(user)
            await self._tell("MESSAGE_REACTION_ADD", message, user, emoji)

    async def take(self, message: Message, user: str, emoji: str) -> None:
        """Remove one person's reaction."""
        users = message.reactions.get(emoji, [])
        if user in users:
            users.remove(user)
            if not users:
                message.reactions.pop(emoji)
            await self._tell("MESSAGE_REACTION_REMOVE", message, user, emoji)

    async def clear(self, message: Message, emoji: str = "") -> None:
        """Remove all reactions, or all of one emoji, as a moderator does."""
        channel = self.scene.world.channels[message.channel]
        data: dict[str, Any] = {
            "message_id": message.id,
            "channel_id": channel.id,
            **self.scene.placed(channel),
        }
        if emoji:
            message.reactions.pop(emoji, None)
            data = {**data, "emoji": views.emoji_view(emoji)}
            await self.scene.gateway.dispatch("MESSAGE_REACTION_REMOVE_EMOJI", data)
        else:
            message.reactions.clear()
            await self.scene.gateway.dispatch("MESSAGE_REACTION_REMOVE_ALL", data)

    async def _tell(self, kind: str, message: Message, user: str, emoji: str) -> None:
        channel = self.scene.world.channels[message.channel]
        data = {
            "user_id": user,
            "channel_id": channel.id,
            "message_id": message.id,
            "emoji": views.emoji_view(emoji),
            "burst": False,
            "type": 0,
            **self.scene.placed(channel),
        }
        if kind == "MESSAGE_REACTION_ADD":
            data["message_author_id"] = message.author.id
            member = self.scene.world.members.get(user)
            if member is not None and "guild_id" in data:
                data["member"] = views.member_view(member)
        await self.scene.gateway.dispatch(kind, data)

    async def direct(self, call: Call) -> Answer:
        """The direct channel with somebody; that they take no messages shows when one is sent."""
        user = self.scene.world.users.get(str(call.fields().get("recipient_id")))
        if user is None:
            raise Refusal(UNKNOWN_USER)
        if user.bot:
            raise Refusal(CANNOT_DM)
        channel = self.scene.world.direct(user.id)
        self.scene.opened.append(user.id)
        return Answer(body=views.channel_view(self.scene.world, channel))
