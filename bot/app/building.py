"""Putting a bot together, taking up what the last process left, closing everything."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bot.app.accounts import Lent, connect, plan
from bot.app.chats import BUILT_IN, CONSOLE, connect_chats, plan_chats
from bot.app.place import key_file, mark, place
from bot.app.running import INBOX, App
from bot.app.web import keys_of, open_web
from bot.clock import ServerClock
from bot.commands import all_commands
from bot.commands.dispatch import Dispatch
from bot.commands.spec import Command
from bot.config import Config
from bot.domain.delivery import State
from bot.domain.message import Message
from bot.domain.records import AccountState, Card, Health
from bot.engine.embedded import EmbeddedEngine
from bot.engine.lock import FileLock
from bot.errors import ConfigError
from bot.fetch import Pages
from bot.figures.folder import FolderFigures
from bot.http import PinnedHttp
from bot.media.files import FileMedia
from bot.media.studio import FileStudio
from bot.ports import Chat, Clock, Log, Tx
from bot.redaction import Redaction
from bot.registry import Registry, load
from bot.services.access import ACCESS, keep_access
from bot.services.census import Census
from bot.services.context import Services
from bot.services.courier import LANE, REST, carry_rest, hand_out, serve_channel
from bot.services.drawing import DRAW, draw
from bot.services.guarded import connect_guarded, simulate_guarded
from bot.services.isolated import guarded_manifest
from bot.services.learning import TASKS
from bot.services.locked_out import SHUT
from bot.services.pause import pause_unopened
from bot.services.prepare import prepare
from bot.services.preparing import PREPARE, end_all
from bot.services.pump import ACCOUNT, COURIER, recover, serve_account
from bot.services.seating import begin_people
from bot.services.tell import tell_brand
from bot.store import open_store
from bot.vault import open_vault

IN_DOUBT = frozenset({State.PUBLISHING, State.UNCONFIRMED, State.HELD, State.PARTIAL})
"""What a start tells again, because somebody may wonder what became of it."""

GRACE = 20.0
"""Seconds for calls that are under way when we are asked to end; one that is cut is a question."""

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
    redaction: Redaction | None = None,
    team_chats: bool = False,
) -> AsyncIterator[App]:
    """Put a bot together, take up what the last process left, and close everything at the end.

    ``chats`` build a chat each, given the first number its messages may use; with ``team_chats``
    those that the configuration uses beside the console are connected too. ``problems``
    are those already found in the file. ``redaction`` is the one that the log uses.

    Raises `ConfigError` with all problems at once, before anything is opened (but a database that
    is there, if an account without keys may have been connected), and the `StoreError` family.
    """
    redaction = redaction or Redaction()
    registry = registry or load_plugins(config, log)
    registry.watch.now = clock.monotonic
    simulated = simulate or not config.accounts
    wanted = plan(config, registry, env=env, simulated=simulated)
    teams, wrong = plan_chats(config, registry, env=env) if team_chats else ((), ())
    problems = [*problems, *wrong]
    url, home = place(config, simulated)
    early = [*problems, *wanted.problems]
    if (early and not wanted.lacking) or (wanted.lacking and home is not None and not home.exists()):
        raise ConfigError([*early, *wanted.lacking.values()])
    async with AsyncExitStack() as stack:
        if home is not None:
            lock = FileLock(Path(f"{home}.lock")).take()
            stack.callback(lock.free)
        store = await open_store(url)
        stack.push_async_callback(store.aclose)
        keep_time = None
        if home is None:
            from bot.store.postgres import PostgresStore

            assert isinstance(store, PostgresStore)
            clock = server = ServerClock(clock, store.now)
            await (keep_time := server.keep)()
        grants = await store.read(lambda tx: tx.grants.all())
        if wanted.lacking:
            wanted = plan(config, registry, env=env, simulated=simulated, granted={g.account for g in grants})
            if problems or wanted.problems or wanted.lacking:
                raise ConfigError([*problems, *wanted.problems, *wanted.lacking.values()])
        await mark(store, simulated, home.name if home is not None else "the database")
        base = home.parent if home is not None else config.folder
        media = FileMedia(base / "media")
        owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        fresh = not simulated and not grants  # a key that is gone is not replaced in silence
        vault = open_vault({} if simulated else env, key_file(config, home), make=fresh)
        links = open_web(
            config,
            stack,
            simulated=simulated,
            keys=keys_of(vault),
            folder=base / "media",
            clock=clock,
            log=log,
        )
        lent = Lent(
            clock=clock,
            media=media,
            log=log,
            store=store,
            vault=vault,
            redaction=redaction,
            owner=owner,
            guard=partial(connect_guarded, registry, clean=redaction.clean),
            simulate=partial(simulate_guarded, registry),
            wrap=wrap_http,
            links=links,
        )
        accounts, simulators = await connect(wanted.accounts, stack, lent)
        for account in accounts.values():
            plugin = registry.owner_of(account.platform.name) or account.platform.name
            account.platform = guarded_manifest(account.platform, plugin, watch=registry.watch, log=log)
        first = await _first_message(store)
        talking = [*(make(first) for make in chats), *connect_chats(teams, stack, lent)]
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
            chats={c.name: c for c in talking},
            owner=owner,
            instance=await _instance(store),
            previews=base / "previews",
            simulated=simulated,
            alone=home is not None,
            pages=Pages(PinnedHttp()),
            wake=woken.set,
            census=Census(declared=config.people),
            studio=FileStudio(media, base / "studio"),
            figures=FolderFigures(base / "figures", log),
        )
        dispatch = Dispatch(services, all_commands(tuple(registry.commands.values())))
        app = App(
            services=services, dispatch=dispatch, simulators=simulators, woken=woken, keep_time=keep_time
        )
        engine.task(ACCOUNT, lambda name: serve_account(services, name))
        engine.task(PREPARE, lambda: prepare(services))
        engine.task(DRAW, lambda post_id: draw(services, post_id))
        engine.task(COURIER, lambda: hand_out(services))
        engine.task(REST, lambda: carry_rest(services))
        engine.task(INBOX, app.take_up)
        engine.task(ACCESS, lambda: keep_access(services))
        engine.task(LANE, lambda chat, channel, side: serve_channel(services, chat, channel, side))
        for name, work in TASKS.items():
            engine.task(name, partial(work, services))
        await store.write(lambda tx: _start(services, tx))
        await pause_unopened(services, lent.vault)
        if home is not None:
            await recover(services)
        await registry.emit("bot_started")
        try:
            yield app
        finally:
            await registry.emit("bot_stopping")
            await asyncio.gather(engine.stop(GRACE), end_all(services))  # made anew at the next start
            await registry.watch.end_tasks(2.0)


def load_plugins(config: Config, log: Log) -> Registry:
    """All plugins of a configuration; names that Clarion itself uses are taken."""
    taken = {"register_commands": [c.name for c in all_commands()], "register_chats": [CONSOLE, *BUILT_IN]}
    return load(
        log=log,
        disabled=config.plugins_disabled,
        files=config.plugins_load,
        taken=taken,
        kinds={"register_commands": Command},
    )


def _start(services: Services, tx: Tx) -> None:
    """A start is a new try: accounts are well until they say otherwise, plugins that broke are named."""
    begin_people(services, tx)
    accounts = services.accounts.values()
    paused = [a.name for a in tx.accounts.all() if a.health is not Health.OK]
    tx.accounts.sync([AccountState(name=a.name, brand=a.brand, platform=a.platform.name) for a in accounts])
    tx.notices.forget("account:")
    tx.notices.forget("plugin:")
    tx.notices.forget(SHUT)
    for name in paused:
        tx.deliveries.pull_wakes(name, services.clock.now())
    unfinished = tx.deliveries.unfinished(limit=RETOLD)
    for delivery in unfinished:
        if delivery.state in IN_DOUBT:
            tx.cards.touch(delivery.post_id)
    for post_id, brand in sorted({(d.post_id, d.brand) for d in unfinished}) if services.teams else ():
        known = {card.target.address for card in tx.cards.of_post(post_id)}
        for target in services.channels(brand):
            if target.chat in services.teams and target.address not in known:  # the brand has come here since
                tx.cards.add(Card(id=0, post_id=post_id, target=replace(target, thread=post_id)))
    for problem in services.registry.problems:
        for brand in services.brands:
            message = Message(text=f"{str(problem).rstrip('.')}. Everything else goes on without it.")
            tell_brand(services, tx, brand, f"plugin:{problem.plugin}", message)


async def _first_message(store: Any) -> int:
    """A number no earlier process has used for its chat messages."""

    def unit(tx: Tx) -> int:
        first = int(tx.meta.settle("chat.messages", "0")) + 1
        tx.meta.put("chat.messages", str(first + 99_999))
        return first

    return int(await store.write(unit))


async def _instance(store: Any) -> str:
    """Eight bytes that are this database's own, made at its first start."""
    fresh = secrets.token_hex(8)
    return str(await store.write(lambda tx: tx.meta.settle("instance", fresh)))
