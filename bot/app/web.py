"""The door by which platforms fetch media: bound at the start, opened when it is needed.

With ``[web]`` it is open from the start. A simulated bot has a door of its own on loopback, which its
simulators fetch from; it opens when the first address is given out, so nobody else pays for it.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import Config
from bot.errors import ConfigError
from bot.ports import Clock, Log, MediaLinks
from bot.vault import Vault
from bot.web.links import PURPOSE, Keys, SignedLinks

if TYPE_CHECKING:
    from bot.web.server import WebServer

LOOPBACK = "127.0.0.1"


def keys_of(vault: Vault) -> Keys:
    """What links are signed with. Without a key in the vault they live only as long as this process."""
    own = secrets.token_bytes(32)
    return lambda: vault.derived(PURPOSE) or (own,)


def links_of(config: Config, keys: Keys, clock: Clock) -> MediaLinks | None:
    """Addresses for the world; None where nobody outside reaches us."""
    public = config.web.public_url if config.web else ""
    return SignedLinks(public, keys, clock) if public else None


def open_web(
    config: Config,
    stack: AsyncExitStack,
    *,
    simulated: bool,
    keys: Keys,
    folder: Path,
    clock: Clock,
    log: Log,
) -> MediaLinks | None:
    """Listen, and close at the end of ``stack``; the links that lead here.

    Raises `ConfigError` when the port is taken.
    """
    if simulated:
        listening = bind(LOOPBACK, 0)
        door = Door(listening, keys=keys, folder=folder, clock=clock, log=log)
        stack.push_async_callback(door.aclose)
        base = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        return SignedLinks(base, keys, clock, used=door.open)
    if config.web is None:
        return None
    try:
        listening = bind(config.web.host, config.web.port)
    except OSError as error:
        why = error.strerror or type(error).__name__
        problem = f"web.listen: {config.web.listen} cannot be listened on ({why}); give another port"
        raise ConfigError([config.problem(problem)]) from None
    door = Door(listening, keys=keys, folder=folder, clock=clock, log=log)
    stack.push_async_callback(door.aclose)
    door.open()
    return links_of(config, keys, clock)


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens; whoever comes waits in its queue until somebody serves."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=128)
    # asyncio does this only for sockets that name their protocol; without it every answer takes 40 ms
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.setblocking(False)
    return listening


class Door:
    """Serves on ``listening`` from `open` until `aclose`; the libraries are loaded in between."""

    def __init__(self, listening: socket.socket, *, keys: Keys, folder: Path, clock: Clock, log: Log) -> None:
        self._socket, self._keys, self._folder = listening, keys, folder
        self._clock, self._log = clock, log
        self._wanted = asyncio.Event()
        self._server: WebServer | None = None
        self._task = asyncio.create_task(self._serve(), name="web")
        self._task.add_done_callback(self._tell)

    def open(self) -> None:
        """From now on whoever comes is served."""
        self._wanted.set()

    async def aclose(self) -> None:
        """What is under way is finished, or cut after a moment."""
        if self._server is None:
            self._task.cancel()
        else:
            await self._server.aclose()
        await asyncio.gather(self._task, return_exceptions=True)
        self._socket.close()

    async def _serve(self) -> None:
        await self._wanted.wait()
        make = await asyncio.to_thread(_server)
        self._server = make(self._socket, self._folder, self._keys, self._clock, self._log)
        await self._server.serve()

    def _tell(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("web_stopped", error=type(error).__name__)


def _server() -> type[WebServer]:
    """FastAPI takes half a second to import; nothing else stands still meanwhile."""
    from bot.web.server import WebServer

    return WebServer
