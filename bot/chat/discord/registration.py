"""The application commands that Discord shows, asked for and replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.chat.discord.calls import Calls


async def commands_there(calls: Calls, guild: str = "") -> Sequence[Mapping[str, Any]]:
    """What is registered now, for every server or for one."""
    return tuple(await calls("GET", await _place(calls, guild)))


async def replace_commands(
    calls: Calls, commands: Sequence[Mapping[str, Any]], guild: str = ""
) -> Sequence[Mapping[str, Any]]:
    """One bulk overwrite (interactions/application-commands); the same again changes nothing."""
    return tuple(await calls("PUT", await _place(calls, guild), json=list(commands)))


async def _place(calls: Calls, guild: str) -> str:
    app = (await calls.connection()).application_id
    return f"/applications/{app}/guilds/{guild}/commands" if guild else f"/applications/{app}/commands"
