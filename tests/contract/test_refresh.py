"""Single-use refresh tokens between real processes, some of which die, on both databases."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.domain.grant import Grant, GrantState
from bot.http import HttpClient
from bot.services.exchange import ACCESS, REFRESH
from bot.store import SqlStore
from bot.vault import Vault, make_key, open_vault
from plugins.twitter.oauth import SCOPES
from plugins.twitter.oauth_simulator import CLIENT_ID
from plugins.twitter.simulator import TwitterSimulator
from tests.integration.grant_world import exchange_with

CHILD, ROOT = Path(__file__).with_name("refresh_child.py"), Path(__file__).parents[2]


async def start(wanted: dict[str, Any]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(CHILD),
        json.dumps(wanted),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def told(process: asyncio.subprocess.Process) -> dict[str, list[str]]:
    """What a process that lived printed."""
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    found: dict[str, list[str]] = json.loads(out)
    return found


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
    store: SqlStore, url: str, tmp_path: Path
) -> None:
    key, http = make_key(), HttpClient()
    vault = open_vault({"CLARION_KEY": key}, tmp_path / "unused", make=False)
    async with TwitterSimulator(SystemClock()).running() as sim:
        app = exchange_with(http, SystemClock(), sim.url).app
        accounts = ("calm", "before", "during", "after")
        first = {name: await connected(store, vault, sim, name, app) for name in accounts}
        sim.desk.thinks = 0.3

        async def begin(account: str, die: str = "") -> asyncio.subprocess.Process:
            return await start({"url": url, "base": sim.url, "key": key, "accounts": [account], "die": die})

        victims = [await begin("before", "before"), await begin("after", "after"), await begin("during")]
        pair = [await begin("calm"), await begin("calm")]
        during = first["during"]["refresh_token"]
        for _ in range(2_000):
            if sim.desk.looking(during):
                break
            await asyncio.sleep(0.01)
        victims[2].send_signal(signal.SIGKILL)
        for victim in victims:
            await victim.communicate()
            assert victim.returncode == -signal.SIGKILL

        both = [await told(process) for process in pair]
        assert len({token for found in both for token in found["calm"]}) == 1
        assert len([token for found in both for token in found["calm"]]) == 10

        heirs = [await begin(name) for name in ("before", "during", "after")]
        inherited = {name: tokens for heir in heirs for name, tokens in (await told(heir)).items()}
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
