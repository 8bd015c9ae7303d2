"""Messages to channels and threads: each exactly once, repainted, found again after a lost answer."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from discord.utils import snowflake_time, time_snowflake

from bot.chat.discord.calls import Calls
from bot.chat.discord.inbound import CHAT, Json
from bot.chat.discord.likeness import likeness
from bot.chat.discord.parcel import Parcel, pack
from bot.chat.discord.refusals import (
    ARCHIVED,
    EMPTY,
    INVALID_FORM,
    NO_ACCESS,
    NO_PERMISSION,
    THREAD_LOCKED,
    THREAD_THERE,
    THREADS_FULL,
    TOO_LARGE,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    WRONG_CHANNEL,
    Closed,
    Refused,
)
from bot.domain.message import Message, Target

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = f"{MESSAGES}/{{message_id}}"
NONCE = 25
"""Characters (resources/message); Discord remembers one for a few minutes."""

SKEW = timedelta(minutes=2)
"""How far our clock and Discord's may be apart when it is asked what was said since an instant."""

OTHER_LIFE, CLOSE = timedelta(seconds=60), timedelta(seconds=5)
PAGES = 20
WEEK = 10_080
"""Minutes of silence after which Discord puts a thread away."""

REMEMBERED = 5_000
NO_THREAD = (WRONG_CHANNEL, THREAD_LOCKED, THREADS_FULL, UNKNOWN_MESSAGE, NO_PERMISSION, NO_ACCESS)


class Outbound:
    """Sends, repaints, looks back."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._threads = dict[str, None]()
        self._files = dict[str, tuple[str, tuple[str, ...]]]()
        self._nonces = dict[str, str]()
        self._newest = 0

    async def send(self, to: Target, message: Message, *, key: str) -> str:
        """Say it; raises a plain `ChatError` when nobody knows whether it arrived."""
        return await self._careful(to, message, key)

    async def say(self, channel: str, message: Message) -> str:
        """Say it for the first and only time."""
        return await self.send(Target(chat=CHAT, channel=channel), message, key=secrets.token_hex(8))

    async def resend(self, to: Target, message: Message, *, key: str, since: datetime) -> str:
        """An earlier try may be there: it is looked for before anything is said. What stands there is
        brought up to date."""
        nonce = nonce_of(to, key)
        rich, plain = await pack(message), await pack(message, plainly=True)
        wanted, second = likeness(rich.payload), likeness(plain.payload)
        me = str((await self._calls.connection()).user.id)  # type: ignore[union-attr]  # logged in
        for channel in dict.fromkeys(filter(None, (to.under, to.channel))):
            async for found in self._said_since(channel, since):
                if str((found.get("author") or {}).get("id")) != me:
                    continue
                known = self._nonces.get(str(found["id"]), found.get("nonce"))
                seen = likeness(found)
                if known == nonce or (known is None and (wanted.is_of(seen) or second.is_of(seen))):
                    ref = str(found["id"])
                    return ref if seen in (wanted, second) else await self.edit(to, ref, message)
        return await self._careful(to, message, key, again=True)

    async def edit(self, to: Target, ref: str, message: Message) -> str:
        """Repaint it where it stands; said anew where it is gone."""
        for channel in dict.fromkeys(filter(None, (to.under, to.channel))):
            try:
                return await self._repaint(channel, ref, message)
            except (Refused, Closed) as error:
                elsewhere = channel != to.channel and error.code == UNKNOWN_CHANNEL
                if error.code != UNKNOWN_MESSAGE and not elsewhere:
                    raise
        return await self._careful(to, message, f"again:{ref}")

    async def _repaint(self, channel: str, ref: str, message: Message) -> str:
        parcel = await pack(message)
        try:
            return await self._patch(channel, ref, parcel)
        except Refused as error:
            if error.code == ARCHIVED:
                await self._open(channel)
                return await self._patch(channel, ref, parcel)
            second = await _second(parcel, message, error)
            return await self._patch(channel, ref, second)

    async def _open(self, thread: str) -> None:
        """A thread that was put away is opened again. Where that is not ours to do it counts as one in
        which nothing stands: what is new opens it."""
        try:
            await self._calls("PATCH", "/channels/{channel_id}", json={"archived": False}, channel_id=thread)
        except (Refused, Closed) as error:
            raise Refused(UNKNOWN_MESSAGE, str(error), detail=error.detail) from None

    async def _patch(self, channel: str, ref: str, parcel: Parcel) -> str:
        mark, kept = self._files.get(ref, (None, ()))
        if mark == parcel.mark:
            body, files = parcel.body(kept=kept), []
        else:
            body, files = parcel.body(), parcel.files()
        answer = await self._calls(
            "PATCH", MESSAGE, json=body, files=files, channel_id=channel, message_id=ref
        )
        self._note_files(answer, parcel.mark)
        return ref

    async def _careful(self, to: Target, message: Message, key: str, *, again: bool = False) -> str:
        """In the thread; in the channel, as an answer to the card, where no thread can be."""
        channel, reply = await self._where(to)
        try:
            return await self._shown(channel, message, to, key, reply, again=again)
        except (Closed, Refused) as error:
            if channel == to.channel or error.code not in (UNKNOWN_CHANNEL, ARCHIVED, *NO_THREAD):
                raise
            self._threads.pop(channel, None)
        return await self._shown(to.channel, message, to, key, to.under, again=again)

    async def _shown(
        self, channel: str, message: Message, to: Target, key: str, reply: str, *, again: bool
    ) -> str:
        """As it should look; plainly where Discord refuses that."""
        parcel = await pack(message)
        try:
            return await self._posted(channel, parcel, to, key, reply, again=again)
        except Refused as error:
            second = await _second(parcel, message, error)
        return await self._posted(channel, second, to, f"{key}|plain", reply, again=again)

    async def _posted(
        self, channel: str, parcel: Parcel, to: Target, key: str, reply: str, *, again: bool
    ) -> str:
        nonce, newest = nonce_of(to, key), self._newest
        answer = await self._post(channel, parcel, nonce, reply)
        if not again and self._of_another_life(answer, parcel, newest):
            nonce = nonce_of(to, f"{key}|{answer['id']}")
            answer = await self._post(channel, parcel, nonce, reply)
        ref = str(answer["id"])
        self._newest = max(self._newest, int(ref))
        _keep(self._nonces, ref, nonce)
        self._note_files(answer, parcel.mark)
        return ref

    async def _post(self, channel: str, parcel: Parcel, nonce: str, reply: str) -> dict[str, Any]:
        body = {**parcel.body(), "nonce": nonce, "enforce_nonce": True}
        body["allowed_mentions"] = {**body["allowed_mentions"], "replied_user": False}
        if reply:
            body["message_reference"] = {"message_id": reply, "fail_if_not_exists": False}
        answer: dict[str, Any] = await self._calls(
            "POST", MESSAGES, json=body, files=parcel.files(), channel_id=channel
        )
        return answer

    def _of_another_life(self, answer: Json, parcel: Parcel, newest: int) -> bool:
        """Whether the key was used minutes ago with another database, and Discord gave back what was
        said then. Ids grow with time, so a message that is new has a higher one than any before."""
        if likeness(answer) == likeness(parcel.payload):
            return False
        said = snowflake_time(int(answer["id"]))
        if newest:
            return said < snowflake_time(newest) - CLOSE
        return self._calls.clock.now() - said > OTHER_LIFE

    def _note_files(self, answer: Json, mark: str) -> None:
        ids = tuple(str(a["id"]) for a in answer.get("attachments") or ())
        _keep(self._files, str(answer["id"]), (mark, ids))

    async def _where(self, to: Target) -> tuple[str, str]:
        """The channel to write in, and the message to answer where there can be no thread."""
        if not to.under or to.under in self._threads:
            return to.under or to.channel, ""
        name = f"P{to.thread}" if to.thread else "Clarion"
        try:
            await self._calls(
                "POST",
                f"{MESSAGE}/threads",
                json={"name": name, "auto_archive_duration": WEEK},
                channel_id=to.channel,
                message_id=to.under,
            )
        except (Refused, Closed) as error:
            if error.code == UNKNOWN_MESSAGE:
                return to.under, ""  # begun without a message, or its message is gone
            if error.code in NO_THREAD:
                return to.channel, to.under
            if error.code != THREAD_THERE:
                raise
        _keep(self._threads, to.under, None)
        return to.under, ""

    async def _said_since(self, channel: str, since: datetime) -> AsyncIterator[dict[str, Any]]:
        after = str(time_snowflake(since - SKEW))
        for _ in range(PAGES):
            try:
                page = await self._calls(
                    "GET", MESSAGES, query={"after": after, "limit": 100}, channel_id=channel
                )
            except Closed as error:
                if error.code == UNKNOWN_CHANNEL:
                    return  # no thread yet
                raise
            for found in page:
                yield found
            if len(page) < 100:
                return
            after = max((str(found["id"]) for found in page), key=int)


async def _second(parcel: Parcel, message: Message, error: Refused) -> Parcel:
    """What to try after a refusal: without files that are too large, without looks that are wrong."""
    if error.code == TOO_LARGE and parcel.enclosures:
        return parcel.bare
    if error.code in (INVALID_FORM, EMPTY):
        return (await pack(replace(message, image=None), plainly=True)).bare
    raise error


def nonce_of(to: Target, key: str) -> str:
    """One for each key and place."""
    digest = hashlib.sha256(f"{to.channel}\0{to.under}\0{key}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:NONCE]


def _keep(known: dict[str, Any], ref: str, value: Any) -> None:
    known[ref] = value
    if len(known) > REMEMBERED:
        del known[next(iter(known))]
