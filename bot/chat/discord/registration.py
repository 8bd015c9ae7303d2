"""The application commands that Discord shows, asked for and replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.chat.discord.calls import Calls


async def commands_there(calls: Calls, guild: str = "") -> Sequence[Mapping[str, Any]]:
    """What is registered now, for every server or for one."""
    path, ids = await _place(calls, guild)
    found = await calls("GET", f"{path}?with_localizations=false", **ids)
    return tuple(found)


async def replace_commands(
    calls: Calls, commands: Sequence[Mapping[str, Any]], guild: str = ""
) -> Sequence[Mapping[str, Any]]:
    """One bulk overwrite (interactions/application-commands); the same again changes nothing."""
    path, ids = await _place(calls, guild)
    return tuple(await calls("PUT", path, json=list(commands), **ids))


async def _place(calls: Calls, guild: str) -> tuple[str, dict[str, str]]:
    app = str((await calls.connection()).application_id)
    if guild:
        return "/applications/{application_id}/guilds/{guild_id}/commands", {
            "application_id": app,
            "guild_id": guild,
        }
    return "/applications/{application_id}/commands", {"application_id": app}
