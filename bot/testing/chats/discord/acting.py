"""What people do in the guild: commands, presses, forms, reactions, mentions, files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bot.testing.chats.discord import views
from bot.testing.chats.discord.channels import Channels
from bot.testing.chats.discord.components import BUTTON, LINK, SELECTS, walk
from bot.testing.chats.discord.filling import CannotDo, Upload, fill_command, fill_modal, find_command
from bot.testing.chats.discord.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    FIRST_ANSWER,
    MODAL,
    Form,
    Interaction,
    Interactions,
)
from bot.testing.chats.discord.messages import Messages
from bot.testing.chats.discord.scene import Scene
from bot.testing.chats.discord.world import DIRECT, Channel, File, Message

PATIENCE = 5.0
"""Real seconds after which a person gives up on a bot whose clock stands still."""

Json = dict[str, Any]


class Acting:
    """Every interaction is returned once it was answered, or was not in time.

    ``patience``: real seconds to wait at most; 0 returns at once.
    """

    scene: Scene
    interactions: Interactions
    posting: Messages
    places: Channels
    forms: dict[str, list[Form]]
    patience: float = PATIENCE

    async def command(
        self,
        user: str,
        channel: str,
        name: str,
        options: Mapping[str, Any] | None = None,
        files: Mapping[str, Upload] | None = None,
    ) -> Interaction:
        """Type a command: ``"post"``, or ``"clarion post"`` in a group. Raises `CannotDo`."""
        place = self._place(user, channel)
        command = find_command(self._commands(user, place), name)
        given = {**(options or {}), **(files or {})}
        data = fill_command(command, name, given, self._keeper(channel))
        return await self._do(COMMAND, user, channel, data)

    async def autocomplete(
        self,
        user: str,
        channel: str,
        name: str,
        option: str,
        typed: str,
        options: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """Type into an option; what is offered."""
        place = self._place(user, channel)
        command = find_command(self._commands(user, place), name)
        given = {**(options or {}), option: typed}
        data = fill_command(command, name, given, self._keeper(channel), typing=option)
        asked = await self._do(AUTOCOMPLETE, user, channel, data)
        return [str(choice["name"]) for choice in asked.choices]

    async def message_command(self, user: str, channel: str, id: str, name: str = "") -> Interaction:
        """Choose the app's command from a message's menu; the only one when no name is given."""
        place = self._place(user, channel)
        command = find_command(self._commands(user, place), name, kind=3)
        message = self._visible(user, channel, id)
        data: Json = {
            "id": command["id"],
            "name": command["name"],
            "type": 3,
            "target_id": message.id,
            "resolved": {"messages": {message.id: self.scene.show(message)}},
        }
        return await self._do(COMMAND, user, channel, data)

    async def shortcut(self, user: str, channel: str, id: str, name: str = "") -> Interaction:
        """The same."""
        return await self.message_command(user, channel, id, name)

    async def press(
        self,
        user: str,
        channel: str,
        id: str,
        name: str,
        *,
        values: Sequence[str] = (),
        seen: Json | None = None,
    ) -> Interaction:
        """Press what is called ``name`` (its label, ``custom_id``, or a menu's option) on a message.

        ``seen``: the message as this person's screen still shows it. Raises `CannotDo`.
        """
        self._place(user, channel)
        message = self._visible(user, channel, id, gone=seen is not None)
        one, picked = wanted(seen["components"] if seen else message.components, name)
        data: Json = {"custom_id": one["custom_id"], "component_type": one["type"], "id": one.get("id", 0)}
        if one["type"] != BUTTON:
            data["values"] = list(values) or picked
        return await self._do(COMPONENT, user, channel, data, message)

    async def submit(
        self, user: str, values: Mapping[str, Any] | None = None, *, form: Form | None = None
    ) -> Interaction:
        """Send one's form off, fields by name or by what stands above them.

        ``form``: one that is perhaps closed already (a second click on *Submit*).
        """
        forms = self.forms.get(user, [])
        shown = form or (forms[-1] if forms and not forms[-1].closed else None)
        if shown is None:
            raise CannotDo(f"{user} has no form open")
        components, resolved = fill_modal(shown.components, values or {}, self._keeper(shown.channel))
        data: Json = {"custom_id": shown.custom_id, "components": components}
        if resolved:
            data["resolved"] = resolved
        sent = await self._do(MODAL, user, shown.channel, data, shown.message)
        shown.closed = shown.closed or sent.ok
        return sent

    def dismiss(self, user: str) -> None:
        """Close one's form without sending it; the app hears nothing."""
        for form in self.forms.get(user, []):
            form.closed = True

    async def react(self, user: str, channel: str, id: str, emoji: str) -> None:
        """Put a reaction, ``"✅"`` or ``"name:id"``."""
        self._place(user, channel)
        await self.places.put(self._visible(user, channel, id), user, emoji)

    async def unreact(self, user: str, channel: str, id: str, emoji: str) -> None:
        """Take one's own reaction off."""
        await self.places.take(self._visible(user, channel, id), user, emoji)

    async def clear_reactions(self, channel: str, id: str, emoji: str = "") -> None:
        """A moderator takes all reactions off, or all of one emoji."""
        await self.places.clear(self.scene.message(channel, id), emoji)

    async def say(self, user: str, channel: str, text: str, files: Sequence[Upload] = ()) -> Json:
        """Write a message; the message."""
        place = self._place(user, channel)
        parts = [
            File(id=str(number), channel=channel, name=file.name, data=file.data, kind=file.kind)
            for number, file in enumerate(files)
        ]
        message = self.posting.write(place, self.scene.world.users[user], {"content": text}, parts)
        await self.scene.tell("MESSAGE_CREATE", message)
        return self.scene.show(message)

    async def mention(self, user: str, channel: str, text: str = "") -> Json:
        """Write ``@Clarion …`` in a channel or a thread; the message."""
        return await self.say(user, channel, f"<@{self.scene.world.bot.id}> {text}".strip())

    async def whisper(self, user: str, text: str) -> Json:
        """Write to the bot directly; the message."""
        return await self.say(user, self.scene.world.direct(user).id, text)

    async def erase(self, channel: str, id: str) -> None:
        """An admin deletes a message."""
        await self.posting.remove(self.scene.message(channel, id))

    async def archive(self, thread: str, *, archived: bool = True, locked: bool = False) -> None:
        """Somebody closes a thread (or opens it again)."""
        await self.places.set(self.scene.world.channels[thread], archived=archived, locked=locked)

    async def start_thread(self, user: str, channel: str, id: str, name: str) -> None:
        """Somebody begins a thread at a message before the bot does."""
        await self.places.begin(self.scene.message(channel, id), name, user)

    def _place(self, user: str, channel: str) -> Channel:
        place = self.scene.world.channels.get(channel)
        if place is None or not self.scene.world.may(user, "view_channel", place):
            raise CannotDo(f"{user} sees no channel {channel}")
        return place

    def _visible(self, user: str, channel: str, id: str, *, gone: bool = False) -> Message:
        message = self.scene.world.messages.get(id)
        if message is None or message.channel != channel or message.reader not in {"", user}:
            raise CannotDo(f"{user} sees no message {id} in {channel}")
        if message.deleted and not gone:
            raise CannotDo(f"message {id} was deleted")
        return message

    def _commands(self, user: str, place: Channel) -> list[Json]:
        """The registered commands that somebody is offered there."""
        world = self.scene.world
        bits = world.permissions(user, place)
        offered = []
        for command in world.commands.values():
            needs = int(command.get("default_member_permissions") or 0)
            admin = bool(bits & 1 << 3)
            hidden = command.get("default_member_permissions") == "0" and not admin
            if place.type != DIRECT and (hidden or bits & needs != needs):
                continue
            offered.append(command)
        return offered

    def _keeper(self, channel: str) -> Any:
        def keep(upload: Upload) -> Json:
            made = File(
                id=self.scene.world.snowflake(),
                channel=channel,
                name=upload.name,
                data=upload.data,
                kind=upload.kind,
            )
            self.scene.world.files[made.id] = made
            return {**views.file_view(made, self.scene.url), "ephemeral": True}

        return keep

    async def _do(
        self, kind: int, user: str, channel: str, data: Json, message: Message | None = None
    ) -> Interaction:
        begun = await self.interactions.begin(kind, user, channel, data, message=message)
        if self.scene.gateway.connected and self.patience:
            await self._wait(begun)
        return begun

    async def _wait(self, begun: Interaction) -> None:
        """Until it is answered, the clock says it is too late, or patience is over."""
        answered = asyncio.ensure_future(begun.answered.wait())
        late = asyncio.ensure_future(self.scene.clock.sleep(FIRST_ANSWER))
        try:
            await asyncio.wait({answered, late}, timeout=self.patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            answered.cancel()
            late.cancel()
            await asyncio.gather(answered, late, return_exceptions=True)


def wanted(components: Sequence[Mapping[str, Any]], name: str) -> tuple[Mapping[str, Any], list[str]]:
    """The component with that label or ``custom_id``, or whose option is called so, and that option."""
    for one in walk(components):
        kind = one.get("type")
        if kind == BUTTON and one.get("style") != LINK and name in {one.get("label"), one.get("custom_id")}:
            if one.get("disabled"):
                raise CannotDo(f"{name!r} cannot be pressed: it is disabled")
            return one, []
        if kind in SELECTS:
            options = {o["label"]: o["value"] for o in one.get("options") or ()}
            if name in options or name in options.values():
                return one, [options.get(name, name)]
            if name == one.get("custom_id"):
                return one, []
    labels = [str(one.get("label")) for one in walk(components) if one.get("type") == BUTTON]
    raise CannotDo(f"there is no {name!r} to press, only: {', '.join(labels) or 'nothing'}")
