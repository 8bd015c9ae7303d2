"""Single-use refresh tokens between real processes, some of which die, on both databases."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.domain.grant import Grant, GrantState
from bot.http import HttpClient
from bot.services.exchange import ACCESS, REFRESH
from bot.services.tokens import GrantTokens
from bot.store import SqlStore
from bot.vault import Vault, make_key, open_vault
from plugins.twitter.oauth import SCOPES
from plugins.twitter.oauth_simulator import CLIENT_ID
from plugins.twitter.simulator import TwitterSimulator
from tests.integration.grant_world import Lines, exchange_with

CHILD, ROOT = Path(__file__).with_name("refresh_child.py"), Path(__file__).parents[2]


class Processes:
    """Starts processes, and waits for them."""

    def __init__(self, server: asyncio.subprocess.Process) -> None:
        self._server = server

    async def start(self, wanted: dict[str, Any]) -> int:
        return int(await self._say({"ask": wanted}))

    async def end(self, number: int) -> tuple[int, dict[str, list[str]]]:
        """Its exit code, negative for a signal, and what each account got."""
        code, found = await self._say({"wait": number})
        return code, found

    async def _say(self, words: dict[str, Any]) -> Any:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(words).encode() + b"\n")
        return json.loads(await asyncio.wait_for(self._server.stdout.readline(), 60))


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[Processes]:
    (tmp_path / "out").mkdir()
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CHILD),
        str(tmp_path / "out"),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    yield Processes(server)
    assert server.stdin is not None
    server.stdin.close()
    assert await server.wait() == 0


async def connected(
    store: SqlStore, vault: Vault, sim: TwitterSimulator, account: str, app: str
) -> dict[str, Any]:
    """An account whose access token has just run out; what X had granted it."""
    body, clock = sim.desk.grant(CLIENT_ID, SCOPES), SystemClock()
    values = {"account": account, ACCESS: body["access_token"], REFRESH: body["refresh_token"]}
    grant = Grant(
        account=account,
        platform="twitter",
        sealed=vault.seal(values),
        renewable=True,
        expires_at=clock.now() - timedelta(seconds=1),
        app=app,
        updated_at=clock.now(),
    )
    assert await store.write(lambda tx: tx.grants.add(grant))
    return body


async def kept(store: SqlStore, vault: Vault, account: str) -> tuple[Grant, dict[str, str]]:
    row = await store.read(lambda tx: tx.grants.get(account))
    assert row is not None
    return row, dict(vault.unseal(row.sealed))


async def test_ten_in_two_processes_make_one_call_also_when_killed_in_between(
    store: SqlStore, url: str, processes: Processes, tmp_path: Path
) -> None:
    key, http = make_key(), HttpClient()
    vault = open_vault({"CLARION_KEY": key}, tmp_path / "unused", make=False)
    async with TwitterSimulator(SystemClock()).running() as sim:
        app = exchange_with(http, SystemClock(), sim.url).app
        accounts = ("calm", "before", "during", "after")
        first = {name: await connected(store, vault, sim, name, app) for name in accounts}
        sim.desk.thinks = 0.3

        async def begin(*names: str, die: str = "") -> int:
            wanted = {"url": url, "base": sim.url, "key": key, "accounts": names, "die": die}
            return await processes.start(wanted)

        victims = [await begin("before", die="before"), await begin("after", die="after")]
        victims.append(await begin("during"))
        pair = [await begin("calm"), await begin("calm")]
        during = first["during"]["refresh_token"]
        for _ in range(2_000):
            if sim.desk.looking(during):
                break
            await asyncio.sleep(0.01)
        os.kill(victims[2], signal.SIGKILL)
        assert [(await processes.end(victim))[0] for victim in victims] == [-signal.SIGKILL] * 3

        both = [await processes.end(number) for number in pair]
        got = [token for _, found in both for token in found["calm"]]
        assert ([code for code, _ in both], len(got), len(set(got))) == ([0, 0], 10, 1)

        heirs = [await begin(name) for name in ("before", "during", "after")]
        inherited = {
            name: tokens for heir in heirs for name, tokens in (await processes.end(heir))[1].items()
        }
        shown = {name: sim.desk.presented[first[name]["refresh_token"]] for name in accounts}
    await http.aclose()

    assert sim.desk.together == 1, "a refresh token was shown twice at the same time"
    assert shown == {"calm": 1, "before": 1, "during": 2, "after": 2}
    for name in ("calm", "before"):
        row, values = await kept(store, vault, name)
        assert (row.serial, row.state, row.lease_owner) == (2, GrantState.GOOD, None)
        assert values[REFRESH] != first[name]["refresh_token"]
        assert sim.desk.holder(values[ACCESS]) is not None
    assert set(inherited["before"]) == {(await kept(store, vault, "before"))[1][ACCESS]}
    for name in ("during", "after"):
        # The answer died with its process; the token was used up. Asking once more showed that.
        row, values = await kept(store, vault, name)
        assert inherited[name] == ["AuthExpired"]
        assert (row.serial, row.state) == (1, GrantState.LOST)
        assert values[REFRESH] == first[name]["refresh_token"], "nothing is deleted"


async def test_ten_owners_in_the_same_moment_make_one_call(store: SqlStore, tmp_path: Path) -> None:
    """Their transactions overlap where the database lets them: the row's version decides."""
    clock, http, key = SystemClock(), HttpClient(), make_key()
    vault = open_vault({"CLARION_KEY": key}, tmp_path / "unused", make=False)
    async with TwitterSimulator(clock).running() as sim:
        exchange = exchange_with(http, clock, sim.url)
        first = await connected(store, vault, sim, "acme-x", exchange.app)
        sim.desk.thinks = 0.05
        owners = [
            GrantTokens(
                "acme-x",
                title="X",
                way_out="clarion connect",
                oauth=exchange.oauth,
                exchange=exchange,
                store=store,
                clock=clock,
                vault=vault,
                log=Lines(),
                owner=f"process-{number}",
                keep=lambda secret: None,
            )
            for number in range(10)
        ]
        found = await asyncio.gather(*(tokens.bearer() for tokens in owners))
        for tokens in owners:
            await tokens.aclose()
    await http.aclose()
    assert sim.desk.presented == {first["refresh_token"]: 1}
    assert len(set(found)) == 1


async def test_only_who_saw_the_newest_row_may_change_it(store: SqlStore) -> None:
    grant = Grant(account="a", platform="p", sealed="s", updated_at=SystemClock().now())
    assert await store.write(lambda tx: tx.grants.add(grant))
    assert not await store.write(lambda tx: tx.grants.add(grant)), "a second first grant"
    assert await store.write(lambda tx: tx.grants.save(grant))
    assert not await store.write(lambda tx: tx.grants.save(grant)), "an old version was saved"
    row = await store.read(lambda tx: tx.grants.get("a"))
    assert row is not None
    assert row.version == 2
    assert await store.write(lambda tx: tx.grants.all(lock=True)) == (row,)
