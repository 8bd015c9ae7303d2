"""What people wrote in Slack, as the plain words they saw. Pure.

docs.slack.dev/messaging/formatting-message-text: ``& < >`` come escaped, and what is in ``<…>`` is a
mention or a link.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.marks import unmarked

REFERENCE = re.compile(r"<((?:[@#!]|https?://|mailto:|tel:)[^<>|]*)(?:\|([^<>]*))?>")
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
BROADCASTS = ("here", "channel", "everyone")


def words(text: str) -> str:
    """The text as its writer saw it: references by name, links as addresses, nothing escaped."""
    bare = REFERENCE.sub(_named, text)
    for entity, character in ENTITIES:
        bare = bare.replace(entity, character)
    return unmarked(bare)


def _named(found: re.Match[str]) -> str:
    what, label = found[1], found[2]
    if what.startswith("!"):
        name = what[1:].partition("^")[0]
        if name in BROADCASTS:
            return f"@{name}"
        return label or f"@{name}"
    if what[0] in "@#":
        return f"{what[0]}{(label or what[1:]).lstrip('@#')}"
    return label if label and what.startswith(("mailto:", "tel:")) else what


def message_words(message: Mapping[str, Any]) -> str:
    """All of a message's words; from its rich text, where ``*`` and ``_`` are no formatting."""
    rich = [block for block in _list(message.get("blocks")) if block.get("type") == "rich_text"]
    if rich:
        text = "\n".join(_element(part) for block in rich for part in _list(block.get("elements")))
        return unmarked(text.strip("\n"))
    return words(str(message.get("text") or ""))


def _element(part: Mapping[str, Any], depth: int = 0) -> str:
    inner = _list(part.get("elements"))
    match part.get("type"):
        case "text":
            return str(part.get("text", ""))
        case "link":
            return str(part.get("url") or part.get("text", ""))
        case "user":
            return f"@{part.get('user_id', '')}"
        case "usergroup":
            return f"@{part.get('usergroup_id', '')}"
        case "channel":
            return f"#{part.get('channel_id', '')}"
        case "broadcast":
            return f"@{part.get('range', '')}"
        case "emoji":
            return _emoji(part)
        case "rich_text_list":
            numbers = part.get("style") == "ordered"
            rows = (_element(row, depth + 1) for row in inner)
            return "\n".join(f"{f'{n}.' if numbers else '•'} {row}" for n, row in enumerate(rows, 1))
    return "".join(_element(piece, depth + 1) for piece in inner) if depth < 10 else ""


def _emoji(part: Mapping[str, Any]) -> str:
    codes = str(part.get("unicode", ""))
    if re.fullmatch(r"[0-9a-f]{2,6}(-[0-9a-f]{2,6})*", codes):
        points = [int(code, 16) for code in codes.split("-")]
        if all(point < 0x110000 and not 0xD800 <= point < 0xE000 for point in points):
            return "".join(map(chr, points))
    return f":{part.get('name', '')}:"


def _list(value: object) -> Sequence[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, Sequence) else ()
