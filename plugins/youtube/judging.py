"""What the simulated YouTube takes as a video's title, description, tags and state.

Rules: developers.google.com/youtube/v3/docs/videos, videos/insert and videos/update (2026-11-21).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from plugins.youtube.failures import FAILURES, Refused

if TYPE_CHECKING:
    from plugins.youtube.simulated import Resource

CATEGORIES = frozenset(
    {"1", "2", "10", "15", "17", "19", "20", "22", "23", "24", "25", "26", "27", "28", "29"}
)
SNIPPET = ("title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage")
STATUS = (
    "privacyStatus",
    "publishAt",
    "license",
    "embeddable",
    "publicStatsViewable",
    "selfDeclaredMadeForKids",
    "containsSyntheticMedia",
)


def judged(body: Any, now: datetime, *, category_needed: bool) -> tuple[Resource, Resource]:
    """Snippet and status as they are stored, with YouTube's own defaults; raises `Refused`.

    ``privacyStatus`` that is left out is public.
    """
    snippet = _chosen(body, "snippet", SNIPPET)
    status = _chosen(body, "status", STATUS)
    _snippet(snippet, category_needed=category_needed)
    status = {
        "privacyStatus": "public",
        "license": "youtube",
        "embeddable": True,
        "publicStatsViewable": True,
        "selfDeclaredMadeForKids": False,
        "containsSyntheticMedia": False,
        **status,
    }
    if status["privacyStatus"] not in ("public", "unlisted", "private"):
        raise Refused(FAILURES["invalidVideoMetadata"])
    if "publishAt" in status:
        _publish_at(status, now)
    return {"description": "", "categoryId": "22", **snippet}, status


def _chosen(body: Any, part: str, names: tuple[str, ...]) -> Resource:
    given = body.get(part) if isinstance(body, dict) else None
    if given is not None and not isinstance(given, dict):
        raise Refused(FAILURES["invalidVideoMetadata"])
    return {name: given[name] for name in names if name in given} if given else {}


def _snippet(snippet: Resource, *, category_needed: bool) -> None:
    title, description = snippet.get("title"), snippet.get("description", "")
    if not isinstance(title, str) or not 1 <= len(title) <= 100 or set("<>") & set(title):
        raise Refused(FAILURES["invalidTitle"])
    if not isinstance(description, str) or len(description.encode()) > 5000 or set("<>") & set(description):
        raise Refused(FAILURES["invalidDescription"])
    tags = snippet.get("tags", [])
    quoted = [f'"{tag}"' if " " in tag else tag for tag in tags]
    if len(",".join(quoted)) > 500 or set("<>") & set("".join(tags)):
        raise Refused(FAILURES["invalidTags"])
    category = snippet.get("categoryId")
    if (category is None and category_needed) or (category is not None and category not in CATEGORIES):
        raise Refused(FAILURES["invalidCategoryId"])


def _publish_at(status: Resource, now: datetime) -> None:
    try:
        at = datetime.fromisoformat(status["publishAt"])
    except (TypeError, ValueError):
        raise Refused(FAILURES["invalidPublishAt"]) from None
    if at.tzinfo is None or at <= now or status["privacyStatus"] != "private":
        raise Refused(FAILURES["invalidPublishAt"])
