"""Which blocks and elements there are, which keys each may have, and where each may stand.

Source: docs.slack.dev/reference/block-kit. What is not here (cards, carousels, plans …) is refused
as unknown: the judge passes only what it can judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Shape:
    """``needed`` keys must be there, ``free`` ones may."""

    needed: frozenset[str]
    free: frozenset[str]


def shape(needed: str, free: str = "") -> Shape:
    """A shape from two lists of words; every shape has a type."""
    return Shape(frozenset(f"type {needed}".split()), frozenset(free.split()))


BLOCKS: Mapping[str, Shape] = MappingProxyType(
    {
        "section": shape("", "block_id text fields accessory expand"),
        "divider": shape("", "block_id"),
        "image": shape("alt_text", "block_id image_url slack_file title"),
        "actions": shape("elements", "block_id"),
        "context": shape("elements", "block_id"),
        "header": shape("text", "block_id level"),
        "input": shape("label element", "block_id hint optional dispatch_action"),
        "file": shape("external_id source", "block_id"),
        "markdown": shape("text", "block_id"),
        "rich_text": shape("elements", "block_id"),
        "table": shape("rows", "block_id column_settings"),
        "video": shape(
            "alt_text title thumbnail_url video_url",
            "block_id author_name description provider_icon_url provider_name title_url",
        ),
    }
)

MODAL_BLOCKS = frozenset(
    ("section", "divider", "image", "actions", "context", "header", "input", "rich_text")
)
HOME_BLOCKS = MODAL_BLOCKS.union(("video",))
MESSAGE_BLOCKS = frozenset(BLOCKS)

_INPUT = "action_id confirm focus_on_load placeholder"
_TYPED = "action_id dispatch_action_config focus_on_load initial_value placeholder"
_MANY = f"{_INPUT} max_selected_items"

ELEMENTS: Mapping[str, Shape] = MappingProxyType(
    {
        "button": shape("text", "action_id url value style confirm accessibility_label"),
        "checkboxes": shape("options", "action_id initial_options confirm focus_on_load"),
        "radio_buttons": shape("options", "action_id initial_option confirm focus_on_load"),
        "datepicker": shape("", f"{_INPUT} initial_date"),
        "datetimepicker": shape("", "action_id confirm focus_on_load initial_date_time"),
        "timepicker": shape("", f"{_INPUT} initial_time timezone"),
        "overflow": shape("options", "action_id confirm"),
        "static_select": shape("", f"{_INPUT} options option_groups initial_option"),
        "multi_static_select": shape("", f"{_MANY} options option_groups initial_options"),
        "external_select": shape("", f"{_INPUT} initial_option min_query_length"),
        "multi_external_select": shape("", f"{_MANY} initial_options min_query_length"),
        "users_select": shape("", f"{_INPUT} initial_user"),
        "multi_users_select": shape("", f"{_MANY} initial_users"),
        "channels_select": shape("", f"{_INPUT} initial_channel response_url_enabled"),
        "multi_channels_select": shape("", f"{_MANY} initial_channels"),
        "conversations_select": shape(
            "", f"{_INPUT} initial_conversation default_to_current_conversation response_url_enabled filter"
        ),
        "multi_conversations_select": shape(
            "", f"{_MANY} initial_conversations default_to_current_conversation filter"
        ),
        "plain_text_input": shape("", f"{_TYPED} multiline min_length max_length"),
        "email_text_input": shape("", _TYPED),
        "url_text_input": shape("", _TYPED),
        "number_input": shape("is_decimal_allowed", f"{_TYPED} min_value max_value"),
        "rich_text_input": shape("", _TYPED),
        "file_input": shape("", "action_id filetypes max_files"),
        "image": shape("alt_text", "image_url slack_file"),
    }
)

_PICKERS = frozenset(kind for kind in ELEMENTS if kind.endswith("_select"))
_CHOICES = _PICKERS.union(("checkboxes", "radio_buttons", "datepicker", "timepicker"))
_INPUTS = frozenset(kind for kind in ELEMENTS if kind.endswith("_input"))

ACCESSORIES = _CHOICES.union(("button", "image", "overflow"))
ACTIONS = _CHOICES.union(("button", "datetimepicker", "overflow", "rich_text_input"))
INPUTS = _CHOICES.union(_INPUTS, ("datetimepicker",))

RICH_TEXT = frozenset(("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"))
RICH_PARTS = frozenset(
    ("text", "link", "emoji", "user", "usergroup", "channel", "team", "date", "broadcast", "color")
)
