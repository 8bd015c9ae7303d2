"""The demo story: it is told to the end, and it fails when a step of it does not happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import bot.services.review
from bot.domain.people import Role
from bot.testing import story
from bot.testing.simulator import CUT, Simulator
from bot.testing.story import Missing, play
from tests.unit.demo_world import open_world


async def told() -> tuple[bool, str]:
    heard: list[str] = []
    happened = await play(heard.append)
    return happened, "".join(heard)


async def test_the_whole_story_happens_and_reads_as_a_chat() -> None:
    happened, text = await told()
    assert happened, text
    flat = " ".join(text.replace("│", " ").split())
    chapters = (
        "someone else has to approve it: bob, carol or dana",
        "bob> +✅",
        "live 09:00:00 (receipt)",
        "bob's approval of v1 no longer covers it",
        "stays approved",
        "no clear answer after sending at",
        "nothing is sent twice while I look",
        "(read back)",
        "waits for Bluesky until",
        "UNCONFIRMED",
        "[1] It's live [2] It's not — send it [3] Leave it",
        "bob> /confirm latest not",
        "is taken down from",
        "SIMULATED — no account is connected",
        "The story is told",
    )
    places = [flat.find(words) for words in chapters]
    assert -1 not in places, [words for words, place in zip(chapters, places, strict=True) if place < 0]
    assert "/tmp" not in text, "where the pictures lie is nobody's business"
    assert "Traceback" not in text


def nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platforms never lose an answer, limit or cut anything."""

    def fail(self: Simulator, *args: Any, **kwargs: Any) -> None:
        return None

    monkeypatch.setattr(Simulator, "fail", fail)


def the_answer_is_cut_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform creates nothing where it should have created and kept silent."""
    monkeypatch.setattr(story, "LOST_REPLY", CUT)


def anybody_approves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one who wrote it may approve it."""
    monkeypatch.setattr(bot.services.review, "check_may_decide", lambda *_: None)


def nobody_approves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bob has no role any more."""
    few = replace(story.BRAND, roles={Role.CREATE: ("alice", "bob", "carol", "dana")})
    monkeypatch.setattr(story, "BRAND", few)


@pytest.mark.parametrize(
    ("sabotage", "missed"),
    [
        (nothing_fails, "the card says that the answer is missing"),
        (the_answer_is_cut_before_the_work, "by reading it back"),
        (anybody_approves, "self-approval is refused"),
        (nobody_approves, "both are live"),
    ],
)
async def test_a_step_that_does_not_happen_breaks_the_story(
    monkeypatch: pytest.MonkeyPatch, sabotage: Callable[[pytest.MonkeyPatch], None], missed: str
) -> None:
    sabotage(monkeypatch)
    happened, text = await told()
    assert not happened
    assert f"✗ The story broke: {missed}." in text
    assert "The story is told" not in text


async def test_a_check_that_fails_is_a_missing_step(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        stage = story.Stage(app=world.app, clock=world.clock, write=print, lines=[], folder="")
        stage.check(True, "this")
        with pytest.raises(Missing, match=r"The story broke: that\."):
            stage.check(False, "that")
        assert stage.steps == 1
