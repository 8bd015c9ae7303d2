"""A Slack workspace on loopback: Web API, Socket Mode, signed HTTP delivery, people who act."""

from __future__ import annotations

from bot.testing.chats.slack.clicking import CannotDo
from bot.testing.chats.slack.delivery import Delivery
from bot.testing.chats.slack.faults import FAULTS
from bot.testing.chats.slack.limits import violations
from bot.testing.chats.slack.state import Refuse
from bot.testing.chats.slack.workspace import Workspace

__all__ = ["FAULTS", "CannotDo", "Delivery", "Refuse", "Workspace", "violations"]
