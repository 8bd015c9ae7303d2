"""How people find what they click and what a form then holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.testing.chats.slack.filing import described
from bot.testing.chats.slack.state import Json, State, View

HELD: Mapping[str, str] = MappingProxyType(
    {
        "datepicker": "selected_date",
        "timepicker": "selected_time",
        "datetimepicker": "selected_date_time",
        "users_select": "selected_user",
        "multi_users_select": "selected_users",
        "channels_select": "selected_channel",
        "multi_channels_select": "selected_channels",
        "conversations_select": "selected_conversation",
        "multi_conversations_select": "selected_conversations",
    }
)
"""Where an element keeps what was chosen, if not in ``value`` or an option."""


class CannotDo(AssertionError):
    """Somebody tried what Slack's own apps do not let them do."""


def elements(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Everything interactive, each with its block."""
    for block in blocks:
        inside = [block.get("accessory"), block.get("element"), *(block.get("elements") or ())]
        for element in inside:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def texts(value: Any) -> list[str]:
    """Every text that is shown, in order."""
    if isinstance(value, Mapping):
        if value.get("type") in ("plain_text", "mrkdwn", "text", "raw_text"):
            return [str(value.get("text", ""))]
        if value.get("type") == "markdown":
            return [str(value.get("text", ""))]
        return [text for key, inner in value.items() if key != "confirm" for text in texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return []


def labels(blocks: Sequence[Json]) -> list[str]:
    """What can be pressed: the words on buttons and in menus."""
    found: list[str] = []
    for _, element in elements(blocks):
        if element["type"] == "button":
            found.append(element["text"]["text"])
        found += [option["text"]["text"] for option in element.get("options", ())]
    return found


def wanted(blocks: Sequence[Json], name: str) -> tuple[Json, Json, Json | None]:
    """Block, element and option with this label, value or ``action_id``. Raises `CannotDo`."""
    for block, element in elements(blocks):
        if name in (element.get("text", {}).get("text"), element.get("value"), element["action_id"]):
            return block, element, None
        for option in element.get("options", ()):
            if name in (option["text"]["text"], option["value"]):
                return block, element, option
    raise CannotDo(f"there is nothing called {name!r} to press, only {', '.join(labels(blocks))}")


def filled(state: State, view: View, values: Mapping[str, Any]) -> Json:
    """``state.values`` of a form. ``values``: by ``action_id``, ``block_id`` or label; else what stood there.

    Raises `CannotDo` for what Slack's apps refuse by themselves: something required that is empty, a
    text too short or too long, a name that is nowhere, an option that is not offered.
    """
    made: Json = {}
    left = dict(values)
    for block in view.content["blocks"]:
        element = block.get("element") or {}
        if block["type"] != "input":
            continue
        label = block["label"]["text"]
        names = [n for n in (element["action_id"], block["block_id"], label) if n in left]
        given = left.pop(names[0]) if names else None
        held = _held(state, element, given) if names else _initial(element)
        if not block.get("optional") and not any(v for k, v in held.items() if k != "type"):
            raise CannotDo(f"{label!r} must be filled in")
        made.setdefault(block["block_id"], {})[element["action_id"]] = held
    if left:
        raise CannotDo(f"the form {view.title!r} has no {', '.join(left)}")
    return made


def _initial(element: Json) -> Json:
    kind = element["type"]
    match kind:
        case "checkboxes" | "multi_static_select" | "multi_external_select":
            return {"type": kind, "selected_options": element.get("initial_options", [])}
        case "static_select" | "external_select" | "radio_buttons":
            return {"type": kind, "selected_option": element.get("initial_option")}
        case "file_input":
            return {"type": kind, "files": []}
        case _:
            first = element.get(
                HELD[kind].replace("selected", "initial") if kind in HELD else "initial_value"
            )
            return {"type": kind, HELD.get(kind, "value"): first or None}


def _held(state: State, element: Json, given: Any) -> Json:
    kind = element["type"]
    match kind:
        case "file_input":
            return {"type": kind, "files": [described(state, state.files[name]) for name in given]}
        case "static_select" | "radio_buttons":
            return {"type": kind, "selected_option": _option(element, given) if given else None}
        case "checkboxes" | "multi_static_select":
            return {"type": kind, "selected_options": [_option(element, one) for one in given]}
        case "external_select":
            chosen = {"text": {"type": "plain_text", "text": given}, "value": given}
            return {"type": kind, "selected_option": chosen}
        case "plain_text_input":
            most, least = element.get("max_length", 3000), element.get("min_length", 0)
            if given and not least <= len(given) <= most:
                raise CannotDo(f"the text must have {least} to {most} characters, it has {len(given)}")
            return {"type": kind, "value": given or None}
        case _:
            return {"type": kind, HELD.get(kind, "value"): given}


def _option(element: Json, name: str) -> Json:
    groups = [group["options"] for group in element.get("option_groups", ())]
    options: list[Json] = [o for some in (element.get("options", ()), *groups) for o in some]
    for option in options:
        if name in (option["value"], option["text"]["text"]):
            return option
    raise CannotDo(f"{name!r} is not offered, only {', '.join(o['text']['text'] for o in options)}")
