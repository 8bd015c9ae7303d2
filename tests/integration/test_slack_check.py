"""`clarion check` for Slack: each thing that can be set up wrongly is said, with where to click."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.chat.slack.adapter import SlackChat
from bot.chat.slack.manifest import SCOPES
from bot.clock import SystemClock
from bot.config.secret import Secret
from bot.testing.contract.lent import RememberedLog
from tests.integration.slack_world import HALL, quiet, settings


async def test_all_is_well_and_nothing_is_left_behind() -> None:
    async with quiet() as world:
        assert await world.chat.check([HALL, HALL]) == ()
        assert not world.slack.messages(HALL)
        assert world.slack.called("chat.postMessage") == 1
        assert world.slack.called("chat.delete") == 1
        assert world.slack.called("apps.connections.open") == 1


@pytest.mark.parametrize("scope", sorted(SCOPES))
async def test_a_missing_scope_is_named(scope: str) -> None:
    async with quiet() as world:
        world.slack.state.scopes.discard(scope)
        problems = await world.chat.check([])
        assert len(problems) == 1
        assert f"lacks {scope} ({SCOPES[scope]})" in problems[0]
        assert "OAuth & Permissions" in problems[0]


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked"])
async def test_a_wrong_bot_token(error: str) -> None:
    async with quiet() as world:
        world.slack.revoke(error)
        (problem,) = await world.chat.check([HALL])
        assert "token" in problem
        assert "OAuth & Permissions" in problem


async def test_a_wrong_app_token() -> None:
    async with quiet() as world:
        world.slack.revoke("invalid_auth", app=True)
        (problem,) = await world.chat.check([HALL])
        assert "app token" in problem
        assert "App-Level Tokens" in problem


async def test_the_two_tokens_swapped() -> None:
    async with quiet() as world:
        state = world.slack.state
        swapped = replace(
            settings(world.slack), bot_token=Secret(state.app_token), app_token=Secret(state.bot_token)
        )
        chat = SlackChat(swapped, clock=SystemClock(), log=RememberedLog())
        try:
            (problem,) = await chat.check([HALL])
        finally:
            await chat.aclose()
        assert "token" in problem


async def test_channels_where_nothing_can_be_posted() -> None:
    async with quiet() as world:
        world.slack.add_channel("C0FAR", "far", ["U1"], bot=False)
        world.slack.add_channel("C0SECRET", "secret", ["U1"], bot=False, private=True)
        world.slack.add_channel("C0OLD", "old", ["U1"]).archived = True
        problems = await world.chat.check(["C0FAR", "C0SECRET", "C0OLD", "C0NONE", HALL])
        assert len(problems) == 4
        assert "#far" in problems[0]
        assert "/invite" in problems[0]
        assert "C0SECRET" in problems[1]
        assert "#old is archived" in problems[2]
        assert "C0NONE" in problems[3]
        assert not world.slack.messages(HALL)


async def test_a_test_card_that_stays_is_said() -> None:
    async with quiet() as world:
        world.slack.go_wrong("chat.delete", "cant_delete_message")
        (problem,) = await world.chat.check([HALL])
        assert "test card stays in #launch" in problem


async def test_over_http_no_app_token_is_asked_for() -> None:
    async with quiet() as world:
        chat = SlackChat(settings(world.slack, http=True), clock=SystemClock(), log=RememberedLog())
        try:
            assert await chat.check([HALL]) == ()
        finally:
            await chat.aclose()
        assert world.slack.called("apps.connections.open") == 0
