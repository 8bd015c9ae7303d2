"""What Slack sends, as it documents it, becomes what Clarion understands."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.slack.emoji import glyph
from bot.chat.slack.inbound import (
    METADATA,
    attachments,
    command_said,
    mentioned,
    pressed,
    reacted,
    remembered,
    shortcut_used,
    submitted,
    typing,
)
from bot.chat.slack.words import message_words, words
from bot.domain.message import Action, Attachment, Invocation, Press, Reaction, Target
from bot.errors import BadInput

HOOK = "https://hooks.slack.com/actions/T1/1/secret"
ACTION = Action(verb="approve", kind="post", id=42, version=3)


def slash(text: str, **more: Any) -> dict[str, Any]:
    return {
        "token": "gIkuvaNzQIHg97ATvDxqgjtO",
        "team_id": "T0001",
        "channel_id": "C2147483705",
        "channel_name": "launch",
        "user_id": "U2147483697",
        "user_name": "steve",
        "command": "/clarion",
        "text": text,
        "response_url": HOOK,
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "api_app_id": "A123456",
        **more,
    }


def clicked(value: str = ACTION.encode(), **more: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "U7", "username": "bob", "team_id": "T9"},
        "team": {"id": "T9", "domain": "other"},
        "container": {"type": "message", "message_ts": "1548261231.000200", "channel_id": "C1"},
        "channel": {"id": "C1", "name": "launch"},
        "trigger_id": "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
        "message": {"bot_id": "B1", "type": "message", "text": "P42", "ts": "1548261231.000200"},
        "response_url": HOOK,
        "actions": [
            {
                "action_id": "press:0",
                "block_id": "=qXel",
                "type": "button",
                "value": value,
                "action_ts": "1.2",
            }
        ],
        **more,
    }


@pytest.mark.parametrize(
    ("text", "command", "raw"),
    [
        ("post Hello  world --at fri", "post", "Hello  world --at fri"),
        ("", "help", ""),
        ("   ", "help", ""),
        ("/queue", "queue", ""),
        ("post Q&amp;A at &lt;noon&gt;", "post", "Q&A at <noon>"),
        ("post see <https://a.example/x?a=1&amp;b=2|a.example>", "post", "see https://a.example/x?a=1&b=2"),
        ("post one\n\ntwo", "post", "one\n\ntwo"),
        ("link <@U0123|bob>", "link", "@bob"),
    ],
)
def test_slash_command(text: str, command: str, raw: str) -> None:
    said = command_said(slash(text))
    assert (said.command, said.raw, said.user) == (command, raw, "U2147483697")
    assert said.target == Target(chat="slack", channel="C2147483705")
    assert said.target.hook == HOOK
    assert said.key == "command:13345224609.738474920.8088930838d88f008e0"
    assert HOOK not in repr(said)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"team": None, "enterprise": {"id": "E1", "name": "Grid"}, "is_enterprise_install": True},
        {"team": {"id": "T_SOMEBODY_ELSE", "domain": "partner"}},
        {"enterprise": None, "is_enterprise_install": False},
    ],
)
def test_a_button_means_our_own_row_whatever_team_it_comes_from(other: dict[str, Any]) -> None:
    said = pressed(clicked(**other))
    assert said is not None
    assert (said.action, said.user, said.ref) == (ACTION, "U7", "1548261231.000200")
    assert (said.target.channel, said.target.under, said.target.hook) == ("C1", "", HOOK)
    assert said.key == "press:12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3"


def test_a_button_in_a_thread_is_answered_there() -> None:
    message = {"ts": "2.0", "thread_ts": "1.0"}
    said = pressed(clicked(message=message, container={"message_ts": "2.0", "thread_ts": "1.0"}))
    assert said is not None
    assert (said.ref, said.target.under) == ("2.0", "1.0")
    on_card = pressed(clicked(message={"ts": "1.0", "thread_ts": "1.0"}, container={"message_ts": "1.0"}))
    assert on_card is not None
    assert on_card.target.under == ""


def test_a_menu_of_buttons() -> None:
    chosen = {"type": "static_select", "action_id": "menu:5", "selected_option": {"value": ACTION.encode()}}
    said = pressed(clicked(actions=[chosen]))
    assert said is not None
    assert said.action == ACTION


def test_a_button_in_app_home_is_answered_directly() -> None:
    body = clicked(view={"type": "home", "id": "V1"}, container={"type": "view", "view_id": "V1"})
    del body["channel"], body["message"], body["response_url"]
    said = pressed(body)
    assert said is not None
    assert (said.target.channel, said.ref, said.target.hook) == ("U7", "", "")


def test_what_is_not_ours() -> None:
    with pytest.raises(BadInput, match="not one of mine"):
        pressed(clicked(value="somebody_elses_value"))
    assert pressed(clicked(actions=[{"type": "button", "url": "https://a.example"}])) is None
    assert pressed(clicked(view={"type": "modal"})) is None
    assert pressed(clicked(actions=[])) is None


@pytest.mark.parametrize(
    ("name", "emoji"),
    [
        ("white_check_mark", "✅"),
        ("white_check_mark::skin-tone-3", "✅"),
        ("+1::skin-tone-6", "👍"),
        ("x", "❌"),
        ("double_vertical_bar", "⏸️"),
        ("recycle", "♻️"),
        ("our_own_parrot", "our_own_parrot"),
    ],
)
def test_reaction(name: str, emoji: str) -> None:
    assert glyph(name) == emoji
    event = {
        "type": "reaction_added",
        "user": "U7",
        "reaction": name,
        "item": {"type": "message", "channel": "C1", "ts": "1360782400.498405"},
        "event_ts": "1360782804.083113",
    }
    body = {"type": "event_callback", "event_id": "Ev9UQ52YNA", "team_id": "T9", "event": event}
    target = Target(chat="slack", channel="C1")
    said = Reaction(emoji=emoji, user="U7", ref="1360782400.498405", target=target, key="event:Ev9UQ52YNA")
    assert reacted(body) == said
    gone = reacted({**body, "event": {**event, "type": "reaction_removed"}})
    assert gone is not None
    assert not gone.added
    assert reacted({**body, "event": {**event, "item": {"type": "file", "file": "F1"}}}) is None


def test_mention_asks_for_help_in_place() -> None:
    event = {"type": "app_mention", "user": "U7", "text": "<@U0LAN0Z89> hi", "ts": "5.6", "channel": "C1"}
    said = mentioned({"event_id": "Ev1", "event": event})
    assert (said.command, said.user, said.key) == ("help", "U7", "event:Ev1")
    assert said.target == Target(chat="slack", channel="C1", under="5.6")
    assert mentioned({"event": {**event, "thread_ts": "1.0"}}).target.under == "1.0"


def test_make_this_a_post() -> None:
    file = {"id": "F1", "name": "a.png", "size": 9, "mimetype": "image/png", "alt_txt": "A cat"}
    body = {
        "type": "message_action",
        "callback_id": "make_post",
        "trigger_id": "1.2.3",
        "user": {"id": "U7"},
        "channel": {"id": "C1", "name": "launch"},
        "message": {
            "type": "message",
            "user": "U9",
            "ts": "7.8",
            "text": "We are *live* &amp; well",
            "files": [file, {"id": "F2", "mode": "tombstone"}],
        },
        "response_url": HOOK,
    }
    said = shortcut_used(body)
    assert (said.command, said.values, said.user) == ("post", {"text": "We are *live* & well"}, "U7")
    assert said.files == (Attachment(name="a.png", ref="F1", size=9, kind="image/png", alt="A cat"),)
    assert said.key == "shortcut:1.2.3"


def test_rich_text_is_taken_as_it_was_seen() -> None:
    elements = [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "We are "},
                {"type": "text", "text": "live", "style": {"bold": True}},
                {"type": "text", "text": " & *well* "},
                {"type": "emoji", "name": "tada", "unicode": "1f389"},
                {"type": "emoji", "name": "ours"},
                {"type": "text", "text": " "},
                {"type": "link", "url": "https://a.example", "text": "read"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "two"}]},
            ],
        },
    ]
    message = {"text": "fallback", "blocks": [{"type": "rich_text", "elements": elements}]}
    assert message_words(message) == "We are live & *well* 🎉:ours: https://a.example\n• one\n• two"


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("<!channel> <!here|here>", "@channel @here"),
        ("<!subteam^S1|@leads>", "@leads"),
        ("<#C1|launch> <#C1>", "#launch #C1"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("&amp;lt;", "&lt;"),
        ("a < b", "a < b"),
    ],
)
def test_words(typed: str, seen: str) -> None:
    assert words(typed) == seen


def view(metadata: str, state: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "view_submission",
        "user": {"id": "U7"},
        "view": {"id": "V12", "private_metadata": metadata, "state": {"values": state}},
    }


def typed(text: str) -> dict[str, Any]:
    return {"value": {"type": "plain_text_input", "value": text}}


def test_a_press_comes_back_complete_from_its_form() -> None:
    press = pressed(clicked(message={"ts": "2.0", "thread_ts": "1.0"}, container={"message_ts": "2.0"}))
    assert press is not None
    label = {"value": {"type": "static_select", "selected_option": {"value": "Wrong facts"}}}
    body = view(remembered(press), {"text": typed("no"), "label": label})
    said = submitted(body)
    assert isinstance(said, Press)
    assert (said.action, said.ref, said.text) == (ACTION, "2.0", "no")
    assert said.values == {"text": "no", "label": "Wrong facts"}
    assert said.target == Target(chat="slack", channel="C1", under="1.0")
    assert said.key == submitted(body).key == "form:V12"
    assert HOOK not in remembered(press)


@given(
    raw=st.text(max_size=4_000),
    files=st.lists(st.tuples(st.text(max_size=200), st.integers(0, 1 << 30)), max_size=12),
)
def test_a_command_comes_back_complete_from_its_form(raw: str, files: list[tuple[str, int]]) -> None:
    given_ = tuple(
        Attachment(name=name or "f", ref=f"F{n}", size=size, kind="image/png", alt=name)
        for n, (name, size) in enumerate(files)
    )
    call = Invocation(
        command="post", raw=raw, user="U7", target=Target(chat="slack", channel="C1"), files=given_, key="k"
    )
    kept = remembered(call)
    assert len(kept) <= METADATA
    uploaded = {"value": {"type": "file_input", "files": [{"id": "FX", "name": "b.mp4", "size": 5}]}}
    said = submitted(view(kept, {"text": typed("hello"), "media": uploaded}))
    assert isinstance(said, Invocation)
    assert (said.command, said.values) == ("post", {"text": "hello"})
    assert [f.ref for f in said.files] == [*[f.ref for f in given_][:10], "FX"]
    assert said.key == "form:V12"
    if len(raw) < 200:
        assert said.raw == raw


@pytest.mark.parametrize("metadata", ["", "no json", "[]", "{}", '{"under":""}'])
def test_a_form_that_is_not_ours(metadata: str) -> None:
    with pytest.raises(BadInput, match="not one of mine"):
        submitted(view(metadata, {}))


def test_somebody_types_into_a_field_that_suggests() -> None:
    metadata = json.dumps({"channel": "C1", "command": "edit"})
    body = {
        "type": "block_suggestion",
        "user": {"id": "U7"},
        "block_id": "post",
        "action_id": "value",
        "value": "P4",
        "view": {"private_metadata": metadata},
    }
    name, text, said = typing(body)
    assert (name, text, said.command, said.target.channel) == ("post", "P4", "edit", "C1")


LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
NAMES = st.sampled_from(
    [
        *("user", "channel", "message", "container", "actions", "view", "event", "item", "files", "id", "ts"),
        *("type", "value", "state", "values", "private_metadata", "thread_ts", "text", "blocks", "elements"),
        *("selected_option", "reaction", "trigger_id", "response_url"),
    ]
)
PAYLOAD = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(NAMES, LEAF, max_size=8))
def test_missing_and_empty_fields_are_no_accident(body: dict[str, Any]) -> None:
    objects = ("user", "channel", "message", "container", "view", "event", "actions", "item")
    flat = {name: value for name, value in body.items() if name not in objects or value is None}
    for read in (command_said, shortcut_used, mentioned, reacted):
        read(flat)
    for answer in (pressed, submitted):
        with suppress(BadInput):
            answer(flat)


@given(PAYLOAD)
def test_words_of_any_message(blocks: Any) -> None:
    assert isinstance(message_words({"text": "x", "blocks": blocks}), str)


def test_attachments_survive_nonsense() -> None:
    assert attachments(None) == ()
    assert attachments([{"name": "no id"}, "text", None]) == ()
