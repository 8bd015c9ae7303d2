"""Messages over REST: create, read, list, edit, delete, and the files that come with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.testing.chats.discord.components import TEXT, walk
from bot.testing.chats.discord.limits import COMPONENTS_V2, EPHEMERAL, judged
from bot.testing.chats.discord.refusals import (
    CANNOT_DM,
    FOREIGN_MESSAGE,
    NO_PERMISSION,
    NOT_FOUND,
    THREAD_ARCHIVED,
    THREAD_LOCKED,
    TOO_LARGE,
    Refusal,
    refuse_form,
    wrong,
)
from bot.testing.chats.discord.scene import NOTHING, Answer, Call, Route, Scene
from bot.testing.chats.discord.views import settled
from bot.testing.chats.discord.world import DIRECT, THREAD, Channel, File, Message, User

NONCE_LIFE = timedelta(minutes=5)
"""How long a nonce is remembered; Discord says "the past few minutes" (resources/message)."""

FILE_LIMIT, REQUEST_LIMIT = 10 << 20, 25 << 20
USER, ROLE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>")


class Messages:
    """The routes under ``/channels/{channel}/messages``, and what follow-ups share with them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._nonces: dict[str, Message] = {}

    def routes(self) -> Mapping[str, Route]:
        return {
            "POST /channels/{channel}/messages": self.create,
            "GET /channels/{channel}/messages": self.list,
            "GET /channels/{channel}/messages/{message}": self.read,
            "PATCH /channels/{channel}/messages/{message}": self.patch,
            "DELETE /channels/{channel}/messages/{message}": self.delete,
            "GET /attachments/{channel}/{file}/{name}": self.download,
        }

    async def create(self, call: Call) -> Answer:
        """Send; the same ``nonce`` with ``enforce_nonce`` gives the first message back."""
        scene, body = self.scene, call.fields()
        found = scene.channel(call.names["channel"])
        thread = found.type == THREAD
        channel = scene.channel(found.id, "send_messages_in_threads" if thread else "send_messages")
        if channel.type == DIRECT and not scene.world.users[channel.recipient].takes_dms:
            raise Refusal(CANNOT_DM)
        self.check_files(call.files, channel)
        refuse_form(judged(body, "message", files=len(call.files)))
        if body.get("flags", 0) & EPHEMERAL:
            raise wrong("flags", "MESSAGE_INVALID_FLAGS", "Only interactions can be answered ephemerally.")
        if body.get("embeds") and not scene.world.may(scene.world.bot.id, "embed_links", channel):
            body = {**body, "embeds": []}
        if (earlier := self._earlier(body)) is not None:
            return Answer(body=scene.show(earlier))
        self._wake(channel)
        message = self.write(channel, scene.world.bot, body, call.files)
        if message.nonce is not None:
            self._nonces[str(message.nonce)] = message
        await scene.tell("MESSAGE_CREATE", message)
        return Answer(body=scene.show(message))

    def _earlier(self, body: Mapping[str, Any]) -> Message | None:
        nonce = body.get("nonce")
        if nonce is None or not body.get("enforce_nonce"):
            return None
        found = self._nonces.get(str(nonce))
        fresh = found is not None and found.created >= self.scene.clock.now() - NONCE_LIFE
        return found if fresh else None

    def _wake(self, channel: Channel) -> None:
        """A message in an archived thread opens it again, unless it is locked."""
        if channel.type == THREAD and channel.archived:
            bot = self.scene.world.bot.id
            if channel.locked and not self.scene.world.may(bot, "manage_threads", channel):
                raise Refusal(THREAD_LOCKED)
            channel.archived = False

    def check_files(self, files: Sequence[File], channel: Channel | None) -> None:
        """Refuse files over 10 MiB, bodies over 25 MiB, and those without the permission."""
        if any(len(f.data) > FILE_LIMIT for f in files) or sum(len(f.data) for f in files) > REQUEST_LIMIT:
            raise Refusal(TOO_LARGE)
        bot = self.scene.world.bot.id
        if files and channel is not None and not self.scene.world.may(bot, "attach_files", channel):
            raise Refusal(NO_PERMISSION)

    def write(
        self,
        channel: Channel,
        author: User,
        body: Mapping[str, Any],
        files: Sequence[File] = (),
        *,
        reader: str = "",
        interaction: str = "",
        loading: bool = False,
    ) -> Message:
        """Put a message into the channel; its body was judged before."""
        world = self.scene.world
        message = Message(
            id=world.snowflake(),
            channel=channel.id,
            author=author,
            created=self.scene.clock.now(),
            nonce=body.get("nonce"),
            flags=body.get("flags") or 0,
            reader=reader,
            interaction=interaction,
            loading=loading,
        )
        self.fill(message, body, files)
        world.put(message)
        return message

    def fill(self, message: Message, body: Mapping[str, Any], files: Sequence[File]) -> None:
        """Write what a body says over a message; what it leaves out stays."""
        world = self.scene.world
        message.files = self._kept(message, body) + self._placed(message.channel, body, files)
        if body.get("content") is not None or "content" in body:
            message.content = str(body.get("content") or "").strip()
        if "embeds" in body:
            message.embeds = [dict(one) for one in body["embeds"] or ()]
        if "components" in body:
            message.components = settled(body["components"] or ())
        message.flags |= (body.get("flags") or 0) & (COMPONENTS_V2 | EPHEMERAL | 1 << 2)
        allowed = body.get("allowed_mentions")
        parse = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or ())
        only = {kind: {str(one) for one in (allowed or {}).get(kind) or ()} for kind in ("users", "roles")}
        said = written(message)
        message.mentions = [
            one
            for one in dict.fromkeys(USER.findall(said))
            if one in world.users and ("users" in parse or one in only["users"])
        ]
        message.role_mentions = [
            one
            for one in dict.fromkeys(ROLE.findall(said))
            if one in world.roles and ("roles" in parse or one in only["roles"])
        ]
        loud = re.search(r"@(everyone|here)\b", said) is not None and "everyone" in parse
        channel = world.channels[message.channel]
        message.everyone = loud and world.may(message.author.id, "mention_everyone", channel)

    def _kept(self, message: Message, body: Mapping[str, Any]) -> list[File]:
        """An edit that names attachments keeps only those."""
        if "attachments" not in body:
            return message.files
        ids = {str(one.get("id")) for one in body["attachments"] or ()}
        return [file for file in message.files if file.id in ids]

    def _placed(self, channel: str, body: Mapping[str, Any], files: Sequence[File]) -> list[File]:
        told = {str(one.get("id")): one for one in body.get("attachments") or ()}
        placed = []
        for file in files:
            about = told.get(file.id, {})
            made = File(
                id=self.scene.world.snowflake(),
                channel=channel,
                name=str(about.get("filename") or file.name),
                data=file.data,
                kind=file.kind,
                alt=str(about.get("description") or ""),
            )
            self.scene.world.files[made.id] = made
            placed.append(made)
        return placed

    async def read(self, call: Call) -> Answer:
        self.scene.channel(call.names["channel"], "read_message_history")
        return Answer(body=self.scene.show(self.scene.message(call.names["channel"], call.names["message"])))

    async def list(self, call: Call) -> Answer:
        """Newest first; ``before``, ``after`` or ``around`` an id, at most 100."""
        channel = self.scene.channel(call.names["channel"])
        if not self.scene.world.may(self.scene.world.bot.id, "read_message_history", channel):
            return Answer(body=[])
        limit = whole(call.query.get("limit"), 50)
        if not 1 <= limit <= 100:
            raise wrong("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        found = sorted(self.scene.world.in_channel(channel.id), key=lambda m: int(m.id))
        if before := call.query.get("before"):
            found = [m for m in found if int(m.id) < int(before)][-limit:]
        elif after := call.query.get("after"):
            found = [m for m in found if int(m.id) > int(after)][:limit]
        elif around := call.query.get("around"):
            at = sum(1 for m in found if int(m.id) < int(around))
            found = found[max(0, at - limit // 2) :][:limit]
        return Answer(body=[self.scene.show(m) for m in reversed(found[-limit:])])

    async def patch(self, call: Call) -> Answer:
        """Edit one of the bot's own."""
        channel = self.scene.channel(call.names["channel"])
        message = self.scene.message(channel.id, call.names["message"])
        if message.author.id != self.scene.world.bot.id:
            raise Refusal(FOREIGN_MESSAGE)
        if channel.type == THREAD and channel.archived:
            raise Refusal(THREAD_ARCHIVED)
        self.check_files(call.files, channel)
        await self.edit(message, call.fields(), call.files)
        return Answer(body=self.scene.show(message))

    async def edit(self, message: Message, body: dict[str, Any], files: Sequence[File]) -> None:
        """Judge and apply an edit; the v2 flag stays once it is there."""
        flags = (body.get("flags") or 0) | (message.flags & COMPONENTS_V2)
        refuse_form(judged({**body, "flags": flags}, "edit", files=len(files)))
        if flags & COMPONENTS_V2 and not message.flags & COMPONENTS_V2 and not message.loading:
            old = {"content": message.content, "embeds": message.embeds}
            left = [key for key, value in old.items() if value and key not in body]
            if left:
                code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
                raise wrong(left[0], code, "Clear it to switch a message to components v2.")
        self.fill(message, {**body, "flags": flags}, files)
        message.loading = False
        message.edited = self.scene.clock.now()
        message.edits += 1
        await self.scene.tell("MESSAGE_UPDATE", message)

    async def delete(self, call: Call) -> Answer:
        channel = self.scene.channel(call.names["channel"])
        message = self.scene.message(channel.id, call.names["message"])
        bot = self.scene.world.bot.id
        if message.author.id != bot and not self.scene.world.may(bot, "manage_messages", channel):
            raise Refusal(NO_PERMISSION)
        await self.remove(message)
        return NOTHING

    async def remove(self, message: Message) -> None:
        """Take a message away, whoever does it."""
        message.deleted = True
        channel = self.scene.world.channels[message.channel]
        data = {"id": message.id, "channel_id": channel.id, **self.scene.placed(channel)}
        if not message.reader:
            await self.scene.gateway.dispatch("MESSAGE_DELETE", data)

    async def download(self, call: Call) -> Answer:
        """A file, as Discord's content network gives it."""
        file = self.scene.world.files.get(call.names["file"])
        if file is None or file.name != call.names["name"]:
            raise Refusal(NOT_FOUND)
        return Answer(raw=file.data, kind=file.kind)


def whole(text: str | None, default: int) -> int:
    """A number of a query; the default when it is none."""
    return int(text) if text and text.isdigit() else default


def written(message: Message) -> str:
    """Everything of a message that can ping: its content and the texts of v2 components."""
    texts = [str(one.get("content", "")) for one in walk(message.components) if one.get("type") == TEXT]
    return "\n".join([message.content, *texts])
