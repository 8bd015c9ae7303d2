"""Discord's limits on components, in messages and in modals (components/reference, 2026)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.testing.chats.discord.judging import Judge, Path, kind_of

ROW, BUTTON, SELECT, TEXT_INPUT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = (
    *(1, 2, 3, 4),
    *(9, 10, 11, 12, 13, 14, 17, 18),
)
UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 19, 21, 22, 23
SELECTS = frozenset({SELECT, 5, 6, 7, 8})
INTERACTIVE = frozenset({BUTTON, TEXT_INPUT, UPLOAD, RADIO, CHECKBOXES, CHECKBOX, *SELECTS})
LEGACY_ROWS, ROW_SIZE, IN_ALL, TEXT_IN_ALL = 5, 5, 40, 4000
LINK, PREMIUM = 5, 6
WEB = ("http://", "https://", "discord://")
MEDIA = ("http://", "https://", "attachment://")

Component = Mapping[str, Any]


def walk(components: Sequence[Any]) -> Iterator[Component]:
    """Every component, nested ones too, from the outside in."""
    for one in components:
        if not isinstance(one, Mapping):
            continue
        yield one
        inner = one.get("components")
        yield from walk(inner if isinstance(inner, list) else ())
        yield from walk([one[key] for key in ("accessory", "component") if isinstance(one.get(key), Mapping)])


def judge_rows(judge: Judge, components: Sequence[Component], at: Path) -> None:
    """Components of a message without the v2 flag: at most five rows and nothing else."""
    if len(components) > LEGACY_ROWS:
        judge.blame(at, "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {LEGACY_ROWS} in length.")
    for index, row in enumerate(components):
        here = (*at, str(index))
        if judge.choice(row, "type", here, {ROW}) is not None:
            judge_row(judge, row, here)
    judge_ids(judge, components, at)


def judge_layout(judge: Judge, components: Sequence[Component], at: Path) -> None:
    """Components of a message with the v2 flag."""
    if len(list(walk(components))) > IN_ALL:
        judge.blame(at, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", f"At most {IN_ALL} components.")
    written = sum(len(str(one.get("content", ""))) for one in walk(components) if one.get("type") == TEXT)
    if written > TEXT_IN_ALL:
        message = f"The total length of text in components must be {TEXT_IN_ALL} or less."
        judge.blame(at, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    for index, one in enumerate(components):
        judge_block(judge, one, (*at, str(index)), outer=True)
    judge_ids(judge, components, at)


def judge_block(judge: Judge, one: Component, at: Path, *, outer: bool) -> None:
    """One component that may stand in a v2 message or in a container there."""
    allowed = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR} | ({CONTAINER} if outer else set())
    match judge.choice(one, "type", at, allowed):
        case 1:
            judge_row(judge, one, at)
        case 9:
            for index, text in enumerate(judge.items(one, "components", at, low=1, high=3, required=True)):
                here = (*at, "components", str(index))
                if judge.choice(text, "type", here, {TEXT}):
                    judge.text(text, "content", here, low=1, high=TEXT_IN_ALL, required=True)
            judge_accessory(judge, one, at)
        case 10:
            judge.text(one, "content", at, low=1, high=TEXT_IN_ALL, required=True)
        case 12:
            for index, item in enumerate(judge.items(one, "items", at, low=1, high=10, required=True)):
                here = (*at, "items", str(index))
                judge.text(item, "description", here, high=1024)
                judge_media(judge, item, "media", here)
        case 13:
            judge_media(judge, one, "file", at)
        case 17:
            judge.number(one, "accent_color", at, low=0, high=0xFFFFFF, default=0)
            for index, inner in enumerate(judge.items(one, "components", at, low=1, high=40, required=True)):
                judge_block(judge, inner, (*at, "components", str(index)), outer=False)


def judge_accessory(judge: Judge, section: Component, at: Path) -> None:
    """What stands beside a section's text: a button or a thumbnail, required."""
    accessory, here = section.get("accessory"), (*at, "accessory")
    if not isinstance(accessory, Mapping):
        judge.blame(here, "BASE_TYPE_REQUIRED", "This field is required")
        return
    match judge.choice(accessory, "type", here, {BUTTON, THUMBNAIL}):
        case 2:
            judge_button(judge, accessory, here)
        case 11:
            judge.text(accessory, "description", here, high=1024)
            judge_media(judge, accessory, "media", here)


def judge_media(judge: Judge, one: Component, key: str, at: Path) -> None:
    """An unfurled media item: an address, or ``attachment://`` and a file's name."""
    media = one.get(key)
    if not isinstance(media, Mapping) or not media.get("url"):
        judge.blame((*at, key), "BASE_TYPE_REQUIRED", "This field is required")
        return
    judge.link(media, "url", (*at, key), high=2048, schemes=MEDIA)


def judge_row(judge: Judge, row: Component, at: Path) -> None:
    """Up to five buttons, or one select."""
    inner = judge.items(row, "components", at, low=1, high=ROW_SIZE, required=True)
    kinds = {kind_of(one) for one in inner}
    for index, one in enumerate(inner):
        here = (*at, "components", str(index))
        match judge.choice(one, "type", here, {BUTTON, *SELECTS}):
            case None:
                pass
            case 2:
                judge_button(judge, one, here)
            case _:
                judge_select(judge, one, here)
    if kinds & SELECTS and len(inner) > 1:
        message = "The specified component exceeds the maximum width"
        judge.blame((*at, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)


def judge_button(judge: Judge, button: Component, at: Path) -> None:
    """Label 80, address 512; a name of its own unless it is a link."""
    style = judge.choice(button, "style", at, {1, 2, 3, 4, LINK, PREMIUM})
    label = judge.text(button, "label", at, high=80)
    if style == LINK:
        judge.link(button, "url", at, high=512, schemes=WEB)
        if not button.get("url"):
            judge.blame((*at, "url"), "BASE_TYPE_REQUIRED", "A url is required")
        if button.get("custom_id"):
            message = "A custom id and url cannot both be specified"
            judge.blame((*at, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
    elif style != PREMIUM:
        judge.text(button, "custom_id", at, low=1, high=100, required=True)
        if button.get("url"):
            message = "A url can only be specified for a link button"
            judge.blame((*at, "url"), "BUTTON_COMPONENT_INVALID_URL", message)
    if style != PREMIUM and not label and not button.get("emoji"):
        judge.blame((*at, "label"), "BUTTON_COMPONENT_LABEL_REQUIRED", "A label or an emoji is required")


def judge_select(judge: Judge, select: Component, at: Path) -> None:
    """A menu; its options are 1 to 25 where it carries them itself."""
    judge.text(select, "custom_id", at, low=1, high=100, required=True)
    judge.text(select, "placeholder", at, high=150)
    low = judge.number(select, "min_values", at, low=0, high=25, default=1)
    high = judge.number(select, "max_values", at, low=1, high=25, default=1)
    if low > high:
        judge.blame(
            (*at, "min_values"), "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE", "min_values over max_values"
        )
    if select.get("type") == SELECT:
        judge_options(judge, select, at, low=1, high=25)
        options = select.get("options")
        listed = options if isinstance(options, list) else []
        chosen = sum(1 for one in listed if isinstance(one, Mapping) and one.get("default"))
        if chosen > high:
            judge.blame((*at, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "Too many defaults.")


def judge_options(judge: Judge, one: Component, at: Path, *, low: int, high: int) -> None:
    """The options of a menu, a radio group or checkboxes: label, value, description 100; values differ."""
    values = set()
    for index, option in enumerate(judge.items(one, "options", at, low=low, high=high, required=True)):
        here = (*at, "options", str(index))
        judge.text(option, "label", here, low=1, high=100, required=True)
        judge.text(option, "description", here, high=100)
        value = judge.text(option, "value", here, low=1, high=100, required=True)
        if value and value in values:
            message = "The specified option value is already used"
            judge.blame((*here, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        values.add(value)


def judge_modal(judge: Judge, components: Sequence[Component], at: Path) -> None:
    """What stands in a modal: labels with one input each, plain text, or the old rows."""
    for index, one in enumerate(components):
        here = (*at, str(index))
        match judge.choice(one, "type", here, {ROW, TEXT, LABEL}):
            case 1:
                inner = judge.items(one, "components", here, low=1, high=1, required=True)
                for number, text in enumerate(inner):
                    there = (*here, "components", str(number))
                    if judge.choice(text, "type", there, {TEXT_INPUT}):
                        judge.text(text, "label", there, low=1, high=45, required=True)
                        judge_input(judge, text, there)
            case 10:
                judge.text(one, "content", here, low=1, high=TEXT_IN_ALL, required=True)
            case 18:
                judge.text(one, "label", here, low=1, high=45, required=True)
                judge.text(one, "description", here, high=100)
                inner_one = one.get("component")
                if isinstance(inner_one, Mapping):
                    judge_field(judge, inner_one, (*here, "component"))
                else:
                    judge.blame((*here, "component"), "BASE_TYPE_REQUIRED", "This field is required")
    judge_ids(judge, components, at)


def judge_field(judge: Judge, one: Component, at: Path) -> None:
    """The one input of a label."""
    kinds = {TEXT_INPUT, UPLOAD, RADIO, CHECKBOXES, CHECKBOX, *SELECTS}
    match judge.choice(one, "type", at, kinds):
        case None:
            return
        case 4:
            judge_input(judge, one, at)
            return
        case 19:
            judge.number(one, "min_values", at, low=0, high=10, default=1)
            judge.number(one, "max_values", at, low=1, high=10, default=1)
        case 21:
            judge_options(judge, one, at, low=2, high=10)
        case 22:
            judge_options(judge, one, at, low=1, high=10)
        case 23:
            pass
        case _:
            judge_select(judge, one, at)
            if one.get("required", True) and one.get("min_values") == 0:
                message = "min_values must be at least 1 if the component is required"
                judge.blame((*at, "min_values"), "COMPONENT_REQUIRED_MIN_VALUES", message)
            return
    judge.text(one, "custom_id", at, low=1, high=100, required=True)


def judge_input(judge: Judge, one: Component, at: Path) -> None:
    """A line or a box of text."""
    judge.text(one, "custom_id", at, low=1, high=100, required=True)
    judge.choice(one, "style", at, {1, 2})
    judge.text(one, "placeholder", at, high=100)
    low = judge.number(one, "min_length", at, low=0, high=4000, default=0)
    high = judge.number(one, "max_length", at, low=1, high=4000, default=4000)
    if low > high:
        judge.blame((*at, "min_length"), "TEXT_INPUT_MIN_LENGTH_TOO_LARGE", "min_length over max_length")
    if one.get("value"):
        judge.text(one, "value", at, low=low, high=high)


def judge_ids(judge: Judge, components: Sequence[Component], at: Path) -> None:
    """No two interactive components of one message or modal share a ``custom_id``."""
    seen: set[str] = set()
    for one in walk(components):
        name = one.get("custom_id") if kind_of(one) in INTERACTIVE else None
        if isinstance(name, str) and name:
            if name in seen:
                message = f"Component custom id cannot be duplicated: {name}"
                judge.blame(at, "COMPONENT_CUSTOM_ID_DUPLICATED", message)
            seen.add(name)
