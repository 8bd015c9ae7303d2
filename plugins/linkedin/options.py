"""What a person may choose for a post on LinkedIn, and how LinkedIn wants to hear it.

Source: learn.microsoft.com/en-us/linkedin, community-management/shares/posts-api (2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.api import OptionKind, PostOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Media

VISIBILITY, NO_RESHARE, TITLE = "visibility", "reshare_disabled", "title"
TITLE_CHARACTERS = 200
"""Characters of a title; LinkedIn states no bound, so this is ours."""

OPTIONS = (
    PostOption(
        name=VISIBILITY,
        title="Who sees it",
        help="A page can only post for everybody. Without a choice the account's own setting counts.",
        kind=OptionKind.CHOICE,
        choices=(("PUBLIC", "Everybody"), ("CONNECTIONS", "Connections"), ("LOGGED_IN", "LinkedIn members")),
    ),
    PostOption(
        name=NO_RESHARE,
        title="No reposts",
        help="Nobody can repost it.",
        kind=OptionKind.FLAG,
        default=False,
    ),
    PostOption(
        name=TITLE,
        title="Title of the file",
        help="What a document or a video is called. A document has its file's name without it.",
        most=TITLE_CHARACTERS,
    ),
)


def visibility_of(options: Mapping[str, Any], settled: str) -> str:
    """Who sees the post; ``settled`` is the account's own setting."""
    return str(options.get(VISIBILITY) or settled)


def settings_of(options: Mapping[str, Any], settled: str) -> dict[str, Any]:
    """The part of the body that says who may see and repost it."""
    return {
        "visibility": visibility_of(options, settled),
        "isReshareDisabledByAuthor": options.get(NO_RESHARE) is True,
    }


def document_title(options: Mapping[str, Any], media: Media) -> str:
    """A document's title with its ending, which LinkedIn wants (documents-api)."""
    title = video_title(options) or media.name
    ending = media.name.rpartition(".")[2] if "." in media.name else "pdf"
    return title if title.lower().endswith(f".{ending.lower()}") else f"{title}.{ending}"


def video_title(options: Mapping[str, Any]) -> str:
    """What was chosen as a title, on one line."""
    return " ".join(str(options.get(TITLE) or "").split())
