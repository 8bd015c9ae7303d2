"""Numbers on the card of a live post: true to the instant, quiet, and gone when the post is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.chat.console import render
from bot.domain.message import Message
from bot.domain.platform import Metrics
from bot.domain.snapshot import Snapshot, Watch
from bot.ports import Tx
from bot.services.showing.explain import explain
from bot.services.shown import numbers_of
from tests.integration.measuring_world import DAY, HOUR, MINUTE, Six, six
from tests.unit.demo_world import BRAND

POST = '/post "Count me, everybody" --to acme-x,acme-li --at now'


def row(card: Message, name: str) -> str:
    return next((f.value for f in card.fields if f.name == name), "")


def seen(world: Six, views: int) -> None:
    """What both platforms count from now on."""
    (x,) = world.at["twitter"].posts
    x.metrics = {"impression_count": views, "like_count": 22, "reply_count": 0, "retweet_count": 3}
    world.at["linkedin"].posts[0].counts = {"impressionCount": views // 6, "likeCount": 22}


async def out(world: Six) -> None:
    await world.publish(POST)
    for _ in range(5):
        await world.wait(MINUTE)


async def earlier(world: Six, count: int) -> None:
    """Posts of the account on X that had 3,000 to 6,000 views at each age from an hour on."""

    def unit(tx: Tx) -> None:
        mine = tx.snapshots.watched(1)
        assert mine is not None
        for n in range(count):
            id_, out_at = 1000 + n, mine.out_at - (n + 3) * DAY
            old = Watch(
                delivery_id=id_,
                post_id=1000 + n,
                brand="acme",
                account="acme-x",
                platform=mine.platform,
                content_type=mine.content_type,
                out_at=out_at,
                look_at=None,
                ended="closed",
            )
            assert tx.snapshots.watch(old)
            views = Metrics(views=3000 + 3000 * n // max(1, count - 1))
            tx.snapshots.put(
                [
                    Snapshot(delivery_id=id_, account="acme-x", at=out_at + age, metrics=views)
                    for age in (HOUR, 60 * HOUR)
                ]
            )

    await world.app.services.store.write(unit)


async def test_a_live_card_tells_what_it_has_brought_beside_what_is_usual(tmp_path: Path) -> None:
    async with six(tmp_path) as world:
        await out(world)
        assert row(await world.card(), "Numbers") == ""
        await earlier(world, 12)
        seen(world, 12_400)
        await world.look(2 * HOUR)
        card = await world.card()
        at = world.clock.now()
        assert row(card, "Numbers").startswith("X 12.4 k views (usual 3.3–5.7 k) · LinkedIn 2.1 k — as of ")
        assert f"{at:%H:%M}" in row(card, "Numbers")
        assert card.status == "LIVE · day 1"
        assert [b.label for b in card.buttons][-2:] == ["Why?", "♻ Keep for later"]


@pytest.mark.parametrize(("others", "told"), [(6, " (usual 3.3–5.7 k, 6 posts)"), (4, "")])
async def test_few_others_are_counted_and_too_few_are_no_band(tmp_path: Path, others: int, told: str) -> None:
    async with six(tmp_path) as world:
        await out(world)
        await earlier(world, others)
        seen(world, 12_400)
        await world.look(2 * HOUR)
        assert row(await world.card(), "Numbers").startswith(f"X 12.4 k views{told} · ")


async def test_a_card_is_printed_again_only_now_and_then(tmp_path: Path) -> None:
    """Nothing printed can be changed, so most looks leave the card alone; what stands there stays true."""
    async with six(tmp_path) as world:
        await out(world)
        edits = 0
        shown = row(await world.card(), "Numbers")
        for hour in range(3, 30, 3):
            seen(world, 400 + 13 * hour)
            await world.look(3 * HOUR)
            now = row(await world.card(), "Numbers")
            edits, shown = edits + (now != shown), now
        assert edits == 2, "after an hour, and after a day"
        kept = await world.app.services.store.read(lambda tx: numbers_of(tx, 1))
        assert kept is not None
        assert kept.at == kept.shown_at
        assert f"{kept.shown_at:%H:%M}" in shown, "the instant is that of the numbers, not of the last look"


async def test_the_same_numbers_paint_nothing(tmp_path: Path) -> None:
    async with six(tmp_path) as world:
        await out(world)
        seen(world, 500)
        await world.look(2 * HOUR)
        (before,) = await world.app.services.store.read(lambda tx: tx.cards.of_post(1))
        await world.look(25 * HOUR)
        (after,) = await world.app.services.store.read(lambda tx: tx.cards.of_post(1))
        assert before.wanted == after.wanted


async def test_what_is_not_there_any_more_is_gone_at_once(tmp_path: Path) -> None:
    async with six(tmp_path) as world:
        await out(world)
        seen(world, 900)
        await world.look(2 * HOUR)
        world.at["twitter"].posts.clear()
        await world.look(HOUR)
        await world.look(10 * MINUTE)
        assert row(await world.card(), "Numbers").startswith("X gone (had 900 views) · LinkedIn 150 views")


async def test_what_was_taken_down_is_not_counted_any_more(tmp_path: Path) -> None:
    async with six(tmp_path) as world:
        await out(world)
        seen(world, 900)
        await world.look(2 * HOUR)
        await world.press("dana", await world.button("Take down (X)"))
        assert row(await world.card(), "Numbers").startswith("LinkedIn 150 views — as of")


async def test_why_tells_it_again_from_the_rows(tmp_path: Path) -> None:
    async with six(tmp_path) as world:
        await out(world)
        await earlier(world, 12)
        seen(world, 12_400)
        await world.look(2 * HOUR)
        world.clock.advance(12 * MINUTE)
        world.room.whispered.clear()
        await world.press("eve", await world.button("Why?"))
        assert [who for who, _ in world.room.whispered] == ["eve"]
        message = await explain(world.app.services, BRAND, 1)
        assert message.title == "The numbers of P1"
        assert row(message, "X").startswith("12.4 k views, 22 likes, 0 comments, 3 shares")
        assert row(message, "X").endswith("12 min old)")
        assert row(message, "X, usual").startswith("3.3–5.7 k views: four of five of 12 posts of acme-x")
        assert row(message, "LinkedIn, usual").startswith("— (fewer than 5 other posts of acme-li")


async def test_a_milestone_stands_below_the_card(tmp_path: Path) -> None:
    async with six(tmp_path) as world:
        await out(world)
        seen(world, 900)
        await world.look(HOUR)
        seen(world, 1200)
        await world.look(30 * MINUTE)
        await world.look(30 * MINUTE)
        assert "milestone: 1,000 views on X" in (await world.card()).footer


async def test_the_card_fits_a_console(tmp_path: Path) -> None:
    async with six(tmp_path) as world:
        await out(world)
        seen(world, 12_400)
        await world.look(2 * HOUR)
        assert "Numbers    X 12.4 k views · LinkedIn 2.1 k — as of" in render(await world.card(), width=100)
