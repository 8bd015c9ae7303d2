"""From the gateway to the inbox: written down, told to Discord in time, then done.

Nothing slow comes before the first answer, for which Discord gives three seconds: reading the
payload, the inbox's `ask` and `accept`, each with a bound of its own.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import discord

from bot.chat.discord.answers import (
    EPHEMERAL,
    MODAL,
    PROMISE,
    PROMISE_EDIT,
    REPLY,
    SUGGEST,
    UPDATE,
    Answers,
    Told,
)
from bot.chat.discord.buttons import FOR_GOOD, is_final
from bot.chat.discord.calls import Calls
from bot.chat.discord.connection import Connection
from bot.chat.discord.forms import modal, values
from bot.chat.discord.inbound import (
    COMMAND,
    COMPONENT,
    CONFIRMED,
    SUBMITTED,
    TYPING,
    begun,
    chosen,
    form_id,
    invocation,
    label_of,
    mention,
    press,
    reactions,
    submitted,
    typing,
)
from bot.domain.message import Attachment, Inbound, Invocation, Press
from bot.errors import StoreError, UserError
from bot.ports import Inbox

ASKING, ACCEPTING, SUGGESTING = 1.0, 1.5, 2.0
"""Seconds; their sum with the way to Discord stays under its three."""

ELSEWHERE = 0.5
"""Seconds that another instance, which may know more, has to answer first."""

REMEMBERED = 1_000
CHOICES, CHOICE = 25, 100
SLOW = "I could not look that up in time. Nothing happened; please do it again."
AGAIN = "I have that already from before; the card or /queue shows what became of it."
LOST = "I was restarted and lost the files of that message. Nothing happened; please begin again."
INTERESTING = re.compile(r'"t": ?"(READY|RESUMED|INTERACTION_CREATE|MESSAGE_CREATE|MESSAGE_REACTION_\w+)"')

Json = Mapping[str, Any]


class Hearing:
    """Understands one payload after the other, each on its own."""

    def __init__(self, calls: Calls, answers: Answers, inbox: Inbox) -> None:
        self._calls, self._answers, self._inbox = calls, answers, inbox
        self._files = dict[str, tuple[Attachment, ...]]()
        self._begun = dict[str, None]()

    async def hear(self, raw: str) -> None:
        """One payload of the gateway."""
        said = json.loads(raw)
        kind, data = said.get("t"), said.get("d")
        if kind in ("READY", "RESUMED"):
            await self._inbox.reconnected("discord")
        elif kind == "INTERACTION_CREATE":
            await self._interaction(data)
        elif kind == "MESSAGE_CREATE":
            connection = await self._calls.connection()
            me = str(connection.user.id if connection.user else "")
            there = {"channel": _thread(connection, str(data.get("channel_id")))}
            called = mention({**there, **data}, me)
            if called is not None:
                await self._plain(called)
        elif kind and kind.startswith("MESSAGE_REACTION_"):
            await self._reaction(kind.removeprefix("MESSAGE_REACTION_"), data, said.get("s"))

    async def _interaction(self, data: Json) -> None:
        kind, key = data.get("type"), str(data.get("id"))
        if key in self._begun:
            return  # the same again, as after a RESUME: whoever began it answers it
        _remember(self._begun, key, None)
        try:
            if kind == COMMAND:
                await self._may_ask(invocation(data), data)
            elif kind == COMPONENT:
                await self._component(data)
            elif kind == SUBMITTED:
                await self._submitted(data)
            elif kind == TYPING:
                await self._typing(data)
        except (UserError, StoreError) as error:
            await self._tell(data, str(error))

    async def _component(self, data: Json) -> None:
        said, sure = press(data)
        if sure:
            await self._do(said, data, UPDATE, {"content": "You said yes.", "components": []})
        elif not is_final(data.get("message") or {}, chosen(data)):
            await self._may_ask(said, data)
        elif not await self._asked(said, data):
            await self._answers.first(data, REPLY, _sure(said, label_of(data)))

    async def _may_ask(self, said: Invocation | Press, data: Json) -> None:
        if await self._asked(said, data):
            return
        if isinstance(said, Press):
            await self._do(said, data, PROMISE_EDIT)
        else:
            await self._do(said, data, PROMISE, {"flags": EPHEMERAL})

    async def _asked(self, said: Invocation | Press, data: Json) -> bool:
        """Whether the person got a form, or a word that it cannot be done; raises `UserError`."""
        try:
            form = await asyncio.wait_for(self._inbox.ask(said), ASKING)
        except TimeoutError:
            await self._tell(data, SLOW)
            return True
        if form is None:
            return False
        if isinstance(said, Invocation) and said.files:
            _remember(self._files, said.key, said.files)
        await self._answers.first(data, MODAL, modal(form, custom_id=form_id(said, form.then)))
        return True

    async def _submitted(self, data: Json) -> None:
        said = submitted(data, values(data["data"].get("components") or ()))
        if isinstance(said, Invocation):
            key, many = begun(data)
            if many and key not in self._files:
                await self._calls.clock.sleep(ELSEWHERE)
                await self._tell(data, LOST)
                return
            said = replace(said, files=(*self._files.get(key, ()), *said.files))
        if data.get("message"):
            await self._do(said, data, PROMISE_EDIT)
        else:
            await self._do(said, data, PROMISE, {"flags": EPHEMERAL})

    async def _typing(self, data: Json) -> None:
        said, option, typed = typing(data)
        try:
            found = await asyncio.wait_for(self._inbox.suggest(said.command, option, typed, said), SUGGESTING)
        except (UserError, StoreError, TimeoutError):
            found = ()
        choices = [{"name": one[:CHOICE], "value": one[:CHOICE]} for one in found if one][:CHOICES]
        await self._answers.first(data, SUGGEST, {"choices": choices})

    async def _reaction(self, kind: str, data: Json, number: object) -> None:
        connection = await self._calls.connection()
        if connection.user is not None and str(data.get("user_id")) == str(connection.user.id):
            return
        session = connection.ws.session_id if connection.ws is not None else ""
        for said in reactions(kind, data, f"{session}:{number}"):
            await self._plain(said)

    async def _plain(self, said: Inbound) -> None:
        """What Discord wants no answer to."""
        try:
            new = await self._inbox.accept(said)
        except StoreError as error:
            self._calls.log.warning("not_written_down", chat="discord", error=str(error))
            new = True
        if new:
            await self._inbox(said)

    async def _do(self, said: Invocation | Press, data: Json, kind: int, body: Json | None = None) -> None:
        """Write it down, tell Discord, do it; when writing takes too long Discord is told first."""
        hook = said.target.hook
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(self._written(said))
            await asyncio.wait({writing}, timeout=ACCEPTING)
            failed = writing.result() if writing.done() else None
            if isinstance(failed, StoreError):
                await self._tell(data, str(failed))
                return
            told = await self._answers.first(data, kind, body)
            if told is Told.NOT:
                said = replace(said, target=replace(said.target, hook=""))
        written = writing.result()
        if isinstance(written, StoreError):
            await self._answers.say(hook, {"content": str(written)})
        elif written:
            await self._inbox(said)
            if said.target.hook:
                await self._answers.tidy(hook)
        elif told is Told.NOW:
            await self._answers.say(hook, {"content": AGAIN})

    async def _written(self, said: Inbound) -> bool | StoreError:
        try:
            return await self._inbox.accept(said)
        except StoreError as error:
            return error

    async def _tell(self, data: Json, words: str) -> None:
        if data.get("type") == TYPING:
            await self._answers.first(data, SUGGEST, {"choices": []})
            return
        body = {"content": words[:2_000], "flags": EPHEMERAL, "allowed_mentions": {"parse": []}}
        await self._answers.first(data, REPLY, body)


def _thread(connection: Connection, channel: str) -> Json:
    """What a message's event leaves out: whether its channel is a thread, and of which."""
    there = connection.get_channel(int(channel)) if channel.isdigit() else None
    if isinstance(there, discord.Thread):
        return {"id": channel, "type": there.type.value, "parent_id": str(there.parent_id)}
    return {}


def _remember(known: dict[str, Any], key: str, value: object) -> None:
    known[key] = value
    if len(known) > REMEMBERED:
        del known[next(iter(known))]


def _sure(said: Press, label: str) -> dict[str, Any]:
    """The second question, for the person alone; its button carries the card and the action."""
    wire = f"{CONFIRMED}{said.ref}:{said.action.encode()}"
    yes = {"type": 2, "style": 4, "label": f"Yes, {label[:1].lower()}{label[1:]}"[:80], "custom_id": wire}
    return {
        "content": f"{label}? {FOR_GOOD}",
        "flags": EPHEMERAL,
        "components": [{"type": 1, "components": [yes]}],
        "allowed_mentions": {"parse": []},
    }
