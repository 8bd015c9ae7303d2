"""The composition root: the only place where the parts are put together."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import structlog

from bot.commands import all_commands
from bot.commands.dispatch import Dispatch
from bot.config import AccountConfig, Config, Secret, read_settings
from bot.domain.people import Brand
from bot.domain.records import AccountState
from bot.engine.embedded import EmbeddedEngine
from bot.engine.lock import FileLock
from bot.errors import ConfigError, StoreError
from bot.http import HttpClient
from bot.media.files import FileMedia
from bot.ports import Chat, Clock, Deps, Log, Platform, RunningSimulator, Tx
from bot.registry import Registry, load
from bot.services.context import Connected, Services
from bot.services.courier import carry
from bot.services.pump import ACCOUNT, COURIER, pump, recover, serve_account
from bot.store import open_store

TICK = 1.0
"""Seconds between two looks at the tables at the most (design, §5)."""

SIMULATED, REAL = "simulated", "real"


@dataclass(kw_only=True)
class App:
    """A running bot. ``quiet`` and ``settle`` are how tests, the demo and piped runs wait for it."""

    services: Services
    dispatch: Dispatch
    simulators: Mapping[str, RunningSimulator]
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self) -> None:
        """The pump: look, hand out work, sleep until something is due. Runs until cancelled."""
        svc = self.services
        while True:
            wake: datetime | None = None
            self._woken.clear()
            try:
                wake = await pump(svc)
            except StoreError as error:
                svc.log.error("pump_waits", error=str(error))
            await self._pause(wake)

    async def _pause(self, wake: datetime | None) -> None:
        now = self.services.clock.now()
        ahead = (wake - now).total_seconds() if wake is not None and wake > now else TICK
        sleep = asyncio.ensure_future(self.services.clock.sleep(min(TICK, ahead)))
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait((sleep, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sleep, woken):
                task.cancel()

    def wake(self) -> None:
        """Something may be due: do not sleep on."""
        self._woken.set()

    async def settle(self) -> None:
        """Do everything that is due by the clock, then return; for fake clocks, without `serve`."""
        svc = self.services
        for _ in range(10_000):
            await pump(svc)
            await svc.engine.idle()
            if not await carry(svc) and not await self._something_due():
                return
        raise StoreError("The work does not settle.")

    async def _something_due(self) -> bool:
        now = self.services.clock.now()
        brands, accounts = self.services.brands, self.services.accounts

        def unit(tx: Tx) -> bool:
            halted = {b for b in brands if tx.halts.active(b)}
            names = tx.deliveries.waiting_accounts(now)
            return any(n in accounts and accounts[n].brand not in halted for n in names)

        return await self.services.store.read(unit)

    async def next_wake(self) -> datetime | None:
        """When something is due next, whatever it is."""
        return await self.services.store.read(lambda tx: tx.deliveries.next_wake())

    async def quiet(self) -> bool:
        """Nothing is due, in flight, being checked or unsent to a chat."""
        now = self.services.clock.now()

        def unit(tx: Tx) -> bool:
            return not (
                tx.deliveries.pressing(now) or tx.cards.stale(now, limit=1) or tx.notices.due(now, limit=1)
            )

        return await self.services.store.read(unit)


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
        accounts = await _connect(
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
                f"[store] url: this database was made with {other}. Give this run another one, so that nothing is mixed."
            ]
        )


async def _connect(
    config: Config,
    registry: Registry,
    stack: AsyncExitStack,
    simulators: dict[str, RunningSimulator],
    *,
    clock: Clock,
    env: Mapping[str, str],
    media: FileMedia,
    log: Log,
    simulated: bool,
    wrap: Callable[[Any], Any] | None,
) -> dict[str, Connected]:
    wanted = [*config.accounts] if config.accounts else simulated_accounts(config.brands, registry)
    connected: dict[str, Connected] = {}
    problems: list[str] = []
    clients: dict[str, HttpClient] = {}
    for account in wanted:
        platform = registry.platforms.get(account.platform)
        if platform is None:
            known = ", ".join(sorted(registry.platforms))
            problems.append(
                config.problem(
                    f"accounts.{account.name}.platform: no plugin knows {account.platform!r}; there are {known}"
                )
            )
            continue
        table: Mapping[str, Any] = account.table
        if simulated:
            table = await _simulated_table(platform, account, stack, simulators, clock)
        settings = read_settings(
            platform.settings,
            table,
            where=f"accounts.{account.name}",
            env={} if simulated else env,
            fallback=platform.secrets,
            folder=config.folder,
        )
        if isinstance(settings, tuple):
            problems += [config.problem(p) for p in settings]
            continue
        if platform.name not in clients:
            clients[platform.name] = HttpClient(wrap=wrap)
            stack.push_async_callback(clients[platform.name].aclose)
        deps = Deps(http=clients[platform.name], clock=clock, media=media, log=log)
        publisher = platform.connect(settings, deps)
        stack.push_async_callback(publisher.aclose)
        connected[account.name] = Connected(
            name=account.name, brand=account.brand, platform=platform, publisher=publisher
        )
    if problems:
        raise ConfigError(problems)
    return connected


def simulated_accounts(brands: Sequence[Brand], registry: Registry) -> list[AccountConfig]:
    """One account of every platform for every brand, when none is configured."""
    return [
        AccountConfig(
            name=f"{brand.name}-{platform.simulated.suffix}", brand=brand.name, platform=platform.name
        )
        for brand in brands
        for platform in registry.platforms.values()
        if platform.simulated is not None
    ]


async def _simulated_table(
    platform: Platform[Any],
    account: AccountConfig,
    stack: AsyncExitStack,
    simulators: dict[str, RunningSimulator],
    clock: Clock,
) -> dict[str, Any]:
    """The account as its simulator knows it; nothing of the real one is used."""
    if platform.simulated is None:
        raise ConfigError(
            [f"accounts.{account.name}: {platform.title} cannot be simulated; take it out of this run."]
        )
    table: dict[str, Any] = {**platform.simulated.settings}
    table |= {name: Secret(value) for name, value in platform.simulated.secrets.items()}
    if platform.simulate is not None:
        if platform.name not in simulators:
            simulators[platform.name] = await platform.simulate(clock)
            stack.push_async_callback(simulators[platform.name].aclose)
        table["base_url"] = simulators[platform.name].url
    return table


def make_log(stream: TextIO = sys.stderr, *, level: int = logging.INFO) -> Log:
    """Structured lines, one JSON object each; never where the chat is written."""
    return structlog.wrap_logger(  # type: ignore[no-any-return]
        structlog.PrintLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )


async def run(app: App, *, linger: float | None) -> bool:
    """Serve every chat until all have ended; then, with ``linger`` seconds, finish what is open.

    True when nothing is due, in flight, being checked or unsent at the end. None does not wait.
    """
    loop = asyncio.get_running_loop()
    pumping = loop.create_task(app.serve(), name="pump")
    try:
        await asyncio.gather(*(chat.run(app.dispatch.handle) for chat in app.services.chats.values()))
        if linger is None:
            return True
        end = loop.time() + linger
        while True:
            app.wake()
            await asyncio.sleep(0.05)
            try:
                if await app.quiet():
                    return True
            except StoreError as error:
                app.services.log.warning("quiet_unknown", error=str(error))
            if loop.time() > end:
                return False
    finally:
        pumping.cancel()
        await asyncio.gather(pumping, return_exceptions=True)
