"""Images on their way to LinkedIn: open an upload, put the bytes, wait until it is usable.

Source: learn.microsoft.com/en-us/linkedin, community-management/shares/images-api (2026).
Every step leaves a checkpoint, so a crash repeats at most one of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.api import (
    Checkpoint,
    Deps,
    Media,
    More,
    Part,
    PublishError,
    Ready,
    Rejected,
    Reply,
    Staged,
    Transient,
    Wait,
)
from plugins.linkedin.answers import instant, is_done
from plugins.linkedin.client import Client, encoded

POLL_CAP = timedelta(minutes=2)
"""How long an image may take to become usable before it is uploaded once more."""

POLL_EVERY = timedelta(seconds=3)
URL_LIFE = timedelta(hours=1)
"""We never trust an upload URL for longer, whatever LinkedIn says."""

ROUNDS = 2
"""How often one image is uploaded before a person hears of it."""

Entry = dict[str, Any]
"""One image's progress: ``round``, then ``image`` and ``upload_url`` with its ``ends``, then ``image``
and ``uploaded_at``; ``image`` alone is done."""


def files_of(part: Part) -> tuple[Media, ...]:
    """What has to be uploaded: the pictures, or the one on the link's card. They exclude each other."""
    if part.media:
        return part.media
    return (part.link.image,) if part.link and part.link.image else ()


class ImageUpload:
    """Stages the images of a part, one after the other; the checkpoint holds ``images``, an `Entry` each."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps

    async def open(self, owner: str) -> Reply:
        """Ask for a place to put an image of ``owner``; creates nothing anybody sees."""
        return await self._client.call(
            "POST",
            "/rest/images?action=initializeUpload",
            restli_method="ACTION",
            json={"initializeUploadRequest": {"owner": owner}},
        )

    async def stage(self, owner: str, part: Part, checkpoint: Checkpoint) -> Staged:
        """The next step for the images of ``part``; `Ready` when there is none."""
        done: list[Entry] = [dict(e) for e in checkpoint.data.get("images", ())]
        for index, media in enumerate(files_of(part)):
            entry = done[index] if index < len(done) else {"round": 1}
            if is_done(entry):
                continue
            step, until = await self._step(owner, media, entry)
            done[index:] = [step]
            saved = Checkpoint(data={"images": done}, expires_at=_ends(done))
            if until is not None:
                return Wait(checkpoint=saved, until=until)
            if not is_done(step) or index + 1 < len(files_of(part)):
                return More(checkpoint=saved)
        return Ready(checkpoint=Checkpoint(data={"images": done} if done else {}))

    async def _step(self, owner: str, media: Media, entry: Entry) -> tuple[Entry, datetime | None]:
        """What one image is after its next step, and when to come back."""
        if "image" not in entry:
            return await self._initialize(owner, int(entry.get("round", 1))), None
        if "upload_url" in entry:
            return await self._put(media, entry), None
        return await self._poll(entry)

    async def _initialize(self, owner: str, round_: int) -> Entry:
        value = self._client.read(await self.open(owner), author=owner).get("value")
        value = value if isinstance(value, dict) else {}
        image, url = value.get("image"), value.get("uploadUrl")
        if not isinstance(image, str) or not isinstance(url, str):
            raise Transient(
                "LinkedIn did not say where to put the image.", detail="initializeUpload without value"
            )
        now = self._deps.clock.now()
        ends = min(instant(value.get("uploadUrlExpiresAt")) or now + URL_LIFE, now + URL_LIFE)
        return {"image": image, "upload_url": url, "round": round_, "ends": ends.isoformat()}

    async def _put(self, media: Media, entry: Entry) -> Entry:
        reply = await self._client.upload(entry["upload_url"], await self._deps.media.read(media), media.mime)
        if reply.status in (400, 403, 404, 410):
            # the upload host says nothing more than that the place is gone
            return _again(entry, Rejected("LinkedIn would not take the image.", code="upload_refused"))
        self._client.expect(reply)
        now = self._deps.clock.now()
        return {"image": entry["image"], "round": entry["round"], "uploaded_at": now.isoformat()}

    async def _poll(self, entry: Entry) -> tuple[Entry, datetime | None]:
        now = self._deps.clock.now()
        finished = {"image": entry["image"]}
        if entry.get("unreadable"):
            return finished, None
        reply = await self._client.call("GET", f"/rest/images/{encoded(entry['image'])}")
        if reply.status == 403:
            # self-serve apps may not look; a create that comes too early is refused and harmless
            return {**entry, "unreadable": True}, now + POLL_EVERY
        if reply.status == 404:
            return _again(entry, Rejected("LinkedIn lost the image.", code="image_lost")), None
        status = self._client.read(reply).get("status")
        if status == "AVAILABLE":
            return finished, None
        if status == "PROCESSING_FAILED":
            failed = Rejected(
                "LinkedIn could not process the image.",
                code="media_asset_processing_failed",
                fix="Use another file, for example the same picture as JPG.",
            )
            return _again(entry, failed), None
        if now - datetime.fromisoformat(entry["uploaded_at"]) >= POLL_CAP:
            slow = Transient("LinkedIn has been working on the image for too long.")
            return _again(entry, slow), None
        return entry, now + POLL_EVERY


def _again(entry: Entry, error: PublishError) -> Entry:
    if entry["round"] >= ROUNDS:
        raise error
    return {"round": entry["round"] + 1}


def _ends(done: list[Entry]) -> datetime | None:
    """When the open upload lapses. Everything is staged anew then, which costs calls and harms nothing."""
    ends = [datetime.fromisoformat(e["ends"]) for e in done if "ends" in e]
    return min(ends, default=None)
