"""What a message looks like in Slack: within every limit, nothing lost, nobody pinged, as it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.chat.slack.render import WEIGHT, fallback, home, render, simplified, weight
from bot.chat.wording import Rendering
from bot.domain.marks import mark_link, plain
from bot.domain.message import Action, Button, Field, Message
from bot.domain.when import say
from bot.testing.chats.slack.limits import violations
from tests.unit.render_world import ZONE, bare, cards, messages, short_messages

many = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
PINGS = {"user", "usergroup", "broadcast", "channel", "team"}
MARKS = re.compile("[\ufdd0-\ufdef]")


def button(label: str, verb: str = "approve", **more: Any) -> Button:
    return Button(label=label, action=Action(verb=verb, kind="post", id=42, version=3), **more)


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in it."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def shown(blocks: list[dict[str, Any]]) -> str:
    """What people read, one block a line; instants as the reader's own words in ⟨⟩."""
    lines = []
    for block in blocks:
        match block["type"]:
            case "header":
                lines.append(f"# {block['text']['text']}")
            case "rich_text":
                lines.append("".join(map(said, (e for s in block["elements"] for e in s["elements"]))))
            case "section":
                lines.append(block["text"]["text"])
            case "divider":
                lines.append("---")
            case "context":
                lines.append(f"({' '.join(e['text'] for e in block['elements'])})")
            case "actions":
                lines.append("  ".join(map(pressable, block["elements"])))
    return "\n".join(lines)


def said(element: dict[str, Any]) -> str:
    match element["type"]:
        case "date":
            return f"⟨{element['format']}⟩"
        case "link":
            return (
                f"{element['text']}→{element['url']}" if element["text"] != element["url"] else element["url"]
            )
        case "user":
            return f"<{element['user_id']}>"
    text = str(element["text"])
    return f"**{text}**" if element.get("style") else text


def pressable(element: dict[str, Any]) -> str:
    if element["type"] == "button":
        look = {"primary": "!", "danger": "⚠"}.get(element.get("style", ""), "")
        return f"[{look}{element['text']['text']}]"
    return f"[{element['placeholder']['text']} {len(element['options'])}]"


def values(blocks: list[dict[str, Any]]) -> list[str]:
    """The actions that somebody can choose."""
    found = []
    for element in walk(blocks):
        if element.get("type") == "button":
            found.append(element["value"])
        elif element.get("type") == "static_select":
            found += [option["value"] for option in element["options"]]
    return found


def judge(message: Message, rendering: Rendering) -> None:
    """What holds for every message."""
    payload = rendering.payload
    assert violations(payload) == []
    assert violations(payload, update=True) == []
    assert weight(payload["blocks"]) <= WEIGHT
    for block in Block.parse_all(payload["blocks"]):
        block.validate_json()
    text = json.dumps(payload, ensure_ascii=False)
    assert MARKS.search(text) is None
    assert text.encode()
    assert sorted(values(payload["blocks"])) == sorted(b.action.encode() for b in message.buttons)
    pinged = [e["user_id"] for e in walk(payload["blocks"]) if e.get("type") in PINGS]
    assert set(pinged) <= set(message.mentions)
    assert not re.search("[<>]", payload["text"])


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@many
@given(messages)
@example(Message(text=f"{'x' * 1502}\n" * 70))
@example(Message())
@example(Message(text="x" * 100_000, buttons=tuple(button(f"B{n}", f"v-{'x' * n}") for n in range(60))))
def test_any_message_is_taken_and_no_button_is_lost(message: Message) -> None:
    judge(message, render(message))
    judge(message, simplified(message))
    assert violations(home(message)) == []


@many
@given(cards)
def test_a_real_card_in_any_state_is_taken(message: Message) -> None:
    judge(message, render(message))
    view = home(message)
    assert violations(view) == []
    View(**view).validate_json()
    assert sorted(values(view["blocks"])) == sorted(b.action.encode() for b in message.buttons)


@many
@given(short_messages)
def test_every_word_of_a_short_message_is_there(message: Message) -> None:
    rendering = render(message)
    assert rendering.whole == ""
    there = bare(shown(rendering.payload["blocks"]))
    for text in (message.title, message.status, message.text, message.footer):
        for word in bare(plain(text)):
            assert word in there
    for row in message.fields:
        assert set(bare(row.name) + bare(row.value)) <= set(there)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 100_000))
@example(9_000)
@example(13_000)
def test_what_is_cut_comes_whole_beside_it(length: int) -> None:
    text = ("word " * (length // 5 + 1))[:length].strip() or "x"
    rendering = render(Message(title="P42", text=text, fields=(Field(name="X", value="ready"),)))
    blocks = rendering.payload["blocks"]
    words = "".join(said(e) for e in walk(blocks) if e.get("type") == "text")
    assert (text in words) == (rendering.whole == "")
    assert (text in words) or (text in rendering.whole and "X  ready" in rendering.whole)
    assert (text in words) or length > 10_000
    assert "**X**  ready" in shown(blocks)


def test_the_card_in_review() -> None:
    due = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
    message = Message(
        title="P42 · acme · by alice",
        status="IN REVIEW  1 of 2",
        text="Launch day: *Clarion 1.0* is out. <!channel> Read why → https://example.com/why_we_did_it.",
        fields=(
            Field(name="X", value="@acme  ✓ 61/280 · link post (X charges $0.20)"),
            Field(name="LinkedIn", value="Acme GmbH  ✓ 612/3000"),
            Field(name="When", value=f"next slot → {say(due, ZONE)}"),
            Field(name="Approve", value="needs 2 of @marketing-leads · bob ✅ v3 · waiting: carol"),
        ),
        buttons=(
            button("Approve", primary=True),
            button("Request changes", "changes", asks="What should change?"),
            button("Reject", "reject", asks="Why?"),
            button("Take down", "take-down", danger=True),
        ),
        footer="v3 · 2 changes since v2 (thread)",
        mentions=("U024BE7LH",),
    )
    payload = render(message).payload
    assert shown(payload["blocks"]) == (
        "# P42 · acme · by alice\n"
        "👀 **IN REVIEW  1 of 2** <U024BE7LH>\n"
        "Launch day: *Clarion 1.0* is out. <!channel> Read why → https://example.com/why_we_did_it.\n"
        "---\n"
        "**X**  @acme  ✓ 61/280 · link post (X charges $0.20)\n"
        "**LinkedIn**  Acme GmbH  ✓ 612/3000\n"
        "**When**  next slot → ⟨{date_short_pretty} {time}⟩ (Fri 27 Nov 17:30 Lisbon)\n"
        "**Approve**  needs 2 of @marketing-leads · bob ✅ v3 · waiting: carol\n"
        "(v3 · 2 changes since v2 (thread))\n"
        "[!Approve]  [Request changes]  [Reject]  [⚠Take down]"
    )
    assert payload["text"].startswith(
        "P42 · acme · by alice  IN REVIEW  1 of 2\n\nLaunch day: *Clarion 1.0* is out. &lt;!channel&gt; Read"
    )


def test_the_live_card_leads_to_the_post() -> None:
    at = datetime(2026, 11, 21, 17, 30, 1, tzinfo=UTC)
    link = mark_link("https://x.com/acme/status/2123", "x.com/acme/status/2123")
    row = Field(name="X", value=f"@acme  live {say(at, ZONE, now=at, seconds=True)} (receipt) · {link}")
    blocks = render(Message(title="P42", status="LIVE", fields=(row,))).payload["blocks"]
    assert shown(blocks) == (
        "# P42\n"
        "🟢 **LIVE**\n"
        "---\n"
        "**X**  @acme  live ⟨{date_short_pretty} {time_secs}⟩ (17:30:01 Lisbon) (receipt) · "
        "x.com/acme/status/2123→https://x.com/acme/status/2123"
    )
    date = next(e for e in walk(blocks) if e.get("type") == "date")
    assert (date["timestamp"], date["fallback"]) == (1795282201, "17:30:01 Lisbon")


@pytest.mark.parametrize(
    ("status", "glyph"),
    [
        ("LIVE", "🟢"),
        ("LIVE 1, CHECKING 1", "🔎"),
        ("LIVE 2, UNCONFIRMED 1", "❓"),
        ("LIVE, MORE FOLLOWS", "📤"),
        ("REFUSED", "⛔"),
        ("7 planned", ""),
    ],
)
def test_green_is_only_what_is_live_everywhere(status: str, glyph: str) -> None:
    line = shown(render(Message(status=status)).payload["blocks"])
    assert line == f"{glyph} **{status}**".strip()


def test_a_danger_button_is_asked_about_unless_its_form_asks() -> None:
    blocks = render(
        Message(buttons=(button("Take down", danger=True), button("Drop", danger=True, asks="Why?")))
    ).payload["blocks"]
    first, second = (e for e in walk(blocks) if e.get("type") == "button")
    assert first["confirm"]["text"]["text"] == "This cannot be undone."
    assert "confirm" not in second


def test_many_buttons_become_a_menu_before_they_crowd_out_the_words() -> None:
    buttons = tuple(button(f"Decide about number {n}", f"v{'-' * n}", danger=n % 9 == 0) for n in range(60))
    rendering = render(Message(title="P42", text="word " * 300, buttons=buttons))
    assert rendering.whole == ""
    menus = [e for e in walk(rendering.payload["blocks"]) if e.get("type") == "static_select"]
    assert [("confirm" in menu) for menu in menus] == [False, True]


def test_a_long_queue_keeps_all_its_rows() -> None:
    rows = tuple(Field(name=f"P{n} acme-x", value=f"scheduled · “post number {n}”") for n in range(100))
    rendering = render(Message(title="Queue of acme", status="100", fields=rows))
    text = shown(rendering.payload["blocks"])
    assert rendering.whole == ""
    assert all(f"P{n} acme-x" in text for n in range(100))


def test_simplified_has_nothing_that_could_be_refused_again() -> None:
    message = Message(title="P42", text="*word* <@U1>", buttons=(button("Approve"),))
    payload = simplified(message).payload
    assert [b["type"] for b in payload["blocks"]] == ["section", "actions"]
    assert payload["blocks"][0]["text"] == {
        "type": "plain_text",
        "text": "P42\n\n*word* <@U1>",
        "emoji": False,
    }


def test_the_fallback_cannot_ping() -> None:
    assert fallback(Message(text="<!channel> & <@U024BE7LH>")) == "&lt;!channel&gt; &amp; &lt;@U024BE7LH&gt;"


def test_commands_are_named_as_they_are_typed_in_slack() -> None:
    message = Message(
        text="/queue lists it (/help post). See https://x.com/help, /post-office, /queue/7 and “/skip P1”. "
        "Try /help."
    )
    assert shown(render(message).payload["blocks"]) == (
        "/clarion queue lists it (/clarion help post). See https://x.com/help, /post-office, /queue/7 "
        "and “/clarion skip P1”. Try /clarion help."
    )
    card = Message(
        title="P42", text="Try /help", fields=(Field(name="YouTube", value="✗ needs a video — /edit P42"),)
    )
    assert shown(render(card, command="/team").payload["blocks"]) == (
        "# P42\nTry /help\n---\n**YouTube**  ✗ needs a video — /team edit P42"
    )
