"""How a post looks on TikTok: a full upright screen with the words over its lower edge.

What covers the edges, and two lines before "more", were seen in the app in November 2026; the margins are
those of the usual advice for a 1080×1920 video (220 pixels above, 420 below, 60 left, 120 right).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import Layout, Look, MediaKind, Safe
from plugins.tiktok.options import AUDIENCES, EVERYONE, INBOX, chosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.api import Facts, Variant
    from plugins.tiktok.options import Choices

LINES = 2
COVERED = Safe(top=220 / 1920, bottom=420 / 1920, left=60 / 1080, right=120 / 1080)


def look(variant: Variant, facts: Facts) -> Look:
    """The outline of ``variant`` on TikTok."""
    options = {**variant.options, **(variant.parts[0].options if variant.parts else {})}
    choices = chosen(options, "")
    photos = any(m.kind is MediaKind.IMAGE for m in variant.media)
    first, _, rest = (variant.parts[0].text if variant.parts else "").strip().partition("\n")
    heading = (choices.title or first) if photos else ""
    username = str(facts.values.get("username") or "")
    return Look(
        title="TikTok",
        name=str(facts.values.get("nickname") or ""),
        handle=f"@{username}" if username else "",
        layout=Layout.UPRIGHT,
        heading=heading,
        text=rest.strip() if photos and not choices.title else None,
        lines=LINES,
        more="more",
        linked=("tag", "mention"),
        frame=9 / 16,
        at=choices.cover_ms / 1000 if choices.cover_ms is not None else None,
        safe=COVERED,
        buttons=("♡", "💬", "🔖", "📤"),
        labels=tuple(_labels(choices)),
        thread=False,
    )


def _labels(choices: Choices) -> Iterator[str]:
    if choices.mode == INBOX:
        yield "A draft in the app's inbox"
    if choices.privacy and choices.privacy != EVERYONE:
        yield dict(AUDIENCES).get(choices.privacy, choices.privacy)
    if choices.branded_content:
        yield "Paid partnership"
    elif choices.your_brand:
        yield "Promotional content"
    if choices.ai_generated:
        yield "Creator labeled as AI-generated"
