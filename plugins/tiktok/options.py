"""What a person chooses for a post on TikTok, as its guidelines want it chosen.

Source: developers.tiktok.com, content-sharing-guidelines and content-posting-api-reference-direct-post
(November 2026): who can see a post has no default and is chosen by hand from what TikTok offers now;
comments, duets and stitches are off until somebody ticks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.api import OptionKind, PostOption

if TYPE_CHECKING:
    from collections.abc import Mapping

DIRECT, INBOX = "direct", "inbox"
EVERYONE, ONLY_ME, IN_APP = "PUBLIC_TO_EVERYONE", "SELF_ONLY", "IN_APP"

AUDIENCES = (
    (EVERYONE, "Everyone"),
    ("FOLLOWER_OF_CREATOR", "Followers"),
    ("MUTUAL_FOLLOW_FRIENDS", "Friends"),
    (ONLY_ME, "Only me"),
    (IN_APP, "Chosen in the app (drafts)"),
)
"""The last one is ours: a draft's audience is chosen by whoever finishes it."""

OPTIONS = (
    PostOption(
        name="privacy",
        title="Who can see it",
        help="TikTok wants a person to choose this for every post.",
        kind=OptionKind.CHOICE,
        choices=AUDIENCES,
        choices_from="privacy_level_options",
        required=True,
    ),
    PostOption(
        name="mode",
        title="How it is posted",
        help="Posted by me, or sent to the app's inbox, where somebody finishes it in 24 hours.",
        kind=OptionKind.CHOICE,
        choices=((DIRECT, "Posted directly"), (INBOX, "Draft in the app's inbox")),
    ),
    PostOption(
        name="comments",
        title="Comments",
        help="Let people comment.",
        kind=OptionKind.FLAG,
        default=False,
    ),
    PostOption(
        name="duet", title="Duets", help="Let people make duets.", kind=OptionKind.FLAG, default=False
    ),
    PostOption(
        name="stitch",
        title="Stitches",
        help="Let people use parts of the video.",
        kind=OptionKind.FLAG,
        default=False,
    ),
    PostOption(
        name="your_brand",
        title="Your brand",
        help="It promotes yourself or your own business; shown as “Promotional content”.",
        kind=OptionKind.FLAG,
        default=False,
    ),
    PostOption(
        name="branded_content",
        title="Branded content",
        help="Somebody else pays for it; shown as “Paid partnership”. Cannot be private.",
        kind=OptionKind.FLAG,
        default=False,
    ),
    PostOption(
        name="ai_generated",
        title="Made with AI",
        help="Shown as “Creator labeled as AI-generated”.",
        kind=OptionKind.FLAG,
        default=False,
    ),
    PostOption(
        name="cover_at",
        title="Cover at second",
        help="The moment of the video that is its cover, in seconds, such as 1.5.",
        most=10,
    ),
    PostOption(
        name="auto_music",
        title="Music for photos",
        help="TikTok adds recommended music to photos.",
        kind=OptionKind.FLAG,
        default=False,
    ),
    PostOption(
        name="title",
        title="Title of photos",
        help="Up to 90 characters. Without one, the first line of the text is the title.",
        most=90,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What was chosen for one post; ``cover_ms`` is None where nothing was, or no number."""

    mode: str
    privacy: str
    comments: bool
    duet: bool
    stitch: bool
    your_brand: bool
    branded_content: bool
    ai_generated: bool
    auto_music: bool
    title: str
    cover_at: str
    cover_ms: int | None

    @property
    def direct(self) -> bool:
        return self.mode != INBOX


def chosen(options: Mapping[str, Any], mode: str) -> Choices:
    """Read a part's options; ``mode`` is the account's own."""
    said, cover = options.get("mode"), str(options.get("cover_at") or "").strip()
    return Choices(
        mode=said if said in (DIRECT, INBOX) else mode,
        privacy=str(options.get("privacy") or ""),
        comments=options.get("comments") is True,
        duet=options.get("duet") is True,
        stitch=options.get("stitch") is True,
        your_brand=options.get("your_brand") is True,
        branded_content=options.get("branded_content") is True,
        ai_generated=options.get("ai_generated") is True,
        auto_music=options.get("auto_music") is True,
        title=str(options.get("title") or "").strip(),
        cover_at=cover,
        cover_ms=_milliseconds(cover),
    )


def _milliseconds(text: str) -> int | None:
    try:
        seconds = float(text.replace(",", "."))
    except ValueError:
        return None
    return round(seconds * 1000) if 0 <= seconds < 36_000 else None
