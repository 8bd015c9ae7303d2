"""Whether a message in a channel is the one that was to be said. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NUMBER = re.compile(r"[a-z_-]+:([a-z_-]+:\d+):\d+")


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """What of a message Discord gives back as it got it, but for white space.

    ``rows``: what its buttons are about ("post:42"), whatever they do.
    """

    text: str
    title: str
    actions: frozenset[str]

    @property
    def rows(self) -> frozenset[str]:
        return frozenset(found[1] for action in self.actions if (found := NUMBER.fullmatch(action)))

    def is_of(self, other: Likeness) -> bool:
        """The same words and buttons; or a card of the same thing, painted at another moment."""
        if (self.text, self.actions) == (other.text, other.actions):
            return True
        return bool(self.title and self.title == other.title and self.rows & other.rows)


def likeness(message: Mapping[str, Any]) -> Likeness:
    """Of a payload we send, or of a message that Discord gives back."""
    embeds = message.get("embeds") or ()
    words = [str(message.get("content") or "")]
    for embed in embeds:
        words += [str((embed.get("author") or {}).get("name") or ""), str(embed.get("title") or "")]
        words.append(str(embed.get("description") or ""))
        for field in embed.get("fields") or ():
            words += [str(field.get("name") or ""), str(field.get("value") or "")]
        words.append(str((embed.get("footer") or {}).get("text") or ""))
    return Likeness(
        text=" ".join(" ".join(words).split()),
        title=" ".join(str(embeds[0].get("title") or "").split()) if embeds else "",
        actions=frozenset(_actions(message)),
    )


def _actions(message: Mapping[str, Any]) -> Iterator[str]:
    for row in message.get("components") or ():
        for part in row.get("components") or ():
            if part.get("custom_id"):
                yield str(part["custom_id"])
            for option in part.get("options") or ():
                yield str(option.get("value"))
