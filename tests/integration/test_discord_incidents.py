"""The public incidents T13 and T16 to T22, on Discord, with the whole bot: each may never happen here."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import pytest

from bot.domain.approval import Choice
from bot.domain.delivery import State
from bot.domain.message import Action, Press
from bot.testing.chats.discord import Guild
from tests.integration.discord_bot import Team, staffed, teamed
from tests.integration.discord_world import ALICE, BOB, CAROL, GUILD_ROOM, MALLORY, ROOM, soon


async def test_t13_a_failure_is_one_notice(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path) as team:
        ref = await team.post("This is not going to be taken")
        simulator = team.app.simulators["twitter"]
        simulator.fail("POST /2/tweets", _refusal(), times=0)  # type: ignore[attr-defined]  # a Simulator
        await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        await team.card("REFUSED")
        await soon(lambda: any("refused" in line.lower() for line in team.under(ref)), 25.0)
        await asyncio.sleep(0.5)
        lines = [line for line in team.under(ref) if "refused" in line.lower()]
        assert len(lines) == 1
        assert len(team.cards()) == 1


def _refusal() -> object:
    from bot.testing.simulator import Failure

    body = {"title": "Forbidden", "detail": "You are not permitted to perform this action.", "status": 403}
    return Failure(status=403, body=body)


async def test_t16_the_first_click_after_a_restart_counts(tmp_path: Path) -> None:
    async with staffed() as guild:
        async with teamed(guild, tmp_path) as team:
            ref = await team.post(at="in 3d")
        async with teamed(guild, tmp_path) as team:
            done = await guild.press(BOB, GUILD_ROOM, ref, "Approve")
            assert done.answer == 6
            await team.card("SCHEDULED")
            assert len(team.cards()) == 1


async def test_t17_a_hundred_decisions_at_once_have_one_winner(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path) as team:
        ref = await team.post(at="in 3d")
        people = (BOB, CAROL)
        work = [guild.press(people[n % 2], GUILD_ROOM, ref, "Approve") for n in range(80)]
        work += [guild.react(people[n % 2], GUILD_ROOM, ref, "✅") for n in range(20)]  # type: ignore[misc]
        done = await asyncio.gather(*work)
        presses = [one for one in done if one is not None]
        assert all(one.answer == 6 for one in presses)
        await team.card("SCHEDULED")
        await soon(lambda: all(one.told for one in presses), 30.0)
        states = {one.state for one in await team.deliveries()}
        assert states == {State.SCHEDULED}
        rows = await team.app.services.store.read(lambda tx: tx.audit.of_post(1))
        assert [row.what for row in rows] == ["drafted", "yes"]


async def test_t18_only_our_own_number_says_what_is_meant(tmp_path: Path) -> None:
    """The card was moved: the channel that the press names is not one of the brand's."""
    async with staffed() as guild, teamed(guild, tmp_path) as team:
        ref = await team.post(at="in 3d")
        elsewhere = "1187026123847000001"
        guild.add_channel(elsewhere, "forwarded")
        guild.world.messages[ref].channel = elsewhere
        await guild.press(BOB, elsewhere, ref, "Approve")
        await team.told(BOB, "approved")
        assert {one.state for one in await team.deliveries()} == {State.SCHEDULED}


async def test_t19_a_card_is_repainted_within_two_seconds_also_after_a_failed_try(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path) as team:
        ref = await team.post(at="in 3d")
        guild.fail("PATCH /channels/{channel}/messages/{message}", "unavailable")
        await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        loop = asyncio.get_running_loop()
        began = loop.time()
        await team.card("SCHEDULED")
        assert loop.time() - began < 5.0
        assert "Approve" not in guild.buttons(team.cards()[0])
        began = loop.time()
        await guild.command(BOB, GUILD_ROOM, "clarion withdraw", {"post": "P1"})
        await team.card("IN REVIEW")
        assert loop.time() - began < 2.0


async def test_t20_everything_four_times_is_once(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path, needed=2) as team:
        guild.gateway.repeat = 4
        ref = await team.post(at="in 3d")
        await guild.press(BOB, GUILD_ROOM, ref, "Approve")
        await guild.react(CAROL, GUILD_ROOM, ref, "✅")
        await team.card("SCHEDULED")
        assert len(team.cards()) == 1
        assert len({(vote.member, vote.choice) for vote in await team.votes()}) == 2
        assert len([line for line in team.heard(ALICE) if "waits for approval" in line]) == 1
        assert len([line for line in team.heard(BOB) if line]) >= 1


async def test_t21_a_post_of_any_length_keeps_its_buttons(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path) as team:
        ref = await team.post("*_`~|<@1>@everyone " * 140, to="acme-li")
        shown = guild.message(GUILD_ROOM, ref)
        assert {"Approve", "Request changes", "Reject"} <= set(guild.buttons(shown))
        assert not shown["mentions"]
        assert not shown["mention_everyone"]


async def test_t22_only_ones_own_withdrawal_counts_and_tones_do_not_matter(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path, needed=2) as team:
        ref = await team.post(at="in 3d")
        await guild.react(BOB, GUILD_ROOM, ref, "✅")
        await _votes(guild, team, {"bob"})
        await guild.react(MALLORY, GUILD_ROOM, ref, "✅")
        await guild.unreact(MALLORY, GUILD_ROOM, ref, "✅")
        await guild.react(CAROL, GUILD_ROOM, ref, "❌️")
        await _votes(guild, team, {"bob", "carol"})
        votes = await team.votes()
        assert {(v.member, v.choice) for v in votes} == {("bob", Choice.YES), ("carol", Choice.NO)}


async def _votes(guild: Guild, team: Team, members: set[str]) -> None:
    async with asyncio.timeout(25):
        while {v.member for v in await team.votes()} != members:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_reaction_taken_back_takes_the_vote_back(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path, needed=2) as team:
        ref = await team.post(at="in 3d")
        await guild.react(BOB, GUILD_ROOM, ref, "✅")
        await _votes(guild, team, {"bob"})
        await guild.unreact(BOB, GUILD_ROOM, ref, "✅")
        await _votes(guild, team, set())
        await team.told(BOB, "withdrawn")


async def test_what_was_missed_is_read_again_after_a_reconnection(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path, needed=2) as team:
        ref = await team.post(at="in 3d")
        guild.gateway.drops["MESSAGE_REACTION_ADD"] = 2
        await guild.react(BOB, GUILD_ROOM, ref, "✅")
        await guild.react(CAROL, GUILD_ROOM, ref, "✅")
        await guild.gateway.invalidate()
        await team.card("SCHEDULED")


@pytest.mark.parametrize("seed", range(2))
async def test_reordered_repeated_and_dropped_events_end_as_they_would_in_order(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    async with staffed() as guild, teamed(guild, tmp_path, needed=2) as team:
        ref = await team.post(at="in 3d")
        guild.gateway.hold()
        standing: set[str] = set()
        for _ in range(13):
            who = chance.choice((BOB, MALLORY))
            change = guild.unreact if who in standing else guild.react
            await change(who, GUILD_ROOM, ref, "✅")
            standing ^= {who}
        guild.gateway.repeat = 4
        await guild.gateway.release(lambda held: chance.sample(held, len(held) // 2))
        guild.gateway.repeat = 1
        await guild.gateway.invalidate()  # what was dropped is found when the connection has been away
        await guild.connected()
        await _votes(guild, team, {"bob"} if BOB in standing else set())
        await guild.react(CAROL, GUILD_ROOM, ref, "✅")
        await team.card("SCHEDULED" if BOB in standing else "IN REVIEW")


async def test_a_member_without_the_role_hears_it_alone(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path) as team:
        ref = await team.post(at="in 3d")
        await guild.press(MALLORY, GUILD_ROOM, ref, "Approve")
        await soon(lambda: bool(team.heard(MALLORY)), 25.0)
        guild.close_dms(MALLORY)
        await guild.react(MALLORY, GUILD_ROOM, ref, "✅")
        await soon(lambda: len(team.under(ref)) >= 2, 25.0)
        assert not any("mallory" in line.lower() or MALLORY in line for line in team.under(ref))
        assert {one.state for one in await team.deliveries()} == {State.IN_REVIEW}


async def test_the_button_of_a_deleted_post_says_so(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path) as team:
        await team.post(at="in 3d")
        stale = guild.message(GUILD_ROOM, team.cards()[0]["id"])
        seen = json.loads(json.dumps(stale).replace(":post:1:", ":post:77:"))
        await guild.press(BOB, GUILD_ROOM, stale["id"], "Approve", seen=seen)
        await soon(lambda: bool(team.heard(BOB)), 25.0)
        assert any("not here" in line or "no longer" in line or "P77" in line for line in team.heard(BOB))


async def test_thrown_out_and_let_in_again_everything_is_said(tmp_path: Path) -> None:
    async with staffed() as guild, teamed(guild, tmp_path) as team:
        ref = await team.post(at="in 3d")
        await guild.kick(GUILD_ROOM)
        await team.app.dispatch.handle(_press(ref))
        await soon(lambda: any(rest.shut for rest in team.app.services.resting.values()), 25.0)
        await guild.invite(GUILD_ROOM)
        await guild.gateway.reconnect()
        await team.card("SCHEDULED")
        assert len(team.cards()) == 1


def _press(ref: str) -> Press:
    action = Action(verb="approve", kind="post", id=1, version=1)
    return Press(action=action, user=BOB, ref=ref, target=ROOM, key="123456")
