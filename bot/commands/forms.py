"""A command as a form to fill in, for chats that have forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.commands.option import Kind, Option
from bot.commands.several import pairs_text, texts_text
from bot.commands.spec import Command
from bot.domain.asks import Form, Input, InputKind

KINDS: Mapping[Kind, InputKind] = MappingProxyType(
    {
        Kind.LONG_TEXT: InputKind.LONG,
        Kind.PAIRS: InputKind.LONG,
        Kind.TEXTS: InputKind.LONG,
        Kind.FLAG: InputKind.FLAG,
        Kind.CHOICE: InputKind.CHOICE,
        Kind.MEDIA: InputKind.FILES,
    }
)
YES = "yes"


def command_form(
    command: Command, given: Mapping[str, Any] | None = None, *, only: Sequence[str] = ()
) -> Form:
    """What may be said with a command, what was given already filled in.

    ``given`` is by option name, as `Command.convert` takes it. ``only`` these options, in this order,
    beside what is required and what was given; without it all, required ones first.
    """
    given = given or {}
    options = sorted(command.options, key=lambda o: (not o.required, not o.positional))
    if only:
        wanted = [o for o in options if o.required or o.name in only or given.get(o.name)]
        options = sorted(wanted, key=lambda o: only.index(o.name) if o.name in only else len(only))
    return Form(
        title=f"/{command.name}",
        inputs=tuple(_input(option, given.get(option.name)) for option in options),
        submit="Send",
        command=command.name,
    )


def from_form(command: Command, values: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, by option name, for `Command.convert`. A text left empty is not given, files
    come another way; what a chat gives in its own types stays as it is."""
    known = {option.name: option for option in command.options}
    found: dict[str, Any] = {}
    for name, value in values.items():
        option = known.get(name)
        if option is not None and option.kind is Kind.MEDIA:
            continue
        if option is None or not isinstance(value, str):
            found[name] = value
        elif option.kind is Kind.FLAG:
            found[name] = value == YES if value in (YES, "") else value
        elif value.strip():
            found[name] = value if option.kind in (Kind.TEXT, Kind.LONG_TEXT) else value.strip("\n")
    return found


def _input(option: Option, given: Any) -> Input:
    return Input(
        name=option.name,
        label=option.name.replace("-", " ").capitalize(),
        kind=KINDS.get(option.kind, InputKind.LINE),
        help=_help(option),
        initial=_initial(option, given),
        choices=option.choices,
        required=option.required,
        suggests=option.kind in (Kind.POST, Kind.ACCOUNTS),
        several=option.kind is Kind.ACCOUNTS,
    )


def _help(option: Option) -> str:
    match option.kind:
        case Kind.PAIRS:
            return f"{option.help}; one a line, like {option.first.lower()}: text"
        case Kind.TEXTS:
            return f"{option.help}; one a line"
    return option.help


def _initial(option: Option, given: Any) -> str:
    """The value as the form shows it."""
    if given is None:
        return str(option.default) if option.choices and option.default else ""
    if option.kind is Kind.FLAG:
        return YES if option.read(given) else ""
    if isinstance(given, str):
        return given
    match option.kind:
        case Kind.PAIRS:
            return pairs_text(given.items() if isinstance(given, Mapping) else given)
        case Kind.TEXTS:
            return texts_text(given)
        case Kind.ACCOUNTS:
            return ", ".join(given)
        case Kind.MEDIA:
            return ""
    return str(given)
