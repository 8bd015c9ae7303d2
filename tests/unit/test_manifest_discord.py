"""The commands as Discord is told of them: native types, within its limits, and what is different there."""

from __future__ import annotations

import copy
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.discord.declare import declared, differences, size_of
from bot.commands import all_commands
from bot.commands.option import Kind, Option
from bot.commands.spec import Command, Opt, WhenText, command
from bot.domain.message import Message
from bot.domain.people import Role
from bot.testing.chats.discord.limits import violations

COMMANDS = all_commands()


async def nothing(*_: object, **__: object) -> Message:
    return Message()


def commands_of(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every command by its name, wherever it stands."""
    chat = [entry for entry in entries if entry["type"] == 1]
    return {
        one["name"]: one
        for entry in chat
        for one in (entry["options"] if entry["name"].startswith("clarion") else [entry])
    }


def options_of(name: str) -> dict[str, dict[str, Any]]:
    return {option["name"]: option for option in commands_of(declared(COMMANDS))[name]["options"]}


@pytest.mark.parametrize("top_level", [True, False])
def test_all_commands_are_declared_within_the_limits(top_level: bool) -> None:
    entries = declared(COMMANDS, top_level=top_level)
    assert violations(entries, "commands") == []
    assert set(commands_of(entries)) == {c.name for c in COMMANDS}
    assert entries[-1] == {
        "type": 3,
        "name": "Make this a post",
        "contexts": [0],
        "integration_types": [0],
    }


def test_one_group_holds_25_and_the_rest_goes_on_in_another() -> None:
    first, second, _ = declared(COMMANDS)
    assert (first["name"], len(first["options"])) == ("clarion", 25)
    assert second["name"] == "clarion-more"
    assert {"help", "post", "approve"} < {one["name"] for one in first["options"]}


def test_types_are_discords_own() -> None:
    post = options_of("post")
    assert [post[name]["type"] for name in ("text", "thread", "media", "media-2", "media-4")] == [
        3,
        5,
        11,
        11,
        11,
    ]
    assert post["to"]["autocomplete"]
    assert post["at"]["autocomplete"]
    assert post["for"]["description"] == "An account and its own text, like account: text | account: text"
    assert options_of("queue")["days"]["type"] == 4
    answer = options_of("confirm")["answer"]
    assert [choice["value"] for choice in answer["choices"]] == ["live", "not", "leave"]
    assert answer["required"]


def test_what_is_required_comes_before_what_is_not() -> None:
    @command()
    async def odd(
        ctx: object,
        *,
        at: Annotated[WhenText | None, Opt("When")] = None,
        name: Annotated[str, Opt("What")],
    ) -> Message:
        """Do something."""
        return Message()

    entry = commands_of(declared([odd], top_level=True))["odd"]
    assert [option["name"] for option in entry["options"]] == ["name", "at"]
    assert violations(entry | {"type": 1}, "command") == []


helps = st.text(st.characters(categories=("L", "P", "Zs", "So")), min_size=1, max_size=100).filter(str.strip)
options = st.builds(
    lambda number, help_, kind, required, choices: Option(
        name=f"option-{number}",
        parameter=f"option_{number}",
        help=help_,
        kind=kind,
        required=required and kind not in (Kind.FLAG, Kind.PAIRS),
        default=False if kind is Kind.FLAG else None,
        choices=tuple(f"choice {n}" for n in range(choices)) if kind is Kind.CHOICE else (),
    ),
    st.integers(0, 10**6),
    helps,
    st.sampled_from(Kind),
    st.booleans(),
    st.integers(1, 25),
)
plugin_commands = st.lists(
    st.builds(
        lambda number, help_, many: Command(
            name=f"command-{number}",
            help=help_,
            long_help="",
            role=Role.VIEW,
            options=tuple(many),
            run=nothing,
        ),
        st.integers(0, 10**9),
        helps,
        st.lists(options, max_size=25, unique_by=lambda o: o.name),
    ),
    max_size=60,
    unique_by=lambda c: c.name,
)


@settings(max_examples=25, deadline=None)
@given(plugin_commands, st.booleans())
def test_any_commands_of_plugins_fit_too(commands: list[Command], top_level: bool) -> None:
    entries = declared(commands, top_level=top_level)
    assert violations(entries, "commands") == []
    assert set(commands_of(entries)) == {c.name for c in commands}


def live(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same as Discord answers: with ids, defaults and nothing where nothing was said."""
    found = copy.deepcopy(entries)
    for number, entry in enumerate(found):
        entry |= {
            "id": str(1187 + number),
            "application_id": "1",
            "version": "2",
            "default_member_permissions": None,
            "nsfw": False,
            "name_localizations": None,
        }
        entry.setdefault("description", "")
    return list(reversed(found))


def test_what_is_registered_as_declared_is_no_difference() -> None:
    for top_level in (True, False):
        wanted = declared(COMMANDS, top_level=top_level)
        assert differences(wanted, live(wanted)) == []


def test_every_difference_is_told() -> None:
    wanted = declared(COMMANDS, top_level=True)
    there = {entry["name"]: entry for entry in live(wanted)}
    del there["approve"]
    there["old"] = {"type": 1, "name": "old", "description": "x"}
    there["post"]["options"][0]["description"] = "Another"
    there["edit"]["options"].pop()
    there["hold"]["options"].append({"type": 3, "name": "gone", "description": "x"})
    there["retry"]["description"] = "Another"
    there["why"]["options"].reverse()
    there["Make this a post"]["contexts"] = None
    assert set(differences(wanted, list(there.values()))) == {
        "/approve is not registered.",
        "/old is registered, but I have no such command.",
        "/post is registered differently: text.",
        "/edit is registered differently: media-4.",
        "/hold is registered differently: gone, which is gone.",
        "/retry is registered differently: description.",
        "/why is registered differently: the order.",
        "Make this a post is registered differently: contexts.",
    }
    assert "/clarion is not registered." in differences(declared(COMMANDS), [])


def test_the_size_counts_names_descriptions_and_values() -> None:
    entry = {
        "name": "ab",
        "description": "cde",
        "options": [{"name": "f", "description": "gh", "choices": [{"name": "i", "value": "jk"}]}],
    }
    assert size_of(entry) == 11
