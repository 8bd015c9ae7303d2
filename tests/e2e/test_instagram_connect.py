"""Connecting an Instagram account at the terminal, by either door, and how its access is kept alive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from bot.config import Secret
from bot.domain.grant import Grant, GrantState
from bot.errors import AppMisconfigured, AuthExpired
from bot.http import HttpClient
from bot.redaction import Redaction
from bot.services.access import keep_access
from bot.services.exchange import ACCESS, REFRESH, exchange_for
from bot.services.tokens import GrantTokens
from bot.store import open_store
from bot.testing.clock import FakeClock
from bot.testing.contract.lent import RememberedLog
from bot.vault import open_vault
from plugins.instagram import InstagramSettings, register_platforms
from plugins.instagram.oauth import SCOPES
from plugins.instagram.simulated import SIMULATED_ACCOUNT, SIMULATED_APP, SIMULATED_SECRET, SIMULATED_TOKEN
from plugins.instagram.simulator import InstagramSimulator
from tests.e2e.consent import Town, town
from tests.integration.blank import put_blank

if TYPE_CHECKING:
    from bot.services.context import Services

(INSTAGRAM,) = register_platforms()
REFRESHING = "GET /refresh_access_token"


@dataclass
class Here:
    """A town with Instagram in it."""

    town: Town
    ig: InstagramSimulator

    def door(self, name: str, more: str = "") -> None:
        lines = ("[accounts.acme-ig]", 'platform = "instagram"', f'base_url = "{self.ig.url}"')
        self.town.more = "\n".join((*lines, f'door = "{name}"', more, ""))

    async def grant(self) -> Grant | None:
        store = await open_store(f"sqlite+aiosqlite:///{self.town.folder / 'clarion.db'}")
        row = await store.read(lambda tx: tx.grants.get("acme-ig"))
        await store.aclose()
        return row


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    put_blank(tmp_path / "clarion.db")
    async with town(tmp_path) as made:
        # the terminal has the system's clock, and so must the tokens
        sim = InstagramSimulator(made.x.clock)
        async with sim.running():
            made.env |= {"INSTAGRAM_APP_ID": SIMULATED_APP, "INSTAGRAM_APP_SECRET": SIMULATED_SECRET}
            found = Here(made, sim)
            found.door("instagram")
            yield found


async def test_the_account_itself_is_connected_for_sixty_days(here: Here) -> None:
    found = await here.town.connect("instagram")
    assert (found.code, found.err) == (0, "")
    assert "acme-ig is connected as @acme." in found.out
    assert "scope=instagram_business_basic%2Cinstagram_business_content_publish" in found.out
    row = await here.grant()
    assert row is not None
    assert (row.subject, row.renewable, set(row.scopes)) == (SIMULATED_ACCOUNT, True, set(SCOPES))
    assert row.expires_at is not None
    assert row.expires_at - here.ig.clock.now() > timedelta(days=59)
    assert SIMULATED_SECRET not in found.out + found.err


async def test_by_the_page_access_has_no_end(here: Here) -> None:
    here.door("facebook")
    found = await here.town.connect("instagram")
    assert (found.code, found.err) == (0, "")
    assert "acme-ig is connected as @acme." in found.out
    row = await here.grant()
    assert row is not None
    assert (row.subject, row.expires_at) == (SIMULATED_ACCOUNT, None)
    vault = open_vault({}, here.town.folder / "clarion.db.key", make=False)
    assert vault.unseal(row.sealed)[ACCESS] == SIMULATED_TOKEN


async def test_pages_that_lead_to_another_account_are_said(here: Here) -> None:
    here.door("facebook", 'user_id = "17841499999999999"')
    found = await here.town.connect("instagram")
    assert found.code != 0
    assert "none lead to this Instagram account" in found.err
    assert await here.grant() is None


async def test_a_code_that_is_too_old_says_what_to_do(here: Here) -> None:
    here.ig.desk.code_lasts = timedelta()
    found = await here.town.connect("instagram")
    assert found.code != 0
    assert "Run `clarion connect instagram --account acme-ig` again." in found.err


async def test_a_personal_account_is_told_how_to_change(here: Here) -> None:
    here.ig.personal = True
    found = await here.town.connect("instagram")
    assert "professional accounts only" in found.out + found.err


@dataclass
class Kept:
    """One account's tokens on a clock that moves."""

    clock: FakeClock
    sim: InstagramSimulator
    tokens: GrantTokens


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    put_blank(tmp_path / "clarion.db")
    clock, http = FakeClock(), HttpClient()
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'clarion.db'}")
    vault = open_vault({}, tmp_path / "clarion.db.key", make=True)
    async with InstagramSimulator(clock).running() as sim:
        settings = InstagramSettings(
            app_id=Secret(SIMULATED_APP), app_secret=Secret(SIMULATED_SECRET), base_url=sim.url
        )
        exchange = exchange_for(INSTAGRAM, settings, http, clock)
        assert exchange is not None
        short = sim.desk.grant(SIMULATED_APP, SCOPES)["access_token"]
        long = sim.desk._long(sim.desk.access[short].consent, "instagram")
        values = {"account": "acme-ig", ACCESS: long["access_token"], REFRESH: long["access_token"]}
        row = Grant(
            account="acme-ig",
            platform="instagram",
            sealed=vault.seal(values),
            renewable=True,
            expires_at=clock.now() + timedelta(days=60),
            scopes=SCOPES,
            subject=SIMULATED_ACCOUNT,
            app=exchange.app,
            updated_at=clock.now(),
            state=GrantState.GOOD,
        )
        assert await store.write(lambda tx: tx.grants.add(row))
        tokens = GrantTokens(
            "acme-ig",
            title="Instagram",
            way_out="clarion connect instagram --account acme-ig",
            oauth=exchange.oauth,
            exchange=exchange,
            store=store,
            clock=clock,
            vault=vault,
            log=RememberedLog(),
            owner="me",
            keep=Redaction().learn,
        )
        yield Kept(clock, sim, tokens)
        await tokens.aclose()
    await store.aclose()
    await http.aclose()


async def test_access_renews_itself_every_week_for_a_year(kept: Kept) -> None:
    for _ in range(365):
        bearer = await kept.tokens.bearer()
        assert kept.sim.gate.token(bearer).state == 0
        kept.clock.advance(timedelta(days=1))
    assert 45 <= kept.sim.count(REFRESHING) <= 53


async def test_a_young_token_is_left_alone(kept: Kept) -> None:
    first = await kept.tokens.bearer()
    kept.clock.advance(timedelta(days=6))
    assert await kept.tokens.bearer() == first
    assert kept.sim.count(REFRESHING) == 0


async def test_access_that_nobody_used_for_sixty_days_needs_its_owner(kept: Kept) -> None:
    kept.clock.advance(timedelta(days=61))
    with pytest.raises(AuthExpired, match="clarion connect instagram --account acme-ig"):
        await kept.tokens.bearer()


async def test_a_refresh_that_comes_too_early_keeps_what_there_is(kept: Kept) -> None:
    """Meta refuses it for tokens younger than a day; nothing is lost by that."""
    first = await kept.tokens.bearer()
    with pytest.raises(AppMisconfigured):
        await kept.tokens.renewed(first)
    assert kept.sim.count(REFRESHING) == 1
    kept.clock.advance(timedelta(hours=1))
    assert await kept.tokens.bearer() == first


async def test_a_bot_that_posts_nothing_for_a_year_keeps_its_access(kept: Kept) -> None:
    """The daily chore asks for the token, which is what renews it."""
    idle = SimpleNamespace(
        accounts={"acme-ig": SimpleNamespace(name="acme-ig", platform=INSTAGRAM, tokens=kept.tokens)},
        log=RememberedLog(),
    )
    for _ in range(365):
        kept.clock.advance(timedelta(days=1))
        await keep_access(cast("Services", idle))
    assert kept.sim.gate.token(await kept.tokens.bearer()).state == 0
    kept.clock.advance(timedelta(days=61))
    await keep_access(cast("Services", idle))  # asleep for too long: said when it is needed
    assert any("access_not_kept" in line for line in idle.log.lines)
