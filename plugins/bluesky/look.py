"""How a post looks on Bluesky: nothing is folded, words stand beside the avatar, links have a card.

Seen in the app in November 2026: a picture alone keeps its shape between 1:2 and 3:1 (given by the record's
``aspectRatio``), several are cut to squares; addresses lose their scheme and end after 27 characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import LinkStyle, Look, Tint, Tints
from plugins.bluesky.options import LABELS, SELF_LABELS

if TYPE_CHECKING:
    from bot.api import Facts, Variant

LINK_SHOWN = 27
TINTS = Tints(
    light=Tint(ground="#ffffff", ink="#0b0f14", faint="#5b6b7d", line="#d9e1ea", link="#0a6ae0"),
    dark=Tint(ground="#11161c", ink="#f0f3f6", faint="#94a3b3", line="#2b3642", link="#4da0ff"),
)


def look(variant: Variant, facts: Facts) -> Look:
    """The outline of ``variant`` on Bluesky."""
    options = {**variant.options, **(variant.parts[0].options if variant.parts else {})}
    said = options.get(LABELS)
    warned = said if isinstance(said, list | tuple) else ()
    handle = str(facts.values.get("handle") or "")
    return Look(
        title="Bluesky",
        handle=f"@{handle}" if handle else "",
        meta="now",
        aside=True,
        link_length=LINK_SHOWN,
        ratios=(0.5, 3.0),
        grid=1.5,
        link=LinkStyle.BELOW,
        buttons=("💬 0", "🔁 0", "♡ 0", "⋯"),
        labels=tuple(f"Warning: {title}" for value, title in SELF_LABELS if value in warned),
        tints=TINTS,
    )
