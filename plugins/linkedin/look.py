"""How a post looks on LinkedIn: who on top, three lines of text, media to the edges, the link's card below.

Seen in the app in November 2026, not documented: the text is folded after three lines, about 200 characters;
media is shown between 4:5 and 1.91:1. The avatar is a page's, a square.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import LinkStyle, Look, Tint, Tints

if TYPE_CHECKING:
    from bot.api import Facts, Variant

FOLDED_AFTER, FOLDED_LINES = 210, 3
TINTS = Tints(
    light=Tint(ground="#ffffff", ink="#1d1d1d", faint="#666666", line="#e2e0dc", link="#0a59b0"),
    dark=Tint(ground="#1b1f23", ink="#eceeef", faint="#a3a8ad", line="#383d42", link="#71b7fb"),
)


def look(variant: Variant, facts: Facts) -> Look:
    """The outline of ``variant`` on LinkedIn."""
    return Look(
        title="LinkedIn",
        meta="now",
        round=False,
        cut=FOLDED_AFTER,
        lines=FOLDED_LINES,
        more="more",
        linked=("url", "tag"),
        ratios=(4 / 5, 1.91),
        grid=1.33,
        shown=5,
        edge=True,
        link=LinkStyle.BELOW,
        buttons=("👍 Like", "💬 Comment", "🔁 Repost", "📤 Send"),
        thread=False,
        tints=TINTS,
    )
