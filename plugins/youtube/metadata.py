"""What is said about a video: title, description, tags, who sees it; as YouTube's resource wants it.

Source: developers.google.com/youtube/v3/docs/videos and videos/update (2026-11-21). An update replaces
every property of each part it names, so it always carries all of them, and those that a person set in
YouTube Studio meanwhile are sent back as they were (`keep`).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from plugins.youtube.options import (
    PRIVATE,
    USUAL_CATEGORY,
    category_of,
    flag_of,
    privacy_of,
    publish_at_of,
    tags_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.api import Part

KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "snippet": ("categoryId", "defaultLanguage", "defaultAudioLanguage"),
        "status": ("embeddable", "license", "publicStatsViewable"),
    }
)
"""Properties that an update may change and nobody chooses here."""


def title_and_description(part: Part) -> tuple[str, str]:
    """What YouTube gets as title and as description; both stripped."""
    text, title = part.text.strip(), text_of(part.options, "title")
    first, _, rest = text.partition("\n")
    description = text if title else rest.strip()
    return title or first.strip(), text_of(part.options, "description") or description


def tags_length(tags: Sequence[str]) -> int:
    """How many characters YouTube counts for ``tags``."""
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)


def keep(video: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What an update would wipe out if it did not say it again; plain JSON for the checkpoint."""
    return {
        part: {name: had[name] for name in names if isinstance(had.get(name), str | bool)}
        for part, names in KEPT.items()
        if isinstance(had := video.get(part), dict)
    }


def uploaded(part: Part) -> dict[str, Any]:
    """The resource at the upload: private, whatever is to become of it."""
    return {"snippet": _snippet(part, {}), "status": {**_said(part), "privacyStatus": PRIVATE}}


def published(part: Part, video: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The resource that makes it public, or whatever was chosen. Raises ValueError as `publish_at_of`."""
    at = publish_at_of(part.options)
    status = {**kept.get("status", {}), **_said(part), "privacyStatus": privacy_of(part.options)}
    if at is not None:
        status |= {"privacyStatus": PRIVATE, "publishAt": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return {"id": video, "snippet": _snippet(part, kept.get("snippet", {})), "status": status}


def _snippet(part: Part, kept: Mapping[str, Any]) -> dict[str, Any]:
    title, description = title_and_description(part)
    snippet = {**kept, "title": title, "description": description}
    snippet["categoryId"] = category_of(part.options) or kept.get("categoryId") or USUAL_CATEGORY
    if tags := tags_of(part.options):
        snippet["tags"] = list(tags)
    return snippet


def _said(part: Part) -> dict[str, bool]:
    return {
        "selfDeclaredMadeForKids": flag_of(part.options, "made_for_kids", default=False),
        "containsSyntheticMedia": flag_of(part.options, "synthetic", default=False),
    }
