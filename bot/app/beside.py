"""A second process beside a running bot: the same accounts and database, without its lock."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bot.app.accounts import Lent, Plan, connect, plan
from bot.app.building import load_plugins
from bot.app.place import key_file, mark, place
from bot.app.web import keys_of, links_of
from bot.config import Config
from bot.domain.grant import Grant
from bot.domain.records import AccountState
from bot.media.files import FileMedia
from bot.ports import Clock, Log
from bot.redaction import Redaction
from bot.registry import Registry
from bot.services.context import Connected
from bot.services.guarded import connect_guarded, simulate_guarded
from bot.store import open_store
from bot.vault import Vault, open_vault


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the commands of the terminal work with. ``lent.store`` is None while there is no database."""

    config: Config
    registry: Registry
    env: Mapping[str, str]
    plan: Plan
    lent: Lent
    vault: Vault
    grants: Mapping[str, Grant]
    states: Mapping[str, AccountState]
    stack: AsyncExitStack

    async def connected(self) -> dict[str, Connected]:
        """Every account that has what it needs, with its publisher."""
        return (await connect(self.plan.accounts, self.stack, self.lent))[0]


@asynccontextmanager
async def open_beside(
    config: Config,
    *,
    env: Mapping[str, str],
    clock: Clock,
    log: Log,
    redaction: Redaction,
    make: bool = False,
    registry: Registry | None = None,
) -> AsyncIterator[Beside]:
    """Open what is there; ``make``: the database and the key too, if they are not there yet.

    Raises `ConfigError` and the `StoreError` family.
    """
    registry = registry or load_plugins(config, log)
    url, home = place(config, simulated=False)
    async with AsyncExitStack() as stack:
        store, grants, states = None, dict[str, Grant](), dict[str, AccountState]()
        if make or home is None or home.exists():
            if home is not None:
                home.parent.mkdir(parents=True, exist_ok=True)
            store = await open_store(url)
            stack.push_async_callback(store.aclose)
            if make:
                await mark(store, False, home.name if home is not None else "the database")
            rows, known = await store.read(lambda tx: (tx.grants.all(), tx.accounts.all()))
            grants, states = {g.account: g for g in rows}, {a.name: a for a in known}
        vault = open_vault(env, key_file(config, home), make=make)
        base = home.parent if home is not None else config.folder
        lent = Lent(
            clock=clock,
            media=FileMedia(base / "media"),
            log=log,
            store=store,
            vault=vault,
            redaction=redaction,
            owner=f"{os.getpid()}-{secrets.token_hex(4)}",
            guard=partial(connect_guarded, registry, clean=redaction.clean),
            simulate=partial(simulate_guarded, registry),
            links=links_of(config, keys_of(vault), clock),
        )
        yield Beside(
            config=config,
            registry=registry,
            env=env,
            plan=plan(config, registry, env=env, simulated=False, granted=grants),
            lent=lent,
            vault=vault,
            grants=grants,
            states=states,
            stack=stack,
        )
