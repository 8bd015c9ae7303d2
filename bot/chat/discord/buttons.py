"""Buttons as Discord's components: none is ever lost, however many there are. Pure.

Limits: docs.discord.com/developers, components/reference (5 rows, 5 buttons or one menu of 25 options in
each, 80 characters on a button, 100 on an option, a ``custom_id`` once in a message).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.chat.wording import short
from bot.domain.message import Button

ROW, BUTTON, MENU = 1, 2, 3
ROWS, IN_ROW, OPTIONS, LABEL, OPTION = 5, 5, 25, 80, 100
PRIMARY, SECONDARY, DANGER = 1, 2, 4
FOR_GOOD = "This cannot be undone."

Part = dict[str, Any]


def rows_of(buttons: Sequence[Button]) -> list[Part]:
    """Rows of buttons, ``custom_id`` the encoded action; what no row has room for stands in menus, whose
    chosen ``value`` it is. The same action twice is one button."""
    different = list({button.action: button for button in buttons}.values())
    menus = next(
        n for n in range(ROWS + 1) if (ROWS - n) * IN_ROW + n * OPTIONS >= len(different) or n == ROWS
    )
    shown = different[: (ROWS - menus) * IN_ROW]
    rest = different[len(shown) :]
    rows = [_row(map(_button, shown[at : at + IN_ROW])) for at in range(0, len(shown), IN_ROW)]
    rows += [
        _row([_menu(rest[at : at + OPTIONS], at // OPTIONS)])
        for at in range(0, min(len(rest), menus * OPTIONS), OPTIONS)
    ]
    return rows


def is_final(message: Mapping[str, Any], action: str) -> bool:
    """Whether the button of an encoded action cannot be undone, by the message it stands on: whoever
    presses it is asked once more."""
    for row in message.get("components") or ():
        for part in row.get("components") or ():
            if part.get("custom_id") == action:
                return bool(part.get("style") == DANGER)
            for option in part.get("options") or ():
                if option.get("value") == action:
                    return bool(option.get("description") == FOR_GOOD)
    return False


def _row(parts: Iterable[Part]) -> Part:
    return {"type": ROW, "components": list(parts)}


def _button(button: Button) -> Part:
    style = DANGER if button.danger else PRIMARY if button.primary else SECONDARY
    label = short(button.label, LABEL) or button.action.verb
    return {"type": BUTTON, "style": style, "label": label, "custom_id": button.action.encode()}


def _menu(buttons: Sequence[Button], number: int) -> Part:
    return {
        "type": MENU,
        "custom_id": f"menu:{number}",
        "placeholder": "More …",
        "options": [_option(button) for button in buttons],
    }


def _option(button: Button) -> Part:
    option = {"label": short(button.label, OPTION) or button.action.verb, "value": button.action.encode()}
    return {**option, "description": FOR_GOOD} if button.danger else option
