"""Slack's app manifest: what is pasted is complete and within Slack's schema."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.chat.slack import inbound
from bot.chat.slack.manifest import EVENTS, SCOPES, manifest, manifest_text
from bot.errors import BadInput

NEEDED = {
    "app_mention": {"app_mentions:read"},
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "channel_unarchive": {"channels:read"},
    "group_unarchive": {"groups:read"},
    "subteam_created": {"usergroups:read"},
    "subteam_updated": {"usergroups:read"},
    "subteam_members_changed": {"usergroups:read"},
    "app_home_opened": set(),
}
"""docs.slack.dev/reference/events: the scopes that each event asks for."""

LENGTHS = {
    ("display_information", "name"): 35,
    ("display_information", "description"): 140,
    ("features", "bot_user", "display_name"): 80,
    ("features", "shortcuts", 0, "name"): 24,
    ("features", "shortcuts", 0, "description"): 150,
    ("features", "slash_commands", 0, "command"): 32,
    ("features", "slash_commands", 0, "usage_hint"): 1_000,
}
"""github.com/slackapi/manifest-schema, version 2."""


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def test_it_can_be_pasted() -> None:
    text = manifest_text()
    assert json.loads(text) == manifest()
    assert text.endswith("}\n")


def test_socket_mode_needs_no_address() -> None:
    made = manifest()
    assert made["settings"]["socket_mode_enabled"] is True
    assert "http" not in manifest_text()


def test_over_http_slack_calls_one_address() -> None:
    made = manifest(url="https://bot.example.com/", command="/clarion-dev")
    address = "https://bot.example.com/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["settings"]["interactivity"]["message_menu_options_url"] == address
    assert at(made, ("features", "slash_commands", 0, "url")) == address
    assert at(made, ("features", "slash_commands", 0, "command")) == "/clarion-dev"
    assert manifest(url=address) == manifest(url="https://bot.example.com")


@pytest.mark.parametrize(
    "url", ["http://bot.example.com", "bot.example.com", "https://", "https://a b", "https://a?x"]
)
def test_an_address_slack_would_not_call_is_said(url: str) -> None:
    with pytest.raises(BadInput, match="Slack calls only https addresses"):
        manifest(url=url)


@pytest.mark.parametrize(("path", "most"), LENGTHS.items())
def test_no_word_is_too_long(path: tuple[str | int, ...], most: int) -> None:
    assert 0 < len(at(manifest(), path)) <= most


def test_every_event_has_its_scope_and_every_event_we_hear_is_asked_for() -> None:
    for event in EVENTS:
        assert NEEDED[event] <= set(SCOPES), event
    source = Path(inbound.__file__).with_name("listen.py").read_text(encoding="utf-8")
    heard = {
        value.value
        for case in ast.walk(ast.parse(source))
        if isinstance(case, ast.MatchValue) and isinstance(value := case.value, ast.Constant)
    }
    assert heard == set(EVENTS)


CALLS = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "conversations.info": "channels:read",
    "conversations.open": "im:write",
    "reactions.get": "reactions:read",
    "users.info": "users:read",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "files.info": "files:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "views.open": "",
    "views.publish": "",
    "views.push": "",
    "views.update": "",
    "auth.test": "",
    "apps.connections.open": "",
}
"""docs.slack.dev/reference/methods: the scope that each method asks a bot for."""


def test_every_method_we_call_has_its_scope() -> None:
    folder = Path(inbound.__file__).parent
    called = {
        name
        for path in folder.glob("*.py")
        for name in re.findall(r'"((?:[a-z]+\.)+[a-zA-Z]+)"', path.read_text(encoding="utf-8"))
        if name.split(".")[0]
        in {"chat", "conversations", "reactions", "users", "usergroups", "files", "views"}
    }
    assert called
    for name in called:
        assert CALLS[name] in {"", *SCOPES}, name
    assert {"channels:history", "groups:history"} < set(SCOPES)
    used = {CALLS[name] for name in called} | {scope for event in EVENTS for scope in NEEDED[event]}
    unused = set(SCOPES) - used - {"commands", "groups:history", "groups:read"}
    assert not unused
