"""A channel that its owner connected: Google's consent, tokens that end, boxes that were unticked.

Real grants: a database, a vault, the token endpoint of the simulated Google over HTTP.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.config import Secret
from bot.domain.grant import Grant
from bot.domain.platform import Checkpoint
from bot.errors import AuthExpired
from bot.services.exchange import ACCESS, REFRESH, Exchange, exchange_for
from bot.services.tokens import GrantTokens
from bot.store import SqlStore, open_store
from bot.vault import Vault, open_vault
from plugins import youtube
from plugins.youtube.oauth import ANALYTICS, NEEDED, SCOPES, UPLOAD
from plugins.youtube.oauth_simulator import CLIENT_ID, CLIENT_SECRET
from plugins.youtube.publisher import YouTubePublisher
from plugins.youtube.settings import YouTubeSettings
from tests.integration.blank import put_blank
from tests.integration.youtube_world import INIT, World, world

BACK = "http://127.0.0.1:8787/callback"
VERIFIER, CHALLENGE = (
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
)
"""RFC 7636, appendix B."""

ACCOUNT, SIZE = "acme-yt", 700_000
(PLATFORM,) = youtube.register_platforms()


@dataclass(kw_only=True)
class Consent:
    """A world with a grant of the simulated Google."""

    yt: World
    store: SqlStore
    vault: Vault
    exchange: Exchange
    tokens: GrantTokens

    @property
    def publisher(self) -> YouTubePublisher:
        return self.yt.account(tokens=self.tokens, access_token=None)

    async def grant(self, scopes: tuple[str, ...] = SCOPES) -> None:
        """Somebody consents, in a browser, and the tokens are kept as connecting keeps them."""
        address = self.exchange.address(redirect=BACK, state="s", challenge=CHALLENGE)
        self.yt.sim.desk.granted_scopes = scopes
        reply = await self.yt.http.request("GET", address)
        code = parse_qs(urlsplit(reply.headers["location"]).query)["code"][0]
        granted = await self.exchange.code(code, redirect=BACK, verifier=VERIFIER)
        values = {"account": ACCOUNT, ACCESS: granted.access, REFRESH: granted.refresh}
        row = Grant(
            account=ACCOUNT,
            platform="youtube",
            sealed=self.vault.seal(values),
            renewable=bool(granted.refresh),
            expires_at=granted.expires_at(self.yt.clock.now()),
            scopes=granted.scopes,
            subject="UC",
            app=self.exchange.app,
            updated_at=self.yt.clock.now(),
        )
        if not await self.store.write(lambda tx: tx.grants.add(row)):
            known = await self.store.read(lambda tx: tx.grants.get(ACCOUNT))
            assert known is not None
            new = replace(row, version=known.version, serial=known.serial + 1)
            assert await self.store.write(lambda tx: tx.grants.save(new))

    def revoke(self) -> None:
        """The owner takes back everything that was ever allowed."""
        desk = self.yt.sim.desk
        for family in {issued.consent.family for issued in desk.access.values()}:
            desk.revoke_family(family)


@asynccontextmanager
async def consent(folder: Path) -> AsyncIterator[Consent]:
    async with world() as yt:
        settings = YouTubeSettings(
            base_url=yt.sim.url, client_id=Secret(CLIENT_ID), client_secret=Secret(CLIENT_SECRET)
        )
        exchange = exchange_for(PLATFORM, settings, yt.http, yt.clock)
        assert exchange is not None
        store = await open_store(f"sqlite+aiosqlite:///{put_blank(folder / 'grants.db')}")
        vault = open_vault({}, folder / "grants.db.key", make=True)
        tokens = GrantTokens(
            ACCOUNT,
            title="YouTube",
            way_out="clarion connect youtube --account acme-yt",
            oauth=exchange.oauth,
            exchange=exchange,
            store=store,
            clock=yt.clock,
            vault=vault,
            log=yt.log,
            owner="me",
            keep=lambda secret: None,
        )
        try:
            yield Consent(yt=yt, store=store, vault=vault, exchange=exchange, tokens=tokens)
        finally:
            await tokens.aclose()
            await store.aclose()


@pytest.fixture
async def owner(tmp_path: Path) -> AsyncIterator[Consent]:
    async with consent(tmp_path) as made:
        yield made


async def stored(publisher: YouTubePublisher, yt: World, chunks: int) -> Checkpoint:
    """An upload of which so many chunks are stored."""
    checkpoint = Checkpoint()
    for _ in range(chunks + 1):
        checkpoint = (await publisher.stage(yt.part(), checkpoint)).checkpoint
    return checkpoint


async def test_the_address_of_consent_asks_for_a_token_that_lasts(owner: Consent) -> None:
    address = owner.exchange.address(redirect=BACK, state="s", challenge=CHALLENGE)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert urlsplit(address).path == "/o/oauth2/v2/auth"
    assert asked["access_type"] == "offline"
    assert asked["prompt"] == "consent"
    assert asked["scope"] == " ".join(SCOPES)
    assert asked["code_challenge_method"] == "S256"
    assert CLIENT_SECRET not in address
    real = PLATFORM.oauth
    assert real is not None
    hosts = [urlsplit(u).netloc for u in (real.authorize_url, real.token_url, real.revoke_url)]
    assert hosts == ["accounts.google.com", "oauth2.googleapis.com", "oauth2.googleapis.com"]


async def test_a_renewed_token_brings_no_new_refresh_token_and_the_old_one_is_kept(owner: Consent) -> None:
    await owner.grant()
    kept = (await owner.store.read(lambda tx: tx.grants.get(ACCOUNT))).sealed  # type: ignore[union-attr]  # just put there
    refresh = owner.vault.unseal(kept)[REFRESH]
    for _ in range(3):
        owner.yt.clock.advance(timedelta(hours=2))
        assert (await owner.publisher.check()).handle == "@acme"
    row = await owner.store.read(lambda tx: tx.grants.get(ACCOUNT))
    assert row is not None
    assert owner.vault.unseal(row.sealed)[REFRESH] == refresh
    assert owner.yt.sim.desk.presented[refresh] == 3


async def test_without_offline_access_there_is_nothing_to_renew_with(owner: Consent) -> None:
    owner.exchange.oauth = replace(owner.exchange.oauth, extra={})
    await owner.grant()
    owner.yt.clock.advance(timedelta(hours=2))
    with pytest.raises(AuthExpired, match="clarion connect youtube"):
        await owner.publisher.check()


async def test_a_token_that_ends_halfway_is_renewed_and_the_upload_goes_on(owner: Consent) -> None:
    """Ended at Google before we thought so: the chunk is refused, the token renewed, nothing begun anew."""
    await owner.grant()
    checkpoint = await stored(owner.publisher, owner.yt, 1)
    for issued in owner.yt.sim.desk.access.values():
        issued.revoked = True
    await owner.yt.staged(owner.yt.part(), owner.publisher, checkpoint)
    (video,) = owner.yt.videos
    assert (video.size, owner.yt.sim.count(INIT)) == (SIZE, 1)
    assert video.sha256 == owner.yt.part().media[0].sha256


async def test_a_token_revoked_halfway_stops_it_and_loses_nothing(owner: Consent) -> None:
    await owner.grant()
    yt, part = owner.yt, owner.yt.part()
    checkpoint = await stored(owner.publisher, yt, 1)
    owner.revoke()
    with pytest.raises(AuthExpired, match="clarion connect youtube"):
        await owner.publisher.stage(part, checkpoint)
    assert not yt.videos
    await owner.grant()  # connected anew: it goes on after the first chunk
    yt.clock.advance(timedelta(seconds=10))
    await yt.staged(part, owner.publisher, checkpoint)
    assert (len(yt.videos), yt.sim.count(INIT)) == (1, 1)
    assert yt.files.read_bytes <= SIZE + yt.settings.piece


async def test_a_token_revoked_at_the_commit_leaves_it_private(owner: Consent) -> None:
    await owner.grant()
    yt, part = owner.yt, owner.yt.part()
    checkpoint = await yt.staged(part, owner.publisher)
    owner.revoke()
    with pytest.raises(AuthExpired):
        await owner.publisher.commit(part, checkpoint, yt.call(part))
    assert yt.sim.visible() == {}
    await owner.grant()
    yt.clock.advance(timedelta(seconds=10))
    receipt = await owner.publisher.commit(part, checkpoint, yt.call(part))
    assert [receipt.ref] == list(yt.sim.visible())


@pytest.mark.parametrize("missing", sorted(NEEDED))
async def test_a_box_that_was_unticked_is_noticed_at_once(owner: Consent, missing: str) -> None:
    await owner.grant(tuple(s for s in SCOPES if s != missing))
    with pytest.raises(AuthExpired, match="every box ticked"):
        await owner.publisher.check()


async def test_an_upload_alone_may_not_read_what_it_uploaded(owner: Consent) -> None:
    await owner.grant((UPLOAD,))
    with pytest.raises(AuthExpired, match="every box ticked"):
        await owner.yt.staged(owner.yt.part(), owner.publisher)
    assert (len(owner.yt.videos), owner.yt.sim.visible()) == (1, {})


async def test_without_the_reports_box_there_is_a_note(owner: Consent) -> None:
    await owner.grant(tuple(s for s in SCOPES if s != ANALYTICS))
    assert "no daily reports" in (await owner.publisher.check()).notes[0]


async def test_an_account_without_a_token_says_how_to_get_one(owner: Consent) -> None:
    with pytest.raises(AuthExpired, match="clarion connect youtube"):
        await owner.yt.account(access_token=None).check()
