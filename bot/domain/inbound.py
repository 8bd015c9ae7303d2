"""Something said in a chat as JSON and back, so that it outlives the process that heard it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.message import Action, Inbound, Invocation, Press, Reaction, Target
from bot.domain.post import Json

LONGEST = 20_000
"""Characters kept of one text: more than any service takes in one message or form."""


def inbound_to_json(said: Inbound) -> Json:
    """All but what opens doors (``target.hook``) and the files, which nobody fetches twice."""
    row: dict[str, Json] = {
        "chat": said.target.chat,
        "channel": said.target.channel,
        "thread": said.target.thread,
        "under": said.target.under,
        "user": said.user,
        "key": said.key,
        "groups": None if said.groups is None else list(said.groups),
    }
    match said:
        case Invocation():
            values = None if said.values is None else _plain(said.values)
            return row | {"command": said.command, "raw": said.raw[:LONGEST], "values": values}
        case Press():
            return row | {
                "action": said.action.encode(),
                "ref": said.ref,
                "text": said.text[:LONGEST],
                "values": _plain(said.values),
            }
        case Reaction():
            return row | {"emoji": said.emoji, "ref": said.ref, "added": said.added}


def inbound_from_json(row: Any) -> Inbound:
    """The inverse; raises KeyError, TypeError or `BadInput` for what nobody wrote down here."""
    target = Target(chat=row["chat"], channel=row["channel"], thread=row["thread"], under=row["under"])
    groups = None if row["groups"] is None else tuple(row["groups"])
    if "command" in row:
        return Invocation(
            command=row["command"],
            raw=row["raw"],
            user=row["user"],
            target=target,
            values=row["values"],
            key=row["key"],
            groups=groups,
        )
    if "action" in row:
        return Press(
            action=Action.decode(row["action"]),
            user=row["user"],
            ref=row["ref"],
            target=target,
            text=row["text"],
            values=row["values"],
            key=row["key"],
            groups=groups,
        )
    return Reaction(
        emoji=row["emoji"],
        user=row["user"],
        ref=row["ref"],
        target=target,
        added=row["added"],
        key=row["key"],
        groups=groups,
    )


def _plain(value: Any) -> Any:
    """What JSON can hold of a form's values; anything else as the text it shows."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return value[:LONGEST]
        case Mapping():
            return {str(name): _plain(one) for name, one in value.items()}
        case Sequence() | set() | frozenset():
            return [_plain(one) for one in value]
    return str(value)[:LONGEST]
