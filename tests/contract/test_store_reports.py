"""Reports on both databases: each made once, by one process, also after one that died."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.evidence import Evidence
from bot.domain.message import Message, Target
from bot.domain.records import Notice
from bot.domain.report import MadeReport, Report
from bot.store import SqlStore
from bot.testing.clock import START

LEASE = timedelta(minutes=5)
WEEK = Report(brand="acme", period="2026-W47", since=START - timedelta(days=7), until=START)
EVIDENCE = Evidence(
    method="report/1", at=START, n=2, rows=(3, 4), since=WEEK.since, until=WEEK.until, facts={"live": 2}
)


async def claim(
    store: SqlStore, owner: str, *, after: timedelta = timedelta(0), report: Report = WEEK
) -> MadeReport | None:
    now = START + after
    return await store.write(lambda tx: tx.reports.claim(report, owner=owner, now=now, lease=LEASE, most=3))


async def test_only_one_gets_it_and_it_is_made_once(store: SqlStore) -> None:
    mine = await claim(store, "a")
    assert mine is not None
    assert (mine.report, mine.tries, mine.made_at) == (WEEK, 1, None)
    assert await claim(store, "b") is None
    assert await claim(store, "a") is None
    assert not await store.write(lambda tx: tx.reports.done(mine.id, owner="b", at=START, evidence=EVIDENCE))
    assert await store.write(lambda tx: tx.reports.done(mine.id, owner="a", at=START, evidence=EVIDENCE))
    assert not await store.write(lambda tx: tx.reports.done(mine.id, owner="a", at=START, evidence=EVIDENCE))
    assert await claim(store, "b", after=LEASE) is None
    made = await store.read(lambda tx: tx.reports.get(mine.id))
    assert made == MadeReport(id=mine.id, report=WEEK, tries=1, made_at=START, evidence=EVIDENCE)
    assert await store.read(lambda tx: tx.reports.of_period("acme", "2026-W47")) == made
    assert await store.read(lambda tx: tx.reports.latest("acme")) == made
    assert await store.read(lambda tx: tx.reports.latest("other")) is None


async def test_who_died_over_it_is_followed_by_somebody_else(store: SqlStore) -> None:
    first = await claim(store, "a")
    assert first is not None
    assert await claim(store, "b", after=LEASE - timedelta(seconds=1)) is None
    second = await claim(store, "b", after=LEASE)
    assert second is not None
    assert (second.id, second.tries) == (first.id, 2)
    assert not await store.write(lambda tx: tx.reports.done(first.id, owner="a", at=START, evidence=EVIDENCE))


async def test_what_fails_again_and_again_is_given_up(store: SqlStore) -> None:
    got = [await claim(store, "a", after=n * LEASE) for n in range(5)]
    assert [one.tries for one in got if one is not None] == [1, 2, 3]
    assert got[3:] == [None, None]


async def test_brands_and_periods_are_apart(store: SqlStore) -> None:
    other = Report(brand="other", period=WEEK.period, since=WEEK.since, until=WEEK.until)
    month = Report(brand="acme", period="2026-11", since=WEEK.since, until=WEEK.until)
    numbers = [await claim(store, "a", report=one) for one in (WEEK, other, month)]
    assert len({one.id for one in numbers if one}) == 3


async def test_a_notice_remembers_below_what_it_is_said(store: SqlStore) -> None:
    target = Target(chat="room", channel="main")
    notice = Notice(
        id=0, key="report:1:2", target=target, message=Message(text="More."), below="report:1@room:main"
    )
    assert await store.write(lambda tx: tx.notices.put(notice))
    found = await store.read(lambda tx: tx.notices.of_key("report:1:2"))
    assert found is not None
    assert found.below == "report:1@room:main"
