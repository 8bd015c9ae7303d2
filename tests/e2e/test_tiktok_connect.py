"""Connecting a TikTok account at the terminal: its own names, its own tokens, its own simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.grant import Grant
from bot.store import open_store
from plugins.tiktok.oauth import SCOPES
from plugins.tiktok.oauth_simulator import CLIENT_KEY, CLIENT_SECRET
from plugins.tiktok.simulator import TikTokSimulator
from tests.e2e.consent import Town, town
from tests.integration.blank import put_blank


@dataclass
class Here:
    """A town with TikTok in it."""

    town: Town
    tt: TikTokSimulator

    async def grant(self) -> Grant | None:
        store = await open_store(f"sqlite+aiosqlite:///{self.town.folder / 'clarion.db'}")
        row = await store.read(lambda tx: tx.grants.get("acme-tt"))
        await store.aclose()
        return row


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    put_blank(tmp_path / "clarion.db")
    async with town(tmp_path) as made:
        # the terminal has the system's clock, and so must the tokens
        sim = TikTokSimulator(made.x.clock)
        async with sim.running():
            made.more = f'[accounts.acme-tt]\nplatform = "tiktok"\nbase_url = "{sim.url}"\n'
            made.env |= {"TIKTOK_CLIENT_KEY": CLIENT_KEY, "TIKTOK_CLIENT_SECRET": CLIENT_SECRET}
            yield Here(made, sim)


async def test_an_account_is_connected_and_proved(here: Here) -> None:
    found = await here.town.connect("tiktok")
    assert (found.code, found.err) == (0, "")
    assert "acme-tt is connected as @simshop." in found.out
    assert f"client_key={CLIENT_KEY}" in found.out
    row = await here.grant()
    assert row is not None
    assert (row.subject, row.renewable) == ("sim-open-1", True)
    assert set(row.scopes) == set(SCOPES)
    assert row.expires_at is not None
    assert row.refresh_expires_at is not None
    assert row.refresh_expires_at - row.expires_at == timedelta(days=180) - timedelta(hours=2)


async def test_a_permission_that_was_not_ticked_is_told(here: Here) -> None:
    here.tt.desk.granted_scopes = ("user.info.basic", "video.upload")
    found = await here.town.connect("tiktok")
    assert found.code == 0
    assert "did not allow video.publish" in found.out
    assert here.tt.count("POST /v2/post/publish/creator_info/query/") == 0


async def test_a_code_that_is_too_old_says_what_to_do_also_with_200(here: Here) -> None:
    here.tt.desk.refusal_status, here.tt.desk.code_lasts = 200, timedelta()
    found = await here.town.connect("tiktok")
    assert found.code == 1
    assert "it may be too old. Run `clarion connect tiktok --account acme-tt` again." in found.err
    assert await here.grant() is None


async def test_without_a_secret_nobody_is_sent_anywhere(here: Here) -> None:
    del here.town.env["TIKTOK_CLIENT_SECRET"]
    found = await here.town.run("connect", "tiktok", "--no-browser", "--port", "0")
    assert found.code == 2
    assert "TIKTOK_CLIENT_SECRET" in found.err
    assert not here.tt.calls
