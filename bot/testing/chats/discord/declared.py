"""Discord's limits on application commands (interactions/application-commands, 2026)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.testing.chats.discord.judging import Judge, Path, kind_of

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
COMMANDS = MappingProxyType({CHAT_INPUT: 100, USER: 15, MESSAGE: 15})
"""How many of each kind an application may have, globally and once more in every guild."""

CREATES_A_DAY = 200
OPTIONS, CHOICES, TOTAL = 25, 25, 8000
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
NAME = re.compile(r"[-_'\w]{1,32}")
Entry = Mapping[str, Any]


def judge_command(judge: Judge, command: Entry, at: Path = ()) -> None:
    """One command as it is declared."""
    kind = kind_of(command) if command.get("type") else CHAT_INPUT
    if kind not in COMMANDS:
        judge.blame((*at, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
        return
    if kind == CHAT_INPUT:
        judge_name(judge, command, at)
        judge.text(command, "description", at, low=1, high=100, required=True)
        judge_options(judge, command, at, depth=0)
    else:
        judge.text(command, "name", at, low=1, high=32, required=True)
        if command.get("description") or command.get("options"):
            message = "Context menu commands cannot have description or options"
            judge.blame((*at, "description"), "APPLICATION_COMMAND_INVALID_DESCRIPTION", message)
    if (size := sum(len(text) for text in words(command))) > TOTAL:
        message = f"Command exceeds maximum size ({size} > {TOTAL})"
        judge.blame(at, "APPLICATION_COMMAND_TOO_LARGE", message)


def judge_commands(judge: Judge, commands: Sequence[Entry]) -> None:
    """All commands of an application in one place, as a bulk overwrite sends them."""
    for index, command in enumerate(commands):
        judge_command(judge, command, (str(index),))
    for kind, most in COMMANDS.items():
        names = [str(c.get("name")) for c in commands if (c.get("type") or CHAT_INPUT) == kind]
        if len(names) > most:
            message = f"Maximum number of application commands reached ({most})"
            judge.blame((), "APPLICATION_COMMAND_TOO_MANY", message)
        for name, times in Counter(names).items():
            if times > 1:
                message = f"Application command names must be unique: {name}"
                judge.blame((), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)


def judge_name(judge: Judge, entry: Entry, at: Path) -> None:
    """Names that are typed: lower case, no spaces, 32 characters."""
    name = judge.text(entry, "name", at, low=1, high=32, required=True)
    if name and (NAME.fullmatch(name) is None or name != name.lower()):
        message = "Command name is invalid"
        judge.blame((*at, "name"), "APPLICATION_COMMAND_INVALID_NAME", message)


def judge_options(judge: Judge, entry: Entry, at: Path, *, depth: int) -> None:
    """The options of a command or subcommand; ``depth`` is how many groups lie above."""
    options = judge.items(entry, "options", at, high=OPTIONS)
    kinds = {kind_of(option) for option in options}
    if kinds & {SUBCOMMAND, GROUP} and kinds - {SUBCOMMAND, GROUP}:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        judge.blame((*at, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    names: set[str] = set()
    optional_came = False
    for index, option in enumerate(options):
        here = (*at, "options", str(index))
        judge_option(judge, option, here, depth=depth)
        name = str(option.get("name"))
        if name in names:
            message = "Option name is not unique"
            judge.blame((*here, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", message)
        names.add(name)
        if option.get("required") and optional_came:
            message = "Required options must be placed before non-required options"
            judge.blame(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_came = optional_came or not option.get("required")


def judge_option(judge: Judge, option: Entry, at: Path, *, depth: int) -> None:
    """One option."""
    judge_name(judge, option, at)
    judge.text(option, "description", at, low=1, high=100, required=True)
    kind = judge.choice(option, "type", at, set(range(1, 12)))
    if kind in {SUBCOMMAND, GROUP}:
        if (kind == GROUP and depth > 0) or depth > 1:
            message = "Groups and subcommands are nested too deeply"
            judge.blame((*at, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
        judge_options(judge, option, at, depth=depth + 1 if kind == GROUP else 2)
        return
    choices = judge.items(option, "choices", at, high=CHOICES)
    if choices and kind not in {STRING, INTEGER, NUMBER}:
        judge.blame((*at, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "Not for this type.")
    judge_choices(judge, choices, (*at, "choices"))
    if option.get("autocomplete"):
        if choices:
            message = "Choices and autocomplete are mutually exclusive"
            judge.blame(at, "APPLICATION_COMMAND_AUTOCOMPLETE_AND_CHOICES_MUTUALLY_EXCLUSIVE", message)
        if kind not in {STRING, INTEGER, NUMBER}:
            message = "Autocomplete is not supported for this type of option"
            judge.blame((*at, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_TYPE_INVALID", message)
    judge.number(option, "min_length", at, low=0, high=6000, default=0)
    judge.number(option, "max_length", at, low=1, high=6000, default=6000)


def judge_choices(judge: Judge, choices: Sequence[Entry], at: Path) -> None:
    """Name and value 100 characters; no name twice."""
    names: set[str] = set()
    for index, choice in enumerate(choices):
        here = (*at, str(index))
        name = judge.text(choice, "name", here, low=1, high=100, required=True)
        if name and name in names:
            message = "Option choice name is not unique"
            judge.blame((*here, "name"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", message)
        names.add(name)
        if isinstance(choice.get("value"), str):
            judge.text(choice, "value", here, high=100)
        elif choice.get("value") is None:
            judge.blame((*here, "value"), "BASE_TYPE_REQUIRED", "This field is required")


def words(entry: Entry) -> Iterator[str]:
    """Everything that counts into the 8,000 characters: names, descriptions and values."""
    for key in ("name", "description", "value"):
        if isinstance(entry.get(key), str):
            yield entry[key]
    for key in ("options", "choices"):
        listed = entry.get(key)
        for inner in listed if isinstance(listed, list) else ():
            if isinstance(inner, Mapping):
                yield from words(inner)
