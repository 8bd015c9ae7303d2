"""What a message looks like in Discord: within every limit, nothing lost, nobody pinged, as written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.chat.discord.buttons import is_final
from bot.chat.discord.markdown import escaped
from bot.chat.discord.render import render, simplified
from bot.chat.wording import Rendering
from bot.domain.marks import mark_link, plain
from bot.domain.message import Action, Button, Field, Message
from bot.domain.when import say
from bot.testing.chats.discord.limits import violations
from tests.unit.render_world import SAMPLES, ZONE, bare, cards, messages, short_messages

many = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
MARKS = re.compile("[\ufdd0-\ufdef]")
PING = re.compile(r"(?<!\\)<[@#](?!\d+>)|(?<!\\)<@[!&]|(?<!\\)@(?:everyone|here)")


def button(label: str, verb: str = "approve", **more: Any) -> Button:
    return Button(label=label, action=Action(verb=verb, kind="post", id=42, version=3), **more)


def read(markdown: str) -> str:
    """What Discord shows of markdown that holds nothing but links, instants, bold names and escapes."""
    text = re.sub(r"<t:-?\d+:f> ", "⟨t⟩ ", markdown)
    text = re.sub(r"\[((?:\\.|[^\]\\])*)\]\(<([^>]*)>\)", r"\1→\2", text)
    text = re.sub(r"(?<!\\)<(https?://[^>\s]*)>", r"\1", text)
    text = re.sub(r"(?<![\\*])\*\*(?=\S|\s)", "", text)
    return re.sub(r"\\([^\w\s]|_)", r"\1", text)


def shown(payload: dict[str, Any]) -> str:
    """What people read, one thing a line."""
    lines = [read(payload["content"])] if payload["content"] else []
    for embed in payload["embeds"]:
        lines += [embed[key]["name"] for key in ("author",) if key in embed]
        lines += [f"# {read(embed['title'])}"] if "title" in embed else []
        lines += [read(embed["description"])] if "description" in embed else []
        lines += [f"{read(f['name'])} | {read(f['value'])}" for f in embed.get("fields", ())]
        lines += [f"({embed['footer']['text']})"] if "footer" in embed else []
    return "\n".join(
        [*lines, *(" ".join(map(pressable, row["components"])) for row in payload["components"])]
    )


def pressable(part: dict[str, Any]) -> str:
    if part["type"] == 2:
        return f"[{ {1: '!', 2: '', 4: '⚠'}[part['style']] }{part['label']}]"
    return f"[{part['placeholder']} {len(part['options'])}]"


def parts(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for row in payload["components"]:
        yield from row["components"]


def values(payload: dict[str, Any]) -> list[str]:
    """The actions that somebody can choose."""
    found = []
    for part in parts(payload):
        found += [o["value"] for o in part["options"]] if part["type"] == 3 else [part["custom_id"]]
    return found


def judge(message: Message, rendering: Rendering) -> None:
    """What holds for every message."""
    payload = rendering.payload
    assert violations(payload) == []
    text = json.dumps(payload, ensure_ascii=False)
    assert MARKS.search(text) is None
    assert text.encode()
    assert sorted(values(payload)) == sorted({b.action.encode() for b in message.buttons})
    assert payload["allowed_mentions"]["parse"] == []
    assert set(payload["allowed_mentions"]["users"]) <= set(message.mentions)
    assert PING.search(payload["content"]) is None
    assert set(re.findall(r"(?<!\\)<@(\d+)>", payload["content"])) <= set(message.mentions)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@many
@given(messages)
@example(Message(text=f"{'x' * 1502}\n" * 70))
@example(Message())
@example(Message(text="*" * 100_000))
@example(Message(text="\u2028", title=" ", fields=(Field(name="", value="x"), Field(name="x", value=""))))
def test_any_message_is_taken_and_no_button_is_lost(message: Message) -> None:
    judge(message, render(message))
    judge(message, simplified(message))


@many
@given(cards)
def test_a_real_card_in_any_state_is_taken(message: Message) -> None:
    judge(message, render(message))


@many
@given(short_messages)
def test_every_word_of_a_short_message_is_there(message: Message) -> None:
    rendering = render(message)
    assert rendering.whole == ""
    there = bare(shown(rendering.payload))
    for text in (message.title, message.status, message.text, message.footer):
        assert set(bare(plain(text))) <= set(there)
    for row in message.fields:
        assert set(bare(row.name) + bare(row.value)) <= set(there)


@given(st.one_of(st.sampled_from(SAMPLES), st.text()))
def test_an_escaped_text_reads_as_it_was_written(text: str) -> None:
    assert re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escaped(text)) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("*stars* and _lines_", r"\*stars\* and \_lines\_"),
        ("# head\n- item\n1. one\n> said", "\\# head\n\\- item\n1\\. one\n\\> said"),
        ("<@123> @everyone :smile: 17:30", r"\<@123> \@everyone \:smile: 17:30"),
        ("a - b, c++ and 3. d", "a - b, c++ and 3. d"),
    ],
)
def test_only_what_means_something_is_escaped(text: str, written: str) -> None:
    assert render(Message(text=text)).payload["content"] == written


def test_an_address_stays_whole_and_draws_no_preview() -> None:
    content = render(Message(text="See https://example.com/a_b_c.")).payload["content"]
    assert content == "See <https://example.com/a_b_c>."


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 100_000))
def test_what_is_cut_comes_whole_beside_it(length: int) -> None:
    text = ("word " * (length // 5 + 1))[:length].strip() or "x"
    rendering = render(Message(title="P42", text=text, fields=(Field(name="X", value="ready"),)))
    complete = text in shown(rendering.payload)
    assert complete == (rendering.whole == "")
    assert complete == (len(text) <= 4_096)
    assert complete or (text in rendering.whole and "X  ready" in rendering.whole)
    assert "X | ready" in shown(rendering.payload)


def test_the_card_in_review() -> None:
    due = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
    message = Message(
        title="P42 · acme · by alice",
        status="IN REVIEW  1 of 2",
        text="Launch day: *Clarion 1.0* is out. <@&1187> Read why → https://example.com/why_we_did_it.",
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
            button("Hold", "hold"),
            button("Edit", "edit"),
            button("Take down", "take-down", danger=True),
        ),
        footer="v3 · 2 changes since v2 (thread)",
        mentions=("80351110224678912",),
    )
    payload = render(message).payload
    assert shown(payload) == (
        "<@80351110224678912>\n"
        "👀 IN REVIEW 1 of 2\n"
        "# P42 · acme · by alice\n"
        "Launch day: *Clarion 1.0* is out. <@&1187> Read why → https://example.com/why_we_did_it.\n"
        "X | @acme  ✓ 61/280 · link post (X charges $0.20)\n"
        "LinkedIn | Acme GmbH  ✓ 612/3000\n"
        "When | next slot → ⟨t⟩ (Fri 27 Nov 17:30 Lisbon)\n"
        "Approve | needs 2 of @marketing-leads · bob ✅ v3 · waiting: carol\n"
        "(v3 · 2 changes since v2 (thread))\n"
        "[!Approve] [Request changes] [Reject] [Hold] [Edit]\n"
        "[⚠Take down]"
    )
    assert (
        payload["embeds"][0]["fields"][2]["value"] == "next slot → <t:1795800600:f> (Fri 27 Nov 17:30 Lisbon)"
    )
    assert payload["embeds"][0]["color"] == 0xE8B10A
    assert payload["allowed_mentions"] == {"parse": [], "users": ["80351110224678912"]}


def test_the_live_card_leads_to_the_post() -> None:
    at = datetime(2026, 11, 21, 17, 30, 1, tzinfo=UTC)
    link = mark_link("https://x.com/acme/status/2123_4", "x.com/acme/status/2123_4")
    row = Field(name="X", value=f"@acme  live {say(at, ZONE, now=at, seconds=True)} (receipt) · {link}")
    embed = render(Message(title="P42", status="LIVE", fields=(row,))).payload["embeds"][0]
    assert embed == {
        "color": 0x2EA44F,
        "author": {"name": "🟢 LIVE"},
        "title": "P42",
        "fields": [
            {
                "name": "X",
                "value": "@acme  live <t:1795282201:f> (17:30:01 Lisbon) (receipt) · "
                r"[x.com/acme/status/2123\_4](<https://x.com/acme/status/2123_4>)",
                "inline": False,
            }
        ],
    }


def test_an_edit_leaves_nothing_of_the_message_before() -> None:
    payload = render(Message(text="Gone.")).payload
    assert payload == {
        "content": "Gone.",
        "embeds": [],
        "components": [],
        "allowed_mentions": {"parse": [], "users": []},
    }


@pytest.mark.parametrize(
    ("count", "menus"), [(25, 0), (26, 1), (45, 1), (46, 2), (60, 2), (65, 2), (66, 3), (125, 5)]
)
def test_more_buttons_than_rows_hold_stand_in_menus(count: int, menus: int) -> None:
    buttons = tuple(button(f"B{n}", f"v{'-' * (n % 70)}-{'x' * (n // 70)}") for n in range(count))
    payload = render(Message(buttons=buttons)).payload
    assert violations(payload) == []
    assert len(values(payload)) == count
    assert sum(part["type"] == 3 for part in parts(payload)) == menus


def test_what_cannot_be_undone_is_known_by_the_message_it_stands_on() -> None:
    few = (button("Take down", "take-down", danger=True), button("Approve"))
    lots = (*(button("B", f"v{'-' * n}") for n in range(30)), *few)
    for buttons in (few, lots):
        payload = render(Message(buttons=buttons)).payload
        assert is_final(payload, "take-down:post:42:3")
        assert not is_final(payload, "approve:post:42:3")
        assert not is_final(payload, "gone:post:42:3")


def test_a_long_queue_becomes_lines_and_keeps_all_its_rows() -> None:
    rows = tuple(Field(name=f"P{n} acme-x", value=f"scheduled · “post {n}”") for n in range(80))
    rendering = render(Message(title="Queue of acme", status="80", fields=rows))
    assert rendering.whole == ""
    assert all(f"P{n} acme-x  scheduled" in shown(rendering.payload) for n in range(80))


def test_an_instant_in_a_name_stands_in_a_line_where_discord_shows_it() -> None:
    at = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
    embed = render(Message(title="Audit", fields=(Field(name=say(at, ZONE), value="bob approved"),)))
    assert embed.payload["embeds"][0]["description"] == (
        "<t:1795800600:f> (Fri 27 Nov 17:30 Lisbon)  bob approved"
    )
