"""How a video looks on YouTube: the thumbnail with title and folded description, or a Short's full screen.

A Short is square or upright and at most three minutes long (uploads since 15 October 2024); the titles' and
descriptions' folds and what covers a Short's edges were seen in the app in November 2026.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.api import Layout, Look, MediaKind, Safe, Tint, Tints
from plugins.youtube.metadata import title_and_description
from plugins.youtube.options import PRIVACIES, PRIVATE, UNLISTED, Kind, flag_of, kind_of, privacy_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from bot.api import Facts, Media, Variant

SHORT_SECONDS = 180
DESCRIPTION_LINES = 3
COVERED = Safe(top=0.08, bottom=0.2, left=0.04, right=0.14)
TINTS = Tints(
    light=Tint(ground="#ffffff", ink="#0f0f0f", faint="#606060", line="#e5e5e5", link="#065fd4"),
    dark=Tint(ground="#0f0f0f", ink="#f1f1f1", faint="#aaaaaa", line="#2d2d2d", link="#5aadff"),
)


def look(variant: Variant, facts: Facts) -> Look:
    """The outline of ``variant`` on YouTube; a Short where its shape, length and wish make it one."""
    options = {**variant.options, **(variant.parts[0].options if variant.parts else {})}
    title, description = _words(variant, options)
    video = next((m for m in variant.media if m.kind is MediaKind.VIDEO), None)
    if video and _is_short(video, kind_of(options)):
        return Look(
            title="YouTube Short",
            layout=Layout.UPRIGHT,
            text=title,
            lines=2,
            more="",
            frame=9 / 16,
            safe=COVERED,
            buttons=("👍", "👎", "💬", "📤"),
            labels=tuple(_labels(options)),
            thread=False,
            tints=TINTS,
        )
    return Look(
        title="YouTube",
        layout=Layout.WATCH,
        heading=title,
        text=description,
        meta="No views · now",
        lines=DESCRIPTION_LINES,
        more="more",
        frame=16 / 9,
        buttons=("👍 0", "👎", "📤 Share", "🔖 Save"),
        labels=tuple(_labels(options)),
        thread=False,
        tints=TINTS,
    )


def _words(variant: Variant, options: Mapping[str, Any]) -> tuple[str, str]:
    if not variant.parts:
        return "", ""
    return title_and_description(replace(variant.parts[0], options=options))


def _is_short(video: Media, wish: Kind) -> bool:
    upright = video.height >= video.width > 0
    return upright and video.seconds <= SHORT_SECONDS and wish is not Kind.VIDEO


def _labels(options: Mapping[str, Any]) -> Iterator[str]:
    privacy = privacy_of(options)
    if privacy in (UNLISTED, PRIVATE):
        yield dict(PRIVACIES)[privacy]
    if flag_of(options, "made_for_kids", default=False):
        yield "Made for kids"
    if flag_of(options, "synthetic", default=False):
        yield "Altered or synthetic content"
