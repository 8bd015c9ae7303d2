"""Files into Slack: pictures and whole texts, in the thread of what they belong to, each once.

docs.slack.dev/messaging/working-with-files: an address is asked for, the bytes go there, and a third
call shares the file. The third is what people see; it has no key, so a file's name carries a
fingerprint and is looked for before the file is shared again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.chat.slack.api import WebApi
from bot.domain.message import Message
from bot.errors import ChatError, ChatRefused
from bot.ports import Log

REMEMBERED = 2_000
"""Files that are known to be in their threads; for others the thread is read."""

PATIENCE = aiohttp.ClientTimeout(total=120.0)


class Uploads:
    """Puts files beside messages. A file that does not go never stops the words."""

    def __init__(self, api: WebApi, *, log: Log) -> None:
        self._api = api
        self._log = log
        self._there: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    async def beside(self, channel: str, thread: str, message: Message, whole: str) -> None:
        """The message's picture, and the text that did not fit, where they are not there yet."""
        try:
            if message.image is not None:
                await self._picture(channel, thread, message.image, message.image_alt)
            if whole:
                # Named for the text itself: where a card stands may change often, and is not a new file.
                name = f"whole-text-{_fingerprint(message.text.encode())}.txt"
                await self._put(channel, thread, name, whole.encode(), "The whole text")
        except (ChatError, OSError) as error:
            detail = error.detail if isinstance(error, ChatError) else type(error).__name__
            self._log.warning("slack_file_not_sent", channel=channel, error=detail)

    async def _picture(self, channel: str, thread: str, path: Path, alt: str) -> None:
        content = await asyncio.to_thread(path.read_bytes)
        name = f"picture-{_fingerprint(content)}{path.suffix or '.bin'}"
        await self._put(channel, thread, name, content, alt)

    async def _put(self, channel: str, thread: str, name: str, content: bytes, alt: str) -> None:
        key = (channel, thread, name)
        if key not in self._there and not await self._stands(channel, thread, name):
            await self._share(channel, thread, name, content, alt)
        self._there[key] = None
        self._there.move_to_end(key)
        while len(self._there) > REMEMBERED:
            self._there.popitem(last=False)

    async def _stands(self, channel: str, thread: str, name: str) -> bool:
        if not thread:
            return False
        answer = await self._api.call("conversations.replies", channel=channel, ts=thread, limit=200)
        return any(
            file.get("name") == name
            for said in answer.get("messages", ())
            for file in said.get("files") or ()
        )

    async def _share(self, channel: str, thread: str, name: str, content: bytes, alt: str) -> None:
        told = await self._api.call(
            "files.getUploadURLExternal", filename=name, length=len(content), alt_txt=alt[:1_000] or None
        )
        await self._send(told, content)
        arguments: dict[str, Any] = {"files": [{"id": str(told.get("file_id", "")), "title": name}]}
        if thread:
            arguments["thread_ts"] = thread
        await self._api.call("files.completeUploadExternal", channel=channel, **arguments)

    async def _send(self, told: Mapping[str, Any], content: bytes) -> None:
        url = str(told.get("upload_url", ""))
        if urlsplit(url).scheme not in ("https", "http"):
            raise ChatRefused("Slack gave no address for the file.", detail="no upload_url")
        try:
            async with self._api.session.post(
                url, data=content, timeout=PATIENCE, allow_redirects=False
            ) as answer:
                if answer.status != 200:
                    raise ChatRefused(
                        "Slack does not take this file.", detail=f"upload: http_{answer.status}"
                    )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ChatError("The file did not arrive.", detail=f"upload: {type(error).__name__}") from None


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]
