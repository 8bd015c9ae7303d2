"""The judge of messages and views, beside the official SDK's own models: at each limit both say yes, one
step further both say no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, Option
from slack_sdk.models.views import View

from bot.testing.chats.slack.limits import MESSAGE_WEIGHT, refusal, violations, weight
from bot.testing.chats.slack.state import Json


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Go"), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def asking(element: Json, label: str = "Label", **more: Any) -> Json:
    return {"type": "input", "label": plain(label), "element": element, **more}


def option(text: str = "One", value: str = "1", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def confirm(**more: Json) -> Json:
    return {"title": plain("T"), "text": plain("?"), "confirm": plain("Y"), "deny": plain("N"), **more}


def numbered(count: int) -> list[Json]:
    return [option(f"Option {n}", f"v{n}") for n in range(count)]


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": numbered(2), **more}


Make = Callable[[int], Json]
BLOCKS: Mapping[str, tuple[int, Make]] = MappingProxyType(
    {
        "section text": (3000, lambda n: {"type": "section", "text": mrkdwn("x" * n)}),
        "section fields": (10, lambda n: {"type": "section", "fields": [mrkdwn("x")] * n}),
        "block_id": (255, lambda n: {"type": "divider", "block_id": "x" * n}),
        "header": (150, lambda n: {"type": "header", "text": plain("x" * n)}),
        "context elements": (10, lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}),
        "actions elements": (25, lambda n: actions(*(button(action_id=f"a{k}") for k in range(n)))),
        "button text": (75, lambda n: actions(button(text=plain("x" * n)))),
        "button value": (2000, lambda n: actions(button(value="x" * n))),
        "button url": (3000, lambda n: actions(button(url="x" * n))),
        "action_id": (255, lambda n: actions(button(action_id="x" * n))),
        "confirm title": (100, lambda n: actions(button(confirm=confirm(title=plain("x" * n))))),
        "confirm text": (300, lambda n: actions(button(confirm=confirm(text=plain("x" * n))))),
        "confirm confirm": (30, lambda n: actions(button(confirm=confirm(confirm=plain("x" * n))))),
        "confirm deny": (30, lambda n: actions(button(confirm=confirm(deny=plain("x" * n))))),
        "options": (100, lambda n: actions(select(options=numbered(n)))),
        "option text": (75, lambda n: actions(select(options=[option("x" * n)]))),
        "option value": (150, lambda n: actions(select(options=[option(value="x" * n)]))),
        "placeholder": (150, lambda n: actions(select(placeholder=plain("x" * n)))),
        "overflow": (5, lambda n: actions({"type": "overflow", "action_id": "o", "options": numbered(n)})),
        "image alt": (2000, lambda n: {"type": "image", "image_url": "https://a.b/c", "alt_text": "x" * n}),
        "image url": (3000, lambda n: {"type": "image", "image_url": "x" * n, "alt_text": "x"}),
        "input label": (2000, lambda n: asking({"type": "plain_text_input", "action_id": "t"}, "x" * n)),
        "input hint": (
            2000,
            lambda n: asking({"type": "plain_text_input", "action_id": "t"}, hint=plain("x" * n)),
        ),
        "markdown": (12_000, lambda n: {"type": "markdown", "text": "x" * n}),
    }
)


def sdk_takes(block: Json) -> bool:
    """Whether the SDK's models find nothing wrong. They look into blocks, but not into lists of options."""
    try:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.to_dict()
        for element in block.get("elements", ()):
            for one in Option.parse_all(element.get("options")) or ():
                one.validate_json()
    except SlackObjectFormationError:
        return False
    return True


@pytest.mark.parametrize("name", BLOCKS)
def test_both_judges_agree_at_the_limit(name: str) -> None:
    most, make = BLOCKS[name]
    at, over = make(most), make(most + 1)
    assert violations({"blocks": [at]}) == []
    assert sdk_takes(at)
    assert violations({"blocks": [over]})
    assert not sdk_takes(over)
    assert refusal({"blocks": [over]}) is not None


def around(most: int) -> st.SearchStrategy[int]:
    return st.integers(max(0, most - 2), most + 2)


def texts(most: int) -> st.SearchStrategy[str]:
    """Of a length around a limit."""
    return around(most).map("x".__mul__)


ELEMENTS = st.one_of(
    st.builds(
        lambda text, value, url: button(text=plain(text), value=value, url=url),
        texts(75),
        texts(2000),
        texts(3000),
    ),
    st.builds(
        lambda count, hint: select(options=numbered(count), placeholder=plain(hint)), around(100), texts(150)
    ),
)
ANY_BLOCK = st.one_of(
    st.builds(lambda text: {"type": "section", "text": mrkdwn(text)}, texts(3000)),
    st.builds(lambda count: {"type": "section", "fields": [mrkdwn("x")] * count}, around(10)),
    st.builds(lambda text: {"type": "header", "text": plain(text)}, texts(150)),
    st.builds(lambda count: {"type": "context", "elements": [mrkdwn("x")] * count}, around(10)),
    st.builds(lambda elements: actions(*elements), st.lists(ELEMENTS, max_size=3)),
    st.builds(lambda alt: {"type": "image", "image_url": "https://a.b/c", "alt_text": alt}, texts(2000)),
)


@given(st.lists(ANY_BLOCK, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_what_we_take_the_sdk_takes_too(blocks: list[Json]) -> None:
    """Our judge is at least as strict as theirs, whatever the content."""
    assert violations({"blocks": blocks}) or all(map(sdk_takes, blocks))


def modal(**more: Any) -> Json:
    return {"type": "modal", "title": plain("T"), "blocks": [{"type": "divider"}], **more}


VIEWS: Mapping[str, tuple[int, Make]] = MappingProxyType(
    {
        "title": (24, lambda n: modal(title=plain("x" * n))),
        "submit": (24, lambda n: modal(submit=plain("x" * n))),
        "close": (24, lambda n: modal(close=plain("x" * n))),
        "private_metadata": (3000, lambda n: modal(private_metadata="x" * n)),
        "callback_id": (255, lambda n: modal(callback_id="x" * n)),
        "blocks": (100, lambda n: modal(blocks=[{"type": "divider"}] * n)),
        "home blocks": (100, lambda n: {"type": "home", "blocks": [{"type": "divider"}] * n}),
    }
)


@pytest.mark.parametrize("name", VIEWS)
def test_both_judges_agree_about_views(name: str) -> None:
    most, make = VIEWS[name]
    assert violations(make(most)) == []
    View(**make(most)).to_dict()
    assert violations(make(most + 1))
    with pytest.raises(SlackObjectFormationError):
        View(**make(most + 1)).to_dict()


TEXT_INPUT: Json = {"type": "plain_text_input", "action_id": "t"}
REFUSED: Mapping[str, Json] = MappingProxyType(
    {
        "no text at all": {"text": "  "},
        "51 blocks": {"blocks": [{"type": "divider"}] * 51},
        "text over 40,000": {"text": "x" * 40_001},
        "field over 2,000": {"blocks": [{"type": "section", "fields": [mrkdwn("x" * 2001)]}]},
        "empty text": {"blocks": [{"type": "section", "text": mrkdwn("")}]},
        "empty section": {"blocks": [{"type": "section"}]},
        "empty actions": {"blocks": [actions()]},
        "empty button": {"blocks": [actions(button(text=plain("")))]},
        "unknown block": {"blocks": [{"type": "cards"}]},
        "unknown element": {"blocks": [actions({"type": "lever", "action_id": "a"})]},
        "unknown key": {"blocks": [{"type": "divider", "color": "red"}]},
        "unknown text type": {"blocks": [{"type": "section", "text": {"type": "markdown", "text": "x"}}]},
        "emoji on mrkdwn": {"blocks": [{"type": "section", "text": {**mrkdwn("x"), "emoji": True}}]},
        "mrkdwn on a button": {"blocks": [actions(button(text=mrkdwn("Go")))]},
        "mrkdwn in a header": {"blocks": [{"type": "header", "text": mrkdwn("x")}]},
        "two primary buttons": {
            "blocks": [actions(button(style="primary"), button(action_id="b", style="primary"))]
        },
        "unknown style": {"blocks": [actions(button(style="warning"))]},
        "same action_id": {"blocks": [actions(button(), button())]},
        "same block_id": {"blocks": [{"type": "divider", "block_id": "x"}] * 2},
        "text input outside input": {"blocks": [actions(TEXT_INPUT)]},
        "initial option not offered": {"blocks": [actions(select(initial_option=option("No", "no")))]},
        "eleven checkboxes": {
            "blocks": [actions({"type": "checkboxes", "action_id": "c", "options": numbered(11)})]
        },
        "image without address": {"blocks": [{"type": "image", "alt_text": "x"}]},
        "metadata without payload": {"text": "x", "metadata": {"event_type": "x"}},
        "101 attachments": {"text": "x", "attachments": [{}] * 101},
        "markdown twice": {"blocks": [{"type": "markdown", "text": "x" * 6001}] * 2},
        "modal without title": {"type": "modal", "blocks": [{"type": "divider"}]},
        "modal without blocks": modal(blocks=[]),
        "inputs without submit": modal(blocks=[asking(TEXT_INPUT)]),
        "markdown in a modal": modal(blocks=[{"type": "markdown", "text": "x"}]),
        "initial value over 3,000": modal(
            blocks=[asking({**TEXT_INPUT, "initial_value": "x" * 3001})], submit=plain("Go")
        ),
        "max_length over 3,000": modal(
            blocks=[asking({**TEXT_INPUT, "max_length": 3001})], submit=plain("Go")
        ),
        "two focused": modal(
            blocks=[asking({**TEXT_INPUT, "focus_on_load": True}) for _ in range(2)], submit=plain("Go")
        ),
        "home with submit": {"type": "home", "blocks": [], "submit": plain("Go")},
    }
)


@pytest.mark.parametrize("name", REFUSED)
def test_what_only_slack_itself_refuses(name: str) -> None:
    assert violations(REFUSED[name])


def test_the_weight_of_a_whole_message() -> None:
    blocks: list[Json] = [{"type": "section", "text": mrkdwn("x" * 2900)} for _ in range(4)]
    room = MESSAGE_WEIGHT - weight([*blocks, {"type": "section", "text": mrkdwn("")}])
    full = [*blocks, {"type": "section", "text": mrkdwn("x" * room)}]
    assert violations({"blocks": full}) == []
    over = [*blocks, {"type": "section", "text": mrkdwn("x" * (room + 1))}]
    said = refusal({"blocks": over})
    assert said is not None
    assert said[0] == "msg_blocks_too_long"


def test_an_update_takes_less_text_than_a_new_message() -> None:
    assert violations({"text": "x" * 4001}) == []
    assert refusal({"text": "x" * 4001}, update=True) is not None


def test_faults_say_where() -> None:
    (fault,) = violations({"blocks": [{"type": "section", "text": mrkdwn("x" * 3001)}]})
    assert fault == "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
