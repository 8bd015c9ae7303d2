"""What Clarion says in Slack: messages, repaints, private words; and the look back before a repeat.

Slack has no idempotent way to post. Each message carries our own key in its metadata, and whoever
does not know whether one arrived looks for that key first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from bot.chat.slack.api import WebApi
from bot.chat.slack.emoji import glyph
from bot.chat.slack.refusals import GONE, NO_THREAD
from bot.chat.slack.render import render, simplified
from bot.chat.slack.spoken import COMMAND
from bot.chat.slack.upload import Uploads
from bot.chat.wording import Rendering
from bot.domain.message import Message, Target
from bot.errors import ChatBusy, ChatClosed, ChatError, ChatRefused
from bot.ports import Clock, Log

EVENT = "clarion_message"
PAGE, PAGES = 200, 10
"""Messages in one look back: what a channel says in the minutes between two tries is far less."""

DRIFT = timedelta(seconds=60)
"""How far Slack's clock and ours may differ."""

RECENT = timedelta(hours=1)
"""How far back a message is looked for that was said anew because its card was gone."""

ELSEWHERE = frozenset(
    {
        *("user_not_in_channel", "not_in_channel", "channel_not_found", "is_archived", "channel_is_archived"),
        *("restricted_action_read_only_channel", "restricted_action", "no_permission", "invalid_channel"),
    }
)
"""The channel will not take words for this person alone; the direct conversation may."""


class Voice:
    """Says things in one workspace."""

    def __init__(self, api: WebApi, *, clock: Clock, log: Log, command: str = COMMAND) -> None:
        self.command = command
        self._api = api
        self._clock = clock
        self._log = log
        self._uploads = Uploads(api, log=log)

    async def send(self, to: Target, message: Message, *, key: str) -> str:
        """Say it; returns its ``ts``. Raises the `ChatError` family."""
        rendering = render(message, command=self.command)
        arguments: dict[str, Any] = {
            "metadata": {"event_type": EVENT, "event_payload": {"key": key}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if to.under:
            arguments["thread_ts"] = to.under
        try:
            answer = await self._say("chat.postMessage", to.channel, message, rendering, arguments)
        except ChatError as error:
            if error.detail not in NO_THREAD or not to.under:
                raise
            del arguments["thread_ts"]
            answer = await self._say("chat.postMessage", to.channel, message, rendering, arguments)
        ref = str(answer.get("ts", ""))
        await self._uploads.beside(
            str(answer.get("channel", to.channel)), to.under or ref, message, rendering.whole
        )
        return ref

    async def resend(self, to: Target, message: Message, *, key: str, since: datetime) -> str:
        """As `send`, unless a message with this key stands there since ``since``."""
        found = await self._find(to, key, since)
        if not found:
            return await self.send(to, message, key=key)
        await self._uploads.beside(
            to.channel, to.under or found, message, render(message, command=self.command).whole
        )
        return found

    async def edit(self, to: Target, ref: str, message: Message) -> str:
        """Repaint; where the message is gone it is said anew, once, and the new ref returned."""
        rendering = render(message, command=self.command)
        try:
            await self._say("chat.update", to.channel, message, rendering, {"ts": ref})
        except ChatRefused as error:
            if error.detail not in GONE:
                raise
            since = self._clock.now() - RECENT
            return await self.resend(to, message, key=f"again:{ref}", since=since)
        await self._uploads.beside(to.channel, to.under or ref, message, rendering.whole)
        return ref

    async def whisper(self, to: Target, user: str, message: Message) -> None:
        """Tell one person: at the request's address, else in the channel for them alone, else directly."""
        rendering = render(message, command=self.command)
        if to.hook and await self._respond(to, rendering.payload):
            await self._whole(user, message, rendering)
            return
        if not to.channel or to.channel[0] not in "CG":
            await self._direct(user, message, rendering)
            return
        arguments: dict[str, Any] = {"user": user}
        if to.under:
            arguments["thread_ts"] = to.under
        try:
            await self._say("chat.postEphemeral", to.channel, message, rendering, arguments)
        except (ChatClosed, ChatRefused) as error:
            if error.detail not in ELSEWHERE:
                raise
            await self._direct(user, message, rendering)
            return
        await self._whole(user, message, rendering)

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]]:
        """All (emoji, user) on a message. Raises `ChatRefused` when the message is gone."""
        answer = await self._api.call("reactions.get", channel=to.channel, timestamp=ref, full=True)
        return [
            (glyph(str(one.get("name", ""))), str(user))
            for one in answer.get("message", {}).get("reactions", ())
            for user in one.get("users", ())
        ]

    async def _say(
        self, method: str, channel: str, message: Message, rendering: Rendering, arguments: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Once as it should look; once more in the plainest blocks, when Slack does not take those."""
        try:
            return await self._api.call(method, channel=channel, **rendering.payload, **arguments)
        except ChatBusy:
            raise
        except ChatRefused as error:
            if error.detail in GONE | NO_THREAD | ELSEWHERE:
                raise
            self._log.warning("slack_refused_blocks", method=method, error=error.detail)
            plainer = simplified(message, command=self.command).payload
            return await self._api.call(method, channel=channel, **plainer, **arguments)

    async def _find(self, to: Target, key: str, since: datetime) -> str:
        """The ``ts`` of what we said with this key; empty when it surely is not there."""
        if not self._api.bot_id:
            await self._api.identify()
        method = "conversations.replies" if to.under else "conversations.history"
        place: dict[str, Any] = {"ts": to.under} if to.under else {}
        oldest = f"{(since - DRIFT).timestamp():.6f}"
        cursor = ""
        for _ in range(PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = await self._api.call(
                method,
                channel=to.channel,
                oldest=oldest,
                limit=PAGE,
                include_all_metadata=True,
                **place,
                **more,
            )
            for said in answer.get("messages", ()):
                if self._ours(said, key):
                    return str(said.get("ts", ""))
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor", ""))
            if not cursor:
                return ""
        self._log.warning("slack_look_back_ended", channel=to.channel, messages=PAGE * PAGES)
        return ""

    def _ours(self, said: Mapping[str, Any], key: str) -> bool:
        metadata = said.get("metadata") or {}
        return (
            metadata.get("event_type") == EVENT
            and (metadata.get("event_payload") or {}).get("key") == key
            and said.get("bot_id") in (None, "", self._api.bot_id)
        )

    async def _direct(self, user: str, message: Message, rendering: Rendering) -> None:
        arguments = {"unfurl_links": False, "unfurl_media": False}
        answer = await self._say("chat.postMessage", user, message, rendering, arguments)
        channel, ts = str(answer.get("channel", user)), str(answer.get("ts", ""))
        await self._uploads.beside(channel, ts, message, rendering.whole)

    async def _whole(self, user: str, message: Message, rendering: Rendering) -> None:
        """What did not fit into private words goes to the person directly; they cannot carry a file."""
        if not rendering.whole:
            return
        try:
            opened = await self._api.call("conversations.open", users=user)
        except ChatError as error:
            self._log.warning("slack_whole_text_kept_back", error=error.detail)
            return
        channel = str(opened.get("channel", {}).get("id", ""))
        await self._uploads.beside(channel, "", message, rendering.whole)

    async def _respond(self, to: Target, payload: Mapping[str, Any]) -> bool:
        """At ``response_url``: five times in half an hour, as Slack counts; False when it is over."""
        body = {**payload, "response_type": "ephemeral", "replace_original": False}
        if to.under:
            body["thread_ts"] = to.under
        try:
            async with self._api.session.post(to.hook, json=body, allow_redirects=False) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._log.info("slack_hook_failed", error=type(error).__name__)
            return False
