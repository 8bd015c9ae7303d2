"""What a person may choose about a video, and how it is read back.

Fields and their rules: developers.google.com/youtube/v3/docs/videos (read 2026-11-21).
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.api import OptionKind, PostOption

if TYPE_CHECKING:
    from collections.abc import Mapping

PUBLIC, UNLISTED, PRIVATE = "public", "unlisted", "private"
PRIVACIES = (
    (PUBLIC, "Everybody"),
    (UNLISTED, "Whoever has the link"),
    (PRIVATE, "Only the channel"),
)
USUAL_CATEGORY = "22"
CATEGORIES = (
    ("1", "Film & Animation"),
    ("2", "Autos & Vehicles"),
    ("10", "Music"),
    ("15", "Pets & Animals"),
    ("17", "Sports"),
    ("19", "Travel & Events"),
    ("20", "Gaming"),
    ("22", "People & Blogs"),
    ("23", "Comedy"),
    ("24", "Entertainment"),
    ("25", "News & Politics"),
    ("26", "Howto & Style"),
    ("27", "Education"),
    ("28", "Science & Technology"),
    ("29", "Nonprofits & Activism"),
)
"""What ``videoCategories.list`` names as assignable in most regions."""


class Kind(StrEnum):
    """How the video is meant to be shown. YouTube decides by its shape and length; there is no switch."""

    ANY = "any"
    VIDEO = "video"
    SHORT = "short"


OPTIONS = (
    PostOption(
        name="made_for_kids",
        title="Made for kids",
        help="Whether the video is made for children. The law wants a person to say so.",
        kind=OptionKind.FLAG,
        required=True,
    ),
    PostOption(
        name="privacy",
        title="Who sees it",
        help="Everybody, whoever has the link, or only the channel.",
        kind=OptionKind.CHOICE,
        choices=PRIVACIES,
        default=PUBLIC,
    ),
    PostOption(
        name="title",
        title="Title",
        help="Up to 100 characters; without it the first line of the text.",
        most=100,
    ),
    PostOption(
        name="description",
        title="Description",
        help="Up to 5,000 bytes; without it the text below its first line.",
        kind=OptionKind.LONG_TEXT,
    ),
    PostOption(
        name="tags",
        title="Tags",
        help="500 characters in all; commas count, and two more for a tag with a blank.",
        kind=OptionKind.LIST,
    ),
    PostOption(
        name="synthetic",
        title="Altered or synthetic",
        help="It shows realistic scenes or voices that were altered or made by AI.",
        kind=OptionKind.FLAG,
        default=False,
    ),
    PostOption(
        name="category",
        title="Category",
        help="What it is about.",
        kind=OptionKind.CHOICE,
        choices=CATEGORIES,
        default=USUAL_CATEGORY,
    ),
    PostOption(
        name="kind",
        title="Video or Short",
        help="A Short is upright or square and lasts at most three minutes.",
        kind=OptionKind.CHOICE,
        choices=((Kind.ANY, "As the file is"), (Kind.VIDEO, "Video"), (Kind.SHORT, "Short")),
        default=Kind.ANY,
    ),
    PostOption(
        name="playlist",
        title="Playlist",
        help="The link or the id of a playlist of the channel that it is put into.",
    ),
    PostOption(
        name="notify",
        title="Tell subscribers",
        help="Whether subscribers are told about it.",
        kind=OptionKind.FLAG,
        default=True,
    ),
    PostOption(
        name="publish_at",
        title="YouTube publishes it at",
        help="2026-12-01T09:00+01:00. YouTube does it by itself then, and /halt cannot stop it.",
    ),
)
NAMES = frozenset(option.name for option in OPTIONS)


def text_of(options: Mapping[str, Any], name: str) -> str:
    """A text option, stripped; empty when nobody chose one."""
    value = options.get(name)
    return value.strip() if isinstance(value, str) else ""


def flag_of(options: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """A yes or no."""
    value = options.get(name)
    return value if isinstance(value, bool) else default


def tags_of(options: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags in order, without blanks around them, without repeats."""
    given = options.get("tags")
    tags = [t.strip() for t in given if isinstance(t, str)] if isinstance(given, list | tuple) else []
    return tuple(dict.fromkeys(t for t in tags if t))


def privacy_of(options: Mapping[str, Any]) -> str:
    """Who is to see it; everybody, unless somebody chose otherwise."""
    chosen = text_of(options, "privacy")
    return chosen if chosen in {value for value, _ in PRIVACIES} else PUBLIC


def category_of(options: Mapping[str, Any]) -> str:
    """The number of its category; empty when nobody chose one."""
    chosen = text_of(options, "category")
    return chosen if chosen.isascii() and chosen.isdigit() else ""


def kind_of(options: Mapping[str, Any]) -> Kind:
    """How it is meant to be shown."""
    chosen = text_of(options, "kind")
    return Kind(chosen) if chosen in set(Kind) else Kind.ANY


def playlist_of(options: Mapping[str, Any]) -> str:
    """The playlist's id, also from a link to it; what is neither comes back as it is, to be refused."""
    chosen = text_of(options, "playlist")
    _, found, rest = chosen.partition("list=")
    return rest.partition("&")[0].partition("#")[0] if found else chosen


def publish_at_of(options: Mapping[str, Any]) -> datetime | None:
    """When YouTube is to publish it (aware UTC). Raises ValueError for what is no instant with a zone."""
    chosen = text_of(options, "publish_at")
    if not chosen:
        return None
    at = datetime.fromisoformat(chosen)
    if at.tzinfo is None:
        raise ValueError("no zone")
    return at.astimezone(UTC)
