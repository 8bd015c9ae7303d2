"""Cuts in the middle of a chunk, trouble at any call, tokens that rotate: nothing doubles or is lost."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.config import Secret
from bot.domain.platform import Absent, Checkpoint, Confirmed, Live, Pending, Ready
from bot.domain.post import Part
from bot.errors import (
    AppMisconfigured,
    AuthExpired,
    PublishError,
    RateLimited,
    Rejected,
    Transient,
    Uncertain,
)
from bot.services.exchange import Exchange, under
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.tiktok import uploads
from plugins.tiktok.oauth import SCOPES, TIKTOK_OAUTH
from plugins.tiktok.oauth_simulator import CLIENT_KEY, CLIENT_SECRET
from tests.integration.tiktok_world import CREATOR, INIT, PUT, STATUS, World, world

RUNS = 25


@pytest.fixture
async def tt(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks as small as TikTok allows."""
    monkeypatch.setattr(uploads, "WHOLE", 6_000_000)
    monkeypatch.setattr(uploads, "CHUNK", 5_000_000)


@asynccontextmanager
async def narrow_road(to: str, *, lets: int) -> AsyncIterator[str]:
    """A relay that passes so many bytes on to ``to`` and then cuts both ends, once; its address."""
    target = urlsplit(to)
    left = [lets]

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(target.hostname, target.port)

        async def answers() -> None:
            while data := await there.read(65_536):
                writer.write(data)
                await writer.drain()

        answering = asyncio.ensure_future(answers())
        try:
            while data := await reader.read(65_536):
                left[0] -= len(data)
                if -len(data) < left[0] <= 0:
                    break
                back.write(data)
                await back.drain()
        except ConnectionError:
            pass
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
            back.transport.abort()
            writer.transport.abort()

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()
        await asyncio.sleep(0)


@pytest.mark.parametrize("cut_at", [7_300_000, 14_200_000])
async def test_a_line_that_breaks_in_the_middle_of_a_chunk(
    tt: World, small_chunks: None, cut_at: int
) -> None:
    """Half a chunk is no chunk: it is sent again from its beginning, and nothing before it."""
    part = tt.part("Broken line", await tt.clip(16_000_000))
    async with narrow_road(tt.sim.url, lets=cut_at) as road:
        tt.sim.upload_base = road
        found, _ = await carried(tt, part, random.Random(1))
    assert isinstance(found, Live)
    assert tt.sim.post().hash.hexdigest() == part.media[0].sha256
    whole = [c.headers["content-range"] for c in tt.sim.calls if c.endpoint == PUT]
    assert sorted(set(whole)) == sorted(whole)  # what arrived whole was sent once
    assert tt.sim.count(INIT) == 1


async def carried(tt: World, part: Part, dice: random.Random) -> tuple[Confirmed | PublishError, int]:
    """As the core carries it, every call by another process; how it ends, and how many commits there were."""
    checkpoint, call, commits = Checkpoint(), tt.call(part), 0
    for _ in range(30):
        try:
            step = await tt.publisher().stage(part, checkpoint)
            checkpoint = step.checkpoint
            if not isinstance(step, Ready):
                continue
            commits += 1
            answer = await tt.publisher().commit(part, checkpoint, call)
            found = await asked(tt, part, checkpoint, replace(call, ref=answer.ref))
        except Uncertain:
            tt.clock.advance(dice.choice((5, 10, 60)))
            found = await asked(tt, part, checkpoint, call)
        except RateLimited as error:
            tt.clock.advance(error.until - tt.clock.now())
            continue
        except Transient:
            tt.clock.advance(dice.choice((1, 30)))
            continue
        except Rejected as error:
            if not error.restage:
                return error, commits
            checkpoint = Checkpoint()
            continue
        if isinstance(found, Absent):
            checkpoint = checkpoint if found.keep_checkpoint else Checkpoint()
            continue
        return found, commits
    raise AssertionError("it never ends")


async def asked(tt: World, part: Part, checkpoint: Checkpoint, call: object) -> Confirmed:
    for _ in range(60):
        try:
            found = await tt.publisher().confirm(part, checkpoint, call)  # type: ignore[arg-type]  # a Call
        except PublishError:
            tt.clock.advance(30)
            continue
        if not isinstance(found, Pending):
            return found
        tt.clock.advance(found.check_at - tt.clock.now())
    raise AssertionError("nobody can tell")


async def test_random_trouble_at_random_calls(tt: World, small_chunks: None) -> None:
    """Twenty-five uploads in two chunks, each with up to three calls that break in one way or another."""
    tt.sim.limits.clear()
    clip, ends = await tt.clip(10_000_000), Counter[str]()
    bad = (
        CUT,
        LOST_REPLY,
        Failure(effect=True, truncate=True),
        Failure(status=500),
        Failure(status=503, effect=True),
    )
    for seed in range(RUNS):
        dice = random.Random(seed)
        part = tt.part(f"Random {seed}", clip)
        tt.sim.heal()
        for _ in range(dice.randint(1, 3)):
            tt.sim.fail("*", dice.choice(bad), nth=dice.randint(1, 10))
        found, _ = await carried(tt, part, dice)
        there = [ref for ref, text in tt.sim.visible().items() if text == part.text]
        assert len(there) <= 1, f"seed {seed}: it is there {len(there)} times"
        assert isinstance(found, Live) == bool(there), f"seed {seed}: {found}"
        assert not isinstance(found, Live) or found.ref == there[0]
        ends[type(found).__name__] += 1
        tt.sim.calls.clear()
    assert ends == {"Live": RUNS}


def exchange(tt: World) -> Exchange:
    """Our app at TikTok's token endpoint."""
    return Exchange(
        under(TIKTOK_OAUTH, tt.settings),
        title="TikTok",
        client_id=Secret(CLIENT_KEY),
        client_secret=Secret(CLIENT_SECRET),
        http=tt.http,
        clock=tt.clock,
    )


async def test_consent_with_client_key_commas_and_a_hexadecimal_challenge(tt: World) -> None:
    made, verifier = exchange(tt), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    address = made.address(
        redirect="http://127.0.0.1:8787/callback",
        state="s",
        challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    )
    query = parse_qs(urlsplit(address).query)
    assert query["client_key"] == [CLIENT_KEY]
    assert query["scope"] == [",".join(SCOPES)]
    assert query["disable_auto_auth"] == ["1"]
    assert "client_id" not in query
    async with httpx.AsyncClient(trust_env=False) as browser:
        back = await browser.get(address)
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    granted = await made.code(code, redirect="http://127.0.0.1:8787/callback", verifier=verifier)
    assert (granted.lasts, granted.refresh_lasts) == (7200, 180 * 86_400)
    assert set(granted.scopes) == set(SCOPES)
    with pytest.raises(AuthExpired):
        await made.code(code, redirect="http://127.0.0.1:8787/callback", verifier=verifier)


@pytest.mark.parametrize("status", [200, 400])
async def test_a_refresh_token_works_once_whatever_the_status_says(tt: World, status: int) -> None:
    made = exchange(tt)
    tt.sim.desk.refusal_status = status
    first = tt.sim.desk.grant(CLIENT_KEY, SCOPES)
    second = await made.refresh(made.app, first["refresh_token"])
    assert second.refresh not in ("", first["refresh_token"])
    with pytest.raises(AuthExpired):
        await made.refresh(made.app, first["refresh_token"])
    assert (await made.refresh(made.app, second.refresh)).access


async def test_a_wrong_secret_is_about_the_app_and_not_about_the_account(tt: World) -> None:
    made, first = exchange(tt), tt.sim.desk.grant(CLIENT_KEY, SCOPES)
    tt.sim.desk.apps[0].secret = "another"
    with pytest.raises(AppMisconfigured, match="client id and client secret"):
        await made.refresh(made.app, first["refresh_token"])


class Rotating:
    """Tokens that are renewed once when they are refused, as the core's are."""

    def __init__(self, tt: World) -> None:
        self._exchange, self._desk = exchange(tt), tt.sim.desk
        self._pair = tt.sim.desk.grant(CLIENT_KEY, SCOPES)
        self.renewals = 0

    async def bearer(self) -> str:
        return str(self._pair["access_token"])

    async def renewed(self, refused: str) -> str:
        assert refused == self._pair["access_token"]
        granted = await self._exchange.refresh(self._exchange.app, self._pair["refresh_token"])
        self._pair = {"access_token": granted.access, "refresh_token": granted.refresh}
        self.renewals += 1
        return granted.access

    async def scopes(self) -> frozenset[str]:
        return frozenset(SCOPES)


async def test_a_token_that_ends_while_tiktok_works_is_renewed_and_nothing_starts_anew(tt: World) -> None:
    """The fault that posted twice elsewhere: a token ends in the polling, and the job begins again."""
    tokens = Rotating(tt)
    tt.sim.world.processing = timedelta(hours=2, minutes=30)
    part = tt.part("Two hours later", await tt.clip())
    checkpoint, call = await tt.staged(part, tokens=tokens), tt.call(part)
    answer = await tt.publisher(tokens=tokens).commit(part, checkpoint, call)
    found = await tt.confirmed(part, checkpoint, replace(call, ref=answer.ref), tokens=tokens)
    assert isinstance(found, Live)
    assert tokens.renewals == 1
    assert (tt.sim.count(INIT), tt.sim.count(PUT), len(tt.sim.visible())) == (1, 1, 1)


async def test_a_token_that_ended_before_the_upload_is_renewed_first(tt: World) -> None:
    tokens = Rotating(tt)
    tt.clock.advance(timedelta(hours=3))
    assert isinstance(await tt.published(tt.part("Late", await tt.clip()), tokens=tokens), Live)
    assert tokens.renewals == 1
    assert tt.sim.count(CREATOR) == 3  # one of them was refused
    assert tt.sim.count(STATUS) >= 1


async def test_fewer_scopes_than_asked_for_are_seen_in_the_facts(tt: World) -> None:
    tokens = Rotating(tt)
    tokens.scopes = lambda: _some("user.info.basic", "video.upload")  # type: ignore[method-assign]  # a consent with two boxes ticked
    facts = await tt.publisher(tokens=tokens).facts()
    assert facts.values["direct"] is False
    assert tt.sim.calls == []


async def _some(*names: str) -> frozenset[str]:
    return frozenset(names)
