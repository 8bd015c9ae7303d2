"""Putting a bot together, taking up what the last process left, closing everything."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bot.app.accounts import connect, plan
from bot.app.running import App
from bot.commands import all_commands
from bot.commands.dispatch import Dispatch
from bot.config import Config
from bot.domain.delivery import State
from bot.domain.message import Message
from bot.domain.records import AccountState, Health
from bot.engine.embedded import EmbeddedEngine
from bot.engine.lock import FileLock
from bot.errors import ConfigError
from bot.media.files import FileMedia
from bot.ports import Chat, Clock, Log, Tx
from bot.registry import Registry, load
from bot.services.context import Services
from bot.services.courier import carry
from bot.services.pump import ACCOUNT, COURIER, recover, serve_account
from bot.services.tell import tell_brand
from bot.store import open_store

SIMULATED, REAL = "simulated", "real"

IN_DOUBT = frozenset({State.PUBLISHING, State.UNCONFIRMED, State.HELD, State.PARTIAL})
"""What a start tells again, because somebody may wonder what became of it."""

RETOLD = 50
"""Unfinished deliveries looked at for that, the longest due first."""


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
    problems: Sequence[str] = (),
    wrap_http: Callable[[Any], Any] | None = None,
) -> AsyncIterator[App]:
    """Put a bot together, take up what the last process left, and close everything at the end.

    ``chats`` build a chat each, given the first number its messages may use. ``problems``
    are those already found in the file. Raises `ConfigError` with all problems at once,
    before anything is opened, and the `StoreError` family.
    """
    registry = registry or load_plugins(config, log)
    simulated = simulate or not config.accounts
    planned, more = plan(config, registry, env=env, simulated=simulated)
    if problems or more:
        raise ConfigError([*problems, *more])
    async with AsyncExitStack() as stack:
        url, home = _place(config, simulated)
        if home is not None:
            lock = FileLock(Path(f"{home}.lock")).take()
            stack.callback(lock.free)
        store = await open_store(url)
        stack.push_async_callback(store.aclose)
        await _mark(store, simulated, home.name if home is not None else "the database")
        base = home.parent if home is not None else config.folder
        media = FileMedia(base / "media")
        accounts, simulators = await connect(
            planned, stack, clock=clock, media=media, log=log, wrap=wrap_http
        )
        first = await _first_message(store)
        engine = EmbeddedEngine(log)
        woken = asyncio.Event()
        services = Services(
            store=store,
            clock=clock,
            log=log,
            registry=registry,
            engine=engine,
            media=media,
            brands={b.name: b for b in config.brands},
            accounts=accounts,
            chats={c.name: c for c in (make(first) for make in chats)},
            owner=f"{os.getpid()}-{secrets.token_hex(4)}",
            instance=await _instance(store),
            previews=base / "previews",
            simulated=simulated,
            wake=woken.set,
        )
        dispatch = Dispatch(services, all_commands(tuple(registry.commands.values())))
        app = App(services=services, dispatch=dispatch, simulators=simulators, woken=woken)
        engine.task(ACCOUNT, lambda name: serve_account(services, name))
        engine.task(COURIER, lambda: _carry_once(services))
        await store.write(lambda tx: _start(services, tx))
        if home is not None:
            await recover(services)
        await registry.emit("bot_started")
        try:
            yield app
        finally:
            await registry.emit("bot_stopping")
            await engine.stop(5.0)


def load_plugins(config: Config, log: Log) -> Registry:
    """All plugins of a configuration; names that Clarion itself uses are taken."""
    taken = {"register_commands": [c.name for c in all_commands()], "register_chats": ["console"]}
    return load(log=log, disabled=config.plugins_disabled, files=config.plugins_load, taken=taken)


def _start(services: Services, tx: Tx) -> None:
    """A start is a new try: accounts are well until they say otherwise, plugins that broke are named."""
    accounts = services.accounts.values()
    paused = [a.name for a in tx.accounts.all() if a.health is not Health.OK]
    tx.accounts.sync([AccountState(name=a.name, brand=a.brand, platform=a.platform.name) for a in accounts])
    tx.notices.forget("account:")
    tx.notices.forget("plugin:")
    for name in paused:
        tx.deliveries.pull_wakes(name, services.clock.now())
    for delivery in tx.deliveries.unfinished(limit=RETOLD):
        if delivery.state in IN_DOUBT:
            tx.cards.touch(delivery.post_id)
    for problem in services.registry.problems:
        for brand in services.brands:
            message = Message(text=f"{str(problem).rstrip('.')}. Everything else goes on without it.")
            tell_brand(services, tx, brand, f"plugin:{problem.plugin}", message)


async def _first_message(store: Any) -> int:
    """A number no earlier process has used for its chat messages."""

    def unit(tx: Tx) -> int:
        first = int(tx.meta.get("chat.messages") or "0") + 1
        tx.meta.put("chat.messages", str(first + 99_999))
        return first

    return int(await store.write(unit))


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


async def _mark(store: Any, simulated: bool, name: str) -> None:
    """A database is simulated or real from its first start on, and stays so."""
    kind = SIMULATED if simulated else REAL
    known = await store.read(lambda tx: tx.meta.get("kind"))
    if known is None:
        await store.write(lambda tx: tx.meta.put("kind", kind))
    elif known != kind:
        other = "simulated accounts" if known == SIMULATED else "real accounts"
        raise ConfigError(
            [
                f"[store] url: {name} was made with {other}. "
                "Give this run another one, so that nothing is mixed."
            ]
        )
