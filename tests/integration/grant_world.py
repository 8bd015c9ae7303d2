"""One connected account on a simulated X: a real database, a real vault, real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.config import Secret
from bot.domain.grant import Grant
from bot.http import HttpClient
from bot.ports import Clock, Store
from bot.redaction import Redaction
from bot.services.exchange import ACCESS, REFRESH, Exchange, under
from bot.services.tokens import GrantTokens
from bot.store import open_store
from bot.testing.clock import FakeClock
from bot.vault import Vault, open_vault
from plugins.twitter.oauth import SCOPES, TWITTER_OAUTH
from plugins.twitter.oauth_simulator import CLIENT_ID, CLIENT_SECRET
from plugins.twitter.settings import TwitterSettings
from plugins.twitter.simulator import TwitterSimulator
from tests.integration.blank import put_blank

ACCOUNT, TOKEN = "acme-x", "POST /2/oauth2/token"
WAY = "clarion connect twitter --account acme-x"


@dataclass
class Lines:
    """A log in memory."""

    written: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def _write(self, event: str, **facts: Any) -> None:
        self.written.append((event, facts))

    debug = info = warning = error = _write


def exchange_with(
    http: HttpClient,
    clock: Clock,
    url: str,
    *,
    client_id: str = CLIENT_ID,
    client_secret: str = CLIENT_SECRET,
) -> Exchange:
    settings = TwitterSettings(base_url=url)
    return Exchange(
        under(TWITTER_OAUTH, settings),
        title="X",
        client_id=Secret(client_id),
        client_secret=Secret(client_secret) if client_secret else None,
        http=http,
        clock=clock,
    )


async def store_grant(
    store: Store,
    vault: Vault,
    clock: Clock,
    exchange: Exchange,
    body: dict[str, Any],
    *,
    account: str = ACCOUNT,
) -> Grant:
    """Write what a token endpoint answered, as connecting does."""
    values = {"account": account, ACCESS: body["access_token"], REFRESH: body.get("refresh_token", "")}
    grant = Grant(
        account=account,
        platform="twitter",
        sealed=vault.seal(values),
        renewable=bool(body.get("refresh_token")),
        expires_at=clock.now() + timedelta(seconds=body["expires_in"]),
        scopes=tuple(body["scope"].split()),
        subject="1844000000000000001",
        app=exchange.app,
        updated_at=clock.now(),
    )
    assert await store.write(lambda tx: tx.grants.add(grant))
    return grant


@dataclass(kw_only=True)
class GrantWorld:
    """Everything one test needs; ``first`` is what X granted at the start."""

    clock: FakeClock
    sim: TwitterSimulator
    store: Store
    vault: Vault
    http: HttpClient
    exchange: Exchange
    log: Lines
    redaction: Redaction
    first: dict[str, Any]
    open_tokens: list[GrantTokens] = field(default_factory=list)

    def tokens(self, *, owner: str = "me", exchange: Exchange | None = None) -> GrantTokens:
        """As one process has them."""
        made = GrantTokens(
            ACCOUNT,
            title="X",
            way_out=WAY,
            oauth=self.exchange.oauth,
            exchange=exchange or self.exchange,
            store=self.store,
            clock=self.clock,
            vault=self.vault,
            log=self.log,
            owner=owner,
            keep=self.redaction.learn,
        )
        self.open_tokens.append(made)
        return made

    async def row(self) -> Grant:
        found = await self.store.read(lambda tx: tx.grants.get(ACCOUNT))
        assert found is not None
        return found

    async def change(self, **changes: Any) -> None:
        """Overwrite the row as another process would."""
        row = await self.row()
        assert await self.store.write(lambda tx: tx.grants.save(replace(row, **changes)))

    async def kept(self) -> dict[str, str]:
        """What the vault holds for the account now."""
        return dict(self.vault.unseal((await self.row()).sealed))

    def shown(self, refresh: str) -> int:
        """How often a refresh token was presented."""
        return self.sim.desk.presented[refresh]

    async def asked(self) -> None:
        """Return when X has been asked for tokens and is still thinking."""
        for _ in range(5_000):
            if self.calls:
                return
            await asyncio.sleep(0.001)
        raise AssertionError("nobody asks X")

    @property
    def calls(self) -> int:
        return self.sim.count(TOKEN)


@asynccontextmanager
async def grant_world(folder: Path) -> AsyncIterator[GrantWorld]:
    """The account was connected a moment ago; its token lasts two hours."""
    clock, http = FakeClock(), HttpClient()
    store = await open_store(f"sqlite+aiosqlite:///{put_blank(folder / 'grants.db')}")
    async with TwitterSimulator(clock).running() as sim:
        world = None
        try:
            vault = open_vault({}, folder / "grants.db.key", make=True)
            exchange = exchange_with(http, clock, sim.url)
            first = sim.desk.grant(CLIENT_ID, SCOPES)
            await store_grant(store, vault, clock, exchange, first)
            world = GrantWorld(
                clock=clock,
                sim=sim,
                store=store,
                vault=vault,
                http=http,
                exchange=exchange,
                log=Lines(),
                redaction=Redaction(),
                first=first,
            )
            yield world
        finally:
            for tokens in world.open_tokens if world else ():
                await tokens.aclose()
            await http.aclose()
            await store.aclose()
