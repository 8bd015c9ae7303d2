"""The simulated consent pages and token endpoints refuse what the real ones refuse."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.testing.clock import FakeClock
from bot.testing.oauth import Desk
from bot.testing.simulator import LOST_REPLY
from plugins.linkedin import oauth_simulator as li
from plugins.linkedin.simulator import LinkedInSimulator
from plugins.twitter import oauth_simulator as x
from plugins.twitter.simulator import TwitterSimulator

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636, appendix B."""

BACK = "http://127.0.0.1:8787/callback"
SCOPES = "tweet.read tweet.write users.read media.write offline.access"


@dataclass
class Site:
    """One platform's consent and tokens, as a client sees them."""

    sim: Any
    desk: Desk
    http: httpx.AsyncClient
    clock: FakeClock
    authorize: str
    token: str
    me: str
    basic: bool

    async def code(
        self, *, scope: str = SCOPES, client: str = "", challenge: str = CHALLENGE
    ) -> dict[str, str]:
        query = {
            "response_type": "code",
            "client_id": client or self.client[0],
            "redirect_uri": BACK,
            "scope": scope,
            "state": "s",
        } | ({"code_challenge": challenge, "code_challenge_method": "S256"} if challenge else {})
        sent = await self.http.get(self.authorize, params=query)
        assert sent.status_code == 302
        target = httpx.URL(sent.headers["location"])
        assert str(target).startswith(f"{BACK}?")
        return dict(target.params)

    @property
    def client(self) -> tuple[str, str]:
        return (x.CLIENT_ID, x.CLIENT_SECRET) if self.basic else (li.CLIENT_ID, li.CLIENT_SECRET)

    async def post(self, form: dict[str, str], *, secret: str | None = None) -> httpx.Response:
        name, right = self.client
        told = right if secret is None else secret
        if self.basic:
            return await self.http.post(self.token, data=form, auth=(name, told))
        return await self.http.post(self.token, data={**form, "client_id": name, "client_secret": told})

    async def redeem(self, code: str, /, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }
        return await self.post(form | changes)

    async def refresh(self, token: str, **more: Any) -> httpx.Response:
        return await self.post({"grant_type": "refresh_token", "refresh_token": token}, **more)

    async def works(self, token: str) -> bool:
        found = await self.http.get(self.me, headers={"authorization": f"Bearer {token}"})
        return found.status_code == 200


@asynccontextmanager
async def open_site(name: str) -> AsyncIterator[Site]:
    clock = FakeClock()
    sim: Any = TwitterSimulator(clock) if name == "x" else LinkedInSimulator(clock)
    async with sim.running(), httpx.AsyncClient(base_url=sim.url, trust_env=False) as http:
        if name == "x":
            paths = ("/i/oauth2/authorize", "/2/oauth2/token", "/2/users/me")
        else:
            paths = ("/oauth/v2/authorization", "/oauth/v2/accessToken", "/v2/userinfo")
        yield Site(sim, sim.desk, http, clock, *paths, basic=name == "x")


@pytest.fixture(params=["x", "linkedin"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    async with open_site(request.param) as made:
        yield made


@pytest.fixture
async def only_x() -> AsyncIterator[Site]:
    async with open_site("x") as made:
        yield made


def test_the_pkce_vector_is_the_one_of_the_standard() -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    assert digest == CHALLENGE


async def test_a_code_works_once_and_for_its_time(site: Site) -> None:
    scope = SCOPES if site.basic else "openid profile"
    found = await site.code(scope=scope)
    assert found["state"] == "s"
    body = (await site.redeem(found["code"])).json()
    assert await site.works(body["access_token"])
    assert set(body["scope"].replace(",", " ").split()) == set(scope.split())
    again = await site.redeem(found["code"])
    assert again.status_code == (400 if site.basic else 401)
    assert again.json()["error"] == "invalid_request"
    late = await site.code(scope=scope)
    site.clock.advance(site.desk.code_lasts)
    assert (await site.redeem(late["code"])).json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changes", [{"code_verifier": "wrong"}, {"redirect_uri": "http://h/other"}, {"code": "x"}]
)
async def test_a_code_needs_its_verifier_and_its_redirect(site: Site, changes: dict[str, str]) -> None:
    code = (await site.code())["code"]
    assert (await site.redeem(code, **changes)).status_code in (400, 401)
    assert site.desk.access == {}


async def test_an_app_has_to_prove_itself(site: Site) -> None:
    found = await site.refresh("any", secret="wrong")
    assert found.status_code == 401
    assert found.json()["error"] == ("unauthorized_client" if site.basic else "invalid_client")


async def test_who_says_no_sends_back_an_error(site: Site) -> None:
    site.desk.says_no = True
    found = await site.code()
    assert "code" not in found
    assert found["error"] == ("access_denied" if site.basic else "user_cancelled_authorize")


async def test_an_unknown_app_or_redirect_is_not_sent_anywhere(site: Site) -> None:
    query = {"client_id": "nobody", "redirect_uri": BACK}
    assert (await site.http.get(site.authorize, params=query)).status_code == 400
    site.desk.apps[0].redirects = ("http://127.0.0.1:1/registered",)
    query["client_id"] = site.client[0]
    assert (await site.http.get(site.authorize, params=query)).status_code == 400


async def test_a_refresh_token_of_x_works_once_and_takes_its_family_down(only_x: Site) -> None:
    first = (await only_x.redeem((await only_x.code())["code"])).json()
    second = (await only_x.refresh(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert await only_x.works(second["access_token"])
    reused = await only_x.refresh(first["refresh_token"])
    assert (reused.status_code, reused.json()["error_description"]) == (
        400,
        "Value passed for the token was invalid.",
    )
    assert not await only_x.works(second["access_token"])
    assert (await only_x.refresh(second["refresh_token"])).status_code == 400


async def test_a_lost_reply_has_done_its_work(only_x: Site) -> None:
    first = (await only_x.redeem((await only_x.code())["code"])).json()
    only_x.sim.fail(f"POST {only_x.token}", LOST_REPLY)
    with pytest.raises(httpx.RemoteProtocolError):
        await only_x.refresh(first["refresh_token"])
    assert (await only_x.refresh(first["refresh_token"])).status_code == 400


async def test_tokens_end(site: Site) -> None:
    site.desk.refreshable = True
    scope = SCOPES if site.basic else "openid"
    body = (await site.redeem((await site.code(scope=scope))["code"])).json()
    site.clock.advance(site.desk.access_lasts - timedelta(seconds=1))
    assert await site.works(body["access_token"])
    site.clock.advance(1)
    assert not await site.works(body["access_token"])
    site.clock.advance(site.desk.refresh_lasts)
    assert (await site.refresh(body["refresh_token"])).status_code == 400


async def test_revoking_ends_all_of_a_consent(only_x: Site) -> None:
    body = (await only_x.redeem((await only_x.code())["code"])).json()
    form = {"token": body["refresh_token"]}
    revoked = await only_x.http.post("/2/oauth2/revoke", data=form, auth=(x.CLIENT_ID, x.CLIENT_SECRET))
    assert revoked.json() == {"revoked": True}
    assert not await only_x.works(body["access_token"])


async def test_a_public_app_brings_no_secret(only_x: Site) -> None:
    code = (await only_x.code(client=x.PUBLIC_ID))["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "client_id": x.PUBLIC_ID,
    }
    assert (await only_x.http.post(only_x.token, data=form)).status_code == 200


async def test_linkedin_ends_earlier_tokens_when_the_scopes_change() -> None:
    async with open_site("linkedin") as site:
        first = (await site.redeem((await site.code(scope="openid"))["code"])).json()["access_token"]
        same = (await site.redeem((await site.code(scope="openid"))["code"])).json()["access_token"]
        assert await site.works(first)
        await site.redeem((await site.code(scope="openid profile"))["code"])
        found = await site.http.get(site.me, headers={"authorization": f"Bearer {same}"})
        assert found.json()["serviceErrorCode"] == 65601


async def test_a_token_of_x_may_do_what_was_allowed(only_x: Site) -> None:
    code = (await only_x.code(scope="tweet.read users.read"))["code"]
    token = (await only_x.redeem(code)).json()["access_token"]
    assert await only_x.works(token)
    for path in ("/2/tweets", "/2/media/upload"):
        denied = await only_x.http.post(
            path, json={"text": "a"}, headers={"authorization": f"Bearer {token}"}
        )
        assert denied.status_code == 403
