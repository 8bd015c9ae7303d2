"""What the core is lent by the system: time, sockets, files, a log, an engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.domain.post import Json, Link, Media


class Clock(Protocol):
    """The only one who knows the time. Simulators take the same clock."""

    def now(self) -> datetime:
        """The instant, aware UTC."""

    def monotonic(self) -> float:
        """Seconds that never jump; for measuring how long something took."""

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds`` by this clock."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An HTTP answer, its body read once as bytes. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, or None when it is not JSON (HTML, empty, cut off)."""


class Http(Protocol):
    """A client that never retries and never follows redirects.

    Raises `Transient` when surely nothing was sent (no connection, no TLS, no free
    connection), `Uncertain` when the request may have arrived and no whole answer came.
    """

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
        """One request, one `Reply`. ``files``: field → (file name, bytes, media type)."""


class Web(Protocol):
    """Reads one page from the open web, for whoever has checked where it lies."""

    async def get(self, url: str, *, address: str, limit: int, timeout: float) -> Reply:
        """Connect to exactly ``address``, asking for ``url``; no redirect is followed.

        The body is unpacked and cut one byte after ``limit``. Raises `Transient`, `Uncertain`
        or `Rejected` when there is no readable answer.
        """


class Pages(Protocol):
    """Reads what a page says about itself."""

    async def card(self, url: str, media: MediaStore) -> tuple[Link, str]:
        """The link's card, and why it is less than hoped for, if it is; its picture goes into ``media``."""


LARGEST = 4 * 1000**3
"""Bytes of one file; more than most platforms take, and what a small disk can still hold a few of."""


class MediaStore(Protocol):
    """Files by content: what was signed stays as it was until the delivery ends."""

    async def add(self, source: Path, *, alt: str = "") -> Media:
        """Copy a file in and describe it; raises `BadInput` for what cannot be read."""

    async def look(self, source: Path, *, alt: str = "") -> Media:
        """As `add`, without keeping anything."""

    async def read(self, media: Media) -> bytes:
        """The bytes, checked against their hash; raises `Rejected` when they changed or are gone."""

    async def check(self, media: Media) -> None:
        """Check a file against its hash without holding it in memory; raises `Rejected` as `read` does.

        A file that was checked is not hashed again while its size, time and inode stay.
        """

    def stream(self, media: Media, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """``length`` bytes from ``start`` (to the end when None), in pieces of at most 1 MiB.

        For upload in chunks; `check` comes first. Raises `Rejected` when the file is shorter or gone.
        """

    def path(self, media: Media) -> Path:
        """Where the file lies; for previews and streaming."""


class MediaLinks(Protocol):
    """Addresses of our own media server, for platforms that fetch what they post."""

    def url(self, media: Media, *, seconds: int) -> str:
        """A signed address that serves exactly this file for so long; a secret, never to be logged."""


class Log(Protocol):
    """A structured logger: an event name and facts."""

    def debug(self, event: str, **facts: Any) -> Any: ...
    def info(self, event: str, **facts: Any) -> Any: ...
    def warning(self, event: str, **facts: Any) -> Any: ...
    def error(self, event: str, **facts: Any) -> Any: ...


class Engine(Protocol):
    """Wakes work up; the truth stays in the tables. Tasks take ids only."""

    def task(self, name: str, run: Callable[..., Awaitable[None]]) -> None:
        """Register a coroutine function under ``name``."""

    async def defer(self, name: str, *args: int | str, key: str, queue: str) -> None:
        """Run the task soon. One with the same ``key`` never runs twice at once; while one
        waits, another is not added. Each ``queue`` runs a bounded number of tasks at a time."""

    async def idle(self) -> None:
        """Return when nothing runs and nothing is queued."""

    @property
    def stopping(self) -> bool:
        """Whether `stop` has begun: long tasks end at the next place where nothing is cut."""

    async def stop(self, grace: float) -> None:
        """Take nothing new, give what runs ``grace`` seconds, then cancel it."""
