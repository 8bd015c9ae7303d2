"""How a post looks on Instagram: a photo with its caption below, a reel or a story on a full screen.

The feed shows 4:5 to 1.91:1 and cuts every slide of a carousel to the first one's shape (documented, read
2026-11-21). Seen in the app in November 2026, not documented: captions are folded after 125 characters or
two lines, a reel's after one; the margins are those of the usual advice for a 1080×1920 video.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import Layout, Look, MediaKind, Safe, Tint, Tints
from plugins.instagram.options import AI, Kind, cover_at, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bot.api import Facts, Variant

FOLDED_AFTER, FOLDED_LINES = 125, 2
COVERED = Safe(top=220 / 1920, bottom=420 / 1920, left=60 / 1080, right=120 / 1080)
STORY_COVERED = Safe(top=250 / 1920, bottom=340 / 1920)
BUTTONS = ("♡", "💬", "📤", "🔖")
TINTS = Tints(
    light=Tint(ground="#ffffff", ink="#101010", faint="#6e6e6e", line="#e3e3e3", link="#234f86"),
    dark=Tint(ground="#000000", ink="#f5f5f5", faint="#a8a8a8", line="#2a2a2a", link="#a9c8f0"),
)


def look(variant: Variant, facts: Facts) -> Look:
    """The outline of ``variant`` on Instagram."""
    username = str(facts.values.get("username") or "")
    media = variant.media
    options = {**variant.options, **(variant.parts[0].options if variant.parts else {})}
    kind = kind_of(options)
    if kind is Kind.STORY:
        return Look(
            title="Instagram story",
            name=username,
            layout=Layout.STORY,
            meta="now",
            frame=9 / 16,
            at=_cover_at(options),
            safe=STORY_COVERED,
            thread=False,
        )
    labels = ("Made with AI",) if options.get(AI) is True else ()
    if kind is Kind.REEL or [m.kind for m in media] == [MediaKind.VIDEO]:
        return Look(
            title="Instagram reel",
            name=username,
            layout=Layout.UPRIGHT,
            lines=1,
            more="more",
            linked=("tag", "mention"),
            frame=9 / 16,
            at=_cover_at(options),
            safe=COVERED,
            buttons=BUTTONS,
            labels=labels,
            thread=False,
        )
    return Look(
        title="Instagram",
        name=username,
        layout=Layout.PHOTO,
        cut=FOLDED_AFTER,
        lines=FOLDED_LINES,
        more="more",
        linked=("tag", "mention"),
        ratios=(4 / 5, 1.91),
        buttons=BUTTONS,
        labels=labels,
        thread=False,
        tints=TINTS,
    )


def _cover_at(options: Mapping[str, Any]) -> float | None:
    """The second that was chosen for the cover; what is no second is refused elsewhere."""
    try:
        at = cover_at(options)
    except ValueError:
        return None
    return None if at is None else at / 1000
