"""The paths we answer on. Errors are plain words, for a platform's fetcher or for a stranger."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException

from bot.ports import Clock
from bot.web.links import Keys, read_name, tag

NOSNIFF = MappingProxyType({"X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"})


class SentFile(FileResponse):
    """Read a quarter of a MiB at a time: fewer turns of the loop for each MB, still little memory."""

    chunk_size = 1 << 18


def make_app(folder: Path, keys: Keys, clock: Clock) -> FastAPI:
    """``GET``/``HEAD`` of ``/m/{name}`` (files of the media ``folder``, by signed name) and ``/healthz``."""
    app = FastAPI(
        title="Clarion",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={HTTPException: _refuse},
    )

    async def media(name: str, request: Request) -> Response:
        asked = read_name(name, keys(), clock)
        if asked is None:
            return _plain(403, "This address is not one of mine.")
        if asked.late:
            return _plain(410, "This address has run out.")
        path = folder / asked.sha256
        try:
            found = await asyncio.to_thread(os.stat, path)
        except OSError:
            return _plain(404, "This file is no longer here.")
        if not stat.S_ISREG(found.st_mode):
            return _plain(404, "This file is no longer here.")
        etag = f'"{asked.sha256}"'
        headers = {**NOSNIFF, "Cache-Control": "private, max-age=3600", "ETag": etag}
        if etag in (one.strip() for one in request.headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        return SentFile(path, headers=headers, media_type=asked.mime, stat_result=found)

    async def healthz() -> Response:
        return JSONResponse({"status": "ok", "tag": tag(keys())}, headers={"Cache-Control": "no-store"})

    app.add_api_route("/m/{name}", media, methods=["GET", "HEAD"], response_model=None)
    app.add_api_route("/healthz", healthz, methods=["GET", "HEAD"], response_model=None)
    return app


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _plain(error.status_code, f"{error.detail}.", error.headers)


def _plain(status: int, words: str, more: Mapping[str, str] | None = None) -> Response:
    headers = {**NOSNIFF, "Cache-Control": "no-store", **(more or {})}
    return PlainTextResponse(words + "\n", status_code=status, headers=headers)
