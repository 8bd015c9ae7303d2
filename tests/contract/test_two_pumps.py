"""Two bots on one PostgreSQL: who holds a delivery decides, and who was too late throws nothing away."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.domain.delivery import AttemptState, PartState, State
from bot.domain.message import Message
from bot.domain.platform import Proof
from bot.errors import StoreError
from bot.ports import Tx
from bot.services.courier import carry
from bot.services.publish import _save_stage
from bot.services.tell import tell_brand
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import CREATE, DemoSimulator
from bot.testing.simulator import Failure
from tests.contract.conftest import Postgres
from tests.e2e.desk import Desk, config, desk

pytestmark = pytest.mark.postgres

LEASE = timedelta(seconds=121)
"""A little more than the demo platform's: its call's 30 s and the margin of 90 s."""


@dataclass
class Pair:
    """Two whole bots, each with a clock and a voice of its own, one database, one platform."""

    one: Desk
    other: Desk
    platform: DemoSimulator
    slow: FakeClock
    url: str

    async def stuck(self, line: str) -> asyncio.Task[None]:
        """The first bot sends, the platform has it and does not answer until `slow` moves on."""
        self.platform.delay = 60.0
        await quickly(self.one, "alice", f"/post {line} --at now")
        await quickly(self.one, "bob", "/approve latest")
        sending = asyncio.ensure_future(self.one.app.settle())
        for _ in range(10_000):
            if self.platform.count(CREATE):
                break
            await asyncio.sleep(0.001)
        self.platform.delay = 0.0
        return sending

    async def answer(self, sending: asyncio.Task[None]) -> None:
        """The platform answers the first bot at last."""
        self.slow.advance(60)
        await sending

    async def later(self, delta: timedelta) -> None:
        """Time passes for both; the second looks what there is to do."""
        for bot in (self.one, self.other):
            bot.clock.advance(delta)
        await self.other.app.settle()

    async def row(self) -> Any:
        (found,) = await self.other.deliveries(1)
        return found

    async def attempts(self) -> list[Any]:
        return list(await self.other.app.services.store.read(lambda tx: tx.attempts.of_delivery(1)))

    @property
    def heard(self) -> str:
        return self.one.said + self.other.said


async def quickly(bot: Desk, user: str, line: str) -> None:
    """A command, without waiting for what comes of it."""
    from bot.domain.message import Invocation
    from tests.e2e.desk import TARGET

    word, _, rest = line.removeprefix("/").partition(" ")
    await bot.app.dispatch.handle(Invocation(command=word, raw=rest, user=user, target=TARGET))


Start = Callable[[str], Any]


@pytest.fixture
async def pair(postgres: Postgres, template: str, tmp_path: Path) -> AsyncIterator[Start]:
    """``await pair("lookup")``: both bots on a platform in that mode."""
    async with AsyncExitStack() as stack:

        async def start(mode: str) -> Pair:
            _, url = postgres.database(template)
            slow = FakeClock()
            platform = await stack.enter_async_context(DemoSimulator(slow).running())
            table = {"acme-demo": {"base_url": platform.url, "mode": mode, "name": "acme-demo"}}
            given = replace(config(tmp_path, table), store_url=url)
            one, other = [await stack.enter_async_context(desk(given, clock=FakeClock())) for _ in range(2)]
            return Pair(one=one, other=other, platform=platform, slow=slow, url=url)

        yield start


async def test_a_frozen_senders_answer_is_kept_and_makes_it_live(pair: Start) -> None:
    """Asleep for longer than the lease: the other one asked a person; then the answer comes after all."""
    both = await pair("neither")
    sending = await both.stuck("Hello")
    await both.later(LEASE)
    for _ in range(3):
        await both.later(timedelta(seconds=130))
    row = await both.row()
    assert (row.state, row.wake_at) == (State.UNCONFIRMED, None)
    assert "I could not find out whether it is there" in both.other.said
    await both.answer(sending)
    await both.other.app.settle()
    row = await both.row()
    assert (row.state, row.parts[0].ref, row.parts[0].proof) == (State.LIVE, "d1", Proof.RECEIPT)
    assert [a.state for a in await both.attempts()] == [AttemptState.OK]
    assert len(both.platform.posts) == 1


async def test_the_other_one_finds_it_before_the_frozen_one_wakes(pair: Start) -> None:
    """T7: read back as soon as the lease is over, two minutes after the call; never sent blindly."""
    both = await pair("lookup")
    sending = await both.stuck("Hello")
    await both.later(LEASE)
    assert (await both.row()).parts[0].proof is Proof.READ_BACK
    await both.answer(sending)
    row = await both.row()
    assert (row.state, row.parts[0].proof, row.fence) == (State.LIVE, Proof.READ_BACK, 2)
    assert len(both.platform.posts) == 1


async def test_sent_again_on_a_persons_word_and_then_the_first_answer_comes(pair: Start) -> None:
    """Nobody could know; but now it is known, and people are told at once."""
    both = await pair("neither")
    sending = await both.stuck("Hello")
    for _ in range(4):
        await both.later(LEASE)
    await both.other.say("bob", "/confirm P1 not")
    assert len(both.platform.posts) == 2
    await both.answer(sending)
    await both.other.app.settle()
    assert (await both.row()).state is State.LIVE
    assert [(a.state, a.ref) for a in await both.attempts()] == [
        (AttemptState.ABSENT, "d1"),
        (AttemptState.OK, "d2"),
    ]
    assert "may be on Demo (neither) twice" in both.heard
    assert "demo.example/d1" in both.heard


async def test_a_refusal_that_comes_late_sends_it_again(pair: Start) -> None:
    """Asked about by the other one, although the platform had taken nothing."""
    both = await pair("neither")
    both.platform.fail(CREATE, Failure(status=403, body={"error": "Not now."}, delay=60))
    sending = await both.stuck("Hello")
    for _ in range(4):
        await both.later(LEASE)
    assert (await both.row()).wake_at is None
    await both.answer(sending)
    await both.other.app.settle()
    assert [a.state for a in await both.attempts()] == [AttemptState.FAILED, AttemptState.OK]
    assert (await both.row()).state is State.LIVE
    assert len(both.platform.posts) == 1


async def test_preparing_it_slowly_does_not_undo_what_the_other_one_sent(pair: Start) -> None:
    both = await pair("lookup")
    await both.one.post('"Hello" --at now')
    row = await both.row()
    old = replace(row, fence=row.fence - 1)
    staged = replace(row.parts[0], state=PartState.STAGED, ref=None)
    saved = await both.one.app.services.store.write(lambda tx: _save_stage(tx, old, staged))
    assert saved is False
    assert (await both.row()).parts[0].state is PartState.OUT


@pytest.mark.parametrize("landed", [True, False])
async def test_the_database_goes_away_in_the_commit_before_the_call(pair: Start, landed: bool) -> None:
    """Whether the attempt's row is there or not: nothing was sent, so nobody is asked, and it goes out."""
    both = await pair("neither")
    store: Any = both.one.app.services.store
    real, left = store.write, [1]

    async def write(unit: Callable[[Any], Any]) -> Any:
        opening = unit.__code__.co_names[:1] == ("_open",)
        if not (opening and left.pop() if left and opening else False):
            return await real(unit)
        if landed:
            await real(unit)
        raise StoreError("The database server cannot be reached.")

    store.write = write
    await both.one.post('"Hello" --at now')
    row = await both.row()
    assert row.state is State.LIVE
    assert not left
    assert len(both.platform.posts) == 1
    states = [a.state for a in await both.attempts()]
    assert states == [*([AttemptState.FAILED] if landed else []), AttemptState.OK]
    assert "could not find out" not in both.heard


async def test_the_news_is_said_once_by_two_couriers(pair: Start) -> None:
    both = await pair("lookup")
    services = both.one.app.services

    def unit(tx: Tx) -> None:
        for number in range(8):
            tell_brand(services, tx, "acme", f"news:{number}", Message(text=f"News number {number}."))

    await services.store.write(unit)
    await asyncio.gather(*(carry(bot.app.services) for bot in (both.one, both.other) * 3))
    assert [both.heard.count(f"News number {number}.") for number in range(8)] == [1] * 8


async def test_the_answer_comes_while_the_other_one_looks(pair: Start) -> None:
    """Nobody is asked about what is known by the time of asking."""
    both = await pair("neither")
    sending = await both.stuck("Hello")
    account: Any = both.other.app.services.accounts["acme-demo"]
    look, looks = account.publisher.confirm, []

    async def confirm(*given: Any) -> Any:
        looks.append(given)
        if len(looks) == 1:
            await both.answer(sending)
        return await look(*given)

    account.publisher.confirm = confirm
    for _ in range(4):
        await both.later(LEASE)
    assert (await both.row()).state is State.LIVE
    assert "could not find out" not in both.heard


async def test_two_pumps_publish_everything_once(pair: Start) -> None:
    """T2: whoever wakes up, and how often, each post is created once."""
    both = await pair("neither")
    for number in range(20):
        await quickly(both.one, "alice", f'/post "Number {number}" --at now')
        await quickly(both.one, "bob", "/approve latest")
    await asyncio.gather(*(bot.app.settle() for bot in (both.one, both.other) * 2))
    texts = [p.text for p in both.platform.posts]
    assert sorted(texts) == sorted(f"Number {number}" for number in range(20))


async def test_a_machine_whose_time_is_wrong_takes_nothing_from_the_others(pair: Start) -> None:
    """Leases go by the server's time: an hour ahead, a bot still leaves a call alone that is under way."""
    both = await pair("neither")
    sending = await both.stuck("Hello")
    both.other.clock.jump(timedelta(hours=1))
    await both.other.app.settle()
    row = await both.row()
    assert (row.state, row.fence) == (State.PUBLISHING, 1)
    await both.answer(sending)
    assert (await both.row()).state is State.LIVE


async def test_a_restarted_server_is_found_again(pair: Start) -> None:
    both = await pair("lookup")
    with psycopg.connect(both.url.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    for number in itertools.count():
        try:
            await quickly(both.one, "alice", '/post "Hello" --at now')
            await quickly(both.one, "bob", "/approve latest")
            break
        except StoreError:
            assert number < 3
    await both.one.app.settle()
    assert (await both.row()).state is State.LIVE
