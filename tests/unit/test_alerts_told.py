"""How news is told: the takeoff with its numbers, once a day, together when it is much, not when muted."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.alert_world import Course, course
from bot.domain.alarms import Alert, AlertRules, Kind
from bot.domain.delivery import State
from bot.domain.message import Button, Message
from bot.domain.platform import Metrics
from bot.domain.post import Part, Post, Variant
from bot.ports import NewDelivery, Tx
from bot.services.alerting.announce import announce
from bot.services.alerting.explain import explain
from bot.services.alerting.health import check_health
from bot.services.alerting.restraint import spike_open
from tests.unit.alert_world import CALM, HOUR, Newsroom, newsroom
from tests.unit.demo_world import BLIND, KEY, LOOK

DAY = timedelta(days=1)


async def with_history(room: Newsroom, account: str = KEY, posts: int = 30) -> None:
    """Earlier posts of the account, each read every hour for three days; nothing of it is news."""
    dice = random.Random(7)
    for n in range(posts):
        ago = timedelta(days=80 - 2 * n)
        post = await room.live(account, ago=ago)
        await room.history(post, counts(course(dice), room.now - ago), account)
    await room.look(account)


def counts(one: Course, since: datetime) -> dict[datetime, Metrics]:
    total, found = 0, dict[datetime, Metrics]()
    for hour, gained in enumerate(one.gains, 1):
        total += gained
        found[since + hour * HOUR] = Metrics(views=total)
    return found


async def takes_off(room: Newsroom, account: str = KEY, *, factor: float = 12.0) -> tuple[int, list[str]]:
    """A post read hourly for 30 hours, the last six of which bring that many times what they should."""
    dice = random.Random(3)
    quiet = course(dice, level=7.0).gains
    post = await room.live(account, ago=30 * HOUR)
    since, total = room.now - 30 * HOUR, 0
    rows = {}
    for hour, gained in enumerate(quiet[:30], 1):
        total += round(gained * (factor if hour > 24 else 1))
        rows[since + hour * HOUR] = Metrics(views=total)
    await room.history(post, rows, account)
    said = await room.look(account)
    return post, [*said, *await room.later(timedelta(minutes=3))]


def find(texts: list[str], words: str) -> list[str]:
    return [text for text in texts if words in text]


async def buttons(room: Newsroom, words: str) -> dict[str, Button]:
    message: Message = next(m for m in reversed(room.world.room.said) if words in m.text)
    return {b.label: b for b in message.buttons}


async def test_a_post_that_takes_off_is_told_with_its_numbers_and_explained(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=replace(CALM, alerts=AlertRules(levels={}))) as room:
        await with_history(room)
        post, said = await takes_off(room)
        (told,) = find(said, "expected pace")
        assert told.startswith("P31 on Demo (own key): ")
        for words in ("x its expected pace over 6 h (", " vs ~", "usual range 0.", "from 29 posts)"):
            assert words in told
        assert await room.svc.store.read(lambda tx: spike_open(tx, post))
        pressed = await buttons(room, "expected pace")
        assert list(pressed) == ["Cross-post", "Mute 7 days", "Why?"]
        (alert,) = await room.svc.store.read(lambda tx: tx.alerts.open("acme", {Kind.SPIKE}))
        why = await explain(room.svc, CALM, alert.id)
        again = next(f.value for f in why.fields if f.name == "Again")
        assert again.endswith("the same as told")
        assert find([told], again.split(" ", 1)[0]), "the number that was told comes out of the rows again"
        room.world.sql("DELETE FROM snapshots WHERE id = (SELECT max(id) FROM snapshots)")
        why = await explain(room.svc, CALM, alert.id)
        assert "cannot be computed: 1 of " in next(f.value for f in why.fields if f.name == "Again")


async def test_it_goes_on_below_half_and_is_over_then(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=replace(CALM, alerts=AlertRules(levels={}))) as room:
        await with_history(room)
        post, said = await takes_off(room)
        assert find(said, "expected pace")
        last = room.world.sql("SELECT max(views) FROM snapshots WHERE id / 4294967296 = ?", post)[0][0]
        await room.read(post, last)
        assert not find(await room.look(after=HOUR), "expected pace"), "it is told already"
        for hour in range(1, 9):
            await room.read(post, last + hour)
            await room.look(after=HOUR)
        assert not await room.svc.store.read(lambda tx: spike_open(tx, post))


async def test_without_history_nothing_is_claimed(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=replace(CALM, alerts=AlertRules(levels={}))) as room:
        _, said = await takes_off(room)
        assert said == []
        assert room.world.sql("SELECT account, stats FROM usuals") == [(KEY, None)]


async def test_accounts_of_one_platform_learn_from_each_other(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=replace(CALM, alerts=AlertRules(levels={}))) as room:
        await with_history(room, LOOK)
        _, said = await takes_off(room, KEY)
        assert said == [], "these two are on different platforms, so they do not"


async def test_the_mute_button_and_the_way_back(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        post = await room.live()
        await room.read(post, 1_500)
        await room.look()
        await room.svc.store.write(lambda tx: announce(room.svc, tx, news(room, Kind.SPIKE, "first")))
        assert find(await room.later(timedelta(minutes=3)), "first")
        mute = (await buttons(room, "first"))["Mute 7 days"]
        words = await room.world.press("bob", mute)
        assert words.startswith("bob muted posts that take off on acme-key until ")
        assert await room.world.press("eve", mute) == "Muting is for alice, bob, carol or dana."
        assert await spike(room, "second", delivery=2) == []
        assert await spike(room, "elsewhere", delivery=3, account=LOOK) == ["elsewhere"]
        listed = await shown(room, "/alerts")
        assert any(f.name == "Muted" and "posts that take off on acme-key" in f.value for f in listed.fields)
        assert any("(muted)" in f.value for f in listed.fields)
        ended = await room.world.say("bob", "/alerts unmute spike --account acme-key")
        assert ended.startswith("You hear of posts that take off on acme-key again.")
        assert "Nothing is muted" in await room.world.say("bob", "/alerts unmute spike --account acme-key")
        await room.later(DAY)
        assert await spike(room, "third", delivery=4) == ["third"]


async def test_more_than_three_a_day_come_together(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        kinds = [Kind.SPIKE, Kind.DROP, Kind.SURGE, Kind.RECOUNTED, Kind.CORRECTED]
        for n, kind in enumerate(kinds):
            await room.svc.store.write(
                lambda tx, n=n, kind=kind: announce(room.svc, tx, news(room, kind, f"news {n}", n))  # type: ignore[misc]
            )
        said = await room.later(timedelta(minutes=3))
        assert len(said) == 3
        assert await room.later(HOUR) == []
        (digest,) = await room.later(DAY)
        assert digest.startswith("2 more since the last ones:\n• A")
        assert sum(f"news {n}" in "".join([*said, digest]) for n in range(5)) == 5
        assert await room.later(DAY) == []


async def test_one_message_for_an_account_and_a_kind_a_day(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        assert await spike(room, "one", delivery=1) == ["one"]
        assert await spike(room, "two", delivery=2) == []
        assert await spike(room, "other account", delivery=3, account=LOOK) == ["other account"]
        (later,) = await room.later(DAY)
        assert "two" in later


async def test_urgent_news_does_not_wait_for_the_morning(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=replace(CALM, quiet="00:00-23:00")) as room:
        assert await spike(room, "not urgent", delivery=1) == []
        await room.svc.store.write(lambda tx: announce(room.svc, tx, news(room, Kind.FAILING, "urgent", 0)))
        assert await room.later(timedelta(minutes=3)) == ["urgent"]
        assert "not urgent" in await room.later(DAY)


async def test_many_accounts_at_once_are_the_platform(tmp_path: Path) -> None:
    """Told once, for none of the accounts; the rows say what it stood for."""
    async with newsroom(tmp_path) as room:
        platform = room.svc.accounts[KEY].platform
        for name in (KEY, LOOK, BLIND):
            object.__setattr__(room.svc.accounts[name], "platform", platform)
            await room.svc.store.write(
                lambda tx, name=name: announce(  # type: ignore[misc]
                    room.svc, tx, news(room, Kind.DROP, f"{name} stops", 0, account=name)
                )
            )
        (said,) = await room.later(timedelta(minutes=3))
        assert said == (
            "Demo (own key): 3 accounts stop at the same time. That is most likely Demo (own key) itself, "
            "not your posts, so I say it once and not for each of them."
        )
        held = room.world.sql("SELECT held FROM alerts WHERE kind = 'drop'")
        assert held == [("part of A4",)] * 3
        assert await room.later(DAY) == []


async def test_an_account_that_fails_is_told_once_and_closed_when_it_is_well(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        for n, state in enumerate([State.REFUSED, State.LIVE, State.REFUSED, State.UNCONFIRMED]):
            await due(room, state, minutes=n)
        await check_health(room.svc)
        (said,) = await room.later(timedelta(seconds=1))
        assert said.startswith("Demo (own key) (acme-key): 3 of 4 posts of the last 24 h did not come out")
        await check_health(room.svc)
        assert await room.later(HOUR) == []
        why = await explain(room.svc, CALM, 1)
        assert "3 of these 4 posts" in next(f.value for f in why.fields if f.name == "Now")
        room.world.clock.advance(DAY)
        await check_health(room.svc)
        assert room.world.sql("SELECT closed_at IS NULL FROM alerts") == [(0,)]


async def test_a_queue_that_nobody_works_on_is_told(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        for n in range(12):
            await due(room, State.SCHEDULED, minutes=20 + n)
        await check_health(room.svc)
        said = [m for m in await room.later(timedelta(seconds=1)) if "are due and not sent" in m]
        assert said
        assert said[0].startswith("12 posts are due and not sent; the oldest was due ")


async def test_numbers_that_stay_away_are_a_fault_not_an_event(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        post = await room.live(ago=10 * HOUR)
        await room.read(post, 50, at=room.now - 5 * HOUR)

        def unit(tx: Tx) -> None:
            watch = tx.snapshots.watched(post)
            assert watch is not None
            tx.snapshots.plan(replace(watch, look_at=room.now + DAY, tries=4))

        await room.svc.store.write(unit)
        await check_health(room.svc)
        (said,) = await room.later(timedelta(minutes=3))
        assert said.startswith("Demo (own key) (acme-key): no numbers since ")
        assert "take nothing of this for a change of your audience" in said


async def test_a_counter_that_was_reset_is_told_and_nothing_is_concluded(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        post = await room.live()
        await room.read(post, 900)
        await room.look(after=HOUR)
        await room.read(post, 30)
        (said,) = await room.look(after=HOUR)
        assert "corrected the views from 900 to 30" in said
        await room.read(post, 20)
        assert await room.look(after=HOUR) == []


async def test_a_platform_that_counts_anew_is_no_milestone(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        posts = [await room.live(ago=timedelta(days=6, hours=n)) for n in range(6)]
        for n, post in enumerate(posts):
            await room.read(post, 300 + 40 * n, at=room.now - timedelta(days=5, hours=20))
            await room.read(post, 300 + 40 * n, at=room.now - DAY)
        await room.look()
        for n, post in enumerate(posts):
            await room.read(post, (300 + 40 * n) * 5)
        (said,) = await room.look(after=HOUR)
        assert "the views of 6 posts that had settled went up together, 5.0x between two readings" in said
        assert room.world.sql("SELECT count(*) FROM milestones WHERE news = 1") == [(0,)]
        assert room.world.sql("SELECT count(*) FROM milestones WHERE news = 0")[0][0] >= 6


async def test_the_best_in_ninety_days_is_told_once(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        for n in range(11):
            post = await room.live(ago=timedelta(days=20 + n))
            await room.read(post, 200 + n)
        await room.look()
        new = await room.live(ago=HOUR)
        await room.read(new, 50, at=room.now - timedelta(minutes=30))
        assert await room.look() == []
        await room.read(new, 700)
        (said,) = await room.look()
        assert "700 views at " in said
        assert "the most of this account in 90 days (before: 210, 11 other posts)." in said
        await room.read(new, 800, at=room.now + HOUR)
        assert await room.look(after=HOUR) == []
        other = await room.live(ago=HOUR)
        await room.read(other, 50, at=room.now - timedelta(minutes=30))
        await room.look()
        await room.read(other, 900)
        assert await room.look() == [], "one record of an account a day"


async def test_zeros_gone_and_unknown_numbers_are_no_news(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await with_history(room, posts=20)
        zero, none, gone = [await room.live(ago=30 * HOUR) for _ in range(3)]
        for hour in range(1, 31):
            at = room.now - (30 - hour) * HOUR
            await room.read(zero, 0, at=at)
            await room.read(none, None, likes=1, at=at)
        await room.read(gone, 10, at=room.now - 20 * HOUR)
        await room.read(gone, None, at=room.now, gone=True)
        assert await room.look() == []


async def test_settings_are_shown_and_wrong_words_answered(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        shown_ = await shown(room, "/alerts settings")
        values = {f.name: f.value for f in shown_.fields}
        assert values["Levels of views"].startswith("1,000, 5,000, 10,000")
        assert values["One by one"] == "3 a day; the rest comes together at 09:00"
        assert "did you mean 'spike'?" in await room.world.say("bob", "/alerts mute spikes")
        assert "1 to 90 days" in await room.world.say("bob", "/alerts mute spike --days 0")
        assert "has no account" in await room.world.say("bob", "/alerts mute all --account nobody")
        assert await room.world.say("eve", "/alerts mute") == "Muting is for alice, bob, carol or dana."
        empty = await shown(room, "/alerts")
        assert empty.text == "Nothing was news so far."


def news(room: Newsroom, kind: Kind, text: str, delivery: int = 1, *, account: str = KEY) -> Alert:
    return Alert(
        key=f"{kind.value}:{text}",
        brand="acme",
        kind=kind,
        text=text,
        opened_at=room.now,
        account=account,
        platform=room.svc.accounts[account].platform.name,
        delivery_id=delivery,
    )


async def spike(room: Newsroom, text: str, *, delivery: int, account: str = KEY) -> list[str]:
    alert = news(room, Kind.SPIKE, text, delivery, account=account)
    await room.svc.store.write(lambda tx: announce(room.svc, tx, alert))
    return await room.later(timedelta(minutes=3))


async def shown(room: Newsroom, line: str) -> Message:
    await room.world.say("bob", line)
    return next(m for m in reversed(room.world.room.said) if m.title.startswith(("Alerts", "What")))


async def due(room: Newsroom, state: State, *, minutes: int) -> int:
    at = room.now - timedelta(minutes=minutes)
    variant = Variant(account=KEY, platform="demo-own-key", parts=(Part(text="x"),))
    post = Post(id=0, brand="acme", author="alice", brief="x", wish="now", version=1, created_at=at)
    row = NewDelivery(variant=variant, fingerprint="f" * 64, state=state, due=at, wake_at=None)
    return (await room.svc.store.write(lambda tx: tx.posts.add(post, [row])))[1][0].id
