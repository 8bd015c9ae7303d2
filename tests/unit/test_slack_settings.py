"""What an administrator writes down for Slack, and what is said when it cannot work."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.chat.slack import spec
from bot.chat.slack.settings import SlackSettings
from bot.config import read_settings
from bot.config.secret import Secret

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_APP_TOKEN": "xapp-1-a", "SLACK_SIGNING_SECRET": "abc123"}


def read(table: dict[str, object], env: dict[str, str]) -> SlackSettings | tuple[str, ...]:
    return read_settings(
        SlackSettings,
        table,
        where="chat.slack",
        env=env,
        fallback=spec().variables,
    )


def test_the_customary_variables_are_enough() -> None:
    found = read({}, TOKENS)
    assert isinstance(found, SlackSettings)
    assert found.socket_mode
    assert found.api == "https://slack.com/api/"
    assert "xoxb-1-a" not in repr(found)


def test_a_signing_secret_alone_means_http() -> None:
    found = read({}, {k: v for k, v in TOKENS.items() if k != "SLACK_APP_TOKEN"})
    assert isinstance(found, SlackSettings)
    assert not found.socket_mode
    assert found.address == ("127.0.0.1", 3000)


@pytest.mark.parametrize(
    ("table", "env", "words"),
    [
        ({}, {}, "SLACK_BOT_TOKEN"),
        ({}, {"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
        ({}, {**TOKENS, "SLACK_BOT_TOKEN": "xapp-1"}, "must begin with xoxb-"),
        ({}, {**TOKENS, "SLACK_APP_TOKEN": "xoxb-1"}, "must begin with xapp-"),
        ({"listen": "3000"}, TOKENS, "127.0.0.1:3000"),
        ({"listen": "host:99999"}, TOKENS, "127.0.0.1:3000"),
        ({"command": "clarion"}, TOKENS, "/clarion"),
        ({"base_url": "ftp://x"}, TOKENS, "http"),
        ({"bot_tokn": "x"}, TOKENS, "did you mean 'bot_token'"),
    ],
)
def test_what_cannot_work_is_said_with_the_way_out(
    table: dict[str, object], env: dict[str, str], words: str
) -> None:
    problems = read(table, env)
    assert isinstance(problems, tuple)
    assert words in " ".join(problems)
    assert not [value for value in env.values() if value in " ".join(problems)]


def test_a_stand_in_may_use_any_token() -> None:
    found = SlackSettings(bot_token=Secret("t"), app_token=Secret("t"), base_url="http://127.0.0.1:9/api")
    assert found.api == "http://127.0.0.1:9/api/"


def test_naming_slack_loads_none_of_its_sdk() -> None:
    code = (
        "import sys; from bot.chat.slack import spec; spec(); "
        "print([m for m in ('slack_sdk', 'slack_bolt', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
