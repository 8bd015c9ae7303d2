"""Tips in a running bot: on the card in review, by /suggest, and none from a plugin that breaks."""

from __future__ import annotations

import math
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.api import AccountProfile, Draft, Suggestion
from bot.domain.delivery import State
from bot.domain.message import Message
from bot.domain.outcomes import PAID, Interval
from bot.domain.platform import Metrics
from bot.domain.post import Part, Post, Variant
from bot.domain.snapshot import Snapshot, Watch
from bot.domain.tips import LIMIT, OWN
from bot.ports import NewDelivery, Tx
from bot.services.shown import tips_of
from bot.services.tips import MOST, draft_of
from plugins.content_tips.adviser import ContentTips
from tests.unit.demo_world import KEY, LOOK, World, open_world

Suggest = Callable[[Draft, AccountProfile], list[Suggestion]]


class Adviser:
    """Says whatever a test wants."""

    name, title = "adviser", "Adviser"

    def __init__(self, suggest: Suggest) -> None:
        self.answer = suggest
        self.asked = 0

    def suggest(self, draft: Draft, profile: AccountProfile, *, now: datetime) -> list[Suggestion]:
        self.asked += 1
        return self.answer(draft, profile)


@asynccontextmanager
async def advised_world(folder: Path, adviser: object) -> AsyncIterator[World]:
    async with open_world(folder) as world:
        world.app.services.registry.optimizers["adviser"] = adviser  # type: ignore[assignment]
        yield world


def tip(draft: Draft, text: str, kind: str = LIMIT, code: str = "fold", **more: object) -> Suggestion:
    told: dict[str, object] = {"kind": kind, "code": code, "text": text, "account": draft.account}
    return Suggestion(**(told | more))  # type: ignore[arg-type]


async def history(world: World, posts: int, effect: float, *, flag: str = "") -> None:
    """Posts of `KEY` that are live and were read; those with a question brought more by ``effect``."""
    dice, now = random.Random(4), world.clock.now()

    def unit(tx: Tx) -> None:
        for n in range(posts):
            asks = n % 3 == 0
            text = "Did you see it?" if asks else "It is there."
            variant = Variant(account=KEY, platform="demo-own-key", parts=(Part(text=text),))
            told = Post(id=0, brand="acme", author="alice", brief=text, wish="now", version=1, created_at=now)
            new = NewDelivery(variant=variant, fingerprint="f", state=State.LIVE, due=now, wake_at=None)
            post, (row,) = tx.posts.add(told, [new])
            out_at = now - timedelta(days=5 + posts - n)
            watch = Watch(
                delivery_id=row.id,
                post_id=post.id,
                brand="acme",
                account=KEY,
                platform=row.platform,
                content_type="text",
                out_at=out_at,
                look_at=None,
                ended="closed",
            )
            assert tx.snapshots.watch(watch)
            likes = round(math.exp(4 + effect * asks + dice.gauss(0, 0.4)))
            read = Snapshot(delivery_id=row.id, account=KEY, at=now, metrics=Metrics(likes=likes))
            tx.snapshots.put([read])
            if flag:
                tx.snapshots.flag(post.id, flag)

    await world.app.services.store.write(unit)


async def suggested(world: World, line: str = "/suggest") -> Message:
    await world.say("eve", line)
    return next(m for m in reversed(world.room.said) if m.title.startswith("Tips for"))


def lines(message: Message, name: str = "Tip") -> list[str]:
    return [f.value for f in message.fields if f.name == name]


async def test_the_card_in_review_has_tips_and_loses_them_once_approved(tmp_path: Path) -> None:
    adviser = Adviser(lambda draft, _: [tip(draft, f"“{draft.text}” is short.")])
    async with advised_world(tmp_path, adviser) as world:
        await world.say("alice", f"/post Hello --to {KEY},{LOOK}")
        assert lines(await world.card()) == ["Demo (own key) · Demo (lookup): “Hello” is short."]
        await world.say("alice", "/edit latest 'Hello there'")
        assert "“Hello there” is short" in lines(await world.card())[0]
        asked = adviser.asked
        await world.say("bob", "/approve latest")
        assert lines(await world.card()) == []
        await world.wait(timedelta(hours=1))
        assert adviser.asked == asked, "painting a card asks nobody"


async def test_own_patterns_come_from_what_the_account_posted(tmp_path: Path) -> None:
    async with advised_world(tmp_path, ContentTips()) as world:
        await history(world, 90, effect=0.8)
        await world.say("alice", f"/post 'We are there.' --to {KEY}")
        post = await world.app.services.store.read(lambda tx: tx.posts.latest("acme"))
        assert post is not None
        (told,) = lines(await world.card(post.id))
        assert told.startswith("Of your last 90 posts, the 30 with a question: +")
        assert told.endswith("against the others — Ask something.")
        kept = await world.app.services.store.read(lambda tx: tips_of(tx, post.id, 1))
        (own,) = [t for t in kept if t.kind == OWN]
        assert own.evidence is not None
        assert 0.4 < own.evidence.lo < math.expm1(0.8) < own.evidence.hi * 1.2
        message = await suggested(world)
        assert told in lines(message, KEY)
        assert "need not be the cause" in message.footer
        await world.say("alice", f"/post 'Are we there?' --to {KEY}")
        assert lines(await world.card(post.id + 1)) == []


async def test_paid_posts_teach_nothing(tmp_path: Path) -> None:
    async with advised_world(tmp_path, ContentTips()) as world:
        await history(world, 90, effect=0.8, flag=PAID)
        await world.say("alice", f"/post 'We are there.' --to {KEY}")
        assert "no post of this account has numbers" in lines(await suggested(world), KEY)[-1]


async def test_few_posts_are_said_to_be_few(tmp_path: Path) -> None:
    async with advised_world(tmp_path, ContentTips()) as world:
        await history(world, 12, effect=0.8)
        await world.say("alice", f"/post 'We are there.' --to {KEY}")
        (told,) = lines(await suggested(world), KEY)
        assert told == "Nothing of its own to go by yet: 12 posts with numbers, and it takes 20."


async def test_what_is_general_is_told_only_when_asked_for(tmp_path: Path) -> None:
    async with advised_world(tmp_path, ContentTips()) as world:
        text = "Why is the city so quiet? It is the river and the people in it that are not."
        await world.say("alice", f'/post "{text}" --to {KEY},{LOOK}')
        message = await suggested(world)
        assert not [line for line in lines(message, KEY) if "general" in line]
        assert message.footer.startswith("--more adds")
        message = await suggested(world, f"/suggest latest --for {KEY} --more")
        assert {f.name for f in message.fields} == {KEY}
        assert [line for line in lines(message, KEY) if "general: one publisher's headlines" in line]
        assert "54 of 100" in message.footer


def broken(draft: Draft, _: AccountProfile) -> list[Suggestion]:
    raise ZeroDivisionError


def not_a_number(draft: Draft, _: AccountProfile) -> list[Suggestion]:
    return [tip(draft, "Sure.", kind=OWN, evidence=Interval(math.nan, 0.1, 0.2))]


def somebody_elses(draft: Draft, _: AccountProfile) -> list[Suggestion]:
    return [tip(draft, "Sure.", account="rival-x")]


def no_words(draft: Draft, _: AccountProfile) -> list[Suggestion]:
    return [tip(draft, "  ")]


def no_kind(draft: Draft, _: AccountProfile) -> list[Suggestion]:
    return [tip(draft, "Sure.", kind="score 87/100")]


def far_too_many(draft: Draft, _: AccountProfile) -> list[Suggestion]:
    return [tip(draft, "Sure.")] * (MOST + 1)


def no_list(draft: Draft, _: AccountProfile) -> list[Suggestion]:
    return None  # type: ignore[return-value]


@pytest.mark.parametrize(
    "answer", [broken, not_a_number, somebody_elses, no_words, no_kind, far_too_many, no_list]
)
async def test_what_makes_no_sense_is_not_shown_and_holds_nothing_up(tmp_path: Path, answer: Suggest) -> None:
    async with advised_world(tmp_path, Adviser(answer)) as world:
        assert "waits for approval" in await world.say("alice", f"/post Hello --to {KEY}")
        assert lines(await world.card()) == []
        told = lines(await suggested(world), KEY)
        assert told == ["— the plugin that has tips could not look at this."]
        assert "plugin_broke" in world.log.getvalue()
        await world.say("bob", "/approve latest")
        assert (await world.row()).state is State.SCHEDULED


async def test_nobody_with_tips_is_said(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say("alice", f"/post Hello --to {KEY}")
        assert "No plugin here has tips" in await world.say("eve", "/suggest")


async def test_wrong_names_are_answered_with_the_right_ones(tmp_path: Path) -> None:
    async with advised_world(tmp_path, ContentTips()) as world:
        assert "no post yet" in await world.say("eve", "/suggest")
        await world.say("alice", f"/post Hello --to {KEY}")
        assert f"it goes to {KEY}" in await world.say("eve", "/suggest latest --for acme-tt")
        assert "There is no P9" in await world.say("eve", "/suggest P9")


async def test_a_card_is_painted_again_only_where_tips_say_something(tmp_path: Path) -> None:
    async with advised_world(tmp_path, Adviser(lambda draft, _: [])) as world:
        await world.say("alice", f"/post Hello --to {KEY}")
        assert world.sql("SELECT count(*) FROM meta WHERE key LIKE 'tips:%'") == [(0,)]


async def test_a_draft_is_what_its_platform_will_show(tmp_path: Path) -> None:
    async with advised_world(tmp_path, ContentTips()) as world:
        await world.say("alice", f"/post 'Hello there' --to {KEY}")
        made = await draft_of(world.app.services, await world.row())
        assert (made.account, made.title, made.text, made.content_type) == (
            KEY,
            "Demo (own key)",
            "Hello there",
            "text",
        )
