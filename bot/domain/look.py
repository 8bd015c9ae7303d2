"""How a post will look on its platform, as far as a drawing needs it: declared there, drawn by us.

Neutral on purpose: no platform's logo or lettering, only the order of things, where a text is folded
and what is cut off a picture. All measures of text are in characters as people see them, all shares
are fractions of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Layout(StrEnum):
    """The order of things.

    FEED: who, text, media. PHOTO: who, media, text. WATCH: media, heading, who, text.
    UPRIGHT: a full screen of video with the words over it. STORY: a full screen with nothing but a head.
    """

    FEED = "feed"
    PHOTO = "photo"
    WATCH = "watch"
    UPRIGHT = "upright"
    STORY = "story"


class LinkStyle(StrEnum):
    """How a link's card is shown: not at all, picture above its words, words over its picture, or a
    small picture beside its words."""

    NONE = "none"
    BELOW = "below"
    OVER = "over"
    BESIDE = "beside"


@dataclass(frozen=True, kw_only=True)
class Tint:
    """The colours of one mode, as ``#rrggbb``."""

    ground: str = "#ffffff"
    ink: str = "#111418"
    faint: str = "#5f6b76"
    line: str = "#dde2e7"
    link: str = "#0b62c4"


@dataclass(frozen=True, kw_only=True)
class Tints:
    """The colours by day and by night."""

    light: Tint = field(default_factory=Tint)
    dark: Tint = field(
        default_factory=lambda: Tint(
            ground="#14171a", ink="#eceff1", faint="#98a3ad", line="#30363c", link="#6cb2ff"
        )
    )


@dataclass(frozen=True, kw_only=True)
class Safe:
    """What the platform's own buttons and words cover at the edges, as shares of height and width."""

    top: float = 0.0
    bottom: float = 0.0
    left: float = 0.0
    right: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """The outline of one platform's post.

    ``title``: the platform, for people. ``name``, ``handle``: who posts; where they are empty the core
    says what it knows of the account. ``meta`` stands beside or below
    them ("now"); ``round``: the avatar is a disc, else a square; ``aside``: the words stand beside it.

    ``heading`` is a title of the post's own. ``text``: what is shown instead of the first part's words;
    None keeps them. ``cut``: characters after which the text is folded behind ``more``, ``lines`` the
    same in lines; 0 never. ``more_below``: the word stands on a line of its own. ``linked``: what is
    shown as a link, of "url", "tag", "mention". ``link_length``: addresses lose their scheme and are
    cut after so many characters; 0 leaves them.

    ``frame``: width over height of the media as it is shown first; 0 keeps the file's own, within
    ``ratios`` (narrowest, widest). ``grid``: the ratio of two to ``shown`` pictures side by side; 0
    swipes through them. ``edge``: media goes to the card's edges. ``at``: the second of a video that is
    shown first; None leaves it to us. ``link``: how a link's card is shown.

    ``safe``: what is covered on a full screen. ``buttons``: the row below; ``labels``: what the platform
    writes on it ("Paid partnership"). ``thread``: further parts hang below the first.
    """

    name: str = ""
    title: str = ""
    handle: str = ""
    meta: str = ""
    round: bool = True
    aside: bool = False
    layout: Layout = Layout.FEED
    heading: str = ""
    text: str | None = None
    cut: int = 0
    lines: int = 0
    more: str = "more"
    more_below: bool = False
    linked: tuple[str, ...] = ("url", "tag", "mention")
    link_length: int = 0
    frame: float = 0.0
    ratios: tuple[float, float] | None = None
    grid: float = 0.0
    shown: int = 4
    edge: bool = False
    at: float | None = None
    link: LinkStyle = LinkStyle.NONE
    safe: Safe | None = None
    buttons: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    thread: bool = True
    tints: Tints = field(default_factory=Tints)
