"""One image on its way to LinkedIn: open the upload, put the bytes, wait until it is usable.

Source: learn.microsoft.com/en-us/linkedin, community-management/shares/images-api (2026).
Every step leaves a checkpoint, so a crash repeats at most one of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import (
    Checkpoint,
    Deps,
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
from plugins.linkedin.answers import instant
from plugins.linkedin.client import Client, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

POLL_CAP = timedelta(minutes=2)
"""How long an image may take to become usable before it is uploaded once more."""

POLL_EVERY = timedelta(seconds=3)
URL_LIFE = timedelta(hours=1)
"""We never trust an upload URL for longer, whatever LinkedIn says."""

ROUNDS = 2
"""How often one image is uploaded before a person hears of it."""


class ImageUpload:
    """Stages the one image of a part.

    The checkpoint holds ``round``, then ``image`` and ``upload_url``, then ``image`` and
    ``uploaded_at``; ``image`` alone is done.
    """

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
        """The next step for the image of ``part``; `Ready` when there is none."""
        if not part.media:
            return Ready(checkpoint=checkpoint)
        data = checkpoint.data
        if "image" not in data:
            return await self._initialize(owner, int(data.get("round", 1)))
        if "upload_url" in data:
            return await self._put(part, data)
        if "uploaded_at" in data:
            return await self._poll(data)
        return Ready(checkpoint=checkpoint)

    async def _initialize(self, owner: str, round_: int) -> Staged:
        value = self._client.read(await self.open(owner), author=owner).get("value")
        value = value if isinstance(value, dict) else {}
        image, url = value.get("image"), value.get("uploadUrl")
        if not isinstance(image, str) or not isinstance(url, str):
            raise Transient(
                "LinkedIn did not say where to put the image.", detail="initializeUpload without value"
            )
        now = self._deps.clock.now()
        ends = min(instant(value.get("uploadUrlExpiresAt")) or now + URL_LIFE, now + URL_LIFE)
        data = {"image": image, "upload_url": url, "round": round_}
        return More(checkpoint=Checkpoint(data=data, expires_at=ends))

    async def _put(self, part: Part, data: Mapping[str, Any]) -> Staged:
        media = part.media[0]
        reply = await self._client.upload(data["upload_url"], await self._deps.media.read(media), media.mime)
        if reply.status in (400, 403, 404, 410):
            # the upload host says nothing more than that the place is gone
            return self._again(data, Rejected("LinkedIn would not take the image.", code="upload_refused"))
        self._client.expect(reply)
        now = self._deps.clock.now()
        done = {"image": data["image"], "round": data["round"], "uploaded_at": now.isoformat()}
        return More(checkpoint=Checkpoint(data=done))

    async def _poll(self, data: Mapping[str, Any]) -> Staged:
        now = self._deps.clock.now()
        finished = Ready(checkpoint=Checkpoint(data={"image": data["image"]}))
        if data.get("unreadable"):
            return finished
        reply = await self._client.call("GET", f"/rest/images/{encoded(data['image'])}")
        if reply.status == 403:
            # self-serve apps may not look; a create that comes too early is refused and harmless
            blind = Checkpoint(data={**data, "unreadable": True})
            return Wait(checkpoint=blind, until=now + POLL_EVERY)
        if reply.status == 404:
            return self._again(data, Rejected("LinkedIn lost the image.", code="image_lost"))
        status = self._client.read(reply).get("status")
        if status == "AVAILABLE":
            return finished
        if status == "PROCESSING_FAILED":
            return self._again(
                data,
                Rejected(
                    "LinkedIn could not process the image.",
                    code="media_asset_processing_failed",
                    fix="Use another file, for example the same picture as JPG.",
                ),
            )
        if now - datetime.fromisoformat(data["uploaded_at"]) >= POLL_CAP:
            return self._again(data, Transient("LinkedIn has been working on the image for too long."))
        return Wait(checkpoint=Checkpoint(data=data), until=now + POLL_EVERY)

    def _again(self, data: Mapping[str, Any], error: PublishError) -> Staged:
        if data["round"] >= ROUNDS:
            raise error
        return More(checkpoint=Checkpoint(data={"round": data["round"] + 1}))
