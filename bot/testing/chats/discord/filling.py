"""What Discord's own client does for a person: fills in a command's options and a modal's fields.

What the real client would not let anybody send raises `CannotDo`, so that no test does it by mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.testing.chats.discord.components import (
    CHECKBOX,
    CHECKBOXES,
    LABEL,
    RADIO,
    ROW,
    SELECTS,
    TEXT_INPUT,
    UPLOAD,
)
from bot.testing.chats.discord.declared import GROUP, SUBCOMMAND


class CannotDo(AssertionError):
    """Somebody tried what Discord's own apps do not let them do."""


ATTACHMENT, STRING, INTEGER, BOOLEAN, NUMBER = 11, 3, 4, 5, 10


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that somebody picks; ``kind`` its MIME type."""

    name: str
    data: bytes
    kind: str = "application/octet-stream"


Keep = Callable[[Upload], dict[str, Any]]
"""Stores an upload; the attachment as Discord shows it."""


def find_command(commands: Sequence[Mapping[str, Any]], name: str, kind: int = 1) -> Mapping[str, Any]:
    """The registered command that somebody picks; of a group, the first word is its name."""
    wanted = name if kind != 1 else name.split(" ")[0]
    for command in commands:
        if command.get("type", 1) == kind and (command["name"] == wanted or (kind != 1 and not name)):
            return command
    known = ", ".join(sorted(c["name"] for c in commands if c.get("type", 1) == kind)) or "none"
    raise CannotDo(f"no command {name!r} is registered, only: {known}")


def fill_command(
    command: Mapping[str, Any], name: str, given: Mapping[str, Any], keep: Keep, *, typing: str = ""
) -> dict[str, Any]:
    """The ``data`` of a command's interaction; ``typing``: the option being autocompleted."""
    path = name.split(" ")[1:]
    level: Mapping[str, Any] = command
    steps: list[Mapping[str, Any]] = []
    for word in path:
        inner = [
            o for o in level.get("options", ()) if o["type"] in {SUBCOMMAND, GROUP} and o["name"] == word
        ]
        if not inner:
            raise CannotDo(f"/{name} is not registered: {level['name']!r} has no {word!r}")
        level = inner[0]
        steps.append(level)
    declared = {option["name"]: option for option in level.get("options", ())}
    if any(option["type"] in {SUBCOMMAND, GROUP} for option in declared.values()):
        raise CannotDo(f"/{name} needs a subcommand: {', '.join(declared)}")
    if unknown := set(given) - set(declared):
        raise CannotDo(f"/{name} has no option {', '.join(sorted(unknown))}, only: {', '.join(declared)}")
    missing = [key for key, o in declared.items() if o.get("required") and key not in given and not typing]
    if missing:
        raise CannotDo(f"/{name} cannot be sent without {', '.join(missing)}")
    attachments: dict[str, Any] = {}
    options = [
        fill_option(declared[key], value, keep, attachments, focused=key == typing)
        for key, value in given.items()
    ]
    for step in reversed(steps):
        options = [{"type": step["type"], "name": step["name"], "options": options}]
    data: dict[str, Any] = {"id": command["id"], "name": command["name"], "type": 1}
    if options:
        data["options"] = options
    if attachments:
        data["resolved"] = {"attachments": attachments}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data


def fill_option(
    option: Mapping[str, Any], value: Any, keep: Keep, attachments: dict[str, Any], *, focused: bool
) -> dict[str, Any]:
    """One option with the value that somebody gave it."""
    name, kind = option["name"], option["type"]
    filled: dict[str, Any] = {"type": kind, "name": name}
    if kind == ATTACHMENT:
        if not isinstance(value, Upload):
            raise CannotDo(f"{name} takes a file")
        made = keep(value)
        attachments[made["id"]] = made
        return {**filled, "value": made["id"]}
    if focused:
        return {**filled, "value": str(value), "focused": True}
    kinds = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float)}
    wanted: Any = kinds.get(kind, str)
    if not isinstance(value, wanted) or (kind in {INTEGER, NUMBER} and isinstance(value, bool)):
        raise CannotDo(f"{name} does not take {value!r}")
    if option.get("choices"):
        by_name = {choice["name"]: choice["value"] for choice in option["choices"]}
        value = by_name.get(value, value)
        if value not in by_name.values():
            raise CannotDo(f"{name} is one of {', '.join(by_name)}, not {value!r}")
    elif kind == STRING:
        low, high = option.get("min_length", 0), option.get("max_length", 6000)
        if not low <= len(value) <= high:
            raise CannotDo(f"{name} takes {low} to {high} characters, not {len(value)}")
    elif not option.get("min_value", value) <= value <= option.get("max_value", value):
        raise CannotDo(f"{name} does not take {value}")
    return {**filled, "value": value}


def fill_modal(
    components: Sequence[Mapping[str, Any]], given: Mapping[str, Any], keep: Keep
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The ``components`` and ``resolved`` of a sent modal; fields by their name or by what stands above."""
    left = dict(given)
    attachments: dict[str, Any] = {}
    filled: list[dict[str, Any]] = []
    for number, one in enumerate(components, 1):
        match one["type"]:
            case 1:
                inner = [
                    fill_field(f, f.get("label", ""), left, keep, attachments) for f in one["components"]
                ]
                filled.append({"type": ROW, "id": number, "components": inner})
            case 18:
                field = fill_field(one["component"], one["label"], left, keep, attachments)
                filled.append({"type": LABEL, "id": number, "component": field})
            case other:
                filled.append({"type": other, "id": number})
    if left:
        raise CannotDo(f"the form has no field {', '.join(sorted(left))}")
    return filled, {"attachments": attachments} if attachments else {}


def fill_field(
    field: Mapping[str, Any], label: str, left: dict[str, Any], keep: Keep, attachments: dict[str, Any]
) -> dict[str, Any]:
    """One field with what somebody put there, else what it shows already."""
    name, kind = field["custom_id"], field["type"]
    required = field.get("required", True)
    value = left.pop(name, left.pop(label, None))
    filled: dict[str, Any] = {"type": kind, "custom_id": name}
    if kind == TEXT_INPUT:
        text = str(field.get("value") or "") if value is None else str(value)
        low = max(field.get("min_length") or 0, 1 if required else 0)
        if (text or required) and not low <= len(text) <= field.get("max_length", 4000):
            raise CannotDo(f"{label or name} takes {low} to {field.get('max_length', 4000)} characters")
        return {**filled, "value": text}
    if kind == CHECKBOX:
        return {**filled, "value": bool(field.get("default") if value is None else value)}
    if kind == UPLOAD:
        made = [keep(upload) for upload in value or ()]
        attachments.update({one["id"]: one for one in made})
        values = [one["id"] for one in made]
    else:
        values = chosen(field, label, value)
    least = max(field.get("min_values", 1), 1) if required and kind != RADIO else int(required)
    if (values or required) and not least <= len(values) <= field.get(
        "max_values", 1 if kind != CHECKBOXES else 10
    ):
        raise CannotDo(f"{label or name} does not take {len(values)} values")
    return (
        {**filled, "value": values[0] if values else None} if kind == RADIO else {**filled, "values": values}
    )


def chosen(field: Mapping[str, Any], label: str, value: Any) -> list[str]:
    """The values of a menu, of radio buttons or of checkboxes, given by value or by what they show."""
    options = field.get("options", ())
    if value is None:
        return [o["value"] for o in options if o.get("default")]
    wanted = [value] if isinstance(value, str) else list(value)
    if field["type"] in SELECTS and not options:
        return wanted
    shown = {o["label"]: o["value"] for o in options}
    found = [shown.get(one, one) for one in wanted]
    if unknown := set(found) - set(shown.values()):
        raise CannotDo(f"{label} has no {', '.join(sorted(unknown))}, only: {', '.join(shown)}")
    return found
