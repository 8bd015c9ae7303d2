"""How a bot answers interactions: the callback within three seconds, then follow-ups for fifteen minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.testing.chats.discord.interactions import (
    ALLOWED,
    ASK,
    LATER,
    LATER_UPDATE,
    REPLY,
    SUGGEST,
    UPDATE,
    Form,
    Interaction,
    Interactions,
)
from bot.testing.chats.discord.limits import EPHEMERAL, judged
from bot.testing.chats.discord.messages import Messages
from bot.testing.chats.discord.refusals import (
    ACKNOWLEDGED,
    DEAD_WEBHOOK,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    Refusal,
    refuse_form,
    wrong,
)
from bot.testing.chats.discord.scene import NOTHING, Answer, Call, Route, Scene
from bot.testing.chats.discord.world import Message

ORIGINAL = "@original"


class Webhooks:
    """The routes that carry no bot's token: the interaction's own is enough."""

    def __init__(self, scene: Scene, interactions: Interactions, messages: Messages) -> None:
        self.scene, self.interactions, self.messages = scene, interactions, messages
        self.forms: dict[str, list[Form]] = {}

    def routes(self) -> Mapping[str, Route]:
        return {
            "POST /interactions/{interaction}/{token}/callback": self.callback,
            "POST /webhooks/{app}/{token}": self.follow,
            "GET /webhooks/{app}/{token}/messages/{message}": self.read,
            "PATCH /webhooks/{app}/{token}/messages/{message}": self.patch,
            "DELETE /webhooks/{app}/{token}/messages/{message}": self.delete,
        }

    async def callback(self, call: Call) -> Answer:
        """The first answer; there is exactly one."""
        found = self.interactions.by_id.get(call.names["interaction"])
        if found is None or found.token != call.names["token"]:
            raise Refusal(UNKNOWN_INTERACTION)
        if found.claimed:
            found.refused.append("answered twice")
            raise Refusal(ACKNOWLEDGED)
        if self.interactions.late(found):
            found.refused.append("too late")
            raise Refusal(UNKNOWN_INTERACTION)
        body = call.fields()
        kind, data = body.get("type"), body.get("data") or {}
        allowed = ALLOWED[found.type]
        if found.message is None:
            allowed -= {LATER_UPDATE, UPDATE}
        if kind not in allowed:
            found.refused.append(f"type {kind}")
            raise wrong("type", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(allowed)}.")
        found.claimed = True
        try:
            await self._apply(found, int(kind), data, call)
        except Refusal as refusal:
            found.claimed = False
            found.refused.append(str(refusal))
            raise
        found.answer = int(kind)
        found.latency = asyncio.get_running_loop().time() - found.began
        found.answered.set()
        return self._told(found, call)

    async def _apply(self, found: Interaction, kind: int, data: dict[str, Any], call: Call) -> None:
        if kind == ASK:
            refuse_form(judged(data, "modal"))
            found.form = Form(
                custom_id=data["custom_id"],
                title=data["title"],
                components=data["components"],
                user=found.user,
                channel=found.channel,
                message=found.message,
            )
            self.forms.setdefault(found.user, []).append(found.form)
        elif kind == SUGGEST:
            refuse_form(judged(data, "autocomplete"))
            found.choices = list(data["choices"])
        elif kind in {LATER_UPDATE, UPDATE}:
            found.original = found.message
            if kind == UPDATE and found.message is not None:
                self.messages.check_files(call.files, None)
                await self.messages.edit(found.message, data, call.files)
        else:
            found.ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
            if kind == LATER:
                if (data.get("flags") or 0) & ~EPHEMERAL:
                    raise wrong("flags", "MESSAGE_INVALID_FLAGS", "Only EPHEMERAL can be set when deferring.")
                found.original = self._write(found, {"flags": data.get("flags") or 0}, call, loading=True)
            else:
                found.original = await self._say(found, data, call)

    def _told(self, found: Interaction, call: Call) -> Answer:
        """Nothing, or the callback's resource where ``with_response`` asks for it."""
        if call.query.get("with_response", "").lower() not in {"1", "true"}:
            return NOTHING
        about: dict[str, Any] = {"id": found.id, "type": found.type}
        told: dict[str, Any] = {"interaction": about}
        if found.original is not None:
            about |= {
                "response_message_id": found.original.id,
                "response_message_loading": found.original.loading,
                "response_message_ephemeral": bool(found.original.reader),
            }
            if found.answer in {REPLY, UPDATE}:
                told["resource"] = {"type": found.answer, "message": self.scene.show(found.original)}
        return Answer(body=told)

    def _write(
        self, found: Interaction, body: Mapping[str, Any], call: Call, *, loading: bool = False
    ) -> Message:
        world = self.scene.world
        private = bool((body.get("flags") or 0) & EPHEMERAL)
        return self.messages.write(
            world.channels[found.channel],
            world.bot,
            body,
            call.files,
            reader=found.user if private else "",
            interaction=found.id,
            loading=loading,
        )

    async def _say(self, found: Interaction, body: dict[str, Any], call: Call) -> Message:
        self.messages.check_files(call.files, None)
        refuse_form(judged(body, "message", files=len(call.files)))
        message = self._write(found, body, call)
        await self.scene.tell("MESSAGE_CREATE", message)
        return message

    def _alive(self, call: Call) -> Interaction:
        """The interaction of a token that still lives and was answered; raises `Refusal`."""
        found = self.interactions.by_token.get(call.names["token"])
        if found is None or call.names["app"] != self.scene.world.app or not found.ok:
            raise Refusal(UNKNOWN_WEBHOOK)
        if self.interactions.dead(found):
            raise Refusal(DEAD_WEBHOOK)
        return found

    def _message(self, found: Interaction, name: str) -> Message:
        """One of the interaction's own messages."""
        own = [m for m in (found.original, *found.followups) if m is not None and not m.deleted]
        wanted = found.original if name == ORIGINAL else next((m for m in own if m.id == name), None)
        if wanted is None or wanted.deleted:
            raise Refusal(UNKNOWN_MESSAGE)
        return wanted

    async def follow(self, call: Call) -> Answer:
        """Say more. After a deferred answer the first one takes its place, private if that was."""
        found, body = self._alive(call), call.fields()
        if found.original is not None and found.original.loading:
            refuse_form(judged(body, "message", files=len(call.files)))
            await self.messages.edit(found.original, body, call.files)
            return Answer(body=self.scene.show(found.original))
        message = await self._say(found, body, call)
        found.followups.append(message)
        return Answer(body=self.scene.show(message))

    async def read(self, call: Call) -> Answer:
        found = self._alive(call)
        return Answer(body=self.scene.show(self._message(found, call.names["message"])))

    async def patch(self, call: Call) -> Answer:
        found = self._alive(call)
        message = self._message(found, call.names["message"])
        self.messages.check_files(call.files, None)
        await self.messages.edit(message, call.fields(), call.files)
        return Answer(body=self.scene.show(message))

    async def delete(self, call: Call) -> Answer:
        found = self._alive(call)
        await self.messages.remove(self._message(found, call.names["message"]))
        return NOTHING
