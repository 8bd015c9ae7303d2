"""The guild's values as Discord writes them in JSON (resources/*, interactions/receiving-and-responding)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from bot.testing.chats.discord.components import CONTAINER, walk
from bot.testing.chats.discord.world import (
    DIRECT,
    STARTER,
    TEXT,
    THREAD,
    Channel,
    File,
    Member,
    Message,
    Role,
    User,
    World,
)

HAS_THREAD, EPHEMERAL, LOADING = 1 << 5, 1 << 6, 1 << 7
FLAGS = (("presences", 1 << 13), ("members", 1 << 15), ("content", 1 << 19))
"""Application flags of the privileged intents, as apps under 100 guilds have them ("limited")."""

NO_SUCH = (
    *("icon", "splash", "discovery_splash", "banner", "home_header", "description", "application_id"),
    *("afk_channel_id", "system_channel_id", "rules_channel_id", "public_updates_channel_id"),
    *("safety_alerts_channel_id", "widget_channel_id", "vanity_url_code", "max_presences", "incidents_data"),
)
"""What a guild may have and this one has not."""


def stamp(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def user_view(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.name,
        "discriminator": "0000" if user.bot else "0",
        "global_name": user.shown or None,
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def member_view(member: Member, *, with_user: bool = True) -> dict[str, Any]:
    view = {
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": list(member.roles),
        "joined_at": stamp(member.joined),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    return {**view, "user": user_view(member.user)} if with_user else view


def role_view(role: Role, position: int) -> dict[str, Any]:
    return {
        "id": role.id,
        "name": role.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": position,
        "permissions": str(role.permissions),
        "managed": False,
        "mentionable": True,
        "flags": 0,
    }


def channel_view(world: World, channel: Channel) -> dict[str, Any]:
    last = world.newest(channel.id)
    common: dict[str, Any] = {
        "id": channel.id,
        "type": channel.type,
        "last_message_id": last.id if last is not None else None,
        "flags": 0,
    }
    if channel.type == DIRECT:
        return {**common, "recipients": [user_view(world.users[channel.recipient])]}
    common |= {"guild_id": world.id, "name": channel.name, "rate_limit_per_user": 0}
    if channel.type == THREAD:
        said = [m for m in world.in_channel(channel.id) if m.type != STARTER]
        return {
            **common,
            "parent_id": channel.parent,
            "owner_id": channel.owner,
            "message_count": len(said),
            "total_message_sent": len(said),
            "member_count": 1,
            "thread_metadata": {
                "archived": channel.archived,
                "auto_archive_duration": 4320,
                "archive_timestamp": stamp(channel.changed),
                "create_timestamp": stamp(channel.changed),
                "locked": channel.locked,
            },
        }
    return {
        **common,
        "position": list(world.channels).index(channel.id),
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "permission_overwrites": [
            {"id": key, "type": int(is_member), "allow": str(allow), "deny": str(deny)}
            for key, (is_member, allow, deny) in channel.overwrites.items()
        ],
    }


def file_view(file: File, base: str) -> dict[str, Any]:
    url = f"{base}/attachments/{file.channel}/{file.id}/{file.name}"
    view = {
        "id": file.id,
        "filename": file.name,
        "size": len(file.data),
        "url": f"{url}?ex=1&is=1&hm=1",
        "proxy_url": f"{url}?ex=1&is=1&hm=1",
        "content_type": file.kind,
    }
    return {**view, "description": file.alt} if file.alt else view


def emoji_view(emoji: str) -> dict[str, Any]:
    """A glyph, or a guild's own as ``name:id``."""
    name, _, number = emoji.partition(":")
    return {"id": number or None, "name": name, "animated": False} if number else {"id": None, "name": emoji}


def message_view(world: World, message: Message, base: str) -> dict[str, Any]:
    flags = message.flags | (LOADING if message.loading else 0)
    view: dict[str, Any] = {
        "id": message.id,
        "channel_id": message.channel,
        "type": message.type,
        "author": user_view(message.author),
        "content": message.content,
        "timestamp": stamp(message.created),
        "edited_timestamp": stamp(message.edited),
        "tts": False,
        "mention_everyone": message.everyone,
        "mentions": [user_view(world.users[one]) for one in message.mentions if one in world.users],
        "mention_roles": list(message.role_mentions),
        "attachments": [file_view(file, base) for file in message.files],
        "embeds": [embed_view(embed) for embed in message.embeds],
        "components": message.components,
        "pinned": False,
        "flags": flags,
    }
    if message.nonce is not None:
        view["nonce"] = message.nonce
    if message.author.bot:
        view["application_id"] = world.app
    if message.interaction:
        view["webhook_id"] = world.app
    if message.reactions:
        view["reactions"] = [
            {
                "emoji": emoji_view(emoji),
                "count": len(users),
                "count_details": {"burst": 0, "normal": len(users)},
                "me": world.bot.id in users,
                "me_burst": False,
                "burst_colors": [],
            }
            for emoji, users in message.reactions.items()
            if users
        ]
    if message.type == STARTER:
        channel = world.channels[message.channel]
        view["message_reference"] = {
            "type": 0,
            "channel_id": channel.parent,
            "message_id": message.reference,
            "guild_id": world.id,
        }
    if (thread := world.channels.get(message.id)) is not None and thread.type == THREAD:
        view["flags"] |= HAS_THREAD
        view["thread"] = channel_view(world, thread)
    return view


def settled(components: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Components as Discord gives them back: nothing that is null, its own defaults, ids counted from 1."""
    made: list[dict[str, Any]] = json.loads(json.dumps(list(components)))
    for number, found in enumerate(walk(made), 1):
        one = cast("dict[str, Any]", found)
        for key in [key for key, value in one.items() if value is None]:
            del one[key]
        one.setdefault("id", number)
        if one.get("type") == CONTAINER:
            one.setdefault("accent_color", None)
            one.setdefault("spoiler", False)
    return made


def embed_view(embed: Mapping[str, Any]) -> dict[str, Any]:
    """An embed with what Discord adds to it."""
    fields = [{"inline": False, **one} for one in embed.get("fields") or ()]
    return {"type": "rich", **embed, **({"fields": fields} if fields else {})}


def guild_view(world: World) -> dict[str, Any]:
    """The guild as GET gives it."""
    return {
        "id": world.id,
        "name": world.name,
        **dict.fromkeys(NO_SUCH),
        "owner_id": next((m for m in world.members if m != world.bot.id), world.bot.id),
        "roles": [role_view(role, number) for number, role in enumerate(world.roles.values())],
        "emojis": [],
        "stickers": [],
        "features": [],
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "afk_timeout": 300,
        "system_channel_flags": 0,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "max_members": 500000,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "region": "deprecated",
        "widget_enabled": False,
        "nsfw": False,
    }


def guild_create(world: World) -> dict[str, Any]:
    """The guild as GUILD_CREATE brings it: only what the bot may see; of the members, only itself."""
    seen = [
        c for c in world.channels.values() if c.type != DIRECT and world.may(world.bot.id, "view_channel", c)
    ]
    return {
        **guild_view(world),
        "joined_at": stamp(world.members[world.bot.id].joined),
        "large": False,
        "unavailable": False,
        "member_count": len(world.members),
        "members": [member_view(world.members[world.bot.id])],
        "channels": [channel_view(world, c) for c in seen if c.type == TEXT],
        "threads": [channel_view(world, c) for c in seen if c.type == THREAD and not c.archived],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def application_view(world: World) -> dict[str, Any]:
    flags = sum(bit for name, bit in FLAGS if name in world.privileged)
    return {
        "id": world.app,
        "name": world.bot.shown,
        "icon": None,
        "description": "",
        "summary": "",
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "type": None,
        "redirect_uris": [],
        "role_connections_verification_url": None,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "owner": user_view(world.bot),
        "team": None,
        "bot": user_view(world.bot),
        "guild_id": world.id,
        "interactions_endpoint_url": None,
        "approximate_guild_count": 1,
    }
