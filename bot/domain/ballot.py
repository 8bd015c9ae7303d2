"""Emoji on a card as marks of people: what stands there, what is new, what was taken away. Pure.

An event about a reaction is only a trigger. What counts is a reading of the card, compared with the
reading before it; so events may come twice, late, in any order or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from bot.domain.approval import Choice
from bot.domain.message import fold_emoji
from bot.domain.post import Json


class Mark(StrEnum):
    """What an emoji means on a card."""

    PAUSE = "pause"
    NO = "no"
    YES = "yes"
    KEEP = "keep"


GLYPHS: Mapping[Mark, str] = MappingProxyType(
    {Mark.YES: "✅", Mark.NO: "❌", Mark.PAUSE: "⏸", Mark.KEEP: "♻"}
)
CHOICES: Mapping[Mark, Choice] = MappingProxyType({Mark.YES: Choice.YES, Mark.NO: Choice.NO})
NAMES: Mapping[str, Mark] = MappingProxyType(
    {
        **{glyph: mark for mark, glyph in GLYPHS.items()},
        "white_check_mark": Mark.YES,
        "x": Mark.NO,
        "pause_button": Mark.PAUSE,
        "double_vertical_bar": Mark.PAUSE,
        "recycle": Mark.KEEP,
    }
)
"""Glyphs, and the names that chats have for them."""

Stroke = tuple[Mark, str]
"""A mark and the chat's id of whoever put it."""


def mark_of(emoji: str) -> Mark | None:
    """What an emoji means, if anything; skin tones and variation selectors do not matter."""
    name = re.sub(r"::skin-tone-\d", "", fold_emoji(emoji).strip(":"))
    return NAMES.get(name)


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """One card as it was read last.

    ``marks``: what stood there, with the version of the post that the card showed when each was first
    seen. ``shown`` is the version it shows now, 0 while nobody noted that. ``asked`` numbers the
    readings that were begun, ``read`` is the newest that came to something.
    """

    asked: int = 0
    read: int = 0
    shown: int = 0
    marks: Mapping[Stroke, int] = field(default_factory=dict)

    def put(self, seen: Iterable[Stroke]) -> tuple[Stroke, ...]:
        """What is new, objections before approvals, so that neither is late."""
        order = list(Mark)
        fresh = set(seen) - set(self.marks)
        return tuple(sorted(fresh, key=lambda stroke: (order.index(stroke[0]), stroke[1])))

    def taken(self, seen: Iterable[Stroke]) -> tuple[Stroke, ...]:
        """What stood there and does not any more."""
        return tuple(sorted(set(self.marks) - set(seen)))

    def with_mark(self, stroke: Stroke, version: int) -> Ballot:
        return replace(self, marks={**self.marks, stroke: version})

    def without(self, stroke: Stroke) -> Ballot:
        return replace(self, marks={s: v for s, v in self.marks.items() if s != stroke})


def to_json(ballot: Ballot) -> Json:
    """As plain JSON; `from_json` is its inverse."""
    marks = [[mark.value, user, version] for (mark, user), version in sorted(ballot.marks.items())]
    return {"asked": ballot.asked, "read": ballot.read, "shown": ballot.shown, "marks": marks}


def from_json(row: Mapping[str, Json]) -> Ballot:
    """Rebuild a ballot from `to_json`."""
    return Ballot(
        asked=row["asked"],
        read=row["read"],
        shown=row["shown"],
        marks={(Mark(mark), user): version for mark, user, version in row["marks"]},
    )
