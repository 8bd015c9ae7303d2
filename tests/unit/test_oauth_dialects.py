"""Platforms that grant in ways of their own: several requests, self-renewal, errors with 200."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from bot.config import Secret
from bot.errors import AppMisconfigured, AuthExpired
from bot.http import HttpClient
from bot.ports import AppKeys, GivenCode, OAuth, Reply, TokenAsk, TokenSteps
from bot.services.exchange import Exchange, Unanswered, under
from bot.testing.clock import FakeClock
from bot.testing.simulator import LOST_REPLY, Failure, Handler, Simulator

SHORT, LONG, RENEW = "POST /oauth/access_token", "GET /access_token", "GET /refresh_access_token"


def redeem(keys: AppKeys, given: GivenCode) -> TokenSteps:
    form = {"code": given.code, "client_id": keys.client_id, "redirect_uri": given.redirect}
    short = yield TokenAsk(url="https://api.example.com/oauth/access_token", form=form)
    first = short["data"][0] if "data" in short else short
    query = {"grant_type": "ig_exchange_token", "access_token": first["access_token"]}
    query["client_secret"] = keys.client_secret
    long = yield TokenAsk(url="https://graph.example.com/access_token", method="GET", query=query)
    return {**long, "refresh_token": long["access_token"], "scope": ",".join(first["permissions"])}


def renew(_keys: AppKeys, refresh: str) -> TokenSteps:
    query = {"grant_type": "ig_refresh_token", "access_token": refresh}
    body = yield TokenAsk(url="https://graph.example.com/refresh_access_token", method="GET", query=query)
    return {**body, "refresh_token": body["access_token"]}


def is_dead(reply: Reply) -> bool:
    body = reply.json()
    return isinstance(body, dict) and isinstance(body.get("error"), dict) and body["error"].get("code") == 190


TWO_STEPS = OAuth(
    authorize_url="https://www.example.com/oauth/authorize",
    token_url="https://api.example.com/oauth/access_token",
    scopes=("basic", "publish"),
    replaces=("access_token",),
    pkce=False,
    separator=",",
    id_name="client_key",
    extra={"access_type": "offline"},
    redeem=redeem,
    renew=renew,
    is_dead=is_dead,
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """As an account's."""

    base_url: str = "https://api.example.com"


class TwoSteps(Simulator):
    """Gives out short tokens, makes long ones of them, and renews those by themselves."""

    def routes(self) -> Mapping[str, Handler]:
        return {SHORT: self._short, LONG: self._long, RENEW: self._renew}

    async def _short(self, request: web.Request) -> web.StreamResponse:
        form = {k: v[0] for k, v in parse_qs((await request.read()).decode()).items()}
        if form.get("code") != "good" or form.get("client_id") != "app":
            return web.json_response({"error": "invalid_grant", "error_description": "no"})
        return web.json_response({"data": [{"access_token": "short", "permissions": ["basic", "publish"]}]})

    async def _long(self, request: web.Request) -> web.StreamResponse:
        good = (request.query["access_token"], request.query["client_secret"]) == ("short", "s3&cret")
        return web.json_response(
            {"access_token": "long-1", "expires_in": 5_184_000} if good else {}, status=200
        )

    async def _renew(self, request: web.Request) -> web.StreamResponse:
        if request.query["access_token"] != "long-1":
            error = {"type": "OAuthException", "code": 190, "message": "Session has expired: long-0"}
            return web.json_response({"error": error}, status=400)
        return web.json_response({"access_token": "long-2", "expires_in": 5_184_000})


@asynccontextmanager
async def exchange(oauth: OAuth = TWO_STEPS) -> AsyncIterator[tuple[TwoSteps, Exchange]]:
    clock, http = FakeClock(), HttpClient()
    async with TwoSteps(clock).running() as sim:
        made = Exchange(
            under(oauth, Settings(base_url=sim.url)),
            title="Example",
            client_id=Secret("app"),
            client_secret=Secret("s3&cret"),
            http=http,
            clock=clock,
            takes=timedelta(seconds=5),
        )
        try:
            yield sim, made
        finally:
            await http.aclose()


async def test_a_code_becomes_a_long_token_in_two_requests_to_two_hosts() -> None:
    async with exchange() as (sim, made):
        granted = await made.code("good", redirect="https://me/cb", verifier="v")
        assert (granted.access, granted.refresh, granted.lasts) == ("long-1", "long-1", 5_184_000)
        assert granted.scopes == ("basic", "publish")
        assert [c.endpoint for c in sim.calls] == [SHORT, LONG]


async def test_the_token_renews_itself_and_is_lost_when_the_platform_says_so() -> None:
    async with exchange() as (_, made):
        assert (await made.refresh(made.app, "long-1")).refresh == "long-2"
        with pytest.raises(AuthExpired) as dead:
            await made.refresh(made.app, "long-0")
        assert "long-0" not in str(dead.value) + dead.value.detail


async def test_an_error_with_200_is_a_refusal() -> None:
    async with exchange() as (sim, made):
        with pytest.raises(AuthExpired):
            await made.code("bad", redirect="https://me/cb", verifier="v")
        assert sim.count(LONG) == 0


@pytest.mark.parametrize("endpoint", [SHORT, LONG])
async def test_a_missing_or_odd_answer_leaves_it_open_and_names_no_secret(endpoint: str) -> None:
    for failure in (LOST_REPLY, Failure(status=200, body=[]), Failure(status=200, body={"access_token": 7})):
        async with exchange() as (sim, made):
            sim.fail(endpoint, failure)
            with pytest.raises(Unanswered) as open_:
                await made.code("good", redirect="https://me/cb", verifier="v")
            assert "cret" not in str(open_.value) + open_.value.detail


async def test_an_app_that_the_platform_does_not_know_is_not_the_accounts_fault() -> None:
    odd = replace(TWO_STEPS, is_ours=lambda reply: reply.json()["error"]["code"] == 101)
    async with exchange(odd) as (sim, made):
        sim.fail(RENEW, Failure(status=400, body={"error": {"code": 101, "message": "x"}}))
        with pytest.raises(AppMisconfigured, match="client id and client secret"):
            await made.refresh(made.app, "long-1")


async def test_the_address_of_consent_is_in_the_platforms_words() -> None:
    async with exchange(replace(TWO_STEPS, pkce=True, challenge=str.upper)) as (sim, made):
        address = urlsplit(made.address(redirect="https://me/cb", state="s", challenge="abc"))
        assert f"{address.scheme}://{address.netloc}" == sim.url
        assert parse_qs(address.query) == {
            "response_type": ["code"],
            "client_key": ["app"],
            "redirect_uri": ["https://me/cb"],
            "scope": ["basic,publish"],
            "state": ["s"],
            "access_type": ["offline"],
            "code_challenge": ["ABC"],
            "code_challenge_method": ["S256"],
        }


def test_an_account_may_enter_by_another_door() -> None:
    other = replace(TWO_STEPS, authorize_url="https://www.example.net/dialog", scopes=("pages",))
    both = replace(TWO_STEPS, door=lambda settings: other)
    found = under(both, Settings(base_url="http://127.0.0.1:9"))
    assert (found.authorize_url, found.scopes) == ("http://127.0.0.1:9/dialog", ("pages",))
