"""A proposal where teams live: below the card of its source, and repainted in every chat as it is decided."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.evidence import Evidence
from bot.domain.message import Target
from bot.domain.proposal import CROSSPOST, SLOT, Proposal, Standing
from bot.ports import Tx
from bot.services.proposing.crossposts import propose_crossposts
from bot.services.proposing.propose import propose
from plugins.cross_post import CrossPost
from tests.unit.proposing_world import live, read
from tests.unit.team_world import HERE, THERE, Said, Team, open_team

SOURCE, TARGET = "acme-lookup", "acme-key"


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with open_team(tmp_path) as made:
        made.svc.registry.optimizers["cross_post"] = CrossPost()
        yield made


async def winner(team: Team) -> None:
    """P1 came out, and a day later it has six times what fourteen earlier posts have."""
    await team.say("alice", f'/post "Why our card has three previews." --to {SOURCE} --at now')
    await team.press("bob", "Approve")
    (delivery,) = await team.svc.store.read(lambda tx: tx.deliveries.of_post(1))
    await team.wait(36 * 3600)
    now = team.clock.now()

    def unit(tx: Tx) -> None:
        for number in range(14):
            live(
                tx,
                now,
                f"Ordinary, number {number}.",
                days_old=20.0 - number,
                views=1000 + 20 * number,
                account=SOURCE,
                platform=delivery.platform,
            )
        read(tx, delivery.id, SOURCE, now, 6000)

    await team.svc.store.write(unit)
    await propose_crossposts(team.svc, "acme")
    await team.app.settle()


def proposal(team: Team, where: Target, name: str = "R1") -> Said:
    chat = team.hall if where is HERE else team.yard
    (found,) = [s for s in chat.said.values() if s.message.title.startswith(f"{name} ·")]
    return found


async def press(team: Team, who: str, label: str, where: Target = HERE) -> str:
    said = proposal(team, where)
    (button,) = [b for b in said.message.buttons if b.label == label]
    chat = team.hall if where is HERE else team.yard
    before = len(chat.whispers)
    await team.give(team.pressing(who, button.action, where, ref=said.ref))
    await team.app.settle()
    return (chat.whispers[before][2].text or chat.whispers[before][2].title) if chat.whispers[before:] else ""


async def test_it_stands_in_the_thread_of_its_source_in_every_chat(team: Team) -> None:
    await winner(team)
    for where in (HERE, THERE):
        said = proposal(team, where)
        assert (said.to.thread, said.to.under) == (1, team.card(where).ref)
        assert "6,000 views after 36 h" in said.message.text
        assert said.message.footer == "SIMULATED — no account is connected"


async def test_a_press_in_one_chat_repaints_it_in_all(team: Team) -> None:
    await winner(team)
    assert (await press(team, "eve", "Make the post")).startswith("Deciding about R1 is for")
    assert (await press(team, "alice", "Make the post", THERE)).startswith("P16 is made of R1")
    for where in (HERE, THERE):
        message = proposal(team, where).message
        assert message.status == "TAKEN"
        assert "→ alice made P16 of it" in message.text
        assert [b.label for b in message.buttons] == ["Take it back", "Why?"]
        assert team.card(where, post=16).message.status == "IN REVIEW"
    assert (await press(team, "alice", "Take it back")).startswith("R1 is taken back and P16 cancelled")
    assert [b.label for b in proposal(team, THERE).message.buttons] == ["Why?"]
    assert await press(team, "eve", "Why?") == "Why R1"


async def test_not_now_can_be_asked_again(team: Team) -> None:
    await winner(team)
    await press(team, "alice", "Not now")
    assert proposal(team, THERE).message.status == "DECLINED"
    await press(team, "bob", "Ask again", THERE)
    assert proposal(team, HERE).message.status == ""
    assert [b.label for b in proposal(team, HERE).message.buttons] == ["Make the post", "Not now", "Why?"]


async def test_a_weekly_time_is_added_once_by_whoever_may_approve(team: Team) -> None:
    now = team.clock.now()
    slot = Proposal(
        brand="acme",
        kind=SLOT,
        key="slot:acme-key:thu 12:00",
        text="Thu 12:00 does better. Make it a slot?",
        evidence=Evidence(method="best_time/1", at=now, n=64),
        body={"slot": "thu 12:00"},
        created_at=now,
        expires_at=now + timedelta(days=7),
    )
    assert await team.svc.store.write(lambda tx: propose(team.svc, tx, slot)) is not None
    assert await team.svc.store.write(lambda tx: propose(team.svc, tx, slot)) is None
    await team.app.settle()
    assert proposal(team, HERE).to.thread is None
    assert (await press(team, "alice", "Use this time")).startswith("Deciding about R1 is for bob")
    assert await press(team, "bob", "Use this time") == (
        "thu 12:00 is a slot from now on; /slots lists them all."
    )
    await team.say("alice", "/slots")
    fields = {f.name: f.value for f in team.hall.whispers[-1][2].fields}
    assert fields["Thu"] == "12:00 (added here)"
    assert "R1: bob took it" in await team.say("carol", "/proposals take R1")
    found = await team.svc.store.read(lambda tx: tx.proposals.of_brand("acme", [Standing.TAKEN]))
    assert [p.kind for p in found] == [SLOT] != [CROSSPOST]
