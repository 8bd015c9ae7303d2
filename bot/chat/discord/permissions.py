"""What somebody may do in a channel, by Discord's own arithmetic. Pure.

docs.discord.com/developers, topics/permissions: everybody's, then the roles', then the channel's
overwrites for everybody, for the roles, for the person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

ADMINISTRATOR = 1 << 3
EVERYTHING = -1
NEEDED: Mapping[str, int] = MappingProxyType(
    {
        "View Channel": 1 << 10,
        "Send Messages": 1 << 11,
        "Embed Links": 1 << 14,
        "Attach Files": 1 << 15,
        "Read Message History": 1 << 16,
        "Create Public Threads": 1 << 35,
        "Send Messages in Threads": 1 << 38,
    }
)
"""What the bot needs where its cards are, as Discord's settings call it."""

Json = Mapping[str, Any]


def permitted(guild: str, me: str, mine: Iterable[str], roles: Iterable[Json], channel: Json) -> int:
    """The permissions of a member ``me`` who has the roles ``mine``, as bits."""
    held = {guild, *mine}
    bits = 0
    for role in roles:
        if str(role["id"]) in held:
            bits |= int(role["permissions"])
    if bits & ADMINISTRATOR:
        return EVERYTHING
    written = {str(one["id"]): one for one in channel.get("permission_overwrites") or ()}
    levels = ({guild}, held - {guild}, {me})
    for level in levels:
        found = [written[id_] for id_ in level if id_ in written]
        for one in found:
            bits &= ~int(one["deny"])
        for one in found:
            bits |= int(one["allow"])
    return bits


def lacking(bits: int) -> list[str]:
    """The names of what is needed and not permitted."""
    return [name for name, bit in NEEDED.items() if not bits & bit]
