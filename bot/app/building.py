"""Putting a bot together, taking up what the last process left, closing everything."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.app.accounts import connect
from bot.app.running import App
from bot.commands import all_commands
from bot.commands.dispatch import Dispatch
from bot.config import Config
from bot.domain.records import AccountState
from bot.engine.embedded import EmbeddedEngine
from bot.engine.lock import FileLock
from bot.errors import ConfigError
from bot.media.files import FileMedia
from bot.ports import Chat, Clock, Log, RunningSimulator
from bot.registry import Registry, load
from bot.services.context import Services
from bot.services.courier import carry
from bot.services.pump import ACCOUNT, COURIER, recover, serve_account
from bot.store import open_store

SIMULATED, REAL = "simulated", "real"


@asynccontextmanager
async def build(
    config: Config,
    *,
    clock: Clock,
    env: Mapping[str, str],
    chats: Sequence[Callable[[int], Chat]],
    log: Log,
    simulate: bool = False,
    registry: Registry | None = None,
    wrap_http: Callable[[Any], Any] | None = None,
) -> AsyncIterator[App]:
    """Put a bot together, take up what the last process left, and close everything at the end.

    ``chats`` build a chat each, given the first number its messages may use. Raises
    `ConfigError` with every problem of the accounts, and the `StoreError` family.
    """
    registry = registry or load(disabled=config.plugins_disabled, files=config.plugins_load, log=log)
    simulated = simulate or not config.accounts
    async with AsyncExitStack() as stack:
        url, home = _place(config, simulated)
        if home is not None:
            lock = FileLock(Path(f"{home}.lock")).take()
            stack.callback(lock.free)
        store = await open_store(url)
        stack.push_async_callback(store.aclose)
        await _mark(store, simulated)
        base = home.parent if home is not None else config.folder
        media = FileMedia(base / "media")
        simulators: dict[str, RunningSimulator] = {}
        accounts = await connect(
            config,
            registry,
            stack,
            simulators,
            clock=clock,
            env=env,
            media=media,
            log=log,
            simulated=simulated,
            wrap=wrap_http,
        )
        known = await store.read(lambda tx: tx.meta.get("chat.messages"))
        number = int(known or "0")
        await store.write(lambda tx: tx.meta.put("chat.messages", str(number + 100_000)))
        made = [make(number + 1) for make in chats]
        engine = EmbeddedEngine(log)
        services = Services(
            store=store,
            clock=clock,
            log=log,
            registry=registry,
            engine=engine,
            media=media,
            brands={b.name: b for b in config.brands},
            accounts=accounts,
            chats={c.name: c for c in made},
            owner=f"{os.getpid()}-{secrets.token_hex(4)}",
            instance=await _instance(store),
            previews=base / "previews",
            simulated=simulated,
        )
        app = App(
            services=services,
            dispatch=Dispatch(services, all_commands(tuple(registry.commands.values()))),
            simulators=simulators,
        )
        services = replace(services, wake=app.wake)
        app.services = services
        app.dispatch = Dispatch(services, all_commands(tuple(registry.commands.values())))
        engine.task(ACCOUNT, lambda name: serve_account(services, name))
        engine.task(COURIER, lambda: _carry_once(services))
        states = [
            AccountState(name=a.name, brand=a.brand, platform=a.platform.name) for a in accounts.values()
        ]
        await store.write(lambda tx: tx.accounts.sync(states))
        if home is not None:
            await recover(services)
        await registry.emit("bot_started")
        try:
            yield app
        finally:
            await registry.emit("bot_stopping")
            await engine.stop(5.0)


async def _carry_once(services: Services) -> None:
    await carry(services)


async def _instance(store: Any) -> str:
    """Eight bytes that are this database's own, made at its first start."""
    fresh = secrets.token_hex(8)

    def unit(tx: Any) -> str:
        known = tx.meta.get("instance")
        if known is None:
            tx.meta.put("instance", fresh)
        return known or fresh

    return str(await store.write(unit))


def _place(config: Config, simulated: bool) -> tuple[str, Path | None]:
    """The database's URL and, for SQLite, its file; simulated runs have a file of their own."""
    url = config.store_url or f"sqlite+aiosqlite:///{'clarion-simulated' if simulated else 'clarion'}.db"
    prefix = "sqlite+aiosqlite:///"
    if not url.startswith(prefix):
        return url, None
    file = config.folder / url.removeprefix(prefix)
    return f"{prefix}{file}", file


async def _mark(store: Any, simulated: bool) -> None:
    """A database is simulated or real from its first start on, and stays so."""
    kind = SIMULATED if simulated else REAL
    known = await store.read(lambda tx: tx.meta.get("kind"))
    if known is None:
        await store.write(lambda tx: tx.meta.put("kind", kind))
    elif known != kind:
        other = "simulated accounts" if known == SIMULATED else "real accounts"
        raise ConfigError(
            [
                f"[store] url: this database was made with {other}. "
                "Give this run another one, so that nothing is mixed."
            ]
        )
