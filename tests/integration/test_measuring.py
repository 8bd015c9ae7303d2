"""Numbers of posts, from a platform's own answer to our rows: exact, aged, never made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import State
from bot.domain.platform import Gone, Metrics, Proof
from bot.testing.clock import FakeClock
from tests.integration.measuring_world import DAY, HOUR, MINUTE, Six, six
from tests.unit.demo_world import BRAND

X = "twitter"
TEXTS = '/post "Count me, everybody" --to acme-x,acme-li,acme-bs --at now'
VIDEO = "--at now --media {} --set {}"
DELIVERIES = {"acme-x": 1, "acme-li": 2, "acme-bs": 3, "acme-yt": 4, "acme-tt": 5, "acme-ig": 6}

GOLDEN = {
    "acme-x": Metrics(views=918, likes=22, comments=0, shares=4, saves=2, clicks=17),
    "acme-li": Metrics(impressions=918, reach=640, clicks=17, likes=22, comments=1, shares=3),
    "acme-bs": Metrics(likes=7, comments=0, shares=0, saves=0),
    "acme-yt": Metrics(views=1200, likes=31, comments=4),
    "acme-tt": Metrics(views=5000, likes=321, comments=12, shares=9),
    "acme-ig": Metrics(views=812, likes=21, comments=4, shares=5, saves=6, reach=640),
}
"""What each platform's golden answer says, in our words; what it does not say is None."""


async def publish_everywhere(world: Six) -> None:
    """One post on each of the six platforms."""
    await world.publish(TEXTS)
    youtube = VIDEO.format(world.video, "made_for_kids=no --set privacy=public")
    tiktok = VIDEO.format(world.video, "privacy=PUBLIC_TO_EVERYONE")
    await world.publish(f'/post "Watch me" --to acme-yt {youtube}')
    await world.publish(f'/post "Watch me too" --to acme-tt {tiktok}')
    await world.publish(f'/post "See me" --to acme-ig --at now --media {world.picture}')
    for _ in range(10):
        await world.wait(MINUTE)
    rows = {d.account: d for post in (1, 2, 3, 4) for d in (await world.rows(post)).values()}
    assert {a: d.state for a, d in rows.items()} == dict.fromkeys(DELIVERIES, State.LIVE)
    assert {a: d.id for a, d in rows.items()} == DELIVERIES


def count_golden(world: Six) -> None:
    """What the simulated platforms count from now on (Instagram's always counts the same)."""
    (x,) = world.at["twitter"].posts
    x.metrics = {"impression_count": 918, "like_count": 22, "reply_count": 0, "retweet_count": 3}
    x.metrics |= {"quote_count": 1, "bookmark_count": 2, "url_link_clicks": 17}
    counts = {"impressionCount": 918, "uniqueImpressionsCount": 640, "clickCount": 17}
    world.at["linkedin"].posts[0].counts = counts | {"likeCount": 22, "commentCount": 1, "shareCount": 3}
    bluesky = world.at["bluesky"]
    bluesky.likes[next(iter(bluesky.visible()))] = 7
    (youtube,) = world.at["youtube"].channel.shown()
    youtube.counts = {"viewCount": 1200, "likeCount": 31, "commentCount": 4}
    (tiktok,) = world.at["tiktok"].world.posts
    counts = {"view_count": 5000, "like_count": 321, "comment_count": 12, "share_count": 9}
    tiktok.counts = counts


async def test_t15_golden_answers_give_exact_numbers_on_every_platform(tmp_path: Path) -> None:
    """Doubled (a thread's or a repost's count added twice), empty and made-up numbers have been seen in
    tools like this one (field.md, T15)."""
    async with six(tmp_path) as world:
        await publish_everywhere(world)
        count_golden(world)
        await world.look(HOUR)
        for account, id_ in DELIVERIES.items():
            newest = (await world.read(id_))[-1]
            assert (account, newest.metrics) == (account, GOLDEN[account])
            assert (newest.at, newest.source, newest.gone) == (world.clock.now(), "api", False)
        assert [d.parts[0].proof for d in (await world.rows(1)).values()] == [Proof.READ_BACK] * 3
        found = {o.account_id: o for o in await world.outcomes()}
        assert {a: (o.engagement, o.views) for a, o in found.items()} == {
            "acme-x": (28, 918),
            "acme-li": (26, 918),
            "acme-bs": (7, None),
            "acme-yt": (35, 1200),
            "acme-tt": (342, 5000),
            "acme-ig": (36, 812),
        }
        assert {o.content_type for o in found.values()} == {"text", "video", "picture"}


async def test_t15_what_is_not_answered_is_unknown_and_not_zero(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Silence" --to acme-x --at now')
        publisher = publisher_of(world)
        publisher.answer = {}
        await world.look(HOUR)
        assert (await world.read(), await world.outcomes()) == ((), ())
        publisher.answer = Metrics()
        await world.look(HOUR)
        assert await world.read() == ()
        publisher.answer = Metrics(likes=3)
        await world.look(HOUR)
        (only,) = await world.read()
        assert (only.metrics.views, only.metrics.likes) == (None, 3)


async def test_t15_numbers_say_how_old_they_are(tmp_path: Path) -> None:
    """A platform that is away leaves the last numbers with the time at which they were read."""
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Stale" --to acme-x --at now')
        await world.look(15 * MINUTE)
        read_at = world.clock.now()
        world.wall.down = True
        await world.look(DAY)
        world.wall.down = False
        (only,) = await world.read()
        (outcome,) = await world.outcomes()
        assert only.at == outcome.observed_at == read_at
        assert (await world.watch()).tries == 1


async def test_looks_come_at_their_ages_and_once(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Watch my ages" --to acme-x --at now')
        out = (await world.watch()).out_at
        for _ in range(96):
            await world.look(5 * MINUTE)
            await world.look()  # and once more, in the same second
        ages = [(s.at - out) / MINUTE for s in await world.read()]
        assert ages == [15, 30, 45, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 360, 420, 480]


async def test_after_an_outage_each_is_read_once(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        for n in range(3):
            await world.publish(f'/post "Number {n}" --to acme-x --at now')
        await world.look(30 * HOUR)
        assert [len(await world.read(n)) for n in (1, 2, 3)] == [1, 1, 1]
        assert world.at["twitter"].count("GET /2/tweets") == 1
        await world.look(MINUTE)
        assert [len(await world.read(n)) for n in (1, 2, 3)] == [1, 1, 1]


async def test_a_halt_stops_no_reading(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Read on" --to acme-x --at now')
        await world.say("dana", "/halt")
        await world.look(HOUR)
        assert len(await world.read()) == 1


async def test_counters_that_fall_are_kept_as_they_are(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Audited" --to acme-x --at now')
        for views in (900, 400):
            world.at["twitter"].posts[0].metrics["impression_count"] = views
            await world.look(HOUR)
        assert [s.metrics.views for s in await world.read()] == [900, 400]
        (outcome,) = await world.outcomes()
        assert outcome.views == 400


async def test_what_is_gone_is_told_once_and_keeps_its_numbers(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Soon gone" --to acme-x --at now')
        world.at["twitter"].posts[0].metrics["impression_count"] = 918
        await world.look(HOUR)
        world.at["twitter"].posts[0].deleted = True
        await world.look(HOUR)
        assert not [t for t in world.room.texts() if "any more" in t]  # perhaps it only lags
        await world.look(5 * MINUTE)
        (told,) = [t for t in world.room.texts() if "any more" in t]
        assert told.startswith("P1 is not on X any more, and nobody took it down here.")
        for _ in range(3):
            await world.look(6 * HOUR)
        assert len([t for t in world.room.texts() if "any more" in t]) == 1
        assert [(s.metrics.views, s.gone) for s in await world.read()] == [(918, False), (None, True)]
        newest = await world.app.services.store.read(lambda tx: tx.snapshots.latest([1]))
        assert (newest[1].metrics.views, newest[1].gone) == (918, True)
        assert ((await world.watch()).look_at, (await world.watch()).ended) == (None, "gone")
        assert (await world.row()).state is State.LIVE


async def test_a_receipt_that_cannot_be_read_back_is_an_alarm(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Never seen" --to acme-x --at now')
        world.at["twitter"].posts[0].deleted = True
        await world.look(15 * MINUTE)
        await world.look(5 * MINUTE)
        assert (await world.row()).parts[0].proof is Proof.RECEIPT
        assert any("not to be seen on X, although X said that it is out" in t for t in world.room.texts())
        assert await world.outcomes() == ()


async def test_a_thread_is_counted_by_its_first_part_and_read_back_as_a_whole(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "A thread" --to acme-x --at now --comment "with a comment"')
        first, second = world.at["twitter"].posts
        first.metrics, second.metrics = {"like_count": 5}, {"like_count": 100}
        await world.look(15 * MINUTE)
        assert [p.proof for p in (await world.row()).parts] == [Proof.READ_BACK] * 2
        (only,) = await world.read()
        assert only.metrics.likes == 5
        second.deleted = True
        await world.look(HOUR)
        assert len(await world.read()) == 2  # the comment is not asked about any more
        assert not [t for t in world.room.texts() if "not to be seen" in t]


async def test_a_part_that_is_missing_is_told(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "A thread" --to acme-x --at now --comment "that vanishes"')
        world.at["twitter"].posts[1].deleted = True
        await world.look(15 * MINUTE)
        await world.look(5 * MINUTE)
        await world.look(HOUR)
        (told,) = [t for t in world.room.texts() if "not to be seen" in t]
        assert told.startswith("P1 is on X, but part 2 of its 2 parts is not to be seen.")
        assert [p.proof for p in (await world.row()).parts] == [Proof.READ_BACK, Proof.RECEIPT]
        assert len(await world.read()) == 3


async def test_what_was_taken_down_here_is_no_news(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Ours to take" --to acme-x --at now')
        await world.look(HOUR)
        await world.say("dana", "/delete P1")
        assert (await world.row()).state is State.REMOVED
        asked = world.at["twitter"].count("GET /2/tweets")
        await world.look(DAY)
        assert world.at["twitter"].count("GET /2/tweets") == asked
        assert (await world.watch()).ended == "taken down"
        assert not [t for t in world.room.texts() if "any more" in t]


async def test_what_was_live_before_anybody_looked_is_taken_up(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Of an earlier version" --to acme-x --at now')
        world.sql("DELETE FROM watches")
        world.app.services.chored.clear()
        await world.app.settle()
        await world.look(15 * MINUTE)
        assert len(await world.read()) == 1


async def test_followers_of_an_account_that_posts_are_asked_for_once_a_day(tmp_path: Path) -> None:
    async with six(tmp_path, only="instagram") as world:
        store, channel = world.app.services.store, "acme-ig"
        await world.wait(2 * HOUR)
        assert await store.read(lambda tx: tx.snapshots.account_counts(channel)) == ()
        await world.publish(f'/post "See me" --to acme-ig --at now --media {world.picture}')
        for _ in range(10):
            await world.wait(MINUTE)
        for _ in range(4):
            world.clock.advance(6 * HOUR)
            await world.app.settle()
        found = await store.read(lambda tx: tx.snapshots.account_counts(channel))
        assert [(c.day, c.followers) for c in found] == [("2026-11-21", 1204), ("2026-11-22", 1204)]


class Odd:
    """Stands before a publisher and answers for it what a plugin should never answer."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.answer: Any = None

    async def measure(self, refs: Any) -> Any:
        if self.answer is None:
            return await self.inner.measure(refs)
        if isinstance(self.answer, Exception):
            raise self.answer
        return dict.fromkeys(map(str, refs), self.answer) if self.answer != {} else {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def publisher_of(world: Six, account: str = "acme-x") -> Odd:
    connected = world.app.services.accounts[account]
    odd = Odd(connected.publisher)
    connected.publisher = odd
    return odd


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("views", float("nan")),
        ("likes", float("inf")),
        ("likes", 3.5),
        ("shares", -1),
        ("views", 10**18),
        ("comments", True),
        ("reach", "918"),
    ],
)
async def test_what_no_platform_can_count_is_refused(tmp_path: Path, name: str, value: Any) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Odd" --to acme-x --at now')
        odd = publisher_of(world)
        odd.answer = replace(Metrics(views=5), **{name: value})
        await world.look(HOUR)
        assert await world.read() == ()
        assert "numbers_refused" in world.log.getvalue()
        odd.answer = Metrics(views=5)
        await world.look(HOUR)
        assert [s.metrics.views for s in await world.read()] == [5]


async def test_answers_of_no_known_kind_are_unknown(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Odder" --to acme-x --at now')
        odd = publisher_of(world)
        for answer in (17, "gone", object()):
            odd.answer = answer
            await world.look(HOUR)
        assert await world.read() == ()
        odd.answer = Gone()
        await world.look(HOUR)
        assert (await world.watch()).missing == 1


async def test_the_clock_may_go_back(tmp_path: Path) -> None:
    clock = FakeClock()
    async with six(tmp_path, clock=clock, only=X) as world:
        await world.publish('/post "Back in time" --to acme-x --at now')
        await world.look(HOUR)
        clock.advance(-30 * MINUTE)
        await world.look()
        await world.look(2 * HOUR)
        assert len(await world.read()) == 2


async def test_paid_posts_are_marked_and_can_be_unmarked(tmp_path: Path) -> None:
    async with six(tmp_path, only=X) as world:
        await world.publish('/post "Promoted" --to acme-x --at now')
        await world.look(15 * MINUTE)
        assert "leave it out" in await world.say("alice", "/paid P1")
        assert "Nothing changed" in await world.say("alice", "/paid P1")
        assert [o.flags for o in await world.outcomes()] == [frozenset({"PAID"})]
        assert "compared with the others again" in await world.say("alice", "/paid P1 --undo")
        assert "Nothing changed" in await world.say("alice", "/paid P1 --undo")
        assert [o.flags for o in await world.outcomes()] == [frozenset()]


async def test_a_brand_that_goes_by_clicks_keeps_the_last_that_were_told(tmp_path: Path) -> None:
    """X tells clicks for thirty days."""
    brand = replace(BRAND, metric="clicks")
    async with six(tmp_path, brand=brand, only=X) as world:
        await world.publish('/post "Click me" --to acme-x --at now')
        world.at["twitter"].posts[0].metrics = {"url_link_clicks": 17, "impression_count": 918}
        await world.look(15 * MINUTE)
        read_at = world.clock.now()
        world.at["twitter"].posts[0].created_at -= 40 * DAY
        await world.look(HOUR)
        assert [s.metrics.clicks for s in await world.read()] == [17, None]
        (outcome,) = await world.outcomes()
        assert (outcome.engagement, outcome.observed_at) == (17, read_at)
