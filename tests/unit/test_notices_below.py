"""What belongs below another message stands in its thread, and waits until that message is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.message import Message
from bot.domain.records import Notice
from bot.ports import Tx
from tests.unit.team_world import HERE, THERE, Said, Team, broken, open_team

HEAD = "report:acme:2026-W47"


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with open_team(tmp_path) as found:
        yield found


async def put(team: Team) -> None:
    """A first message and two below it, in two channels of two chats."""

    def unit(tx: Tx) -> None:
        for target in (HERE, THERE):
            above = f"{HEAD}@{target.address}"
            for place, text in enumerate(("First.", "Second.", "Third.")):
                tx.notices.put(
                    Notice(
                        id=0,
                        key=f"{HEAD}:{place}@{target.address}" if place else above,
                        target=target,
                        message=Message(text=text),
                        brand="acme",
                        below=above if place else None,
                    )
                )

    await team.svc.store.write(unit)


def said(team: Team) -> list[Said]:
    known = ("First.", "Second.", "Third.")
    return [s for hall in (team.hall, team.yard) for s in hall.said.values() if s.message.text in known]


async def test_they_stand_in_its_thread_in_every_chat(team: Team) -> None:
    await put(team)
    await team.app.settle()
    found = said(team)
    assert [s.message.text for s in found] == ["First.", "Second.", "Third."] * 2
    for first, *others in (found[:3], found[3:]):
        assert first.to.under == ""
        assert {other.to.under for other in others} == {first.ref}


async def test_they_wait_while_it_cannot_be_said(team: Team) -> None:
    await put(team)
    team.hall.trouble = broken("the line is dead")
    await team.app.settle()
    assert [s.message.text for s in said(team)] == ["First.", "Second.", "Third."]
    team.hall.trouble = lambda what, to: None
    for _ in range(8):
        await team.wait(2)
    here = [s for s in said(team) if s.to.chat == HERE.chat]
    assert [s.message.text for s in here] == ["First.", "Second.", "Third."]
    assert {s.to.under for s in here[1:]} == {here[0].ref}
