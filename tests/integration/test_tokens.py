"""Renewing single-use tokens: once, persisted before use, and never a disconnection by mistake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.grant import GrantState
from bot.errors import AppMisconfigured, AuthExpired, RateLimited, Transient
from bot.testing.oauth import error
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from bot.vault import open_vault
from plugins.twitter.oauth_simulator import PUBLIC_ID
from tests.integration.grant_world import TOKEN, WAY, GrantWorld, exchange_with, grant_world

LATER = timedelta(seconds=31)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[GrantWorld]:
    async with grant_world(tmp_path) as made:
        yield made


async def test_a_good_token_is_used_without_asking_anybody(world: GrantWorld) -> None:
    assert await world.tokens().bearer() == world.first["access_token"]
    assert world.calls == 0


async def test_T11_ten_at_once_make_one_call_and_get_one_new_token(world: GrantWorld) -> None:
    tokens = world.tokens()
    world.clock.advance(timedelta(minutes=116))
    found = await asyncio.gather(*(tokens.bearer() for _ in range(10)))
    assert world.calls == 1
    assert len(set(found)) == 1
    assert found[0] != world.first["access_token"]
    kept = await world.kept()
    assert kept["access"] == found[0]
    assert kept["refresh"] not in ("", world.first["refresh_token"])
    row = await world.row()
    assert (row.serial, row.state, row.lease_owner) == (2, GrantState.GOOD, None)


async def test_a_sibling_that_renewed_already_is_believed(world: GrantWorld) -> None:
    mine, theirs = world.tokens(owner="a"), world.tokens(owner="b")
    refused = await mine.bearer()
    assert await theirs.renewed(refused) == await mine.renewed(refused)
    assert world.calls == 1


async def test_a_new_pair_is_on_the_disk_before_anybody_has_it(world: GrantWorld) -> None:
    tokens, seen = world.tokens(), []
    fresh = await tokens.renewed(await tokens.bearer())
    other = world.tokens(owner="another process")
    seen.append(await other.bearer())
    assert seen == [fresh]


@pytest.mark.parametrize(
    "failure", [LOST_REPLY, CUT, Failure(status=503), Failure(status=200, body=b"<html>")]
)
async def test_a_missing_answer_leaves_the_old_token_in_use_while_it_lives(
    world: GrantWorld, failure: Failure
) -> None:
    tokens = world.tokens()
    old = await tokens.bearer()
    world.clock.advance(timedelta(minutes=116))
    world.sim.fail(TOKEN, failure)
    assert await tokens.bearer() == old
    row = await world.row()
    assert (row.state, row.serial, row.lease_owner) == (GrantState.REFRESHING, 1, None)
    for _ in range(3):
        world.clock.advance(LATER)
        assert await tokens.bearer() == old
    assert world.calls == 1, "a token that may be used already is not shown again while the old one does"


async def test_a_lost_answer_whose_work_was_done_ends_in_a_sentence(world: GrantWorld) -> None:
    tokens = world.tokens()
    world.clock.advance(timedelta(hours=3))
    world.sim.fail(TOKEN, LOST_REPLY)
    with pytest.raises(Transient):
        await tokens.bearer()
    with pytest.raises(Transient):
        await tokens.bearer()
    assert world.calls == 1, "the second try waits its time"
    world.clock.advance(LATER)
    with pytest.raises(AuthExpired, match=WAY):
        await tokens.bearer()
    assert world.shown(world.first["refresh_token"]) == 2
    assert (await world.row()).state is GrantState.LOST
    assert (await world.kept())["refresh"] == world.first["refresh_token"], "nothing is deleted"
    with pytest.raises(AuthExpired):
        await tokens.bearer()
    assert world.calls == 2, "a lost grant is not asked about again"


async def test_a_lost_answer_that_never_arrived_is_made_up_for(world: GrantWorld) -> None:
    tokens = world.tokens()
    world.clock.advance(timedelta(hours=3))
    world.sim.fail(TOKEN, CUT)
    with pytest.raises(Transient):
        await tokens.bearer()
    world.clock.advance(LATER)
    assert await tokens.bearer() == (await world.kept())["access"]
    assert (await world.row()).serial == 2


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (error(401, "unauthorized_client", "Missing valid authorization header"), AppMisconfigured),
        (error(401, "invalid_client", "Client authentication failed"), AppMisconfigured),
        (error(400, "invalid_client", "Client authentication failed"), AppMisconfigured),
        (error(400, "invalid_request", "Missing required parameter [client_id]."), AppMisconfigured),
        (
            Failure(status=429, headers={"retry-after": "120"}, body={"title": "Too Many Requests"}),
            RateLimited,
        ),
        (Failure(status=500, body={"error": "server_error"}), Transient),
        (Failure(status=403, body=b"<html>Attention Required</html>"), Transient),
    ],
)
async def test_T11_trouble_at_the_token_endpoint_never_disconnects(
    world: GrantWorld, failure: Failure, kind: type[Exception]
) -> None:
    tokens, before = world.tokens(), await world.kept()
    world.clock.advance(timedelta(hours=3))
    world.sim.fail(TOKEN, failure)
    with pytest.raises(kind):
        await tokens.bearer()
    row = await world.row()
    assert row.state is not GrantState.LOST
    assert await world.kept() == before
    world.clock.advance(timedelta(seconds=130))
    assert await tokens.bearer() != before["access"], "it goes on as soon as the trouble is over"
    assert world.shown(before["refresh"]) == 1


async def test_a_revoked_grant_says_who_can_do_what(world: GrantWorld) -> None:
    tokens = world.tokens()
    world.sim.desk.revoke_family(1)
    with pytest.raises(AuthExpired, match=WAY):
        await tokens.renewed(await tokens.bearer())
    assert (await world.row()).state is GrantState.LOST


async def test_T12_an_answer_without_a_refresh_token_keeps_the_old_one(world: GrantWorld) -> None:
    tokens = world.tokens()
    world.sim.desk.rotates = world.sim.desk.refreshable = False
    fresh = await tokens.renewed(await tokens.bearer())
    assert await world.kept() == {
        "account": "acme-x",
        "access": fresh,
        "refresh": world.first["refresh_token"],
    }


async def test_a_token_of_another_app_is_not_shown_to_this_one(world: GrantWorld) -> None:
    other = exchange_with(world.http, world.clock, world.sim.url, client_id=PUBLIC_ID, client_secret="")
    tokens = world.tokens(exchange=other)
    world.clock.advance(timedelta(hours=3))
    with pytest.raises(AppMisconfigured, match="another app"):
        await tokens.bearer()
    assert world.calls == 0
    assert (await world.row()).state is GrantState.GOOD


async def test_a_public_app_renews_without_a_secret(world: GrantWorld) -> None:
    public = exchange_with(world.http, world.clock, world.sim.url, client_id=PUBLIC_ID, client_secret="")
    granted = await public.refresh(
        public.app, world.sim.desk.grant(PUBLIC_ID, ("tweet.read",))["refresh_token"]
    )
    assert granted.access
    assert "authorization" not in world.sim.calls[-1].headers


async def test_a_lost_key_is_one_sentence_and_deletes_nothing(world: GrantWorld, tmp_path: Path) -> None:
    sealed = (await world.row()).sealed
    key = (tmp_path / "grants.db.key").read_text()
    (tmp_path / "grants.db.key").unlink()
    world.vault = open_vault({}, tmp_path / "grants.db.key", make=False)
    with pytest.raises(AuthExpired, match=f"Bring the key back .* or run `{WAY}`"):
        await world.tokens().bearer()
    assert (await world.row()).sealed == sealed
    file = tmp_path / "grants.db.key"
    file.write_text(key)
    file.chmod(0o600)
    assert await world.tokens().bearer() == world.first["access_token"], "the key is back"


async def test_half_written_and_foreign_entries_are_not_used(world: GrantWorld) -> None:
    whole = (await world.row()).sealed
    foreign = world.vault.seal({"account": "acme-other", "access": "theirs", "refresh": "theirs"})
    empty = world.vault.seal({"account": "acme-x"})
    for sealed in (whole[: len(whole) // 2], "", "gAAAA", foreign, empty, world.vault.seal({})):
        await world.change(sealed=sealed)
        with pytest.raises(AuthExpired, match="cannot be opened"):
            await world.tokens().bearer()
    assert world.calls == 0


async def test_a_dead_process_keeps_its_lease_no_longer_than_it_lasts(world: GrantWorld) -> None:
    now = world.clock.now()
    await world.change(
        state=GrantState.REFRESHING,
        lease_owner="dead",
        lease_until=now + timedelta(seconds=60),
        expires_at=now,
    )
    tokens = world.tokens()
    waiting = asyncio.gather(tokens.bearer(), return_exceptions=True)
    for _ in range(120):
        await asyncio.sleep(0)
        world.clock.advance(0.2)
    (gave_up,) = await waiting
    assert isinstance(gave_up, Transient)
    assert world.calls == 0
    world.clock.advance(timedelta(seconds=60))
    assert await tokens.bearer() == (await world.kept())["access"]
    assert world.calls == 1


async def test_being_cancelled_loses_no_pair(world: GrantWorld) -> None:
    """A post whose time is up must not take the renewal down with it."""
    tokens = world.tokens()
    world.clock.advance(timedelta(hours=3))
    world.sim.desk.thinks = 1.0
    asking = asyncio.ensure_future(tokens.bearer())
    await world.asked()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    closing = asyncio.ensure_future(tokens.aclose())
    await asyncio.sleep(0.005)
    world.clock.advance(1.0)
    await closing
    row = await world.row()
    assert (row.serial, row.state) == (2, GrantState.GOOD)
    assert world.calls == 1


async def test_a_new_consent_is_taken_up_without_a_restart(world: GrantWorld) -> None:
    tokens = world.tokens()
    await tokens.bearer()
    again = world.sim.desk.grant("sim-client-id", ("tweet.read",))
    values = {"account": "acme-x", "access": again["access_token"], "refresh": again["refresh_token"]}
    row = await world.row()
    await world.change(sealed=world.vault.seal(values), serial=row.serial + 1)
    world.clock.advance(6)
    assert await tokens.bearer() == again["access_token"]


async def test_an_answer_that_comes_after_a_new_consent_does_not_overwrite_it(world: GrantWorld) -> None:
    tokens = world.tokens()
    world.clock.advance(timedelta(hours=3))
    world.sim.desk.thinks = 1.0
    asking = asyncio.ensure_future(tokens.bearer())
    await world.asked()
    values = {"account": "acme-x", "access": "consented-anew", "refresh": "r"}
    await world.change(sealed=world.vault.seal(values), serial=7)
    world.clock.advance(1.0)
    assert await asking == "consented-anew"
    assert (await world.kept())["access"] == "consented-anew"


async def test_a_key_that_changes_in_the_middle_costs_nothing(world: GrantWorld, tmp_path: Path) -> None:
    """Another process rotates the key while X is being asked: the new pair is sealed with the new key."""
    from bot.services.rekey import rekey

    tokens = world.tokens()
    world.clock.advance(timedelta(hours=3))
    world.sim.desk.thinks = 1.0
    asking = asyncio.ensure_future(tokens.bearer())
    await world.asked()
    other = open_vault({}, tmp_path / "grants.db.key", make=False)
    other.join()
    assert (await rekey(world.store, other, other.fits)).lost == ()
    other.leave()
    world.clock.advance(1.0)
    fresh = await asking
    assert open_vault({}, tmp_path / "grants.db.key", make=False).keys == 1
    again = open_vault({}, tmp_path / "grants.db.key", make=False).unseal((await world.row()).sealed)
    assert again["access"] == fresh
