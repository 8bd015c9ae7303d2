"""How a post looks on X: words beside the avatar, pictures in a 16:9 frame, the link's words on its picture.

Seen in the app in November 2026, not documented: what weighs more than 280 is folded there, addresses lose
their scheme and end after 26 characters, a picture alone keeps its shape between 3:4 and 2:1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import LinkStyle, Look, Tint, Tints
from plugins.twitter.counting import LINK_WEIGHT, normalise, units
from plugins.twitter.limits import CHARACTERS
from plugins.twitter.options import AI, PAID

if TYPE_CHECKING:
    from bot.api import Facts, Variant

LINK_SHOWN = 26
TINTS = Tints(
    light=Tint(ground="#ffffff", ink="#0f1419", faint="#536471", line="#dfe5e8", link="#1a78c2"),
    dark=Tint(ground="#000000", ink="#e7e9ea", faint="#8a9198", line="#2f3336", link="#4aa8ef"),
)
LABELS = ((PAID, "Paid partnership"), (AI, "Made with AI"))


def look(variant: Variant, facts: Facts) -> Look:
    """The outline of ``variant`` on X."""
    options = {**variant.options, **(variant.parts[0].options if variant.parts else {})}
    return Look(
        title="X",
        meta="now",
        aside=True,
        cut=_seen(variant.parts[0].text) if variant.parts else 0,
        more="Show more",
        more_below=True,
        link_length=LINK_SHOWN,
        ratios=(3 / 4, 2.0),
        grid=16 / 9,
        link=LinkStyle.OVER,
        buttons=("💬 0", "🔁 0", "♡ 0", "🔖"),
        labels=tuple(words for name, words in LABELS if options.get(name) is True),
        tints=TINTS,
    )


def _seen(text: str) -> int:
    """Characters as they are shown that weigh 280 together; 0 where the text weighs no more."""
    weight = seen = 0
    text = normalise(text.strip())
    for unit in units(text):
        weight += unit.weight
        if weight > CHARACTERS:
            return max(1, seen)
        link = unit.weight == LINK_WEIGHT and unit.end - unit.start > 1
        seen += min(unit.end - unit.start, LINK_SHOWN + 1) if link else 1
    return 0
