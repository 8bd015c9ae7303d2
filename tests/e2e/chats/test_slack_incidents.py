"""The public incidents T13 and T16 to T22, on Slack, with the whole bot: each may never happen here."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.approval import Choice
from bot.domain.delivery import State
from bot.domain.message import Action, Press, Target
from bot.domain.people import Policy
from tests.e2e.chats.bots import ACME, KEY, Running, platforms, running, until
from tests.e2e.chats.desks import CHANNEL, IDS, SlackDesk, slack_desk
from tests.e2e.chats.test_scenario import REFUSAL

LATER = '--at "fri 17:30"'
TWO = replace(ACME, policy=Policy(needed=2))

Start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
async def desk() -> AsyncIterator[SlackDesk]:
    async with slack_desk() as made:
        yield made


@pytest.fixture
async def start(desk: SlackDesk, tmp_path: Path) -> AsyncIterator[Start]:
    async with platforms() as sims:

        def begin(brand: object = ACME) -> AbstractAsyncContextManager[Running]:
            return running(
                tmp_path,
                sims=sims,
                channels=[desk.address],
                tables=desk.table(),
                people=desk.people(),
                brand=brand,  # type: ignore[arg-type]  # a Brand
            )

        yield begin


async def votes(bot: Running) -> set[tuple[str, Choice]]:
    found = await bot.app.services.store.read(lambda tx: tx.votes.of_post(1))
    return {(v.member, v.choice) for v in found}


async def voted(bot: Running, wanted: set[tuple[str, Choice]]) -> None:
    seen: set[tuple[str, Choice]] = set()

    async def look() -> bool:
        nonlocal seen
        seen = await votes(bot)
        return seen == wanted

    for _ in range(1_000):
        if await look():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"votes are {seen}, not {wanted}")


async def shown(desk: SlackDesk, words: str, post: int = 1) -> None:
    await until(lambda: words in desk.card(post), f"{words} on P{post}")


async def test_t13_a_failure_is_one_notice(desk: SlackDesk, start: Start) -> None:
    async with start() as bot:
        await desk.ready()
        bot.sims[KEY].fail("POST /posts", REFUSAL, times=0)
        await desk.say("alice", 'post "Not in their tone" --at now')
        await shown(desk, "IN REVIEW")
        await desk.press("bob", "Approve")
        await shown(desk, "REFUSED")
        await until(lambda: desk.thread().count("refused P1") == 1, "the reason in the thread")
        await desk.press("bob", "Try again")
        await until(lambda: bot.sims[KEY].count("POST /posts") == 2, "the second try")
        await shown(desk, "REFUSED")
        cards = [m for m in desk.workspace.messages(CHANNEL) if "P1 ·" in desk.workspace.words(m)]
        assert len(cards) == 1


async def test_t16_the_first_click_after_a_restart_counts(desk: SlackDesk, start: Start) -> None:
    async with start():
        await desk.ready()
        await desk.say("alice", f'post "Hello" {LATER}')
        await shown(desk, "IN REVIEW")
    desk.workspace.sockets.connected.clear()
    async with start():
        await desk.ready()
        assert "is approved" in await desk.press("bob", "Approve")
        await shown(desk, "SCHEDULED")


async def test_t17_a_double_click_and_two_approvers_at_once(desk: SlackDesk, start: Start) -> None:
    async with start() as bot:
        await desk.ready()
        await desk.say("alice", 'post "Hello" --at now')
        await shown(desk, "IN REVIEW")
        card = desk._message(1)
        presses = [
            desk.workspace.press(IDS[who], CHANNEL, card["ts"], "Approve", seen=card)
            for who in ("bob", "bob", "carol", "carol", "dana")
        ]
        await asyncio.gather(*presses)
        await shown(desk, "LIVE")
        assert bot.creates() == 1
        everyone = ("bob", "carol", "dana")
        await until(lambda: sum(len(desk.workspace.ephemerals(IDS[w])) for w in everyone) == 5, "answers")
        said = " ".join(desk.heard(who) for who in everyone)
        assert said.count("is approved and goes out now") == 1
        assert said.count("already") == 4


async def test_t18_another_team_or_none_at_all_changes_nothing(desk: SlackDesk, start: Start) -> None:
    """Slack Connect names another team, an Enterprise Grid none."""
    workspace = desk.workspace
    workspace.state.people[IDS["bob"]] = replace(workspace.state.people[IDS["bob"]], team="T0ELSEWHERE")
    async with start(TWO):
        await desk.ready()
        await desk.say("alice", f'post "Hello" {LATER}')
        await shown(desk, "IN REVIEW")
        assert "1 of 2" in await desk.press("bob", "Approve")
        workspace.state.grid, workspace.state.org_install = "E0GRID", True
        assert "is approved" in await desk.press("carol", "Approve")
        await shown(desk, "SCHEDULED")


async def test_t19_a_stale_card_is_repainted_also_when_the_first_try_fails(
    desk: SlackDesk, start: Start
) -> None:
    async with start() as bot:
        await desk.ready()
        await desk.say("alice", f'post "Hello" {LATER}')
        await shown(desk, "IN REVIEW")
        stale = desk._message(1)
        desk.workspace.go_wrong("chat.update", "internal_error", times=2)
        await bot.app.dispatch.handle(await pressed_elsewhere(bot))
        await shown(desk, "SCHEDULED")
        assert "Approve" not in desk.buttons()
        # somebody whose screen still shows the old one is told, and nothing happens
        await desk.workspace.press(IDS["carol"], CHANNEL, stale["ts"], "Approve", seen=stale)
        await until(lambda: "already" in desk.heard("carol"), "the answer to a late click")
        assert len(await votes(bot)) == 1


async def pressed_elsewhere(bot: Running) -> Press:
    action = Action(verb="approve", kind="post", id=1, version=1)
    target = Target(chat="slack", channel=CHANNEL)
    return Press(action=action, user=IDS["bob"], ref="", target=target, key="elsewhere")


async def test_t20_everything_four_times_is_once(desk: SlackDesk, start: Start) -> None:
    async with start(TWO) as bot:
        await desk.ready()
        desk.workspace.post.times = 4
        await desk.say("alice", 'post "Hello" --at now')
        await shown(desk, "IN REVIEW")
        await desk.press("bob", "Approve")
        await desk.react("carol", "✅")
        await shown(desk, "LIVE")
        assert bot.creates() == 1
        assert await votes(bot) == {("bob", Choice.YES), ("carol", Choice.YES)}
        assert desk.heard("alice").count("waits for approval") == 1
        assert desk.heard("bob").count("1 of 2") == 1
        assert len(desk.workspace.messages(CHANNEL)) == 1


async def test_t21_text_at_the_limits_keeps_its_buttons(desk: SlackDesk, start: Start) -> None:
    async with start():
        await desk.ready()
        for number, length in enumerate((480, 500), 1):
            await desk.say("alice", f'post "{"*_`~|<!channel> " * 100}"'[:length] + f'" {LATER}')
            await shown(desk, f"P{number}", number)
            assert {"Approve", "Request changes", "Reject"} <= set(desk.buttons(number))
        assert not [m for m in desk.workspace.messages(CHANNEL) if "<!channel>" in str(m)]


async def test_t22_only_ones_own_withdrawal_counts_and_tones_do_not_matter(
    desk: SlackDesk, start: Start
) -> None:
    async with start(TWO) as bot:
        await desk.ready()
        await desk.say("alice", f'post "Hello" {LATER}')
        await shown(desk, "IN REVIEW")
        ts = desk._message(1)["ts"]
        await desk.workspace.react(IDS["bob"], CHANNEL, ts, "white_check_mark")
        await voted(bot, {("bob", Choice.YES)})
        # a stranger puts the same one and takes it away again
        await desk.workspace.react(IDS["mallory"], CHANNEL, ts, "white_check_mark")
        await until(lambda: "for bob, carol or dana" in desk.heard("mallory"), "who may")
        await desk.workspace.unreact(IDS["mallory"], CHANNEL, ts, "white_check_mark")
        assert await votes(bot) == {("bob", Choice.YES)}
        # his own withdrawal counts; with a tone it is the same sign
        await desk.workspace.unreact(IDS["bob"], CHANNEL, ts, "white_check_mark")
        await voted(bot, set())
        await desk.workspace.react(IDS["carol"], CHANNEL, ts, "x")
        await shown(desk, "CANCELLED")
        assert (await bot.deliveries())[KEY].state is State.CANCELLED


@pytest.mark.parametrize("seed", range(3))
async def test_reordered_and_dropped_events_end_as_they_would_in_order(
    desk: SlackDesk, start: Start, seed: int
) -> None:
    chance = random.Random(seed)
    async with start(replace(ACME, policy=Policy(needed=3))) as bot:
        await desk.ready()
        await desk.say("alice", f'post "Hello" {LATER}')
        await shown(desk, "IN REVIEW")
        workspace, ts = desk.workspace, desk._message(1)["ts"]
        workspace.post.times = 4
        workspace.post.hold()
        standing: set[str] = set()
        for _ in range(12):
            who = chance.choice(("bob", "carol", "mallory"))
            if who in standing:
                await workspace.unreact(IDS[who], CHANNEL, ts, "white_check_mark")
            else:
                await workspace.react(IDS[who], CHANNEL, ts, "white_check_mark")
            standing ^= {who}
        await workspace.post.release(lambda held: chance.sample(held, len(held) // 2))
        # what was dropped is found when the connection has been away
        workspace.cut()
        workspace.sockets.connected.clear()
        workspace.mend()
        await desk.ready()
        await voted(bot, {(who, Choice.YES) for who in standing - {"mallory"}})


async def test_a_connection_cut_for_a_minute_loses_nothing(desk: SlackDesk, start: Start) -> None:
    async with start() as bot:
        await desk.ready()
        await desk.say("alice", f'post "Hello" {LATER}')
        await shown(desk, "IN REVIEW")
        workspace, ts = desk.workspace, desk._message(1)["ts"]
        workspace.sockets.connected.clear()
        workspace.cut(everything=True)
        began = bot.app.services.clock.monotonic()
        await workspace.react(IDS["bob"], CHANNEL, ts, "white_check_mark")
        await until(lambda: bot.app.services.clock.monotonic() - began > 60, "a minute to pass")
        workspace.mend()
        await desk.ready()
        await shown(desk, "SCHEDULED")
        assert len(workspace.messages(CHANNEL)) == 1
        assert "is approved" in await desk.press("carol", "Hold") or "on hold" in desk.heard("carol")
