"""Slack names its reactions; the rest of the house knows glyphs. Pure."""

from __future__ import annotations

from types import MappingProxyType

GLYPHS = MappingProxyType(
    {
        "+1": "👍",
        "thumbsup": "👍",
        "-1": "👎",
        "thumbsdown": "👎",
        "white_check_mark": "✅",
        "heavy_check_mark": "✔️",
        "ballot_box_with_check": "☑️",
        "x": "❌",
        "negative_squared_cross_mark": "❎",
        "heavy_multiplication_x": "✖️",
        "double_vertical_bar": "⏸️",
        "pause_button": "⏸️",
        "recycle": "♻️",
        "eyes": "👀",
        "tada": "🎉",
        "rocket": "🚀",
    }
)
"""Names as in iamcal/emoji-data, which Slack uses; older and newer name of one glyph both."""


def glyph(name: str) -> str:
    """``white_check_mark::skin-tone-3`` → ✅; a name without a glyph here stays a name."""
    bare = name.strip(":").partition("::")[0]
    return GLYPHS.get(bare, bare)
