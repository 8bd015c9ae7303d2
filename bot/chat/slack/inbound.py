"""What Slack tells us, as neutral values. Pure: payload in, value out.

Decisions stand on our own ids, which travel in a button's value; ids of teams and enterprises are not
even read, so that shared channels and Enterprise Grid, where they differ or are missing, change nothing.
Payloads: docs.slack.dev/reference/interaction-payloads and /reference/events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.chat.slack.emoji import glyph
from bot.chat.slack.forms import VALUE, values
from bot.chat.slack.words import message_words, words
from bot.domain.message import Action, Attachment, Invocation, Press, Reaction, Target
from bot.errors import BadInput

CHAT = "slack"
METADATA = 3_000
"""Characters of ``private_metadata`` (docs.slack.dev/reference/views/modal-views)."""

Payload = Mapping[str, Any]


def command_said(body: Payload) -> Invocation:
    """A slash command: its first word is ours, the rest is raw; nothing at all asks for help."""
    text = words(str(body.get("text") or "")).strip()
    name, raw = _cut(text)
    return Invocation(
        command=name.lstrip("/") or "help",
        raw=raw,
        user=str(body.get("user_id", "")),
        target=Target(
            chat=CHAT, channel=str(body.get("channel_id", "")), hook=str(body.get("response_url") or "")
        ),
        key=_key("command", body.get("trigger_id")),
    )


def _cut(text: str) -> tuple[str, str]:
    pieces = text.split(maxsplit=1)
    return (pieces[0] if pieces else ""), (pieces[1] if len(pieces) > 1 else "")


def pressed(body: Payload) -> Press | None:
    """A button, or what was chosen in a menu of buttons; None for an element that means nothing by itself.

    Raises `BadInput` for one that is not ours.
    """
    actions = body.get("actions") or [{}]
    element = actions[0]
    value = element.get("value") or (element.get("selected_option") or {}).get("value")
    if not value or (body.get("view") or {}).get("type") == "modal":
        return None
    ref, target = _place(body)
    return Press(
        action=Action.decode(str(value)),
        user=_user(body),
        ref=ref,
        target=target,
        key=_key("press", body.get("trigger_id") or element.get("action_ts")),
    )


def _place(body: Payload) -> tuple[str, Target]:
    """The message that something stands on, and where it is; in App Home that is the person."""
    message, container = body.get("message") or {}, body.get("container") or {}
    ref = str(container.get("message_ts") or message.get("ts") or "")
    thread = str(message.get("thread_ts") or container.get("thread_ts") or "")
    named = (body.get("channel") or {}).get("id") or container.get("channel_id") or body.get("channel_id")
    return ref, Target(
        chat=CHAT,
        channel=str(named or _user(body)),
        under=thread if thread != ref else "",
        hook=str(body.get("response_url") or ""),
    )


def place_of(body: Payload) -> Target:
    """Where to answer, whatever was said."""
    return _place(body)[1]


def _user(body: Payload) -> str:
    return str((body.get("user") or {}).get("id") or body.get("user_id") or "")


def user_of(body: Payload) -> str:
    """Who said it."""
    return _user(body)


def shortcut_used(body: Payload) -> Invocation:
    """“Make this a post” on any message: its words and files."""
    message = body.get("message") or {}
    _, target = _place(body)
    return Invocation(
        command="post",
        raw="",
        user=_user(body),
        target=target,
        values={"text": message_words(message)},
        files=attachments(message.get("files")),
        key=_key("shortcut", body.get("trigger_id") or body.get("action_ts")),
        partial=True,
    )


def mentioned(body: Payload) -> Invocation:
    """Somebody called us by name: help, in place."""
    event = body.get("event") or {}
    return Invocation(
        command="help",
        raw="",
        user=str(event.get("user", "")),
        target=Target(
            chat=CHAT,
            channel=str(event.get("channel", "")),
            under=str(event.get("thread_ts") or event.get("ts") or ""),
        ),
        key=_key("event", body.get("event_id")),
    )


def reacted(body: Payload) -> Reaction | None:
    """A reaction on a message came or went; None on anything else (files)."""
    event = body.get("event") or {}
    item = event.get("item") or {}
    if item.get("type") != "message" or not item.get("ts"):
        return None
    return Reaction(
        emoji=glyph(str(event.get("reaction", ""))),
        user=str(event.get("user", "")),
        ref=str(item["ts"]),
        target=Target(chat=CHAT, channel=str(item.get("channel", ""))),
        added=event.get("type") == "reaction_added",
        key=_key("event", body.get("event_id")),
    )


def attachments(files: object) -> tuple[Attachment, ...]:
    """What was attached; by id, so that no address travels. Deleted files are left out."""
    found = files if isinstance(files, Sequence) else ()
    return tuple(
        Attachment(
            name=str(file.get("name") or file.get("title") or file["id"]),
            ref=str(file["id"]),
            size=int(file.get("size") or 0),
            kind=str(file.get("mimetype") or ""),
            alt=str(file.get("alt_txt") or ""),
        )
        for file in found
        if isinstance(file, Mapping) and file.get("id") and file.get("mode") != "tombstone"
    )


def remembered(said: Invocation | Press) -> str:
    """What a form has to bring back, as its ``private_metadata``; never an address to answer at."""
    kept: dict[str, Any] = {"channel": said.target.channel, "under": said.target.under}
    if isinstance(said, Press):
        kept |= {"ref": said.ref, "action": said.action.encode()}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    kept |= {"command": said.command, "raw": said.raw}
    kept["files"] = [[f.ref, f.name[:80], f.size, f.kind[:40], f.alt[:80]] for f in said.files[:10]]
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    if len(text) > METADATA:
        # The form holds every value that was given; of the line only its ends matter, where the brand stands.
        kept["raw"] = f"{said.raw[:200]} {said.raw[-200:]}"
        kept["files"] = [[f.ref, f.name[:20], f.size, f.kind[:20], ""] for f in said.files[:10]]
        text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    return text


def submitted(body: Payload) -> Invocation | Press:
    """A form was filled in: the press or the command it completes.

    Its key is the form's own, however often it is sent. Raises `BadInput` for a form that is not ours.
    """
    view = body.get("view") or {}
    try:
        kept = json.loads(str(view.get("private_metadata") or ""))
        target = Target(chat=CHAT, channel=str(kept["channel"]), under=str(kept.get("under", "")))
    except (ValueError, KeyError, TypeError):
        raise BadInput("That form is not one of mine. Open it again.") from None
    user, key = _user(body), _key("form", view.get("id"))
    given = values(view.get("state") or {})
    lines = {name: value for name, value in given.items() if isinstance(value, str)}
    if "action" in kept:
        return Press(
            action=Action.decode(str(kept["action"])),
            user=user,
            ref=str(kept.get("ref", "")),
            target=target,
            text=lines.get("text", ""),
            values=lines,
            key=key,
        )
    stored = tuple(
        Attachment(ref=str(f[0]), name=str(f[1]), size=int(f[2]), kind=str(f[3]), alt=str(f[4]))
        for f in kept.get("files", ())
    )
    uploaded = [file for value in given.values() if not isinstance(value, str) for file in value]
    return Invocation(
        command=str(kept.get("command", "")),
        raw=str(kept.get("raw", "")),
        user=user,
        target=target,
        values=lines,
        files=stored + attachments(uploaded),
        key=key,
    )


def typing(body: Payload) -> tuple[str, str, Invocation]:
    """Somebody types into a field that suggests: its name, what stands there, and the command it is for."""
    view = body.get("view") or {}
    try:
        kept = json.loads(str(view.get("private_metadata") or "{}"))
    except ValueError:
        kept = {}
    said = Invocation(
        command=str(kept.get("command", "")),
        raw=str(kept.get("raw", "")),
        user=_user(body),
        target=Target(chat=CHAT, channel=str(kept.get("channel", ""))),
    )
    name = str(body.get("action_id", ""))
    return str(body.get("block_id", "")) if name == VALUE else name, str(body.get("value", "")), said


def _key(kind: str, id_: object) -> str:
    return f"{kind}:{id_}" if id_ else ""
