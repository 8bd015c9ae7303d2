"""Photos on TikTok: it fetches them from us, and the call that asks it to is the one that publishes.

Source: developers.tiktok.com, content-posting-api-reference-photo-post (November 2026). A reply to that
call that gets lost leaves nothing to ask by; a public post can then be told by its words and its time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import Checkpoint, Deps, Part, Ready, Rejected, Staged, Uncertain
from plugins.tiktok.creator import Creator, allowed_creator
from plugins.tiktok.limits import photo_words
from plugins.tiktok.reading import identifier, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.tiktok.client import Client
    from plugins.tiktok.options import Choices

INIT = "/v2/post/publish/content/init/"
LIST = "/v2/video/list/?fields=id,create_time,title,video_description,share_url"

FETCHED_IN = 2 * 60 * 60
"""Seconds for which our addresses work; TikTok fetches for up to an hour."""

SLACK = timedelta(seconds=60)
"""How far TikTok's clock may be behind ours."""


class Photos:
    """Stages and posts photos."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps

    async def stage(self, part: Part, choices: Choices) -> Staged:
        """Nothing is sent ahead; it is only made sure that TikTok would go along."""
        if self._deps.links is None:
            raise _no_links()
        for photo in part.media:
            await self._deps.media.check(photo)
        creator = await allowed_creator(self._client, choices) if choices.direct else Creator()
        names = [photo.sha256 for photo in part.media]
        return Ready(checkpoint=Checkpoint(data={"photos": names, "creator": creator.username}))

    async def post(self, part: Part, choices: Choices) -> str:
        """The one call; answers TikTok's publish id. Raises `Uncertain` when it may have begun."""
        if self._deps.links is None:
            raise _no_links()
        creator = await allowed_creator(self._client, choices) if choices.direct else Creator()
        urls = [self._deps.links.url(photo, seconds=FETCHED_IN) for photo in part.media]
        said = await self._client.once(INIT, body_of(part, choices, creator, urls))
        publish_id = self._client.data(said, creates=True).get("publish_id")
        if not isinstance(publish_id, str) or not publish_id:
            raise Uncertain("TikTok answered without naming the post; it may be out.", detail=said.detail)
        return publish_id

    async def find(self, part: Part, choices: Choices, since: datetime) -> tuple[str, str] | str:
        """Id and link of the one public post with these words since then, or why there is no saying."""
        title, description = photo_words(part.text, choices.title)
        if not (title or description):
            return "Without words a post cannot be told from others."
        said = self._client.data(await self._client.ask(LIST, {"max_count": 20}))
        videos = said.get("videos")
        found = [v for v in videos if isinstance(v, dict)] if isinstance(videos, list) else []
        ours = [
            v for v in found if _is_ours(v, title, description, since - SLACK) and identifier(v.get("id"))
        ]
        if len(ours) != 1:
            return (
                f"TikTok shows {len(ours)} posts with these words since then."
                if ours
                else "TikTok's newest public posts do not show it."
            )
        link = ours[0].get("share_url")
        return identifier(ours[0]["id"]), link if isinstance(link, str) else ""


def body_of(part: Part, choices: Choices, creator: Creator, urls: list[str]) -> dict[str, Any]:
    """The call's body; a draft's audience and switches are chosen in the app."""
    title, description = photo_words(part.text, choices.title)
    info: dict[str, Any] = {"title": title, "description": description}
    if choices.direct:
        info |= {
            "privacy_level": choices.privacy,
            "disable_comment": creator.no_comments or not choices.comments,
            "auto_add_music": choices.auto_music,
            "brand_content_toggle": choices.branded_content,
            "brand_organic_toggle": choices.your_brand,
        }
    return {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST" if choices.direct else "MEDIA_UPLOAD",
        "post_info": info,
        "source_info": {"source": "PULL_FROM_URL", "photo_images": urls, "photo_cover_index": 0},
        **({"is_aigc": True} if choices.ai_generated else {}),
    }


def _is_ours(video: Mapping[str, Any], title: str, description: str, since: datetime) -> bool:
    made = number(video.get("create_time"))
    if made is None or made < since.timestamp():
        return False
    words = {" ".join(str(video.get(name) or "").split()) for name in ("title", "video_description")}
    wanted = {" ".join(w.split()) for w in (title, description, f"{title} {description}") if w.strip()}
    return bool((words - {""}) & wanted)


def _no_links() -> Rejected:
    return Rejected(
        "TikTok fetches photos from a web address, and I have none.",
        code="no_public_url",
        fix="Set [web] public_url to a domain that is verified in TikTok's developer portal, or use a video.",
    )
