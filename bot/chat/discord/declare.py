"""The commands as Discord's application commands, and what is different where they are registered. Pure.

Limits: docs.discord.com/developers, interactions/application-commands (25 options, 8,000 characters of
names, descriptions and values in a command). One option takes one file, so that a list of files is
several options; several texts or pairs are one text, as `bot.commands.several` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.commands.option import Kind, Option
from bot.commands.spec import Command
from bot.domain.words import listed

CHAT_INPUT, MESSAGE = 1, 3
SUBCOMMAND, STRING, INTEGER, BOOLEAN, ATTACHMENT = 1, 3, 4, 5, 11
GROUP, SHORTCUT = "clarion", "Make this a post"
OPTIONS, SIZE, LARGEST, FILES, HELP = 25, 8_000, 7_800, 4, 100
SUGGESTED = frozenset({Kind.POST, Kind.SUBJECT, Kind.ACCOUNTS, Kind.WHEN, Kind.USER})
IN_GUILDS: Mapping[str, Any] = MappingProxyType({"contexts": (0,), "integration_types": (0,)})
"""A post belongs to a team's channel: not in private chats, and installed by a server."""

Entry = dict[str, Any]


def declared(commands: Iterable[Command], *, top_level: bool = False) -> list[Entry]:
    """Everything to register: the commands as ``/post`` … or as ``/clarion post`` …, and the message
    command. What one group has no room for goes on in ``/clarion-more``."""
    entries = sorted((_entry(command) for command in commands), key=lambda entry: entry["name"] != "help")
    if top_level:
        chat = [{"type": CHAT_INPUT, **entry, **_in_guilds()} for entry in entries]
    else:
        chat = list(_groups([{"type": SUBCOMMAND, **entry} for entry in entries]))
    return [*chat, {"type": MESSAGE, "name": SHORTCUT, **_in_guilds()}]


def differences(wanted: Sequence[Mapping[str, Any]], live: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is not registered as it is declared, one sentence for each command; nothing where all is well."""
    ours = {_called(entry): entry for entry in wanted}
    theirs = {_called(entry): entry for entry in live}
    found = [f"{name} is not registered." for name in ours if name not in theirs]
    found += [f"{name} is registered, but I have no such command." for name in theirs if name not in ours]
    for name, entry in ours.items():
        if name in theirs and (about := _different(entry, theirs[name])):
            found.append(f"{name} is registered differently: {listed(about)}.")
    return found


def _in_guilds() -> Entry:
    return {key: list(value) for key, value in IN_GUILDS.items()}


def size_of(entry: Mapping[str, Any]) -> int:
    """The characters that count: names, descriptions, values."""
    return sum(map(len, _words(entry)))


def _words(entry: Mapping[str, Any]) -> Iterator[str]:
    yield from (entry[key] for key in ("name", "description", "value") if isinstance(entry.get(key), str))
    for inner in (*entry.get("options", ()), *entry.get("choices", ())):
        yield from _words(inner)


def _groups(entries: Sequence[Entry]) -> Iterator[Entry]:
    """As few groups as hold them all, in their order."""
    groups: list[Entry] = []
    for entry in entries:
        group = groups[-1] if groups else None
        if group is None or len(group["options"]) == OPTIONS or size_of(group) + size_of(entry) > SIZE:
            group = _group(len(groups))
            groups.append(group)
        group["options"].append(entry)
    yield from groups


def _group(number: int) -> Entry:
    name = GROUP if not number else f"{GROUP}-more" if number == 1 else f"{GROUP}-more-{number}"
    words = "Your team's posts: write, review, schedule, publish" + (" (more commands)" if number else "")
    return {"type": CHAT_INPUT, "name": name, "description": words, "options": [], **_in_guilds()}


def _entry(command: Command) -> Entry:
    order = sorted(command.options, key=lambda o: (not o.required, not o.positional))
    more = [extra for option in order if option.kind is Kind.MEDIA for extra in _more_files(option)]
    options = [*map(_option, order), *more][:OPTIONS]
    entry: Entry = {"name": command.name, "description": command.help, "options": options}
    # a choice that there is no room for is still checked, and told, when the command is used
    for option in reversed(options):
        if size_of(entry) <= LARGEST:
            break
        option.pop("choices", None)
    return entry


def _more_files(option: Option) -> Iterator[Entry]:
    for number in range(2, FILES + 1):
        yield {"type": ATTACHMENT, "name": f"{option.name}-{number}", "description": "One more file"}


def _option(option: Option) -> Entry:
    base: Entry = {"name": option.name, "description": _help(option), **_required(option)}
    match option.kind:
        case Kind.MEDIA:
            return {"type": ATTACHMENT, **base}
        case Kind.INTEGER:
            return {"type": INTEGER, **base}
        case Kind.FLAG:
            return {"type": BOOLEAN, **base}
        case Kind.CHOICE:
            return {
                "type": STRING,
                **base,
                "choices": [{"name": one, "value": one} for one in option.choices],
            }
        case _:
            return {"type": STRING, **base, **({"autocomplete": True} if option.kind in SUGGESTED else {})}


def _required(option: Option) -> Entry:
    return {"required": True} if option.required else {}


def _help(option: Option) -> str:
    like = ""
    if option.kind is Kind.PAIRS:
        like = f", like {option.first.lower()}: text | {option.first.lower()}: text"
    elif option.kind is Kind.TEXTS:
        like = ", with | between"
    return option.help + like if len(option.help + like) <= HELP else option.help


def _called(entry: Mapping[str, Any]) -> str:
    return str(entry["name"]) if entry.get("type", CHAT_INPUT) == MESSAGE else f"/{entry['name']}"


def _different(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """In what: names of subcommands or options where those differ, else what it is."""
    mine, live = _normal(ours), _normal(theirs)
    about = [
        key for key in ("description", "contexts", "integration_types") if mine.get(key) != live.get(key)
    ]
    before = {one["name"]: one for one in live["options"]}
    after = {one["name"]: one for one in mine["options"]}
    about += [name for name in after if json.dumps(after[name]) != json.dumps(before.get(name))]
    about += [f"{name}, which is gone" for name in before if name not in after]
    if not about and list(before) != list(after):
        about.append("the order")
    return about


def _normal(entry: Mapping[str, Any]) -> Entry:
    """Only what we declare, with the defaults that Discord leaves out or fills in."""
    return {
        "type": entry.get("type", CHAT_INPUT),
        "name": entry["name"],
        "description": entry.get("description") or "",
        "required": bool(entry.get("required")),
        "autocomplete": bool(entry.get("autocomplete")),
        "choices": [[one["name"], one["value"]] for one in entry.get("choices") or ()],
        "options": [_normal(one) for one in entry.get("options") or ()],
        "contexts": entry.get("contexts"),
        "integration_types": entry.get("integration_types"),
    }
