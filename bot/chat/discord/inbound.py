"""What Discord says, as `Invocation`, `Press` and `Reaction`. Pure.

Shapes: docs.discord.com/developers, interactions/receiving-and-responding, events/gateway-events.
Our own numbers in a ``custom_id`` decide what is meant; ids of servers and channels never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.domain.message import Action, Attachment, Invocation, Press, Reaction, Target
from bot.errors import BadInput

CHAT = "discord"
PING, COMMAND, COMPONENT, TYPING, SUBMITTED = 1, 2, 3, 4, 5
"""Types of interactions."""

SUBCOMMAND, GROUP, USER, ATTACHMENT = 1, 2, 6, 11
"""Types of a command's options."""

ON_MESSAGE = 3
"""The type of a command that stands in a message's menu."""

THREADS = (10, 11, 12)
"""Types of channels that are threads."""

ORIGINAL, FOLLOW_UP = "original", "follow"
"""Ways to answer, as a hook begins: the answer that was promised is edited, or something is said beside."""

CONFIRMED, FORM, FORM_OF_COMMAND = "yes:", "form:", "forms:"

Json = Mapping[str, Any]


def place_of(data: Json) -> Target:
    """Where something happened: in the channel, or under the message that began the thread.

    A thread has the id of its message, so ``under`` serves as both.
    """
    channel = data.get("channel") or {}
    here = str(channel.get("id") or data.get("channel_id") or "")
    if channel.get("type") in THREADS and channel.get("parent_id"):
        return Target(chat=CHAT, channel=str(channel["parent_id"]), under=here)
    return Target(chat=CHAT, channel=here)


def user_of(data: Json) -> str:
    """The id of whoever did it."""
    person = (data.get("member") or {}).get("user") or data.get("user") or data.get("author") or {}
    return str(person.get("id") or data.get("user_id") or "")


def groups_of(data: Json) -> tuple[str, ...] | None:
    """The roles that the event itself says the person has; None where it does not say."""
    roles = (data.get("member") or {}).get("roles")
    return None if roles is None else tuple(map(str, roles))


def hooked(target: Target, way: str, data: Json) -> Target:
    """The target with the way to answer this one interaction."""
    return replace(target, hook=f"{way}:{data['id']}:{data['token']}")


def invocation(data: Json) -> Invocation:
    """A command, typed or from a message's menu."""
    given = data["data"]
    said = Invocation(
        command="",
        raw="",
        user=user_of(data),
        target=hooked(place_of(data), ORIGINAL, data),
        key=str(data["id"]),
        groups=groups_of(data),
    )
    if given.get("type") == ON_MESSAGE:
        return _of_message(given, said)
    name, options = innermost(given)
    attached = (given.get("resolved") or {}).get("attachments") or {}
    values, files = dict[str, Any](), list[Attachment]()
    for option in options:
        value = option.get("value")
        if option["type"] == ATTACHMENT:
            if str(value) in attached:
                files.append(attachment(attached[str(value)]))
        elif option["type"] == USER:
            values[option["name"]] = f"{CHAT}:{value}"
        else:
            values[option["name"]] = value
    return replace(said, command=name, values=values, files=tuple(files))


def innermost(given: Json) -> tuple[str, Sequence[Json]]:
    """The name and options of a command: the last one of ``/clarion post``, the only one of ``/post``."""
    name, options = str(given["name"]), given.get("options") or ()
    while options and options[0]["type"] in (SUBCOMMAND, GROUP):
        name, options = str(options[0]["name"]), options[0].get("options") or ()
    return name, options


def typing(data: Json) -> tuple[Invocation, str, str]:
    """What stands in a command so far, the option somebody is typing, and what of it."""
    name, options = innermost(data["data"])
    focused = next((o for o in options if o.get("focused")), {"name": "", "value": ""})
    said = Invocation(
        command=name,
        raw="",
        user=user_of(data),
        target=place_of(data),
        values={o["name"]: o.get("value") for o in options if not o.get("focused")},
        groups=groups_of(data),
    )
    return said, str(focused["name"]), str(focused.get("value") or "")


def _of_message(given: Json, said: Invocation) -> Invocation:
    found = (given.get("resolved") or {}).get("messages") or {}
    message: Json = found.get(str(given.get("target_id"))) or next(iter(found.values()), {})
    forwarded = [shot.get("message") or {} for shot in message.get("message_snapshots") or ()]
    sources = [message, *forwarded]
    text = "\n\n".join(filter(None, (as_words(source) for source in sources)))
    files = tuple(attachment(a) for source in sources for a in source.get("attachments") or ())
    return replace(said, command="post", values={"text": text}, files=files, partial=True)


def as_words(message: Json) -> str:
    """The text of a message with people, channels and emoji by their names: what goes out to the world
    has no use for Discord's numbers."""
    names = {
        str(person["id"]): person.get("global_name") or person.get("username") or "somebody"
        for person in message.get("mentions") or ()
    }
    text = str(message.get("content") or "")
    text = re.sub(r"<@!?(\d+)>", lambda m: f"@{names.get(m[1], 'somebody')}", text)
    text = re.sub(r"<a?:(\w+):\d+>", r":\1:", text)
    return re.sub(r"<(#|@&)\d+>", "", text).strip()


def attachment(data: Json) -> Attachment:
    """A file as Discord describes it."""
    return Attachment(
        name=str(data.get("filename") or "file"),
        ref=str(data.get("url") or ""),
        size=int(data.get("size") or 0),
        kind=str(data.get("content_type") or ""),
        alt=str(data.get("description") or ""),
    )


def chosen(data: Json) -> str:
    """What was pressed, or picked from a menu: the ``custom_id``, or the first value."""
    given = data["data"]
    values = given.get("values") or ()
    return str(values[0]) if values else str(given.get("custom_id") or "")


def label_of(data: Json) -> str:
    """What stands on what was pressed."""
    wire = chosen(data)
    for row in (data.get("message") or {}).get("components") or ():
        for part in row.get("components") or ():
            for one in (part, *(part.get("options") or ())):
                if wire in (one.get("custom_id"), one.get("value")) and one.get("label"):
                    return str(one["label"])
    return wire.partition(":")[0].replace("-", " ").capitalize()


def press(data: Json) -> tuple[Press, bool]:
    """A button, and whether it is the second one, which says yes. Raises `BadInput` for a stranger's."""
    wire, message = chosen(data), data.get("message") or {}
    ref, sure = str(message.get("id") or ""), wire.startswith(CONFIRMED)
    if sure:
        ref, _, wire = wire.removeprefix(CONFIRMED).partition(":")
    said = Press(
        action=Action.decode(wire),
        user=user_of(data),
        ref=ref,
        target=_under(hooked(place_of(data), FOLLOW_UP, data), ref),
        key=str(data["id"]),
        groups=groups_of(data),
    )
    return said, sure


def form_id(said: Press | Invocation, then: Action | None) -> str:
    """The ``custom_id`` of a form: what it completes, and for a command where its files are remembered."""
    if isinstance(said, Press):
        return f"{FORM}{said.ref}:{(then or said.action).encode()}"
    return f"{FORM_OF_COMMAND}{said.command}:{said.key}:{len(said.files)}"


def begun(data: Json) -> tuple[str, int]:
    """Of a command's form: the key of the command that began it, and how many files that had."""
    match = re.fullmatch(rf"{FORM_OF_COMMAND}[^:]*:(\d+):(\d+)", str(data["data"].get("custom_id") or ""))
    return (match[1], int(match[2])) if match else ("", 0)


def submitted(data: Json, values: Mapping[str, Any]) -> Press | Invocation:
    """A form that was sent, as what it completes. Raises `BadInput` for a stranger's."""
    wire = str(data["data"].get("custom_id") or "")
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    attached = (data["data"].get("resolved") or {}).get("attachments") or {}
    if wire.startswith(FORM_OF_COMMAND):
        way = hooked(place_of(data), FOLLOW_UP if data.get("message") else ORIGINAL, data)
        return Invocation(
            command=wire.removeprefix(FORM_OF_COMMAND).partition(":")[0],
            raw="",
            user=user_of(data),
            target=way,
            values=texts,
            files=tuple(map(attachment, attached.values())),
            key=str(data["id"]),
            groups=groups_of(data),
        )
    if not wire.startswith(FORM):
        raise BadInput("That form is not one of mine.")
    ref, _, action = wire.removeprefix(FORM).partition(":")
    way = hooked(place_of(data), FOLLOW_UP if data.get("message") else ORIGINAL, data)
    return Press(
        action=Action.decode(action),
        user=user_of(data),
        ref=ref,
        target=_under(way, ref),
        text=texts.get("text", ""),
        values=texts,
        key=str(data["id"]),
        groups=groups_of(data),
    )


def _under(target: Target, ref: str) -> Target:
    return target if target.under else replace(target, under=ref)


def reactions(kind: str, data: Json, key: str) -> Iterator[Reaction]:
    """A reaction that came or went; ``kind`` is the event's name behind MESSAGE_REACTION_.

    When a moderator takes them away all at once, nobody in particular did it, and the card is read
    again for votes and for pauses.
    """
    message = str(data["message_id"])
    target = Target(chat=CHAT, channel=str(data["channel_id"]), under=message)
    emoji = (data.get("emoji") or {}) if kind != "REMOVE_ALL" else {}
    if emoji.get("id"):
        return  # a server's own emoji means nothing here
    for name in [emoji["name"]] if emoji.get("name") else ["✅", "⏸"]:
        yield Reaction(
            emoji=str(name),
            user=user_of(data),
            ref=message,
            target=target,
            added=kind == "ADD",
            key=f"{key}:{name}",
            groups=groups_of(data),
        )


def mention(data: Json, me: str) -> Invocation | None:
    """Somebody wrote the bot's name, or wrote to it alone: they want to know what it can do.

    An answer to one of its messages names it too, without a word; that is no call.
    """
    author = data.get("author") or {}
    if author.get("bot") or data.get("webhook_id") or str(author.get("id")) == me:
        return None
    called = re.search(rf"<@!?{re.escape(me)}>", str(data.get("content") or ""))
    if data.get("guild_id") and called is None:
        return None
    return Invocation(
        command="help",
        raw="",
        user=user_of(data),
        target=place_of(data),
        key=str(data["id"]),
        groups=groups_of(data),
    )
