"""Slack: its Web API, Socket Mode and signed HTTP on one side, `Message` and `Inbound` on the other.

Nothing of Slack's SDK is loaded before somebody connects.
"""

from __future__ import annotations

from bot.chat.slack.settings import VARIABLES, SlackSettings
from bot.ports import ChatSpec, Deps, TeamChat

NAME = "slack"


def connect(settings: SlackSettings, deps: Deps) -> TeamChat:
    """A chat that has not called anybody yet; `run` opens the door."""
    from bot.chat.slack.adapter import SlackChat

    return SlackChat(settings, clock=deps.clock, log=deps.log)


def spec() -> ChatSpec[SlackSettings]:
    """Slack, as any chat is offered."""
    return ChatSpec(name=NAME, settings=SlackSettings, connect=connect, variables=VARIABLES)
