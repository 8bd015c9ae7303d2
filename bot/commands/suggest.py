"""What could be meant by what somebody is typing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.commands.spec import Command
from bot.domain.message import Invocation
from bot.services.context import Services


async def suggestions(
    svc: Services, commands: Mapping[str, Command], command: str, option: str, typed: str, said: Invocation
) -> Sequence[str]:
    """At most 25 values for an option, those that fit best first."""
    return ()
