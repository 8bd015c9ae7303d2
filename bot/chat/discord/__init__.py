"""Discord: its REST API and gateway on one side, `Message` and `Inbound` on the other.

Nothing of Discord's library is loaded before somebody connects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.chat.discord.settings import VARIABLES, DiscordSettings
from bot.ports import ChatSpec, Clock, Deps, Log, TeamChat

NAME = "discord"


def connect(settings: DiscordSettings, deps: Deps) -> TeamChat:
    """A chat that has not called anybody yet; `run` opens the gateway."""
    from bot.chat.discord.adapter import DiscordChat

    return DiscordChat(settings, clock=deps.clock, log=deps.log)


def spec() -> ChatSpec[DiscordSettings]:
    """Discord, as any chat is offered."""
    return ChatSpec(name=NAME, settings=DiscordSettings, connect=connect, variables=VARIABLES)


async def registered(
    settings: DiscordSettings, *, clock: Clock, log: Log, guild: str = ""
) -> Sequence[Mapping[str, Any]]:
    """The application commands that Discord has now: of every server, or of one. Raises `ChatError`."""
    from bot.chat.discord.calls import Calls
    from bot.chat.discord.registration import commands_there

    calls = Calls(settings, clock=clock, log=log)
    try:
        return await commands_there(calls, guild)
    finally:
        await calls.aclose()


async def register(
    settings: DiscordSettings,
    commands: Sequence[Mapping[str, Any]],
    *,
    clock: Clock,
    log: Log,
    guild: str = "",
) -> Sequence[Mapping[str, Any]]:
    """Replace all application commands by these; what Discord has then. Raises `ChatError`."""
    from bot.chat.discord.calls import Calls
    from bot.chat.discord.registration import replace_commands

    calls = Calls(settings, clock=clock, log=log)
    try:
        return await replace_commands(calls, commands, guild)
    finally:
        await calls.aclose()
