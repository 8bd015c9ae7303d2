"""What a person may choose for a post on Instagram, and how it is read back.

Parameters of ``POST /{ig-user}/media``: instagram-platform/instagram-graph-api/reference/ig-user/media
(28 September 2026).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.api import OptionKind, PostOption

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND, SHARE, THUMB, WITH, TAGS, PLACE, AI = (
    "kind",
    "share_to_feed",
    "cover_at",
    "collaborators",
    "tagged",
    "location",
    "ai_label",
)
MOST_COLLABORATORS, MOST_TAGS = 3, 20
USERNAME = re.compile(r"[A-Za-z0-9._]{1,30}")
TAGGED = re.compile(
    r"@?([A-Za-z0-9._]{1,30})(?:\s+(0(?:\.\d+)?|1(?:\.0+)?)[,\s]\s*(0(?:\.\d+)?|1(?:\.0+)?))?"
)
PLACE_ID = re.compile(r"[0-9]{1,20}")


class Kind(StrEnum):
    """Where the post is shown. A lone video in the feed is a reel for Instagram, since 2023."""

    FEED = "feed"
    REEL = "reel"
    STORY = "story"


OPTIONS = (
    PostOption(
        name=KIND,
        title="Feed, reel or story",
        help="Several files make a carousel in the feed; a story is gone after 24 hours.",
        kind=OptionKind.CHOICE,
        choices=((Kind.FEED, "Feed"), (Kind.REEL, "Reel"), (Kind.STORY, "Story")),
        default=Kind.FEED,
    ),
    PostOption(
        name=SHARE,
        title="Reel in the feed too",
        help="Whether a reel is shown in the feed beside the reels.",
        kind=OptionKind.FLAG,
        default=True,
    ),
    PostOption(
        name=THUMB,
        title="Cover at second",
        help="The second of the video that is its cover, like 1.5; a cover of its own wins.",
        most=8,
    ),
    PostOption(
        name=WITH,
        title="Posted together with",
        help="Up to 3 accounts that are invited as co-authors.",
        kind=OptionKind.LIST,
        most=MOST_COLLABORATORS,
    ),
    PostOption(
        name=TAGS,
        title="People in it",
        help="Up to 20 accounts; in pictures with a place, like: ada 0.5,0.8",
        kind=OptionKind.LIST,
        most=MOST_TAGS,
    ),
    PostOption(
        name=PLACE,
        title="Place",
        help="The number of the Facebook page of the place; by Facebook Login only.",
        most=20,
    ),
    PostOption(
        name=AI,
        title="Made with AI",
        help="Says that it was made with AI.",
        kind=OptionKind.FLAG,
        default=False,
    ),
)


def kind_of(options: Mapping[str, Any]) -> Kind:
    """Where it is shown; the feed, unless somebody chose otherwise."""
    chosen = options.get(KIND)
    return Kind(chosen) if chosen in set(Kind) else Kind.FEED


def shared(options: Mapping[str, Any]) -> bool:
    """Whether a reel is shown in the feed too."""
    return options.get(SHARE) is not False


def cover_at(options: Mapping[str, Any]) -> int | None:
    """Milliseconds from the start; None when nobody chose. Raises ValueError for what is no second."""
    chosen = str(options.get(THUMB) or "").strip().replace(",", ".")
    if not chosen:
        return None
    if not re.fullmatch(r"\d{1,4}(\.\d{1,3})?", chosen):
        raise ValueError(chosen)
    return round(float(chosen) * 1000)


def collaborators(options: Mapping[str, Any]) -> tuple[str, ...]:
    """The accounts that are invited, without their @."""
    return tuple(dict.fromkeys(w.removeprefix("@") for w in _words(options.get(WITH))))


def tagged(options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The people in it, as the API wants them; in pictures ``x`` and ``y`` are shares of width and height.

    Raises ValueError for what names nobody.
    """
    found = []
    for word in _words(options.get(TAGS)):
        match = TAGGED.fullmatch(word)
        if match is None:
            raise ValueError(word)
        name, x, y = match.groups()
        found.append({"username": name} | ({"x": float(x), "y": float(y)} if x else {}))
    return found


def place_of(options: Mapping[str, Any]) -> str:
    """The page of the place."""
    return str(options.get(PLACE) or "").strip()


def _words(value: Any) -> list[str]:
    return (
        [w.strip() for w in value if isinstance(w, str) and w.strip()]
        if isinstance(value, list | tuple)
        else []
    )
