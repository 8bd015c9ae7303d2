"""Slack's app manifest: everything the app has to be set up with, to be pasted once. Pure.

Limits: github.com/slackapi/manifest-schema, version 2 (35 characters on a name, 140 on its description,
24 on a shortcut, 1,000 on a usage hint).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.chat.slack.settings import PATH
from bot.errors import BadInput

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "chat:write": "to post and repaint cards",
        "commands": "for the slash command and the shortcut",
        "app_mentions:read": "to answer when I am mentioned",
        "reactions:read": "for ✅ ❌ ⏸ ♻️",
        "channels:read": "to find public channels",
        "groups:read": "to find private channels",
        "channels:history": "to look before I repeat a message, in public channels",
        "groups:history": "to look before I repeat a message, in private channels",
        "users:read": "for names and time zones",
        "usergroups:read": "for roles by user group",
        "files:read": "to take pictures and videos from messages",
        "files:write": "to show pictures and whole texts",
        "im:write": "to tell somebody privately",
    }
)
"""What we ask for, and why."""

EVENTS = (
    "app_home_opened",
    "app_mention",
    "channel_unarchive",
    "group_unarchive",
    "member_joined_channel",
    "reaction_added",
    "reaction_removed",
    "subteam_created",
    "subteam_members_changed",
    "subteam_updated",
)
SHORTCUT = "make_post"
"""``callback_id`` of the message shortcut."""

NAME, ABOUT = "Clarion", "Your team's social channels: write, review, schedule, publish once."
HINT = "post “What to say” | approve P42 | queue | help"


def manifest(*, url: str = "", command: str = "/clarion") -> dict[str, Any]:
    """The manifest for Socket Mode, or with ``url`` (https, in front of /slack/events) for HTTP.

    Raises `BadInput` for an address that Slack would not call.
    """
    address = _address(url)
    slash = {"command": command, "description": ABOUT, "usage_hint": HINT, "should_escape": False}
    events: dict[str, Any] = {"bot_events": list(EVENTS)}
    pressed: dict[str, Any] = {"is_enabled": True}
    if address:
        slash["url"] = events["request_url"] = address
        pressed |= {"request_url": address, "message_menu_options_url": address}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {"name": NAME, "description": ABOUT, "background_color": "#1f3a5f"},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": [
                {
                    "name": "Make this a post",
                    "type": "message",
                    "callback_id": SHORTCUT,
                    "description": "Draft a post from this message, its pictures too",
                }
            ],
            "slash_commands": [slash],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": pressed,
            "org_deploy_enabled": False,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }


def manifest_text(*, url: str = "", command: str = "/clarion") -> str:
    """The manifest as JSON, with its line end."""
    return json.dumps(manifest(url=url, command=command), indent=2, ensure_ascii=False) + "\n"


def _address(url: str) -> str:
    url = url.strip().rstrip("/")
    if not url:
        return ""
    if re.fullmatch(r"https://[^\s/?#]+(/[^\s?#]*)?", url) is None:
        raise BadInput(
            f"Slack calls only https addresses; “{url}” is none. Write it like https://bot.example.com"
        )
    return url if url.endswith(PATH) else url + PATH
