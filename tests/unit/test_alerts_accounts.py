"""News of a whole account: many posts at once, told once, computed again; one post alone is no such thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.domain.alarms import AlertRules, Kind
from bot.domain.courses import Reading, Window
from bot.domain.platform import Metrics
from bot.domain.rhythm import hours_of, together
from bot.services.alerting.explain import explain
from bot.testing.clock import START
from tests.unit.alert_world import CALM, HOUR, Newsroom, newsroom

BRAND = replace(CALM, alerts=AlertRules(levels={}))
HOURS = 71


async def account(room: Newsroom, last: float, *, tail: int = 1, posts: int = 5) -> None:
    """Posts on each of twelve days, each read hourly for three, that bring about thirty views an hour; in the
    last hours ``last`` times as many."""
    for day in range(12):
        for post in range(posts):
            ago = HOURS + 24 * day
            delivery = await room.live(ago=ago * HOUR)
            total, rows = 0.0, {}
            for hour in range(1, HOURS + 1):
                total += (30 + (hour * 7 + post) % 5) * (last if ago - hour < tail else 1)
                rows[room.now - (ago - hour) * HOUR] = Metrics(views=round(total))
            await room.history(delivery, rows)


async def test_a_surge_of_all_posts_is_one_message_and_recomputes(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=BRAND) as room:
        await account(room, 12)
        said = [*await room.look(), *await room.later(timedelta(minutes=3))]
        (told,) = said
        assert told.startswith("Demo (own key) (acme-key): ")
        assert " views in the last hour; ~" in told
        (alert,) = await room.svc.store.read(lambda tx: tx.alerts.open("acme", {Kind.SURGE}))
        parts = room.world.sql("SELECT DISTINCT held FROM alerts WHERE kind = 'spike'")
        assert parts == [(f"part of {alert.name}",)], "it is not told of each of them"
        assert (alert.post_id, alert.delivery_id) == (0, 0)
        why = await explain(room.svc, BRAND, alert.id)
        again = next(f.value for f in why.fields if f.name == "Again")
        assert again.endswith("the same as told")


async def test_silence_of_all_posts_is_told_with_the_hours_it_is_usual_for(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=BRAND) as room:
        await account(room, 0.01, tail=7)
        said = [*await room.look(), *await room.later(timedelta(minutes=3))]
        (told,) = said
        assert " views over 6 h, where ~" in told
        assert "so this is not a gap in them" in told


async def test_an_even_account_is_no_news(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=BRAND) as room:
        await account(room, 1)
        assert [*await room.look(), *await room.later(timedelta(minutes=3))] == []


async def test_too_few_posts_are_no_account(tmp_path: Path) -> None:
    async with newsroom(tmp_path, brand=BRAND) as room:
        for _ in range(2):
            delivery = await room.live(ago=HOURS * HOUR)
            rows = {
                room.now - (HOURS - h) * HOUR: Metrics(views=30 * h + 900 * (h == HOURS))
                for h in range(1, HOURS + 1)
            }
            await room.history(delivery, rows)
        assert [*await room.look(), *await room.later(timedelta(minutes=3))] == []


def test_one_post_alone_makes_no_hour_of_an_account() -> None:
    def post(gain: int) -> Window:
        readings = tuple(Reading(at=START + h * HOUR, count=gain * h) for h in range(1, 40))
        return Window(since=START, readings=readings)

    window = together([post(10), post(20), post(5_000)], begin=START)
    assert {round(n) for _, n in hours_of(window)} == {30}
    assert min(at for at, _ in hours_of(window)) == START + 13 * HOUR, (
        "a post's first hours are its own affair"
    )
    assert together([post(10), post(20)], begin=START).readings == ()
    assert together([], begin=START).readings == ()
