"""News on both databases: told once, found again, muted, looked at in its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.alarms import Alert, Kind, Looked, Mute, Reached
from bot.domain.delivery import PartProgress, PartState, State
from bot.domain.evidence import Evidence
from bot.domain.platform import Metrics
from bot.domain.snapshot import Snapshot, Watch
from bot.ports import Tx
from bot.store import SqlStore
from bot.testing.clock import START
from tests.contract.store_rows import at, new, post

EVIDENCE = Evidence(method="pace/1", at=START, n=9, kind="snapshot", rows=(1, 2), facts={"seen": 7.5})
ALERT = Alert(
    key="spike:a:1",
    brand="acme",
    kind=Kind.SPIKE,
    text="P1 takes off → “wow”",
    opened_at=START,
    account="acme-x",
    platform="demo",
    post_id=1,
    delivery_id=1,
    evidence=EVIDENCE,
    due_at=at(2),
)


def put(tx: Tx, alert: Alert) -> int:
    number = tx.alerts.put(alert)
    assert number is not None
    return number


async def test_an_alert_comes_back_as_it_was(store: SqlStore) -> None:
    number = await store.write(lambda tx: put(tx, ALERT))
    assert await store.read(lambda tx: tx.alerts.get(number)) == replace(ALERT, id=number)
    assert await store.read(lambda tx: tx.alerts.of_key(ALERT.key)) == replace(ALERT, id=number)
    assert await store.read(lambda tx: tx.alerts.get(number + 5)) is None
    assert await store.read(lambda tx: tx.alerts.of_key("nothing")) is None


async def test_a_key_is_used_once_and_one_of_a_kind_is_open_at_a_time(store: SqlStore) -> None:
    number = await store.write(lambda tx: put(tx, ALERT))
    assert await store.write(lambda tx: tx.alerts.put(replace(ALERT, delivery_id=2))) is None
    assert await store.write(lambda tx: tx.alerts.put(replace(ALERT, key="later"))) is None
    other = replace(ALERT, key="other", kind=Kind.DROP)
    assert await store.write(lambda tx: tx.alerts.put(other)) is not None
    over = replace(ALERT, id=number, closed_at=at(5))
    await store.write(lambda tx: tx.alerts.save(over))
    assert await store.write(lambda tx: tx.alerts.put(replace(ALERT, key="later"))) is not None
    found = await store.read(lambda tx: tx.alerts.open("acme", {Kind.SPIKE}))
    assert [a.key for a in found] == ["later"]
    assert len(await store.read(lambda tx: tx.alerts.open("acme"))) == 2
    assert await store.read(lambda tx: tx.alerts.open("other")) == ()


async def test_it_is_said_once(store: SqlStore) -> None:
    number = await store.write(lambda tx: put(tx, ALERT))
    assert await store.read(lambda tx: tx.alerts.due(at(1))) == ()
    (due,) = await store.read(lambda tx: tx.alerts.due(at(2)))
    assert (due.id, due.evidence) == (number, None)
    assert await store.write(lambda tx: tx.alerts.tell(number, at(2)))
    assert not await store.write(lambda tx: tx.alerts.tell(number, at(3)))
    assert await store.read(lambda tx: tx.alerts.due(at(9))) == ()
    assert [a.told_at for a in await store.read(lambda tx: tx.alerts.told("acme", START))] == [at(2)]
    assert await store.read(lambda tx: tx.alerts.told("acme", at(3))) == ()


async def test_what_is_held_back_is_not_said(store: SqlStore) -> None:
    number = await store.write(lambda tx: put(tx, ALERT))
    held = replace(ALERT, id=number, due_at=None, held="muted", evidence=None)
    await store.write(lambda tx: tx.alerts.save(held))
    assert not await store.write(lambda tx: tx.alerts.tell(number, at(2)))
    found = await store.read(lambda tx: tx.alerts.get(number))
    assert found is not None
    assert (found.held, found.evidence) == ("muted", EVIDENCE), "what it rests on stays"
    assert [a.id for a in await store.read(lambda tx: tx.alerts.recent("acme", 5))] == [number]
    assert await store.read(lambda tx: tx.alerts.on_platform("demo", {Kind.SPIKE}, START)) != ()
    assert await store.read(lambda tx: tx.alerts.on_platform("demo", {Kind.SPIKE}, at(1))) == ()


async def test_a_level_is_written_down_once(store: SqlStore) -> None:
    level = Reached(
        delivery_id=1, account="a", metric="views", level=1000, count=1002, at=START, after_s=3600
    )
    assert await store.write(lambda tx: tx.alerts.reach(level, emitted=False))
    assert not await store.write(lambda tx: tx.alerts.reach(replace(level, count=5), emitted=True))
    silent = replace(level, level=5000, after_s=None, news=False)
    assert await store.write(lambda tx: tx.alerts.reach(silent, emitted=True))
    assert await store.read(lambda tx: tx.alerts.reached([1, 2])) == (level, silent)
    assert await store.read(lambda tx: tx.alerts.reached([])) == ()
    assert await store.read(lambda tx: tx.alerts.reached_by("a", "views", 1000)) == (level,)
    assert await store.read(lambda tx: tx.alerts.reached_by("a", "views", 5000)) == ()
    assert await store.read(lambda tx: tx.alerts.unemitted()) == (level,)
    await store.write(lambda tx: tx.alerts.emitted(level))
    assert await store.read(lambda tx: tx.alerts.unemitted()) == ()


async def test_what_was_read_and_not_looked_at_is_found(store: SqlStore) -> None:
    def unit(tx: Tx) -> int:
        kept, (delivery,) = tx.posts.add(post(), [new(state=State.LIVE)])
        tx.snapshots.watch(
            Watch(
                delivery_id=delivery.id,
                post_id=kept.id,
                brand="acme",
                account="acme-x",
                platform="demo",
                content_type="text",
                out_at=START,
                look_at=None,
            )
        )
        return delivery.id

    number = await store.write(unit)
    assert await store.read(lambda tx: tx.alerts.unlooked()) == ()
    reading = Snapshot(delivery_id=number, account="acme-x", at=at(60), metrics=Metrics(views=9, likes=0))
    await store.write(lambda tx: tx.snapshots.put([reading]))
    (found,) = await store.read(lambda tx: tx.alerts.unlooked("acme-x"))
    assert (found.delivery_id, found.out_at, found.looked) == (number, START, None)
    assert await store.read(lambda tx: tx.alerts.unlooked_accounts()) == ("acme-x",)
    looked = Looked(delivery_id=number, snapshot_id=found.snapshot_id, peak=Metrics(views=9, likes=0))
    for _ in range(2):
        await store.write(lambda tx: tx.alerts.keep_looked(looked))
    assert await store.read(lambda tx: tx.alerts.looked(number)) == looked
    assert await store.read(lambda tx: tx.alerts.looked(number + 1)) is None
    assert await store.read(lambda tx: tx.alerts.unlooked()) == ()
    assert await store.read(lambda tx: tx.alerts.unlooked_accounts()) == ()
    await store.write(lambda tx: tx.snapshots.put([replace(reading, at=at(120))]))
    (again,) = await store.read(lambda tx: tx.alerts.unlooked())
    assert again.looked == looked
    assert await store.read(lambda tx: tx.alerts.unlooked("other")) == ()


async def test_mutes_end_by_themselves_and_by_a_word(store: SqlStore) -> None:
    mute = Mute(brand="acme", account="acme-x", kind="spike", until=at(60), by="bob")
    await store.write(lambda tx: tx.alerts.mute(replace(mute, until=at(5))))
    await store.write(lambda tx: tx.alerts.mute(mute))
    assert await store.read(lambda tx: tx.alerts.mutes("acme", at(59))) == (mute,)
    assert await store.read(lambda tx: tx.alerts.mutes("acme", at(60))) == ()
    assert await store.read(lambda tx: tx.alerts.mutes("other", START)) == ()
    assert not await store.write(lambda tx: tx.alerts.unmute("acme", "", "spike"))
    assert await store.write(lambda tx: tx.alerts.unmute("acme", "acme-x", "spike"))
    assert await store.read(lambda tx: tx.alerts.mutes("acme", START)) == ()


async def test_what_is_usual_is_kept_with_its_day(store: SqlStore) -> None:
    assert await store.read(lambda tx: tx.alerts.usual("a")) is None
    await store.write(lambda tx: tx.alerts.keep_usual("a", START, None))
    assert await store.read(lambda tx: tx.alerts.usual("a")) == (START, None)
    await store.write(lambda tx: tx.alerts.keep_usual("a", at(1), {"shape": [0.5], "zone": "UTC"}))
    assert await store.read(lambda tx: tx.alerts.usual("a")) == (at(1), {"shape": [0.5], "zone": "UTC"})


async def test_how_publishing_went_is_told_by_when_it_was_due(store: SqlStore) -> None:
    def unit(tx: Tx) -> tuple[int, ...]:
        _, made = tx.posts.add(
            post(), [new(state=State.LIVE), new("acme-li", state=State.REFUSED), new("b", due=at(500))]
        )
        out = PartProgress(index=0, state=PartState.OUT, out_at=START + timedelta(seconds=7))
        tx.deliveries.save_part(made[0].id, out)
        return tuple(d.id for d in made)

    first, second, _ = await store.write(unit)
    found = await store.read(lambda tx: tx.alerts.sent("acme", START, at(100)))
    assert [(s.delivery_id, s.state) for s in found] == [(first, State.LIVE), (second, State.REFUSED)]
    assert [s.out_at for s in found] == [START + timedelta(seconds=7), None]
    assert list(await store.read(lambda tx: tx.alerts.sent("other", START, at(100)))) == []


async def test_accounts_that_cannot_be_read_are_counted_with_their_last_reading(store: SqlStore) -> None:
    def unit(tx: Tx) -> None:
        _, made = tx.posts.add(post(), [new(state=State.LIVE), new("b", state=State.LIVE)])
        for delivery in made:
            watch = Watch(
                delivery_id=delivery.id,
                post_id=delivery.post_id,
                brand="acme",
                account=delivery.account,
                platform="demo",
                content_type="text",
                out_at=START,
                look_at=START,
            )
            tx.snapshots.watch(watch)
            tries = 3 if delivery.account == "b" else 2
            tx.snapshots.plan(replace(watch, look_at=at(90), tries=tries))
            reading = Snapshot(
                delivery_id=delivery.id, account=delivery.account, at=at(60), metrics=Metrics(views=1)
            )
            tx.snapshots.put([reading])

    await store.write(unit)
    assert await store.read(lambda tx: tx.alerts.unread("acme", 3)) == {"b": (1, at(60))}
    assert await store.read(lambda tx: tx.alerts.unread("acme", 4)) == {}
    assert await store.read(lambda tx: tx.alerts.unread("other", 1)) == {}
