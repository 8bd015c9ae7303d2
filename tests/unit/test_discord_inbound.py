"""What Discord says becomes neutral values, and nothing that it may say breaks that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.discord.inbound import (
    attachment,
    form_id,
    innermost,
    invocation,
    mention,
    place_of,
    press,
    reactions,
    submitted,
)
from bot.chat.discord.likeness import likeness
from bot.chat.discord.permissions import EVERYTHING, NEEDED, lacking, permitted
from bot.chat.discord.settings import DiscordSettings
from bot.config.secret import Secret
from bot.domain.message import Action, Press, Target
from bot.errors import BadInput

ME = "1187000000000000000"
USER = {"id": "42", "username": "bob", "global_name": "Bob"}


def interaction(**data: Any) -> dict[str, Any]:
    return {
        "id": "9",
        "token": "secret-token",
        "channel_id": "7",
        "member": {"user": USER, "roles": ["5"]},
        "data": data,
    }


@given(st.text())
def test_a_button_is_ours_or_said_not_to_be(wire: str) -> None:
    try:
        said, _ = press(interaction(custom_id=wire))
    except BadInput:
        return
    assert said.action.encode() in wire


@given(st.text())
def test_a_form_is_ours_or_said_not_to_be(wire: str) -> None:
    try:
        said = submitted(interaction(custom_id=wire), {})
    except BadInput:
        return
    assert wire.startswith(("form:", "forms:"))
    assert said.key == "9"


@given(
    verb=st.from_regex(r"[a-z][a-z-]{0,20}", fullmatch=True),
    number=st.integers(0, 10**9),
    version=st.integers(0, 10**6),
    ref=st.integers(10**17, 10**19),
)
def test_what_a_form_completes_comes_back(verb: str, number: int, version: int, ref: int) -> None:
    action = Action(verb=verb, kind="delivery", id=number, version=version)
    begun = Press(action=action, user="42", ref=str(ref), target=Target(chat="discord", channel="7"))
    wire = form_id(begun, None)
    assert len(wire) <= 100
    said = submitted(interaction(custom_id=wire), {"text": "why"})
    assert isinstance(said, Press)
    assert (said.action, said.ref, said.text) == (action, str(ref), "why")


def test_the_second_button_carries_the_first_ones_message() -> None:
    said, sure = press(interaction(custom_id="yes:123:take-down:post:1:2"))
    assert (said.action.encode(), said.ref, sure) == ("take-down:post:1:2", "123", True)


def test_a_command_in_a_group_of_a_group() -> None:
    deep = {"type": 2, "name": "plan", "options": [{"type": 1, "name": "show", "options": []}]}
    assert innermost({"name": "clarion", "options": [deep]}) == ("show", ())


def test_no_token_is_shown() -> None:
    said = invocation(interaction(name="post", options=[{"type": 3, "name": "text", "value": "Hi"}]))
    assert said.target.hook
    assert "secret-token" not in repr(said)


def test_a_file_hides_where_it_lies() -> None:
    file = attachment({"filename": "a.png", "url": "https://cdn.discordapp.com/a?hm=sig", "size": 3})
    assert "sig" not in repr(file)


@pytest.mark.parametrize("kind", [10, 11, 12])
def test_a_thread_belongs_to_its_channel(kind: int) -> None:
    place = place_of({"channel": {"id": "8", "type": kind, "parent_id": "7"}})
    assert place == Target(chat="discord", channel="7", under="8")


def test_emoji_of_a_server_mean_nothing() -> None:
    data = {"message_id": "1", "channel_id": "7", "user_id": "42", "emoji": {"id": "5", "name": "✅"}}
    assert not list(reactions("ADD", data, "s:1"))


@pytest.mark.parametrize(
    "data",
    [
        {"author": {"id": ME}},
        {"author": {"id": "3", "bot": True}, "content": f"<@{ME}>"},
        {"author": USER, "webhook_id": "5", "content": f"<@{ME}>"},
        {"author": USER, "content": "@everyone", "mention_everyone": True},
        {"author": USER, "content": "thanks", "mentions": [{"id": ME}]},
    ],
    ids=["itself", "a bot", "a webhook", "everyone", "an answer to a card"],
)
def test_what_is_no_call_for_help(data: dict[str, Any]) -> None:
    assert mention({"id": "1", "channel_id": "7", "guild_id": "6", **data}, ME) is None


ROLES = [{"id": "1", "permissions": str(1 << 10)}, {"id": "2", "permissions": str(1 << 11)}]


def test_permissions_are_what_discord_makes_of_them() -> None:
    closed = {"permission_overwrites": [{"id": "1", "allow": "0", "deny": str(1 << 10)}]}
    opened = {
        "permission_overwrites": [
            {"id": "1", "allow": "0", "deny": str(1 << 10 | 1 << 11)},
            {"id": "2", "allow": str(1 << 10), "deny": "0"},
            {"id": "9", "allow": str(1 << 14), "deny": str(1 << 10)},
        ]
    }
    admin = [{"id": "1", "permissions": "8"}]
    assert permitted("1", "9", ["2"], ROLES, {}) == 1 << 10 | 1 << 11
    assert permitted("1", "9", ["2"], ROLES, closed) == 1 << 11
    assert permitted("1", "9", ["2"], ROLES, opened) == 1 << 14
    assert permitted("1", "9", [], admin, closed) == EVERYTHING
    assert not lacking(EVERYTHING)
    assert lacking(0) == list(NEEDED)


def test_two_cards_of_one_post_are_alike_and_of_two_posts_are_not() -> None:
    def painted(post: int, version: int, text: str) -> dict[str, Any]:
        button = {"type": 2, "custom_id": f"approve:post:{post}:{version}"}
        return {
            "embeds": [{"title": "P · acme", "description": text}],
            "components": [{"components": [button]}],
        }

    one = likeness(painted(42, 1, "Launch day"))
    assert one.is_of(likeness(painted(42, 2, "Launch  night")))
    assert not one.is_of(likeness(painted(43, 1, "Launch night")))
    assert one == likeness(painted(42, 1, " Launch  day\n"))


def test_settings_say_what_is_wrong_with_them() -> None:
    token = Secret("t")
    wrongs: tuple[dict[str, Any], ...] = ({"base_url": "discord.com"}, {"gateway_url": "https://x"})
    for wrong in wrongs:
        with pytest.raises(BadInput):
            DiscordSettings(token=token, **wrong)
    with pytest.raises(BadInput):
        DiscordSettings(token=Secret(" "))
    plain = DiscordSettings(token=token)
    assert plain.api == "https://discord.com/api/v10"
    assert DiscordSettings(token=token, base_url="http://h:1").api == "http://h:1/api/v10"
    assert DiscordSettings(token=token, base_url="http://h:1/api/v10/").api == "http://h:1/api/v10"
    assert "h:1" in DiscordSettings(token=token, base_url="http://h:1").file_hosts


def test_the_library_is_not_loaded_before_somebody_connects() -> None:
    import subprocess
    import sys

    code = "import sys, bot.chat.discord as d; d.spec(); sys.exit('discord' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
