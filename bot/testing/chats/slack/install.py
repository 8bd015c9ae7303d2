"""Setting the app up from a manifest, as one does by pasting it.

Source: docs.slack.dev/reference/app-manifest and the scopes named on each event's page.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.testing.chats.slack.methods import METHODS
from bot.testing.chats.slack.state import Json, State

EVENT_SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "app_home_opened": "",
        "app_mention": "app_mentions:read",
        "app_uninstalled": "",
        "channel_archive": "channels:read",
        "channel_left": "channels:read",
        "channel_unarchive": "channels:read",
        "group_archive": "groups:read",
        "group_left": "groups:read",
        "group_unarchive": "groups:read",
        "member_joined_channel": "channels:read groups:read",
        "member_left_channel": "channels:read groups:read",
        "message.channels": "channels:history",
        "message.groups": "groups:history",
        "message.im": "im:history",
        "reaction_added": "reactions:read",
        "reaction_removed": "reactions:read",
        "subteam_created": "usergroups:read",
        "subteam_members_changed": "usergroups:read",
        "subteam_updated": "usergroups:read",
        "team_join": "users:read",
        "tokens_revoked": "",
        "user_change": "users:read",
    }
)
MORE_SCOPES = frozenset(("channels:join", "chat:write.public", "im:read", "links:read", "links:write"))


def problems(manifest: Json) -> list[str]:
    """Why Slack would not take the manifest; one sentence each."""
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    settings = manifest["settings"]
    events = settings.get("event_subscriptions", {}).get("bot_events", [])
    known = {scope for method in METHODS.values() for scope in method.scopes.split()} | MORE_SCOPES
    known |= {scope for wanted in EVENT_SCOPES.values() for scope in wanted.split()} | {"commands"}
    found = [f"no such scope: {scope}" for scope in sorted(scopes - known)]
    for event in events:
        wanted = EVENT_SCOPES.get(event)
        if wanted is None:
            found.append(f"no such event: {event}")
        elif wanted and not scopes & set(wanted.split()):
            found.append(f"{event} needs {wanted}")
    features = manifest["features"]
    if (features.get("slash_commands") or features.get("shortcuts")) and "commands" not in scopes:
        found.append("commands and shortcuts need the scope commands")
    if not settings.get("socket_mode_enabled"):
        urls = [
            settings.get("event_subscriptions", {}).get("request_url") if events else "-",
            settings.get("interactivity", {}).get("request_url"),
            *(command.get("url") for command in features.get("slash_commands", ())),
        ]
        if not all(urls):
            found.append("without Socket Mode every address has to be given")
    if "app_home_opened" in events and not features.get("app_home", {}).get("home_tab_enabled"):
        found.append("app_home_opened without a Home tab")
    return found


def install(state: State, manifest: Json) -> None:
    """Grant, subscribe and declare what the manifest says. Raises `ValueError` with all `problems`."""
    if wrong := problems(manifest):
        raise ValueError("; ".join(wrong))
    state.scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    state.subscribed = set(manifest["settings"].get("event_subscriptions", {}).get("bot_events", []))
    state.commands = {command["command"] for command in manifest["features"].get("slash_commands", ())}
    state.shortcuts = {one["callback_id"] for one in manifest["features"].get("shortcuts", ())}
