"""Signing in to Bluesky: sessions that are kept, renewed before they end, and made anew after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.config import Secret
from bot.domain.post import Part
from bot.errors import AuthExpired, RateLimited, Transient
from bot.testing.simulator import LOST_REPLY, Failure
from plugins.bluesky.simulator import DID
from tests.integration.bluesky_world import LOGIN, PUT, RENEW, World, world

ME = "GET /xrpc/com.atproto.server.getSession"


@pytest.fixture
async def bs() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def test_a_session_is_kept_and_renewed_before_it_ends(bs: World) -> None:
    for _ in range(3):
        await bs.publisher.check()
    assert (bs.sim.count(LOGIN), bs.sim.count(RENEW)) == (1, 0)
    bs.clock.advance(timedelta(hours=1, minutes=56))
    await bs.publisher.check()
    assert (bs.sim.count(LOGIN), bs.sim.count(RENEW)) == (1, 1)


async def test_a_lost_renewal_is_asked_for_again_with_the_token_before(bs: World) -> None:
    await bs.publisher.check()
    bs.clock.advance(timedelta(hours=1, minutes=56))
    bs.sim.fail(RENEW, LOST_REPLY)
    with pytest.raises(Transient):
        await bs.publisher.check()
    await bs.publisher.check()
    used = [c.headers["authorization"] for c in bs.sim.calls if c.endpoint == RENEW]
    assert (bs.sim.count(LOGIN), len(used), len(set(used))) == (1, 2, 1)


async def test_after_the_grace_it_signs_in_anew(bs: World) -> None:
    """The renewal was lost and the machine slept: the token before is good no longer."""
    await bs.publisher.check()
    bs.clock.advance(timedelta(hours=2))
    bs.sim.fail(RENEW, LOST_REPLY)
    with pytest.raises(Transient):
        await bs.publisher.check()
    bs.clock.advance(timedelta(hours=3))
    await bs.publisher.check()
    assert (bs.sim.count(LOGIN), bs.sim.count(RENEW)) == (2, 2)


async def test_ten_at_once_renew_once(bs: World) -> None:
    await bs.publisher.check()
    bs.clock.advance(timedelta(hours=1, minutes=58))
    await asyncio.gather(*(bs.publisher.check() for _ in range(10)))
    assert (bs.sim.count(LOGIN), bs.sim.count(RENEW)) == (1, 1)


async def test_a_read_with_a_lapsed_token_is_repeated_once(bs: World) -> None:
    await bs.publisher.check()
    bs.sim.fail(ME, Failure(status=400, body={"error": "ExpiredToken", "message": "Token has expired"}))
    assert (await bs.publisher.check()).id == DID
    assert (bs.sim.count(ME), bs.sim.count(RENEW)) == (3, 1)


async def test_a_put_with_a_lapsed_token_is_not_repeated_but_the_session_is_new(bs: World) -> None:
    part = Part(text="Hello")
    checkpoint = await bs.staged(part)
    bs.sim.fail(PUT, Failure(status=400, body={"error": "ExpiredToken", "message": "Token has expired"}))
    with pytest.raises(Transient):
        await bs.publisher.commit(part, checkpoint, bs.call(part))
    assert bs.sim.count(PUT) == 1
    await bs.publisher.commit(part, checkpoint, bs.call(part))
    assert (bs.sim.count(LOGIN), len(bs.sim.visible())) == (2, 1)


async def test_a_crash_costs_one_sign_in_and_the_limit_is_waited_for(bs: World) -> None:
    """The pair is kept nowhere: each of 30 restarts signs in, the next waits for what the server names."""
    for _ in range(30):
        await bs.another().check()
    with pytest.raises(RateLimited) as caught:
        await bs.another().check()
    assert caught.value.scope == "its limit of sign-ins"
    assert caught.value.until == bs.clock.now() + timedelta(minutes=5)
    bs.clock.advance(timedelta(minutes=5))
    await bs.another().check()


async def test_a_revoked_password_and_a_suspension_stop_the_account(bs: World) -> None:
    await bs.publisher.check()
    bs.sim.account.status = "takendown"
    with pytest.raises(AuthExpired, match="suspended"):
        await bs.publisher.check()
    with pytest.raises(AuthExpired, match="suspended"):
        await bs.another().check()
    bs.sim.account.status = "deactivated"
    with pytest.raises(AuthExpired, match="switched off"):
        await bs.another().check()
    bs.sim.account.status = ""
    bs.sim.desk.revoke(DID, "simu-late-dapp-pass")
    bs.clock.advance(timedelta(hours=2))
    with pytest.raises(AuthExpired, match="app password"):
        await bs.publisher.check()


async def test_the_main_password_with_a_code_by_mail_says_what_to_do(bs: World) -> None:
    bs.sim.account.factor = True
    with pytest.raises(AuthExpired, match="app password"):
        await bs.another(app_password=Secret("the main password")).check()


async def test_the_accounts_own_server_is_believed_only_where_that_is_safe(bs: World) -> None:
    """A DID document that names another address without HTTPS would carry the token there."""
    bs.sim.desk.url = "http://192.0.2.7:1"
    await bs.publisher.check()
    assert bs.publisher._client.session._pair is not None
    assert bs.publisher._client.session._pair.host == bs.sim.url


async def test_no_token_shows_anywhere(bs: World) -> None:
    await bs.published(Part(text="Quiet", media=(await bs.picture(),)))
    session = bs.publisher._client.session
    pair = await session.pair()
    shown = " ".join([*bs.log.lines, repr(pair), repr(session), repr(bs.publisher), repr(bs.settings)])
    for secret in (pair.access, pair.refresh, "simu-late-dapp-pass"):
        assert secret not in shown
