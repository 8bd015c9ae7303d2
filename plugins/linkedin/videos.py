"""A video on its way to LinkedIn: parts where LinkedIn wants them, their ETags, then what goes with it.

Source: learn.microsoft.com/en-us/linkedin, community-management/shares/videos-api (2026): the ranges of
``uploadInstructions`` are inclusive, each part's ETag names it, and the names close the upload in the
same order. The file is read from disk part by part. Every part leaves a checkpoint.
"""

from __future__ import annotations

from typing import Any

from bot.api import Deps, Media, Rejected, Transient
from plugins.linkedin.assets import LONGEST_URL_LIFE, VIDEO, Assets, Entry, again
from plugins.linkedin.client import Client
from plugins.linkedin.errors import codes_of
from plugins.linkedin.files import captions_of

PART_TYPE = "application/octet-stream"
LAPSED = frozenset({"EXPIRED_UPLOAD_URL", "UPDATING_ASSET_FAILED"})
"""Refusals of the end of an upload that only a new one mends (posts-api, error table)."""


class Videos:
    """Carries one video a step further. An `Entry` also holds ``parts`` (URL, first and last byte of each
    that is missing), ``etags``, ``token``, ``captions`` and ``thumbnail`` (where they go)."""

    def __init__(self, client: Client, deps: Deps, assets: Assets) -> None:
        self._client = client
        self._deps = deps
        self._assets = assets

    async def begin(self, owner: str, media: Media, round_: int) -> Entry:
        """Announce a video, its subtitles and its cover."""
        await self._deps.media.check(media)
        value, urn = await self._assets.opened(
            VIDEO,
            owner,
            fileSizeBytes=media.size,
            uploadCaptions=captions_of(media) is not None,
            uploadThumbnail=media.cover is not None,
        )
        entry: Entry = {
            "urn": urn,
            "round": round_,
            "token": str(value.get("uploadToken") or ""),
            "parts": _instructions(value.get("uploadInstructions"), media.size),
            "etags": [],
            "ends": self._assets.ends(value.get("uploadUrlsExpireAt"), most=LONGEST_URL_LIFE),
        }
        for key, wanted in (("captions", captions_of(media)), ("thumbnail", media.cover)):
            url = value.get(f"{key}UploadUrl")
            if wanted is not None and not isinstance(url, str):
                raise Transient(
                    f"LinkedIn did not say where to put the video's {key}.", detail=f"no {key} URL"
                )
            if wanted is not None:
                entry[key] = url
        return entry

    async def advance(self, media: Media, entry: Entry) -> Entry:
        """The next part; the end of the upload after the last; then subtitles and cover."""
        if entry["parts"]:
            return await self._part(media, entry)
        if not entry.get("closed"):
            return await self._close(entry)
        for key, file, mime in (
            ("captions", captions_of(media), "application/x-subrip"),
            ("thumbnail", media.cover, media.cover.mime if media.cover else ""),
        ):
            if key in entry and file is not None:
                await self._deps.media.check(file)
                if not await self._assets.sent(entry[key], file, mime):
                    return again(entry, Rejected(f"LinkedIn would not take the video's {key}.", code=key))
                return {k: v for k, v in entry.items() if k != key}
        return self._assets.uploaded(entry)

    async def _part(self, media: Media, entry: Entry) -> Entry:
        url, first, last = entry["parts"][0]
        await self._deps.media.check(media)
        reply = await self._assets.answered(url, media, PART_TYPE, first=first, last=last)
        if reply is None:
            gone = Rejected("LinkedIn would not take the video any more.", code="upload_refused")
            return again(entry, gone)
        etag = reply.headers.get("etag", "").strip().removeprefix("W/").strip('"')
        if not etag:
            raise Transient("LinkedIn did not name the part of the video it took.", detail="no etag")
        return {**entry, "parts": entry["parts"][1:], "etags": [*entry["etags"], etag]}

    async def _close(self, entry: Entry) -> Entry:
        """Tell LinkedIn that every part is there. A second time, after a lost answer, does no harm."""
        params = {"video": entry["urn"], "uploadToken": entry["token"], "uploadedPartIds": entry["etags"]}
        reply = await self._assets.act(VIDEO, "finalizeUpload", params)
        if reply.status == 400 and codes_of(reply) & LAPSED:
            lapsed = Rejected("LinkedIn did not put the video's parts together.", code="upload_lapsed")
            return again(entry, lapsed)
        self._client.expect(reply)
        return {**entry, "closed": True}


def _instructions(given: Any, size: int) -> list[list[Any]]:
    """Where each byte goes, in order and without a gap, or `Transient`."""
    parts: list[list[Any]] = []
    for one in given if isinstance(given, list) else ():
        url, first, last = (one.get(k) for k in ("uploadUrl", "firstByte", "lastByte"))
        expected = parts[-1][2] + 1 if parts else 0
        if not isinstance(url, str) or first != expected or not isinstance(last, int) or last < first:
            parts = []
            break
        parts.append([url, first, last])
    if not parts or parts[-1][2] != size - 1:
        raise Transient(
            "LinkedIn did not say where to put the video.", detail="uploadInstructions do not fit"
        )
    return parts
