"""Failures of Bluesky through the whole bot: what people read, and what is there in the end."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import build, make_log
from bot.config import AccountConfig, Config
from bot.domain.delivery import State
from bot.domain.records import AccountState
from bot.testing.clock import FakeClock
from bot.testing.picture import png
from plugins.bluesky import SIMULATED
from plugins.bluesky.failures import FAILURES
from plugins.bluesky.simulator import BlueskySimulator
from tests.integration.bluesky_world import BLOB, PUT
from tests.unit.demo_world import BRAND, Room, Wall
from tests.unit.demo_world import World as BotWorld

ACME = "acme-bs"


@dataclass(kw_only=True)
class Bot(BotWorld):
    """The whole bot with one account on Bluesky."""

    bs: BlueskySimulator
    folder: Path

    def picture(self, name: str, size: tuple[int, int] = (8, 6)) -> str:
        file = self.folder / name
        file.write_bytes(png(*size))
        return str(file)

    async def words(self, post_id: int) -> str:
        card = await self.card(post_id)
        return next(f.value for f in card.fields if f.name == "Bluesky")


@asynccontextmanager
async def whole_bot(folder: Path) -> AsyncIterator[Bot]:
    """A bot on a database in ``folder``; its account is configured like a real one."""
    clock = FakeClock()
    room, wall, text = Room(), Wall(), io.StringIO()
    async with AsyncExitStack() as stack:
        bs = await stack.enter_async_context(BlueskySimulator(clock).running())
        table = {**SIMULATED.settings, "base_url": bs.url}
        account = AccountConfig(name=ACME, brand=BRAND.name, platform="bluesky", table=table)
        config = Config(
            path=folder / "config.toml",
            brands=(BRAND,),
            accounts=(account,),
            store_url="sqlite+aiosqlite:///bluesky.db",
        )
        app = await stack.enter_async_context(
            build(
                config,
                clock=clock,
                env={"BLUESKY_APP_PASSWORD": SIMULATED.secrets["app_password"]},
                chats=[lambda first: room],
                log=make_log(text),
                wrap_http=wall.wrap,
            )
        )
        file = folder / "bluesky.db"
        yield Bot(
            app=app, clock=clock, room=room, file=file, sims={}, log=text, wall=wall, bs=bs, folder=folder
        )


LIVE, WAITS, REFUSED, ASKED = State.LIVE, State.SCHEDULED, State.REFUSED, State.UNCONFIRMED


@dataclass(frozen=True)
class Road:
    """``first``: the state right after the failure, with ``words`` on the card; ``last``: two hours later.

    ``puts``: how often the record was sent in all. However often, ``posts`` is what there is in the end.
    """

    id: str
    first: State
    words: str
    last: State
    puts: int
    posts: int
    endpoint: str = PUT
    more: str = ""
    times: int = 1


ROADS = (
    Road("B-F1", WAITS, "sign in anew", LIVE, 2, 1),
    Road("B-F2", WAITS, "sign in anew", LIVE, 2, 1),
    Road("B-F4", WAITS, "app password", WAITS, 1, 0),
    Road("B-F6", WAITS, "suspended", WAITS, 1, 0),
    Road("B-F7", REFUSED, "too long", REFUSED, 1, 0),
    Road("B-F8", WAITS, "uploaded anew", LIVE, 2, 1, more="png"),
    Road("B-F10", ASKED, "no clear answer", LIVE, 2, 1),
    Road("B-F13 after", WAITS, "waits for Bluesky until 09:00:40", LIVE, 2, 1),
    Road("B-F14", ASKED, "no clear answer", LIVE, 2, 1),
    Road("B-F14 created", ASKED, "no clear answer", LIVE, 1, 1),
    Road("B-F16", ASKED, "no clear answer", LIVE, 2, 1),
    Road("B-F17", ASKED, "no clear answer", LIVE, 1, 1),
    Road("B-F17", ASKED, "no clear answer", LIVE, 1, 1, more="png"),
    Road("B-F18", ASKED, "no clear answer", LIVE, 2, 1),
    Road("B-F19", ASKED, "no clear answer", LIVE, 1, 1),
    Road("B-F14", WAITS, "trouble", LIVE, 1, 1, endpoint=BLOB, more="png"),
    Road("B-F12", REFUSED, "larger than this Bluesky server takes", REFUSED, 0, 0, endpoint=BLOB, more="png"),
    Road("B-F17", ASKED, "no clear answer", LIVE, 2, 2, more='--comment "First!"'),
)


async def test_every_road_ends_with_one_post_and_its_proof(tmp_path: Path) -> None:
    found: list[str] = []
    async with whole_bot(tmp_path) as bot:
        for number, road in enumerate(ROADS, 1):
            found += await gone(bot, number, road)
            await fresh(bot)
    assert not found, "\n".join(found)


async def gone(bot: Bot, number: int, road: Road) -> list[str]:
    """Post once with the failure switched on; what differs from the road."""
    sim, text = bot.bs, f"Road {number} of the table"
    before = sim.count(PUT)
    more = f"--media {bot.picture(f'{number}.png', (8, number + 1))}" if road.more == "png" else road.more
    await bot.say("alice", f'/post "{text}" --to {ACME} --at now {more}')
    sim.fail(road.endpoint, FAILURES[road.id], times=road.times)
    await bot.say("bob", f"/approve P{number}")
    first, card = (await bot.rows(number))[ACME].state, await bot.words(number)
    await bot.wait(timedelta(hours=2))
    last, puts = (await bot.rows(number))[ACME].state, sim.count(PUT) - before
    mine = [uri for uri, said in sim.visible().items() if said == text]
    posts = len(mine) + sum(
        r.value.get("reply", {}).get("root", {}).get("uri") in mine for r in sim.repository.records.values()
    )
    name = f"{number} {road.id} at {road.endpoint.rpartition('.')[2]} {road.more}"
    seen, expected = (first, last, puts, posts), (road.first, road.last, road.puts, road.posts)
    wrong = [f"{name}: {seen}, not {expected}"] if seen != expected else []
    return wrong + ([f"{name}: “{card}” lacks “{road.words}”"] if road.words not in card else [])


async def fresh(bot: Bot) -> None:
    """A new morning: the account is well, nothing is planned, what was left is dropped."""
    bot.bs.heal()
    account = AccountState(name=ACME, brand="acme", platform="bluesky")
    await bot.app.services.store.write(lambda tx: tx.accounts.save(account))
    for row in await bot.app.services.store.read(lambda tx: tx.deliveries.unfinished("acme")):
        if row.state in (State.SCHEDULED, State.HELD):
            await bot.say("bob", f"/cancel P{row.post_id}")
    day = datetime.combine(bot.clock.now().date() + timedelta(days=1), datetime.min.time(), UTC)
    bot.clock.advance(day + timedelta(hours=9) - bot.clock.now())
    await bot.app.settle()


async def test_killed_between_the_put_and_its_answer(tmp_path: Path) -> None:
    """The post is out, the answer is lost: looked up by its key it is live, once, with the same uri."""
    async with whole_bot(tmp_path) as bot:
        bot.bs.fail(PUT, FAILURES["B-F17"])
        await bot.say("alice", f'/post "Once" --to {ACME} --at now')
        await bot.say("bob", "/approve P1")
        assert (await bot.rows())[ACME].state is State.UNCONFIRMED
        (uri,) = bot.bs.visible()
        await bot.wait(timedelta(minutes=2))
        row = (await bot.rows())[ACME]
        assert (row.state, row.parts[0].ref) == (State.LIVE, uri)
        assert list(bot.bs.visible()) == [uri]
        assert (bot.bs.count(PUT), bot.bs.repository.records[uri].written) == (1, 1)


async def test_an_answer_lost_for_hours_is_sent_again_under_the_same_key(tmp_path: Path) -> None:
    """Nothing arrived, and the network is away: when it is back, the same key is used."""
    async with whole_bot(tmp_path) as bot:
        bot.bs.fail(PUT, FAILURES["B-F18"], times=2)
        await bot.say("alice", f'/post "Late" --to {ACME} --at now')
        await bot.say("bob", "/approve P1")
        await bot.wait(timedelta(hours=1))
        assert (await bot.rows())[ACME].state is State.LIVE
        keys = {c.json()["rkey"] for c in bot.bs.calls if c.endpoint == PUT}
        assert (bot.bs.count(PUT), len(keys), len(bot.bs.visible())) == (3, 1, 1)


async def test_a_password_revoked_half_way_pauses_the_account_and_loses_nothing(tmp_path: Path) -> None:
    async with whole_bot(tmp_path) as bot:
        await bot.say("alice", f'/post "Waits" --to {ACME} --at "in 3 hours"')
        await bot.say("bob", "/approve P1")
        bot.bs.desk.revoke(bot.bs.account.did, SIMULATED.secrets["app_password"])
        await bot.wait(timedelta(hours=3, minutes=1))
        assert (await bot.rows())[ACME].state is State.SCHEDULED
        assert "app password" in await bot.words(1)
        bot.bs.account.app_passwords.add(SIMULATED.secrets["app_password"])
        await bot.say("dana", "/accounts --check")
        await bot.wait(timedelta(minutes=11))
        assert (await bot.rows())[ACME].state is State.LIVE
        assert list(bot.bs.visible().values()) == ["Waits"]
