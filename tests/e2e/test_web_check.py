"""``clarion check`` looks at the public address: it leads here, elsewhere, or nowhere."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from plugins.instagram.simulated import SIMULATED_ACCOUNT, SIMULATED_SECRET, SIMULATED_TOKEN
from plugins.instagram.simulator import InstagramSimulator
from tests.e2e.consent import Result, Town, town
from tests.integration.blank import put_blank


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@dataclass
class Here:
    """A town with an Instagram account that is well."""

    town: Town
    account: str

    async def check(self, public: str, port: int) -> Result:
        self.town.more = f'{self.account}[web]\npublic_url = "{public}"\nlisten = "127.0.0.1:{port}"\n'
        return await self.town.run("check")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    put_blank(tmp_path / "clarion.db")
    async with town(tmp_path) as made, InstagramSimulator(made.x.clock).running() as sim:
        made.env |= {"INSTAGRAM_ACCESS_TOKEN": SIMULATED_TOKEN, "INSTAGRAM_APP_SECRET": SIMULATED_SECRET}
        lines = ("[accounts.acme-ig]", 'platform = "instagram"', f'base_url = "{sim.url}"')
        account = "\n".join((*lines, 'door = "facebook"', f'user_id = "{SIMULATED_ACCOUNT}"', ""))
        yield Here(made, account)


@asynccontextmanager
async def stranger(status: int, **headers: str) -> AsyncIterator[str]:
    """Another server at the public address."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "tag": "0" * 16}, status=status, headers=headers)

    app = web.Application()
    app.router.add_get("/healthz", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_it_leads_here(here: Here) -> None:
    port = free_port()
    found = await here.check(f"http://127.0.0.1:{port}", port)
    assert f"ok: http://127.0.0.1:{port} leads here, when the bot runs" in found.out
    assert "@acme" in found.out


async def test_nobody_answers_there(here: Here) -> None:
    found = await here.check(f"http://127.0.0.1:{free_port()}", free_port())
    assert found.code != 0
    assert "cannot be reached from here (ConnectError); lead it to 127.0.0.1:" in found.out


async def test_somebody_else_answers_there(here: Here) -> None:
    async with stranger(200) as url:
        found = await here.check(url, free_port())
    assert "NOT WELL" in found.out
    assert "leads to another bot, or to this one with another key" in found.out
    async with stranger(404) as url:
        found = await here.check(url, free_port())
    assert "it is not this bot (404)" in found.out


async def test_a_redirect_is_not_followed_by_platforms(here: Here) -> None:
    async with stranger(301, location="https://www.example.com/healthz") as url:
        found = await here.check(url, free_port())
    assert "platforms do not follow" in found.out


async def test_without_a_public_address_it_only_says_so(here: Here) -> None:
    here.town.more = f"{here.account}[web]\n"
    found = await here.town.run("check")
    assert "ok: 127.0.0.1:8080, without `public_url`" in found.out
