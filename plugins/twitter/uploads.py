"""The files of one post for X: uploaded, processed, described, with covers and subtitles.

Source: docs.x.com x-api/media (2026-09-11). A picture of at most 5 MB goes in one call; everything else
in pieces (`plugins.twitter.segments`). Every step leaves a checkpoint, so a crash repeats at most one.
"""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType

from bot.api import Checkpoint, Deps, Media, MediaKind, More, Part, Ready, Staged, Wait
from plugins.twitter.captions import language_code, language_name, mime_of
from plugins.twitter.client import Client
from plugins.twitter.errors import upload_error
from plugins.twitter.limits import IMAGE_BYTES, VIDEO_SECONDS
from plugins.twitter.segments import Entry, Session

CATEGORIES = MappingProxyType(
    {MediaKind.IMAGE: "tweet_image", MediaKind.GIF: "tweet_gif", MediaKind.CAPTIONS: "subtitles"}
)
LONG, SHORT = "amplify_video", "tweet_video"
"""How X calls a video longer than everybody may post, and any other (OpenAPI 2.167, field reports)."""

TIED_TO = MappingProxyType({LONG: "AmplifyVideo", SHORT: "TweetVideo"})
"""How `POST /2/media/subtitles` calls the same two."""


class Uploads:
    """Stages the files of a part, one reversible step per call."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps
        self._session = Session(client, deps)

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        """The next step; `Ready` when every file is there, processed and described."""
        now = self._deps.clock.now()
        lapsed = checkpoint.expires_at is not None and checkpoint.expires_at <= now
        done: list[Entry] = [] if lapsed else [dict(m) for m in checkpoint.data.get("media", ())]
        for index, media in enumerate(part.media):
            entry = _known(done, index, media)
            step, until = await self._step(entry, media)
            if step is None:
                continue
            done[index:] = [step, *done[index + 1 :]] if entry else [step]
            saved = _checkpoint(done)
            return More(checkpoint=saved) if until is None else Wait(checkpoint=saved, until=until)
        return Ready(checkpoint=_checkpoint(done[: len(part.media)]))

    async def _step(self, entry: Entry, media: Media) -> tuple[Entry | None, datetime | None]:
        """What one file is after its next step, and when to come back; None when nothing is left to do."""
        step, until = await self._carry(entry, media)
        if step is not None:
            return step, until
        if media.kind is MediaKind.VIDEO:
            return await self._beside(entry, media)
        if media.alt.strip() and entry.get("alt") != media.alt:
            await self._describe(str(entry["id"]), media.alt)
            return {**entry, "alt": media.alt}, None
        return None, None

    async def _carry(self, entry: Entry, media: Media) -> tuple[Entry | None, datetime | None]:
        """One file alone: begun, or brought a step further."""
        if "id" in entry:
            return await self._session.advance(entry, media)
        category, mime = category_of(media), mime_of(media)
        if media.kind is MediaKind.IMAGE and media.size <= IMAGE_BYTES:
            return await self._session.whole(media, category, mime), None
        return await self._session.open(media, category, mime, entry.get("chunk")), None

    async def _beside(self, entry: Entry, video: Media) -> tuple[Entry | None, datetime | None]:
        """The cover and the subtitles of a video that is there."""
        done: list[Entry] = [dict(e) for e in entry.get("beside", ())]
        for index, media in enumerate(video.with_it):
            known = _known(done, index, media)
            step, until = await self._carry(known, media)
            if step is None and media.kind is MediaKind.CAPTIONS and not known.get("tied"):
                await self._tie(str(entry["id"]), video, str(known["id"]), media)
                step = {**known, "tied": True}
            if step is not None:
                done[index:] = [step, *done[index + 1 :]] if known else [step]
                return {**entry, "beside": done}, until
        return None, None

    async def _tie(self, video_id: str, video: Media, caption_id: str, caption: Media) -> None:
        """Say whose subtitles they are; said twice it stays the same."""
        track = {
            "id": caption_id,
            "language_code": language_code(caption.language),
            "display_name": language_name(caption.language),
        }
        reply = await self._client.safely(
            "POST",
            "/2/media/subtitles",
            json={"id": video_id, "media_category": TIED_TO[category_of(video)], "subtitles": track},
        )
        if not 200 <= reply.status < 300:
            raise upload_error(reply, self._deps.clock.now(), "the subtitles")

    async def _describe(self, media_id: str, alt: str) -> None:
        reply = await self._client.safely(
            "POST", "/2/media/metadata", json={"id": media_id, "metadata": {"alt_text": {"text": alt}}}
        )
        if not 200 <= reply.status < 300:
            raise upload_error(reply, self._deps.clock.now(), "the picture's description")


def category_of(media: Media) -> str:
    """What X wants the file to be called."""
    if media.kind is MediaKind.VIDEO:
        return LONG if media.seconds > VIDEO_SECONDS else SHORT
    return CATEGORIES.get(media.kind, "tweet_image")


def cover_id(checkpoint: Checkpoint, part: Part) -> str | None:
    """X's id of the picture that the video is announced with, if there is one."""
    if len(part.media) != 1 or part.media[0].cover is None:
        return None
    entries = checkpoint.data.get("media", ())
    beside = entries[0].get("beside", ()) if entries else ()
    return str(beside[0]["id"]) if beside and "id" in beside[0] else None


def _known(done: list[Entry], index: int, media: Media) -> Entry:
    return done[index] if index < len(done) and done[index].get("sha256") == media.sha256 else {}


def _checkpoint(done: list[Entry]) -> Checkpoint:
    if not done:
        return Checkpoint()
    every = [*done, *(b for e in done for b in e.get("beside", ()))]
    ends = [datetime.fromisoformat(e["until"]) for e in every if "until" in e]
    return Checkpoint(data={"media": done}, expires_at=min(ends, default=None))
