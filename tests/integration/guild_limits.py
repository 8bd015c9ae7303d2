"""Payloads at Discord's bounds and just over them: what it states as a number, and what it documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BUTTON: dict[str, Any] = {"type": 2, "style": 1, "label": "Approve", "custom_id": "approve:post:1:1"}
FIELD: dict[str, Any] = {"type": 4, "style": 1, "custom_id": "reason"}
Build = Callable[[int], Any]


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"content": "P1", "components": [{"type": 1, "components": list(components)}]}


def buttons(count: int) -> list[dict[str, Any]]:
    return [{**BUTTON, "custom_id": f"b{number}"} for number in range(count)]


def select(**given: Any) -> dict[str, Any]:
    options = [{"label": "Acme", "value": "acme"}]
    return row({"type": 3, "custom_id": "brand", "options": options, **given})


def options(count: int) -> list[dict[str, Any]]:
    return [{"label": f"o{number}", "value": f"v{number}"} for number in range(count)]


def embed(**given: Any) -> dict[str, Any]:
    return {"embeds": [{"title": "P1", **given}]}


def layout(*components: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"flags": 1 << 15, "components": list(components), **given}


def text(size: int) -> dict[str, Any]:
    return {"type": 10, "content": "x" * size}


def modal(component: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    label = {"type": 18, "label": "Reason", "component": component or FIELD}
    return {"custom_id": "m", "title": "Why?", "components": [label], **given}


def command(**given: Any) -> dict[str, Any]:
    return {"name": "post", "description": "Post", **given}


def option(**given: Any) -> dict[str, Any]:
    return command(options=[{"type": 3, "name": "text", "description": "Text", **given}])


def many(count: int) -> list[dict[str, Any]]:
    return [{"type": 3, "name": f"o{number}", "description": "One"} for number in range(count)]


def choices(count: int) -> list[dict[str, Any]]:
    return [{"name": f"c{number}", "value": f"v{number}"} for number in range(count)]


STATED: dict[str, tuple[str, str, str, Build]] = {
    "content": ("IncomingWebhookInteractionRequest", "content", "message", lambda n: {"content": "x" * n}),
    "embeds": ("MessageCreateRequest", "embeds", "message", lambda n: {"embeds": [{"title": "x"}] * n}),
    "embed title": ("RichEmbed", "title", "message", lambda n: embed(title="x" * n)),
    "embed text": ("RichEmbed", "description", "message", lambda n: embed(description="x" * n)),
    "embed fields": (
        "RichEmbed",
        "fields",
        "message",
        lambda n: embed(fields=[{"name": "a", "value": "b"}] * n),
    ),
    "field name": (
        "RichEmbedField",
        "name",
        "message",
        lambda n: embed(fields=[{"name": "x" * n, "value": "b"}]),
    ),
    "field value": (
        "RichEmbedField",
        "value",
        "message",
        lambda n: embed(fields=[{"name": "a", "value": "x" * n}]),
    ),
    "footer": ("RichEmbedFooter", "text", "message", lambda n: embed(footer={"text": "x" * n})),
    "author": ("RichEmbedAuthor", "name", "message", lambda n: embed(author={"name": "x" * n})),
    "row": ("ActionRowComponentForMessageRequest", "components", "message", lambda n: row(*buttons(n))),
    "label": (
        "ButtonComponentForMessageRequest",
        "label",
        "message",
        lambda n: row({**BUTTON, "label": "x" * n}),
    ),
    "custom_id": (
        "ButtonComponentForMessageRequest",
        "custom_id",
        "message",
        lambda n: row({**BUTTON, "custom_id": "x" * n}),
    ),
    "url": (
        "ButtonComponentForMessageRequest",
        "url",
        "message",
        lambda n: row({"type": 2, "style": 5, "label": "Open", "url": "https://" + "x" * (n - 8)}),
    ),
    "options": (
        "StringSelectComponentForMessageRequest",
        "options",
        "message",
        lambda n: select(options=options(n)),
    ),
    "placeholder": (
        "StringSelectComponentForMessageRequest",
        "placeholder",
        "message",
        lambda n: select(placeholder="x" * n),
    ),
    "option label": (
        "StringSelectOptionForRequest",
        "label",
        "message",
        lambda n: select(options=[{"label": "x" * n, "value": "v"}]),
    ),
    "option value": (
        "StringSelectOptionForRequest",
        "value",
        "message",
        lambda n: select(options=[{"label": "l", "value": "x" * n}]),
    ),
    "gallery": (
        "MediaGalleryComponentForMessageRequest",
        "items",
        "message",
        lambda n: layout({"type": 12, "items": [{"media": {"url": "https://x.test/a.png"}}] * n}),
    ),
    "section": (
        "SectionComponentForMessageRequest",
        "components",
        "message",
        lambda n: layout({"type": 9, "components": [text(1)] * n, "accessory": BUTTON}),
    ),
    "text display": (
        "TextDisplayComponentForMessageRequest",
        "content",
        "message",
        lambda n: layout(text(n)),
    ),
    "layout": ("MessageCreateRequest", "components", "message", lambda n: layout(*[text(1)] * n)),
    "attachment text": (
        "MessageAttachmentRequest",
        "description",
        "message",
        lambda n: {"content": "P1", "attachments": [{"id": 0, "description": "x" * n}]},
    ),
    "modal title": ("ModalInteractionCallbackRequestData", "title", "modal", lambda n: modal(title="x" * n)),
    "modal label": (
        "LabelComponentForModalRequest",
        "label",
        "modal",
        lambda n: modal(components=[{"type": 18, "label": "x" * n, "component": FIELD}]),
    ),
    "modal hint": (
        "LabelComponentForModalRequest",
        "description",
        "modal",
        lambda n: modal(components=[{"type": 18, "label": "a", "description": "x" * n, "component": FIELD}]),
    ),
    "input value": (
        "TextInputComponentForModalRequest",
        "value",
        "modal",
        lambda n: modal({**FIELD, "value": "x" * n}),
    ),
    "input placeholder": (
        "TextInputComponentForModalRequest",
        "placeholder",
        "modal",
        lambda n: modal({**FIELD, "placeholder": "x" * n}),
    ),
    "radio": (
        "RadioGroupComponentForModalRequest",
        "options",
        "modal",
        lambda n: modal({"type": 21, "custom_id": "r", "options": options(n)}),
    ),
    "command name": ("ApplicationCommandCreateRequest", "name", "command", lambda n: command(name="x" * n)),
    "command text": (
        "ApplicationCommandCreateRequest",
        "description",
        "command",
        lambda n: command(description="x" * n),
    ),
    "command options": (
        "ApplicationCommandCreateRequest",
        "options",
        "command",
        lambda n: command(options=many(n)),
    ),
    "option name": ("ApplicationCommandStringOption", "name", "command", lambda n: option(name="x" * n)),
    "option text": (
        "ApplicationCommandStringOption",
        "description",
        "command",
        lambda n: option(description="x" * n),
    ),
    "choices": ("ApplicationCommandStringOption", "choices", "command", lambda n: option(choices=choices(n))),
    "suggestions": (
        "InteractionApplicationCommandAutocompleteCallbackStringData",
        "choices",
        "autocomplete",
        lambda n: {"choices": choices(n)},
    ),
    "choice name": (
        "ApplicationCommandOptionStringChoice",
        "name",
        "autocomplete",
        lambda n: {"choices": [{"name": "x" * n, "value": "v"}]},
    ),
    "thread name": ("CreateTextThreadWithMessageRequest", "name", "thread", lambda n: {"name": "x" * n}),
}


DOCUMENTED: dict[str, tuple[str, Any, Any]] = {
    "embeds together": (
        "message",
        {"embeds": [{"description": "x" * 3000}] * 2},
        {"embeds": [{"description": "x" * 3001}] * 2},
    ),
    "five rows": (
        "message",
        {"components": [row(b)["components"][0] for b in buttons(5)]},
        {"components": [row(b)["components"][0] for b in buttons(6)]},
    ),
    "one select in a row": (
        "message",
        select(),
        row(BUTTON, {"type": 3, "custom_id": "s", "options": options(1)}),
    ),
    "names differ": ("message", row(*buttons(2)), row(BUTTON, BUTTON)),
    "a button has a name": ("message", row(BUTTON), row({"type": 2, "style": 1, "label": "Approve"})),
    "a link has no name": (
        "message",
        row({"type": 2, "style": 5, "label": "Open", "url": "https://x.test"}),
        row({"type": 2, "style": 5, "label": "Open", "url": "https://x.test", "custom_id": "a"}),
    ),
    "a button says something": (
        "message",
        row({**BUTTON, "label": None, "emoji": {"name": "✅"}}),
        row({**BUTTON, "label": None}),
    ),
    "a style that exists": ("message", row({**BUTTON, "style": 4}), row({**BUTTON, "style": 7})),
    "buttons stand in rows": ("message", row(BUTTON), {"content": "P1", "components": [BUTTON]}),
    "values differ": ("message", select(options=options(2)), select(options=options(1) * 2)),
    "layout without content": ("message", layout(text(1)), layout(text(1), content="P1")),
    "layout without embeds": ("message", layout(text(1)), layout(text(1), embeds=[{"title": "P1"}])),
    "forty with the nested": (
        "message",
        layout({"type": 17, "components": [text(1)] * 39}),
        layout({"type": 17, "components": [text(1)] * 39}, text(1)),
    ),
    "text of a layout": ("message", layout(text(2000), text(2000)), layout(text(2000), text(2001))),
    "text needs the flag": ("message", layout(text(1)), {"components": [text(1)]}),
    "containers do not nest": (
        "message",
        layout({"type": 17, "components": [text(1)]}),
        layout({"type": 17, "components": [{"type": 17, "components": [text(1)]}]}),
    ),
    "something is said": ("message", {"content": "."}, {"content": " \n"}),
    "nonce": ("message", {"content": "P1", "nonce": "x" * 25}, {"content": "P1", "nonce": "x" * 26}),
    "who is pinged": (
        "message",
        {"content": "P1", "allowed_mentions": {"parse": [], "users": ["1"]}},
        {"content": "P1", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
    ),
    "flags": ("message", {"content": "P1", "flags": 64}, {"content": "P1", "flags": 1}),
    "five in a modal": (
        "modal",
        modal(
            components=[
                {"type": 18, "label": "a", "component": {**FIELD, "custom_id": str(n)}} for n in range(5)
            ]
        ),
        modal(
            components=[
                {"type": 18, "label": "a", "component": {**FIELD, "custom_id": str(n)}} for n in range(6)
            ]
        ),
    ),
    "inputs have a label": (
        "modal",
        modal(components=[{"type": 1, "components": [{**FIELD, "label": "Why"}]}]),
        modal(components=[{"type": 1, "components": [FIELD]}]),
    ),
    "no buttons in a modal": ("modal", modal(), modal(BUTTON)),
    "bounds of an input": (
        "modal",
        modal({**FIELD, "min_length": 5, "max_length": 5}),
        modal({**FIELD, "min_length": 6, "max_length": 5}),
    ),
    "lower case": ("command", command(name="make-a_post"), command(name="Post")),
    "no spaces": ("command", command(), command(name="make post")),
    "menus say nothing more": (
        "command",
        {"name": "Make this a post", "type": 3},
        {"name": "Make this a post", "type": 3, "description": "x"},
    ),
    "required first": (
        "command",
        command(options=[{**many(2)[0], "required": True}, many(2)[1]]),
        command(options=[many(2)[0], {**many(2)[1], "required": True}]),
    ),
    "choices or suggestions": (
        "command",
        option(autocomplete=True),
        option(autocomplete=True, choices=choices(1)),
    ),
    "subcommands alone": (
        "command",
        command(options=[{"type": 1, "name": "a", "description": "b"}]),
        command(options=[{"type": 1, "name": "a", "description": "b"}, many(1)[0]]),
    ),
    "8,000 characters": (
        "command",
        command(options=[{**o, "description": "x" * 100} for o in many(25)]),
        command(
            options=[
                {
                    **o,
                    "description": "x" * 100,
                    "choices": [{"name": f"{n:03}" + "y" * 90, "value": "z" * 90} for n in range(2)],
                }
                for o in many(25)
            ]
        ),
    ),
    "a hundred commands": (
        "commands",
        [command(name=f"c{n}") for n in range(100)],
        [command(name=f"c{n}") for n in range(101)],
    ),
    "fifteen menus": (
        "commands",
        [{"name": f"c{n}", "type": 3} for n in range(15)],
        [{"name": f"c{n}", "type": 3} for n in range(16)],
    ),
    "names once": ("commands", [command(), {"name": "post", "type": 3}], [command(), command()]),
    "values of suggestions": (
        "autocomplete",
        {"choices": [{"name": "a", "value": "x" * 100}]},
        {"choices": [{"name": "a", "value": "x" * 101}]},
    ),
}
