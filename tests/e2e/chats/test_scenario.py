"""One story at every chat: post, review, vote, edit, publish, failure, retry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.testing.simulator import Failure
from tests.e2e.chats.bots import KEY, Running, platforms, running, until
from tests.e2e.chats.desks import ConsoleDesk, Desk, discord_desk, slack_desk

REFUSAL = Failure(status=422, body={"error": "not in our tone"})


@asynccontextmanager
async def console_desk() -> AsyncIterator[ConsoleDesk]:
    yield ConsoleDesk()


DESKS: dict[str, Callable[[], AbstractAsyncContextManager[Any]]] = {
    "console": console_desk,
    "slack, Socket Mode": slack_desk,
    "slack, HTTP": lambda: slack_desk(http=True),
    "discord": discord_desk,
}


@asynccontextmanager
async def sitting(name: str, folder: Path) -> AsyncIterator[tuple[Desk, Running]]:
    async with (
        DESKS[name]() as desk,
        platforms() as sims,
        running(
            folder,
            sims=sims,
            channels=[desk.address],
            tables=desk.table(),
            people=desk.people(),
            console=getattr(desk, "make", None),
        ) as bot,
    ):
        await desk.ready()
        yield desk, bot


@pytest.mark.parametrize("name", DESKS)
async def test_the_story(name: str, tmp_path: Path) -> None:
    async with sitting(name, tmp_path) as (desk, bot):
        # post and review
        said = await desk.say("alice", 'post "Hello, *world*" --at now')
        assert "P1 waits for approval" in said
        await until(lambda: "IN REVIEW" in desk.card(), "the card")
        assert "Hello, *world*" in desk.card()
        assert [b for b in desk.buttons() if b in ("Approve", "Reject", "Hold", "Edit")]
        # the author may not, a stranger may not
        assert "someone else has to approve it" in await desk.press("alice", "Approve")
        assert "Approving is for" in await desk.press("mallory", "Approve")
        # sent back with a reason, then edited
        await desk.press("carol", "Request changes", "say whose world")
        await until(lambda: "CHANGES REQUESTED" in desk.card(), "the wish for changes")
        await desk.say("alice", 'edit P1 "Hello, new world"')
        await until(lambda: "v2" in desk.card() and "new world" in desk.card(), "version 2")
        # approved by a reaction, published once
        await desk.react("bob", "✅")
        await until(lambda: "LIVE" in desk.card(), "the post to be live")
        assert "receipt" in desk.card()
        assert bot.creates() == 1
        # a failure, and the button that mends it
        bot.sims[KEY].fail("POST /posts", REFUSAL)
        await desk.say("alice", 'post "Second" --at now')
        await until(lambda: "IN REVIEW" in desk.card(2), "the second card")
        await desk.press("bob", "Approve", post=2)
        await until(lambda: "REFUSED" in desk.card(2), "the refusal")
        await until(lambda: "not in our tone" in desk.thread(2), "the reason in the thread")
        await desk.press("bob", "Try again", post=2)
        await until(lambda: "LIVE" in desk.card(2), "the second post to be live")
        assert bot.creates() == 2
        assert "P1" not in desk.card(2)
