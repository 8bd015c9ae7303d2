"""Files out of Slack: by id, with our token, only from Slack's own hosts, never more than announced.

docs.slack.dev/messaging/working-with-files: ``url_private_download`` needs the bot's token as a
bearer; without the scope ``files:read`` it answers with a page to log in, and 200.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from bot.chat.slack.api import WebApi
from bot.chat.slack.refusals import HIDDEN, SCOPE
from bot.config.secret import Secret
from bot.domain.message import Attachment
from bot.errors import BadInput, ChatClosed, ChatError, ChatRefused

LARGEST = 1 << 30
"""Bytes; Slack's own bound on a file (slack.com/help/articles/201330736)."""

PATIENCE = aiohttp.ClientTimeout(total=600.0, sock_read=60.0)
CHUNK = 1 << 18


class Downloads:
    """Fetches attachments of one workspace."""

    def __init__(self, api: WebApi, *, token: Secret) -> None:
        self._api = api
        self._token = token

    async def fetch(self, file: Attachment, into: Path) -> Path:
        """The file in the folder, under a safe name. Raises `BadInput` and the `ChatError` family."""
        try:
            told = (await self._api.call("files.info", file=file.ref)).get("file", {})
        except ChatRefused as error:
            raise ChatRefused(HIDDEN.format(name=file.name), detail=error.detail) from None
        url = str(told.get("url_private_download") or told.get("url_private") or "")
        size = int(told.get("size") or 0)
        name = str(told.get("name") or file.name)
        if size > LARGEST:
            raise BadInput(f"“{name}” is {size / (1 << 30):.1f} GB; I take files of at most 1 GB.")
        if not self._trusted(url):
            raise ChatRefused(
                f"“{name}” does not lie in Slack but somewhere else; upload the file itself.",
                detail="external",
            )
        place = _free(into, safe_name(name))
        try:
            await self._stream(url, place, size or LARGEST, html=str(told.get("mimetype", "")) == "text/html")
        except (aiohttp.ClientError, TimeoutError) as error:
            await asyncio.to_thread(place.unlink, missing_ok=True)
            raise ChatError("The file did not come through.", detail=type(error).__name__) from None
        except (ChatError, BadInput):
            await asyncio.to_thread(place.unlink, missing_ok=True)
            raise
        return place

    async def _stream(self, url: str, place: Path, limit: int, *, html: bool) -> None:
        headers = {"Authorization": f"Bearer {self._token.reveal()}"}
        got = 0
        async with self._api.session.get(
            url, headers=headers, timeout=PATIENCE, allow_redirects=False
        ) as answer:
            if answer.status in (301, 302, 401, 403) or (answer.content_type == "text/html" and not html):
                raise ChatClosed(SCOPE.format(needed="files:read"), detail=f"download: http_{answer.status}")
            if answer.status != 200:
                raise ChatRefused(
                    "Slack does not give me that file.", detail=f"download: http_{answer.status}"
                )
            with await asyncio.to_thread(place.open, "xb") as out:
                async for chunk in answer.content.iter_chunked(CHUNK):
                    got += len(chunk)
                    if got > limit:
                        raise BadInput("That file is larger than Slack said; I stopped reading it.")
                    await asyncio.to_thread(out.write, chunk)
        if limit != LARGEST and got < limit:
            raise ChatError("The file did not come through.", detail="download: cut")

    def _trusted(self, url: str) -> bool:
        """Our token goes to Slack's hosts and to nobody else."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com")):
            return True
        return self._api.local and host == self._api.host and parts.scheme in ("http", "https")


def safe_name(name: str) -> str:
    """A name that is a name only: no folder, no dot in front, at most 100 characters, its ending kept."""
    bare = re.sub(r"[^\w.-]+", "_", name.replace("\\", "/").rpartition("/")[2]).strip("._-")
    stem, dot, ending = bare.rpartition(".")
    if not dot or len(ending) > 8:
        return bare[:100] or "file"
    return f"{stem[: 99 - len(ending)] or 'file'}.{ending}"


def _free(folder: Path, name: str) -> Path:
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    place, number = folder / name, 2
    while place.exists():
        place, number = folder / f"{stem}-{number}{dot}{ending}", number + 1
    return place
