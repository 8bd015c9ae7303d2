"""What a publisher under test is lent: the real things, watched."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.post import Json
from bot.errors import Uncertain
from bot.http import HttpClient
from bot.ports import Reply
from bot.testing.clock import FakeClock


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as the publisher made it; ``timeout`` in seconds."""

    method: str
    url: str
    timeout: float


class WatchedHttp:
    """The core's own client, which remembers what it was asked.

    ``stalled``: the platform takes every request and never answers; by the fake clock it
    takes the whole ``timeout``, for us no time at all.
    """

    def __init__(self, clock: FakeClock) -> None:
        # simulators speak plain HTTP: reading the system's certificates would be time lost
        self._client = HttpClient(tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._clock = clock
        self.asked: list[Asked] = []
        self.stalled = False

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Json = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout: float = 30.0,
    ) -> Reply:
        self.asked.append(Asked(method=method, url=url, timeout=timeout))
        if self.stalled:
            self._clock.advance(timeout)
            raise Uncertain("The platform's answer is missing.", detail="stalled")
        return await self._client.request(
            method,
            url,
            headers=headers,
            json=json,
            content=content,
            form=form,
            files=files,
            timeout=timeout,
        )

    async def aclose(self) -> None:
        await self._client.aclose()


class RememberedLog:
    """A `Log` whose lines can be read again."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def debug(self, event: str, **facts: Any) -> None:
        self.lines.append(f"{event} {facts!r} {_chain(facts.get('exc_info'))}")

    info = warning = error = debug


def _chain(error: object) -> str:
    """An exception as a log would write it, with its causes."""
    words = []
    while isinstance(error, BaseException):
        words.append(repr(error))
        error = error.__cause__ or error.__context__
    return " ".join(words)
