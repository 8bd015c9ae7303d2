"""Forms as modals of both services: what is in them, and that what comes back is what was filled in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.views import View

from bot.chat.discord import forms as discord
from bot.chat.filling import parts, together
from bot.chat.slack import forms as slack
from bot.chat.wording import units
from bot.commands import BUILT_IN
from bot.commands.forms import command_form, from_form
from bot.commands.option import Kind
from bot.commands.several import pairs_of, pairs_text, texts_of, texts_text
from bot.domain.asks import REASONS, Form, Input, InputKind
from bot.domain.message import Action
from bot.errors import BadInput
from bot.testing.chats.discord.limits import violations as refused_by_discord
from bot.testing.chats.slack.limits import violations as refused_by_slack

COMMANDS = {command.name: command for command in BUILT_IN}
REASON = Form(
    title="Request changes to P42 v3",
    inputs=(
        Input(name="label", label="Reason", kind=InputKind.CHOICE, choices=REASONS),
        Input(name="text", label="What should change?", kind=InputKind.LONG, required=True),
    ),
    submit="Ask",
    then=Action(verb="changes", kind="post", id=42, version=3),
)


def sent_by_slack(view: dict[str, Any]) -> dict[str, Any]:
    """The state of a modal that somebody submits as it was opened, as Slack sends it."""
    state: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        kind = element["type"]
        brought: dict[str, Any] = {"type": kind}
        match kind:
            case "static_select" | "external_select":
                brought["selected_option"] = element.get("initial_option")
            case "checkboxes" | "multi_external_select":
                brought["selected_options"] = element.get("initial_options", [])
            case "file_input":
                brought["files"] = [{"id": "F1", "name": "a.jpg"}]
            case _:
                brought["value"] = element.get("initial_value")
        state[block["block_id"]] = {element["action_id"]: brought}
    return {"values": dict(reversed(state.items()))}


def sent_by_discord(modal: dict[str, Any]) -> list[dict[str, Any]]:
    """The components of a modal that somebody submits as it was opened, as Discord sends them."""
    found = []
    for part in modal["components"]:
        inner = part.get("component")
        if inner is None:
            continue
        brought = {"type": inner["type"], "custom_id": inner["custom_id"]}
        match inner["type"]:
            case 3:
                brought["values"] = [o["value"] for o in inner["options"] if o.get("default")]
            case 19:
                brought["values"] = ["1187"]
            case 23:
                brought["value"] = inner["default"]
            case _:
                brought["value"] = inner.get("value", "")
        found.append({"type": 18, "component": brought})
    return found


def test_a_reason_is_asked_with_labels() -> None:
    view = slack.modal(REASON, metadata="changes:post:42:3")
    assert refused_by_slack(view) == []
    View(**view).validate_json()
    assert view["title"]["text"] == "Request changes to P42…"
    assert [block["optional"] for block in view["blocks"]] == [True, False]
    assert [o["value"] for o in view["blocks"][0]["element"]["options"]] == list(REASONS)
    modal = discord.modal(REASON, custom_id="changes:post:42:3")
    assert refused_by_discord(modal, "modal") == []
    assert [part["label"] for part in modal["components"]] == ["Reason", "What should change?"]
    assert modal["components"][0]["component"]["required"] is False


def test_what_was_filled_in_comes_back_by_name() -> None:
    state = {
        "values": {
            "text": {"value": {"type": "plain_text_input", "value": "Shorter,\r\nplease"}},
            "label": {"value": {"type": "static_select", "selected_option": {"value": "Not our voice"}}},
            "thread": {"value": {"type": "checkboxes", "selected_options": [{"value": "yes"}]}},
            "to": {
                "value": {
                    "type": "multi_external_select",
                    "selected_options": [{"value": "x"}, {"value": "y"}],
                }
            },
            "at": {"value": {"type": "plain_text_input", "value": None}},
            "media": {"value": {"type": "file_input", "files": [{"id": "F1"}]}},
        }
    }
    assert slack.values(state) == {
        "text": "Shorter,\nplease",
        "label": "Not our voice",
        "thread": "yes",
        "to": "x, y",
        "at": "",
        "media": ({"id": "F1"},),
    }
    components = [
        {"type": 18, "component": {"type": 4, "custom_id": "text", "value": "Shorter"}},
        {"type": 18, "component": {"type": 3, "custom_id": "label", "values": ["Not our voice"]}},
        {"type": 18, "component": {"type": 19, "custom_id": "media", "values": ["1187"]}},
        {"type": 18, "component": {"type": 23, "custom_id": "thread", "value": True}},
        {"type": 1, "components": [{"type": 4, "custom_id": "old", "value": "row"}]},
        {"type": 10, "content": "words"},
    ]
    assert discord.values(components) == {
        "text": "Shorter",
        "label": "Not our voice",
        "media": ("1187",),
        "thread": "yes",
        "old": "row",
    }


@given(st.text(st.sampled_from("ab \n👍é"), max_size=60).map(lambda s: s * 200), st.integers(5, 4_000))
def test_a_long_text_in_several_inputs_is_the_same_text(text: str, limit: int) -> None:
    inputs = parts("text", text, limit)
    assert all(units(piece) <= limit for _, piece in inputs)
    assert together(inputs) == {"text": text}


def test_a_text_longer_than_an_input_can_be_edited_in_both() -> None:
    text = "\n".join(f"Line {n} of a long post" for n in range(300))
    form = Form(title="Edit", inputs=(Input(name="text", label="Text", kind=InputKind.LONG, initial=text),))
    view, modal = slack.modal(form, metadata=""), discord.modal(form, custom_id="edit")
    assert refused_by_slack(view) == [] == refused_by_discord(modal, "modal")
    assert [b["label"]["text"] for b in view["blocks"]] == ["Text (1 of 3)", "Text (2 of 3)", "Text (3 of 3)"]
    assert slack.values(sent_by_slack(view)) == {"text": text}
    assert discord.values(sent_by_discord(modal)) == {"text": text}


def test_what_no_form_takes_is_said_and_not_cut() -> None:
    form = Form(title="Edit", inputs=(Input(name="text", label="Text", initial="x" * 40_000),))
    words = "Text: 40,000 characters are too many to change here; type the command."
    view, modal = slack.modal(form, metadata=""), discord.modal(form, custom_id="edit")
    assert view["blocks"] == [{"type": "section", "text": {"type": "plain_text", "text": words}}]
    assert modal["components"] == [{"type": 10, "content": words}]
    assert slack.values(sent_by_slack(view)) == {} == discord.values(sent_by_discord(modal))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_a_form_on_both(name: str) -> None:
    form = command_form(COMMANDS[name])
    if not form.inputs:
        return
    assert refused_by_slack(slack.modal(form, metadata="x" * 3_000)) == []
    assert refused_by_discord(discord.modal(form, custom_id=name), "modal") == []


def test_what_was_given_stands_in_the_form_and_comes_back() -> None:
    post = COMMANDS["post"]
    line = (
        'post "Launch day" --to acme-x,acme-li --for acme-li "Longer\n\ntext" --for acme-x "Short: yes | no" '
        '--alt "a picture" --alt "another one" --at fri 17:30 --thread --follow-up 2h "And?"'
    ).removeprefix("post ")
    values = post.parse(line)
    given_ = {o.name: values[o.parameter] for o in post.options if values[o.parameter] != o.default}
    form = command_form(post, given_)
    view = slack.modal(form, metadata="")
    assert refused_by_slack(view) == []
    assert post.convert(from_form(post, slack.values(sent_by_slack(view)))) == values
    small = command_form(post, {"text": "Launch day"}, only=("text", "to", "at", "media"))
    assert [one.name for one in small.inputs] == ["text", "to", "at", "media"]
    modal = discord.modal(small, custom_id="post")
    assert refused_by_discord(modal, "modal") == []
    assert post.convert(from_form(post, discord.values(sent_by_discord(modal))))["text"] == "Launch day"


def test_what_is_required_comes_first_and_what_was_left_empty_is_not_given() -> None:
    reject = COMMANDS["reject"]
    assert [(i.name, i.required) for i in command_form(reject).inputs] == [("post", True), ("reason", True)]
    assert from_form(reject, {"post": "P42", "reason": " "}) == {"post": "P42"}
    edit = COMMANDS["edit"]
    assert from_form(edit, {"link": "", "dry-run": "", "thread": "yes", "add": "x, y"}) == {
        "dry-run": False,
        "thread": True,
        "add": "x, y",
    }
    assert from_form(COMMANDS["queue"], {"days": 7}) == {"days": 7}
    with pytest.raises(BadInput, match="no option"):
        reject.convert(from_form(reject, {"pots": "P42"}))


lines = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=30)
names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,12}", fullmatch=True)
said = (
    st.lists(lines, min_size=1, max_size=4)
    .map("\n".join)
    .filter(lambda t: t == t.rstrip("\n") and t.lstrip(" \t") == t)
)


@given(st.lists(st.tuples(names, said), max_size=4))
def test_pairs_as_text_are_the_same_pairs(pairs: list[tuple[str, str]]) -> None:
    assert pairs_of(pairs_text(pairs)) == pairs


@given(st.lists(lines.filter(lambda t: t.strip() and "\t" not in t and t.splitlines() == [t]), max_size=5))
def test_texts_as_text_are_the_same_texts(texts: list[str]) -> None:
    assert texts_of(texts_text(texts)) == texts


def test_pairs_and_texts_as_people_write_them() -> None:
    assert pairs_of("acme-li: Longer text | acme-x: Short") == [
        ("acme-li", "Longer text"),
        ("acme-x", "Short"),
    ]
    assert pairs_of("acme-li: See https://x.com: a | b\n  indented: on\nmore") == [
        ("acme-li", "See https://x.com: a | b\nindented: on\nmore")
    ]
    assert texts_of("one | two\nthree \\| four\n\n") == ["one", "two", "three | four"]
    with pytest.raises(BadInput, match="“just words” names no account"):
        pairs_of("just words")
    pairs = next(o for o in COMMANDS["post"].options if o.kind is Kind.PAIRS and o.name == "follow-up")
    assert pairs.read("2h: And? | 1d: Last call") == {"2h": "And?", "1d": "Last call"}
    with pytest.raises(BadInput, match="names no after"):
        pairs.read("later")
