"""Connected accounts in the chat: how they are, when they end, what is said once when they fail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.config import AccountConfig, Config, Secret
from bot.domain.platform import AccountInfo
from bot.domain.records import Health
from bot.registry import load
from bot.services.exchange import Exchange, Granted, under
from bot.services.grant import Joining, grant
from bot.services.pause import reconnect_button
from bot.store import open_store
from bot.testing.clock import FakeClock
from bot.testing.picture import png
from bot.vault import open_vault
from plugins.linkedin.oauth import LINKEDIN_OAUTH, MEMBER_SCOPES, PAGE_SCOPES
from plugins.linkedin.oauth_simulator import CLIENT_ID as LI_ID
from plugins.linkedin.simulator import LinkedInSimulator
from plugins.twitter.oauth import SCOPES, TWITTER_OAUTH
from plugins.twitter.oauth_simulator import CLIENT_ID, CLIENT_SECRET
from plugins.twitter.settings import TwitterSettings
from plugins.twitter.simulator import TwitterSimulator
from tests.e2e.desk import OPEN_HOUSE, Desk, Journal, desk
from tests.integration.blank import put_blank

PAGE = "urn:li:organization:2414183"
ENV: Mapping[str, str] = {"TWITTER_CLIENT_ID": CLIENT_ID, "TWITTER_CLIENT_SECRET": CLIENT_SECRET}
CREATE, TOKEN = "POST /2/tweets", "POST /2/oauth2/token"


@dataclass
class House:
    """Two simulated platforms on one clock, and a folder with a database."""

    folder: Path
    clock: FakeClock
    x: TwitterSimulator
    li: LinkedInSimulator
    env: dict[str, str] = field(default_factory=lambda: dict(ENV))

    @property
    def config(self) -> Config:
        x = AccountConfig(name="acme-x", brand="acme", platform="twitter", table={"base_url": self.x.url})
        li = AccountConfig(
            name="acme-li",
            brand="acme",
            platform="linkedin",
            table={"base_url": self.li.url, "author": PAGE},
        )
        return Config(
            path=self.folder / "acme.toml",
            store_url="sqlite+aiosqlite:///clarion.db",
            brands=(OPEN_HOUSE,),
            accounts=(x, li),
        )

    async def connect(self, *platforms: str, scopes: tuple[str, ...] = ()) -> None:
        """What ``clarion connect`` does at its end, beside the running bot."""
        store = await open_store(f"sqlite+aiosqlite:///{self.folder / 'clarion.db'}")
        vault = open_vault({}, self.folder / "clarion.db.key", make=True)
        for name in platforms:
            sim, client = (self.x, CLIENT_ID) if name == "twitter" else (self.li, LI_ID)
            wanted = scopes or (SCOPES if name == "twitter" else (*MEMBER_SCOPES, *PAGE_SCOPES))
            body = sim.desk.grant(client, wanted)
            subject = self.x.account.id if name == "twitter" else PAGE
            joining = Joining(
                account="acme-x" if name == "twitter" else "acme-li",
                brand="acme",
                platform=name,
                title=name,
                app=self.app(name),
                granted=granted(body),
                info=AccountInfo(id=subject, handle="@example_rel"),
                asked=wanted,
            )
            await grant(store, vault, self.clock, joining, replace_owner=False)
        await store.aclose()

    def app(self, name: str) -> str:
        oauth = under(TWITTER_OAUTH, TwitterSettings()) if name == "twitter" else LINKEDIN_OAUTH
        client = CLIENT_ID if name == "twitter" else LI_ID
        http: Any = None
        made = Exchange(
            oauth, title="", client_id=Secret(client), client_secret=None, http=http, clock=self.clock
        )
        return made.app

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[Desk]:
        registry = load(log=Journal())
        async with desk(self.config, clock=self.clock, registry=registry, env=self.env) as bot:
            yield bot


def granted(body: dict[str, Any]) -> Granted:
    return Granted(
        access=body["access_token"],
        refresh=body.get("refresh_token", ""),
        lasts=body["expires_in"],
        scopes=tuple(body["scope"].replace(",", " ").split()),
    )


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock = FakeClock()
    put_blank(tmp_path / "clarion.db")
    async with TwitterSimulator(clock).running() as x, LinkedInSimulator(clock).running() as li:
        yield House(tmp_path, clock, x, li)


async def health(bot: Desk, name: str) -> Health:
    found = await bot.app.services.store.read(lambda tx: tx.accounts.get(name))
    assert found is not None
    return found.health


async def test_posts_go_out_with_what_the_owner_granted(house: House) -> None:
    await house.connect("twitter", "linkedin")
    async with house.bot() as bot:
        await bot.say("alice", '/post "Hello" --at now')
        assert await bot.states() == ["live", "live"]
        listed = await bot.say("alice", "/accounts")
        assert "acme-x X · @example_rel · connected by its owner, renews itself" in listed
        assert "acme-li LinkedIn · @example_rel · connected by its owner, 60 days (20 Jan 2027)" in listed
    create = next(c for c in house.x.calls if c.endpoint == CREATE)
    assert create.headers["authorization"].startswith("Bearer sim-x-access-")


async def test_a_token_is_renewed_before_the_post_and_not_in_its_way(house: House) -> None:
    await house.connect("twitter", "linkedin")
    async with house.bot() as bot:
        house.clock.advance(timedelta(hours=2))
        await bot.say("alice", '/post "Later" --to acme-x --at now')
        assert await bot.states() == ["live"]
    asked = [c.endpoint for c in house.x.calls]
    assert asked == [TOKEN, CREATE]


async def test_a_token_that_died_early_costs_one_more_call_and_no_post(house: House) -> None:
    await house.connect("twitter", "linkedin")
    async with house.bot() as bot:
        for issued in house.x.desk.access.values():
            issued.revoked = True
        await bot.say("alice", '/post "Still there" --to acme-x --at now')
        assert await bot.states() == ["live"]
    assert [c.endpoint for c in house.x.calls] == [CREATE, TOKEN, CREATE]
    assert len(house.x.posts) == 1


async def test_a_revoked_account_is_paused_once_and_goes_on_when_connected(house: House) -> None:
    await house.connect("twitter", "linkedin")
    async with house.bot() as bot:
        for consent in {i.consent.family for i in house.x.desk.access.values()}:
            house.x.desk.revoke_family(consent)
        await bot.say("alice", '/post "One" --to acme-x --at now')
        await bot.say("alice", '/post "Two" --to acme-x --at now')
        assert bot.said.count("is paused for acme-x") == 1
        assert bot.said.count("Reconnect") == 1
        assert "Run `clarion connect twitter --account acme-x`" in bot.said
        assert await bot.states(1) == ["scheduled"]
        assert await health(bot, "acme-x") is Health.EXPIRED
        # another process connects it; this one is not told, and goes on by itself
        await house.connect("twitter")
        house.clock.advance(1)
        await bot.pass_time(most=timedelta(minutes=1))
        assert [await bot.states(1), await bot.states(2)] == [["live"], ["live"]]
        assert await health(bot, "acme-x") is Health.OK
    assert sorted(p.text for p in house.x.posts) == ["One", "Two"]


async def test_the_button_says_privately_what_to_run(house: House) -> None:
    await house.connect("twitter", "linkedin")
    async with house.bot() as bot:
        action = reconnect_button("acme-x").action
        press = (action.verb, action.id)
        said = await bot.press("dana", *press, kind=action.kind, version=0)
        assert "type `clarion connect twitter --account acme-x`" in said
        assert "sign in to X as the account's owner" in said
        assert "Reconnecting is for dana" in await bot.press("alice", *press, kind=action.kind, version=0)
        gone = await bot.press("dana", action.verb, 12345, kind=action.kind, version=0)
        assert "not here any more" in gone


async def test_an_app_that_is_refused_pauses_and_disconnects_nothing(house: House) -> None:
    await house.connect("twitter", "linkedin")
    house.env["TWITTER_CLIENT_SECRET"] = "wrong"
    async with house.bot() as bot:
        house.clock.advance(timedelta(hours=3))
        await bot.say("alice", '/post "One" --to acme-x --at now')
        assert "X does not know this app" in bot.said
        assert await health(bot, "acme-x") is Health.MISCONFIGURED
        grants = await bot.app.services.store.read(lambda tx: tx.grants.all())
        assert {g.account: g.state.value for g in grants} == {"acme-li": "good", "acme-x": "good"}
    house.env["TWITTER_CLIENT_SECRET"] = CLIENT_SECRET
    house.clock.advance(60)
    async with house.bot() as bot:
        await bot.pass_time(most=timedelta(minutes=15))
        assert await bot.states() == ["live"]


async def test_a_lost_key_is_told_once_and_the_old_one_mends_it(house: House) -> None:
    await house.connect("twitter", "linkedin")
    key = house.folder / "clarion.db.key"
    aside = key.rename(house.folder / "aside")
    async with house.bot() as bot:
        await bot.app.settle()
        assert bot.said.count("its key is not here") == 2, "once for each account"
        assert "Bring the key back and start me again, or run `clarion connect linkedin" in bot.said
        await bot.say("alice", '/post "Waits" --to acme-x --at now')
        assert await bot.states() == ["scheduled"]
        assert not key.exists()
    aside.rename(key)
    async with house.bot() as bot:
        await bot.pass_time(most=timedelta(minutes=1))
        assert await bot.states() == ["live"]


async def test_the_end_is_announced_at_14_7_and_1_days_once_each(house: House) -> None:
    await house.connect("twitter", "linkedin")
    async with house.bot() as bot:
        heard = []
        for day in range(60):
            before = bot.said.count("consent for acme-li ends in")
            for _ in range(3):
                house.clock.advance(timedelta(hours=8))
                await bot.app.settle()
            if bot.said.count("consent for acme-li ends in") > before:
                heard.append(60 - day - 1)
        assert heard == [14, 7, 1]
        assert "dana can renew it before" in bot.said
        assert "acme-x ends" not in bot.said, "what renews itself is not announced"
        await bot.say("alice", '/post "Too late" --to acme-li --at now')
        assert "LinkedIn's consent for this account has run out" in bot.said
    # connected again, the next end is news
    await house.connect("linkedin")
    async with house.bot() as bot:
        house.clock.advance(timedelta(days=53))
        await bot.app.settle()
        assert bot.said.count("consent for acme-li ends in 7 days") == 1


async def test_an_announcement_slept_through_is_not_made_up_for(house: House) -> None:
    await house.connect("twitter", "linkedin")
    house.clock.advance(timedelta(days=55))
    async with house.bot() as bot:
        await bot.app.settle()
        assert bot.said.count("consent for acme-li ends in") == 1
        assert "ends in 5 days" in bot.said or "ends in 4 days" in bot.said


async def test_a_picture_without_the_permission_is_refused_in_words(house: House) -> None:
    await house.connect("twitter", "linkedin", scopes=())
    await house.connect("twitter", scopes=("tweet.read", "tweet.write", "users.read", "offline.access"))
    picture = house.folder / "a.png"
    picture.write_bytes(png(8, 8))
    async with house.bot() as bot:
        await bot.say(
            "alice", f'/post "Look" --to acme-x --media "{house.folder / "a.png"}" --alt "x" --at now'
        )
        assert await bot.states() == ["refused"]
        assert "was not asked to let this app upload files" in bot.said
        await bot.say("alice", '/post "Words" --to acme-x --at now')
        assert await bot.states(2) == ["live"], "texts go out meanwhile"


async def test_own_keys_win_over_the_vault(house: House) -> None:
    await house.connect("twitter", "linkedin")
    house.env["LINKEDIN_ACCESS_TOKEN"] = "simulated-page-token"
    async with house.bot() as bot:
        await bot.say("alice", '/post "Mine" --to acme-li --at now')
        assert "its own keys (they win over clarion connect)" in await bot.say("alice", "/accounts")
    create = next(c for c in house.li.calls if c.endpoint == "POST /rest/posts")
    assert create.headers["authorization"] == "Bearer simulated-page-token"


async def test_a_half_set_of_own_keys_does_not_count(house: House) -> None:
    await house.connect("twitter", "linkedin")
    house.env["TWITTER_API_KEY"] = "half"
    house.env["TWITTER_ACCESS_TOKEN"] = ""
    async with house.bot() as bot:
        assert bot.app.services.accounts["acme-x"].granted
        await bot.say("alice", '/post "Granted" --to acme-x --at now')
        assert await bot.states() == ["live"]
    assert [p.text for p in house.x.posts] == ["Granted"]
