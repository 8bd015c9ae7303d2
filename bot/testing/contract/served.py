"""A media server on loopback for platforms that fetch what they post; it stands in for the bot's own."""

from __future__ import annotations

import secrets
from typing import Self

from aiohttp import web

from bot.domain.post import Media
from bot.ports import MediaStore


class ServedMedia:
    """Implements `bot.ports.MediaLinks`; an address serves one file until it is closed."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self._files: dict[str, Media] = {}
        self._runner: web.AppRunner | None = None
        self.fetched: list[str] = []
        self.base = ""

    async def start(self) -> Self:
        """Serve on 127.0.0.1."""
        app = web.Application()
        app.router.add_get("/m/{name}", self._send)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        return self

    def url(self, media: Media, *, seconds: int) -> str:
        name = secrets.token_urlsafe(12)
        self._files[name] = media
        return f"{self.base}/m/{name}"

    async def aclose(self) -> None:
        """Stop serving; may be called twice."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _send(self, request: web.Request) -> web.StreamResponse:
        media = self._files.get(request.match_info["name"])
        if media is None:
            return web.Response(status=404)
        self.fetched.append(media.sha256)
        return web.FileResponse(self._media.path(media), headers={"content-type": media.mime})
