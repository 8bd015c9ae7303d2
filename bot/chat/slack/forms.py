"""A form as Slack's modal, and what was filled in. Pure.

Limits: docs.slack.dev/reference/views and /reference/block-kit/block-elements (24 characters on a title
and a button, 3,000 in an input, 100 options, 10 files).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.chat.filling import Value, line_ends, parts, together
from bot.chat.wording import short, tidy, units
from bot.domain.asks import Form, Input, InputKind

TITLE, LABEL, HINT, TYPED, OPTION, OPTIONS, FILES, PARTS = 24, 200, 2_000, 3_000, 75, 100, 10, 10
CALLBACK = "form"
"""``callback_id`` of every modal; ``private_metadata`` says what it is for."""
VALUE = "value"
"""``action_id`` of every input; its block's id is the input's name."""
YES, SEVERAL = "yes", ", "

Block = dict[str, Any]


def modal(form: Form, *, metadata: str) -> dict[str, Any]:
    """The view for views.open. A text that is longer than an input takes stands in several."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": metadata,
        "title": _plain(short(form.title, TITLE) or "Clarion"),
        "submit": _plain(short(form.submit, TITLE) or "Send"),
        "close": _plain("Cancel"),
        "blocks": [block for one in form.inputs for block in _blocks(one)][:OPTIONS],
    }


def values(state: Mapping[str, Any]) -> dict[str, Value]:
    """What was filled in, by input name, from a submitted view's ``state``: texts as they are (an empty
    one for nothing), ``yes`` for a flag, for files a tuple of Slack's file objects."""
    found = state.get("values", state)
    return together((name, _value(block)) for name, block in _in_order(found))


def _in_order(found: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """A part of a long text comes behind what it goes on with, whatever order they arrive in."""
    return sorted(found.items(), key=lambda item: (item[0].count("+"), len(item[0]), item[0]))


def _value(block: Mapping[str, Any]) -> Value:
    for element in block.values():
        match element.get("type"):
            case "multi_external_select":
                chosen = element.get("selected_options") or ()
                return SEVERAL.join(str(option.get("value") or "") for option in chosen)
            case "static_select" | "external_select" | "radio_buttons":
                chosen = element.get("selected_option") or {}
                return str(chosen.get("value") or "")
            case "checkboxes":
                return YES if element.get("selected_options") else ""
            case "file_input":
                return tuple(element.get("files") or ())
            case _:
                return line_ends(str(element.get("value") or ""))
    return ""


def _blocks(one: Input) -> list[Block]:
    if one.kind not in (InputKind.LINE, InputKind.LONG) and not (
        one.kind is InputKind.CHOICE and not one.choices
    ):
        return [_block(one.name, one, _chosen(one), one.label)]
    if one.suggests and all(units(part) <= OPTION for part in one.initial.split(",")):
        return [_block(one.name, one, _suggested(one), one.label)]
    texts = parts(one.name, one.initial, TYPED)
    if len(texts) > PARTS:
        words = f"{one.label}: {len(one.initial):,} characters are too many to change here; type the command."
        return [{"type": "section", "text": _plain(words)}]
    several = len(texts) > 1
    return [
        _block(
            name,
            one,
            _typed(one, text, multiline=one.kind is InputKind.LONG or several or "\n" in text),
            f"{one.label} ({number} of {len(texts)})" if several else one.label,
            optional=number > 1,
        )
        for number, (name, text) in enumerate(texts, 1)
    ]


def _block(name: str, one: Input, element: Block, label: str, *, optional: bool = False) -> Block:
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": _plain(short(label, LABEL) or name),
        "optional": optional or not one.required or one.kind is InputKind.FLAG,
        "element": {"action_id": VALUE, **element},
    }
    if hint := short(one.help, HINT):
        block["hint"] = _plain(hint)
    return block


def _typed(one: Input, text: str, *, multiline: bool) -> Block:
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": TYPED}
    if text:
        element["initial_value"] = text
    return element


def _suggested(one: Input) -> Block:
    """A menu that asks us what fits while somebody types; an empty word brings the likeliest."""
    given = [part.strip() for part in one.initial.split(",")] if one.several else [one.initial.strip()]
    options = [_option(value, value) for value in given if value]
    element: Block = {"min_query_length": 0, "placeholder": _plain("Type to search")}
    if one.several:
        chosen = {"initial_options": options} if options else {}
        return {"type": "multi_external_select", **element, **chosen}
    first = {"initial_option": options[0]} if options else {}
    return {"type": "external_select", **element, **first}


def _chosen(one: Input) -> Block:
    match one.kind:
        case InputKind.FILES:
            return {"type": "file_input", "max_files": FILES}
        case InputKind.FLAG:
            options = [_option("Yes", YES)]
            element: Block = {"type": "checkboxes", "options": options}
            return {**element, "initial_options": options} if one.initial else element
        case _:
            options = [_option(choice, choice) for choice in one.choices[:OPTIONS]]
            initial = [option for option in options if option["value"] == one.initial]
            menu: Block = {"type": "static_select", "options": options}
            return {**menu, "initial_option": initial[0]} if initial else menu


def _option(label: str, value: str) -> Block:
    return {"text": _plain(short(label, OPTION) or "—"), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": tidy(text)}
