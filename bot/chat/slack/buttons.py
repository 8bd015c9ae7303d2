"""Buttons as Slack's elements: none is ever lost, however many there are. Pure.

Limits: docs.slack.dev/reference/block-kit (25 elements in a block of actions, 75 characters on a
button or an option, 100 options in a menu, one primary button in a set).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.chat.wording import short, units
from bot.domain.message import Button

IN_BLOCK, LABEL, OPTIONS = 25, 75, 100
WAYS = ((LABEL, 1_000), (40, 1_000), (LABEL, 10), (30, 5), (20, 0), (12, 0))
"""How long a label may be, and how many stay buttons, from the best to the tightest; the others go into
a menu."""
SHARE = 0.6
"""How much of a message buttons may take before they are packed tighter."""
SURE: Mapping[str, Any] = MappingProxyType(
    {
        "title": {"type": "plain_text", "text": "Are you sure?"},
        "text": {"type": "plain_text", "text": "This cannot be undone."},
        "confirm": {"type": "plain_text", "text": "Yes, do it"},
        "deny": {"type": "plain_text", "text": "No"},
        "style": "danger",
    }
)

Element = dict[str, Any]


def buttons_blocks(buttons: Sequence[Button], room: int) -> list[Element]:
    """Blocks of actions; ``value``, or a menu's chosen option's, is the encoded action."""
    if not buttons:
        return []
    blocks: list[Element] = []
    for label, count in WAYS:
        blocks = _packed(buttons, label, count)
        if units(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) <= room * SHARE:
            break
    return blocks


def _packed(buttons: Sequence[Button], label: int, count: int) -> list[Element]:
    first = next((n for n, button in enumerate(buttons) if button.primary and not button.danger), None)
    elements = [_button(b, n, label, primary=n == first) for n, b in enumerate(buttons[:count])]
    rest = buttons[count:]
    for name, more in (
        ("More …", [b for b in rest if not _risky(b)]),
        ("More, for good …", [b for b in rest if _risky(b)]),
    ):
        for at in range(0, len(more), OPTIONS):
            elements.append(_menu(more[at : at + OPTIONS], f"menu:{len(elements)}", name, label))
    return [
        {"type": "actions", "elements": elements[at : at + IN_BLOCK]}
        for at in range(0, len(elements), IN_BLOCK)
    ]


def _risky(button: Button) -> bool:
    """A form that asks for words is a second question by itself."""
    return button.danger and not button.asks


def _button(button: Button, number: int, label: int, *, primary: bool) -> Element:
    element: Element = {
        "type": "button",
        "action_id": f"press:{number}",
        "text": _plain(short(button.label, label) or button.action.verb[:label]),
        "value": button.action.encode(),
    }
    if button.danger:
        element["style"] = "danger"
    elif primary:
        element["style"] = "primary"
    if _risky(button):
        element["confirm"] = dict(SURE)
    return element


def _menu(buttons: Sequence[Button], name: str, placeholder: str, label: int) -> Element:
    options = [
        {"text": _plain(short(b.label, label) or b.action.verb[:label]), "value": b.action.encode()}
        for b in buttons
    ]
    element: Element = {
        "type": "static_select",
        "action_id": name,
        "placeholder": _plain(placeholder),
        "options": options,
    }
    if any(map(_risky, buttons)):
        element["confirm"] = dict(SURE)
    return element


def _plain(text: str) -> Element:
    return {"type": "plain_text", "text": text}
