"""A form as Discord's modal, and what was filled in. Pure.

Limits: docs.discord.com/developers, components/reference (title 45, five components, label 45 with a
description of 100, 4,000 characters in an input, 25 options, 10 files).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.chat.filling import Value, line_ends, parts, together
from bot.chat.wording import short
from bot.domain.asks import Form, Input, InputKind

TITLE, COMPONENTS, LABEL, HELP, TYPED, OPTION, OPTIONS, FILES = 45, 5, 45, 100, 4_000, 100, 25, 10
TEXT_INPUT, SELECT, TEXT, LABELLED, UPLOAD, CHECKBOX = 4, 3, 10, 18, 19, 23
YES = "yes"

Part = dict[str, Any]


def modal(form: Form, *, custom_id: str) -> dict[str, Any]:
    """The ``data`` of an interaction's answer of type 9: the first five inputs, which matter most. A text
    that is longer than an input takes stands in several."""
    components: list[Part] = []
    for one in form.inputs:
        found = _components(one, COMPONENTS - len(components))
        components += found
    return {"custom_id": custom_id, "title": short(form.title, TITLE) or "Clarion", "components": components}


def values(components: Sequence[Mapping[str, Any]]) -> dict[str, Value]:
    """What was filled in, by input name, from a submitted modal's ``components``: texts as they are (an
    empty one for nothing), ``yes`` for a flag, for files a tuple of attachment ids."""
    return together((str(part["custom_id"]), _value(part)) for part in _inputs(components))


def _inputs(components: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for part in components:
        inner = part.get("component")
        if isinstance(inner, Mapping):
            yield inner
        yield from part.get("components") or ()


def _value(part: Mapping[str, Any]) -> Value:
    match part.get("type"):
        case 3:
            return str(next(iter(part.get("values") or ()), ""))
        case 19:
            return tuple(str(one) for one in part.get("values") or ())
        case 23:
            return YES if part.get("value") else ""
        case _:
            return line_ends(str(part.get("value") or ""))


def _components(one: Input, room: int) -> list[Part]:
    """As many components as the input takes, or none where there is no room for it."""
    if room < 1:
        return []
    if one.kind is InputKind.FILES:
        least = int(one.required)
        return [
            _labelled(
                one,
                one.label,
                {"type": UPLOAD, "min_values": least, "max_values": FILES, "required": one.required},
            )
        ]
    if one.kind is InputKind.FLAG:
        return [_labelled(one, one.label, {"type": CHECKBOX, "default": bool(one.initial)})]
    if one.kind is InputKind.CHOICE and one.choices:
        return [_labelled(one, one.label, _select(one))]
    texts = parts(one.name, one.initial, TYPED)
    if len(texts) > room:
        words = f"{one.label}: {len(one.initial):,} characters are too many to change here; type the command."
        return [{"type": TEXT, "content": short(words, TYPED)}]
    several = len(texts) > 1
    long = one.kind is InputKind.LONG or several or "\n" in one.initial
    return [
        _labelled(
            one,
            f"{short(one.label, LABEL - 9)} ({number} of {len(texts)})" if several else one.label,
            _typed(one, text, long=long, required=one.required and number == 1),
            name=name,
        )
        for number, (name, text) in enumerate(texts, 1)
    ]


def _labelled(one: Input, label: str, component: Part, *, name: str = "") -> Part:
    part: Part = {
        "type": LABELLED,
        "label": short(label, LABEL) or one.name,
        "component": {"custom_id": name or one.name, **component},
    }
    if words := short(one.help, HELP):
        part["description"] = words
    return part


def _typed(one: Input, text: str, *, long: bool, required: bool) -> Part:
    part: Part = {
        "type": TEXT_INPUT,
        "style": 2 if long else 1,
        "max_length": TYPED,
        "required": required,
    }
    return {**part, "value": text} if text else part


def _select(one: Input) -> Part:
    options = [
        {
            "label": short(choice, OPTION) or "—",
            "value": choice,
            **({"default": True} if choice == one.initial else {}),
        }
        for choice in one.choices[:OPTIONS]
    ]
    return {
        "type": SELECT,
        "options": options,
        "min_values": int(one.required),
        "max_values": 1,
        "required": one.required,
    }
