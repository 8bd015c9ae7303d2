"""Proving that the bot can work, with real calls: token, intents, channels, a card that comes and goes."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from bot.chat.discord.calls import Calls
from bot.chat.discord.declare import GROUP, declared, differences
from bot.chat.discord.inbound import CHAT, THREADS
from bot.chat.discord.outbound import MESSAGE, Outbound
from bot.chat.discord.permissions import lacking, permitted
from bot.chat.discord.refusals import INTENTS
from bot.chat.discord.registration import commands_there
from bot.commands.spec import Command
from bot.domain.message import Field, Message, Target
from bot.domain.words import listed
from bot.errors import ChatClosed, ChatError

MEMBERS = 1 << 14 | 1 << 15
"""Flags of an application that may see members (resources/application: on request, or limited)."""

TEXTS = (0, 5)
"""Types of channels that take a card and a thread under it: text and announcements."""

UNREGISTERED = (
    "Discord has no commands of mine. Run `clarion manifest discord --register`, and invite me with the "
    "scope applications.commands."
)
AGAIN = "`clarion manifest discord --register` brings them up to date."
ENDPOINT = (
    "The application has an Interactions Endpoint URL, so Discord sends commands and buttons there and not "
    "to me. Clear it in the developer portal under General Information."
)


async def proven(calls: Calls, channels: Sequence[str]) -> Sequence[str]:
    """One sentence for each problem; nothing where all is well."""
    try:
        me = await calls("GET", "/users/@me")
        found = await _application(calls)
    except ChatError as error:
        return (str(error),)
    for channel in channels:
        try:
            found += await _channel(calls, channel, str(me["id"]))
        except ChatError as error:
            found.append(f"{channel}: {error}")
    return found


async def unregistered(calls: Calls, channels: Sequence[str], commands: Iterable[Command]) -> Sequence[str]:
    """How what Discord shows of the commands differs from what they are, one sentence for each; as they
    are registered, in a group or each by itself, for every server or for those of ``channels``."""
    commands, live = tuple(commands), list[Mapping[str, Any]]()
    try:
        live += await commands_there(calls)
        for guild in await _guilds(calls, channels):
            live += await commands_there(calls, guild)
    except ChatClosed:
        return ()  # told by `proven`
    except ChatError as error:
        return (f"The registered commands cannot be read: {error}",)
    if not live:
        return (UNREGISTERED,)
    grouped = any(str(entry.get("name")) == GROUP for entry in live)
    found = differences(declared(commands, top_level=not grouped), live)
    return (*found, AGAIN) if found else ()


async def _guilds(calls: Calls, channels: Sequence[str]) -> Sequence[str]:
    found = dict[str, None]()
    for channel in filter(str.isdigit, channels):
        with suppress(ChatError):  # told by `proven`
            there = await calls("GET", "/channels/{channel_id}", channel_id=channel)
            found[str(there.get("guild_id") or "")] = None
    return [guild for guild in found if guild]


async def _application(calls: Calls) -> list[str]:
    found = list[str]()
    application = await calls("GET", "/applications/@me")
    if application.get("interactions_endpoint_url"):
        found.append(ENDPOINT)
    if calls.settings.members_intent and not int(application.get("flags") or 0) & MEMBERS:
        found.append(INTENTS)
    return found


async def _channel(calls: Calls, channel: str, me: str) -> list[str]:
    if not channel.isdigit():
        return [f"{channel}: a channel is written as its number; Copy Channel ID gives it."]
    there = await calls("GET", "/channels/{channel_id}", channel_id=channel)
    if there.get("type") in THREADS:
        return [f"{channel} is a thread; give the channel it is in."]
    if there.get("type") not in TEXTS:
        return [f"{channel} is no text channel; cards and threads need one."]
    lacks = lacking(await _permitted(calls, str(there["guild_id"]), me, there))
    name = f"#{there.get('name') or channel}"
    if lacks:
        return [f"{channel} ({name}): give me {listed(lacks)} there."]
    await _try_card(calls, channel)
    return []


async def _permitted(calls: Calls, guild: str, me: str, channel: dict[str, Any]) -> int:
    roles = await calls("GET", "/guilds/{guild_id}/roles", guild_id=guild)
    member = await calls("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=guild, user_id=me)
    return permitted(guild, me, map(str, member["roles"]), roles, channel)


async def _try_card(calls: Calls, channel: str) -> None:
    """Raises `ChatError`."""
    card = Message(
        title="Clarion can write here",
        status="TEST",
        text="I take this away again at once.",
        fields=(Field(name="Check", value="a card with its rows"),),
    )
    out = Outbound(calls)
    ref = await out.send(Target(chat=CHAT, channel=channel), card, key=f"check:{secrets.token_hex(8)}")
    await calls("DELETE", MESSAGE, channel_id=channel, message_id=ref)
