"""Choices, preparing and preview cards where teams live: a form on the card, a picture in the thread."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import State
from bot.ports import Platform
from bot.services.compose import Draft, compose
from tests.e2e.chats.bots import KEY, Running, platforms, running, until
from tests.e2e.chats.desks import (
    CHANNEL,
    FLAKES,
    IDS,
    PLACE,
    DiscordDesk,
    SlackDesk,
    discord_desk,
    slack_desk,
)
from tests.unit.preparing_world import clip, dressed

SERVICES: dict[str, Callable[[], AbstractAsyncContextManager[Any]]] = {
    "slack": slack_desk,
    "discord": discord_desk,
}


def demanding(platform: Platform[Any]) -> Platform[Any]:
    """A demo platform that wants upright videos and an audience chosen."""
    return dressed(platform, required=True)


@asynccontextmanager
async def sitting(name: str, folder: Path) -> AsyncIterator[tuple[Any, Running]]:
    async with (
        SERVICES[name]() as desk,
        platforms() as sims,
        running(
            folder,
            sims=sims,
            channels=[desk.address],
            tables=desk.table(),
            people=desk.people(),
            dress=demanding,
        ) as bot,
    ):
        await desk.ready()
        yield desk, bot


async def choose(desk: SlackDesk | DiscordDesk, who: str, values: dict[str, str]) -> None:
    """Press Choose… on the card and fill in the form behind it."""
    told: Any
    if isinstance(desk, SlackDesk):
        message = desk._message(1)
        name = next(b for b in desk.buttons() if b.startswith("Choose"))
        assert (await desk.workspace.press(IDS[who], CHANNEL, message["ts"], name)).ok
        await until(lambda: desk.workspace.modal(IDS[who]), "the form")
        told = await desk.workspace.submit(IDS[who], values)
    else:
        message = desk._message(1)
        name = next(b for b in desk.buttons() if b.startswith("Choose"))
        assert (await desk.guild.press(FLAKES[who], PLACE, message["id"], name)).ok
        await until(lambda: desk.guild.modal(FLAKES[who]), "the form")
        told = await desk.guild.submit(FLAKES[who], values)
    assert told.ok, told


def pictures(desk: SlackDesk | DiscordDesk) -> list[str]:
    """The descriptions, or names, of the pictures in the thread of the first post."""
    if isinstance(desk, SlackDesk):
        said = desk.workspace.thread(CHANNEL, desk._message(1)["ts"])
        return [
            str(f.get("alt_txt") or f.get("title") or f["id"]) for m in said for f in m.get("files") or ()
        ]
    said = desk.guild.thread(PLACE, desk._message(1)["id"])
    return [str(a.get("description") or a["filename"]) for m in said for a in m.get("attachments") or ()]


@pytest.mark.parametrize("name", SERVICES)
async def test_an_audience_is_chosen_on_the_card(name: str, tmp_path: Path) -> None:
    async with sitting(name, tmp_path) as (desk, bot):
        await desk.say("alice", 'post "Launch day"')
        await until(lambda: "choose audience: Everyone or Only me" in desk.card(), "what is missing")
        assert (await bot.deliveries())[KEY].state is State.DRAFT
        await choose(desk, "alice", {"audience": "Only me"})
        await until(lambda: "audience: Only me" in desk.card(), "what was chosen")
        delivery = (await bot.deliveries())[KEY]
        assert (delivery.state, delivery.variant.options) == (State.IN_REVIEW, {"audience": "me"})
        await until(lambda: pictures(desk), "a picture of how it will look")
        await desk.press("bob", "Approve")
        await until(lambda: "LIVE" in desk.card(), "live")
        assert bot.creates() == 1


@pytest.mark.parametrize("name", SERVICES)
async def test_a_video_is_prepared_and_its_cover_chosen(name: str, tmp_path: Path) -> None:
    async with sitting(name, tmp_path) as (desk, bot):
        video = clip()
        brand = bot.app.services.brands["acme"]
        options = ("audience=all",)
        await compose(
            bot.app.services, brand, "alice", Draft(text="Launch day", media=(str(video),), options=options)
        )
        await until(lambda: "IN REVIEW" in desk.card(), "prepared")
        assert "9:16 by blurred fill" in desk.card()
        seen = await until(lambda: pictures(desk), "a picture of how it will look")
        assert seen
        shown = len(pictures(desk))
        await desk.say("alice", "cover P1")
        await until(lambda: len(pictures(desk)) > shown, "the contact sheet")
        await desk.say("alice", "cover P1 2")
        await until(lambda: "with a cover" in desk.card(), "the cover")
        (media,) = (await bot.deliveries())[KEY].variant.media
        assert media.origin
        assert media.cover is not None
