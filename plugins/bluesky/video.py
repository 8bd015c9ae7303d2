"""A video on its way: the video service prepares it, and the blob it made is what the record names.

Source: docs.bsky.app, "Video" (2026), and app.bsky.video.* of github.com/bluesky-social/atproto: a
service token from the account's server, the file whole or in parts, then a job that is asked about. The
same bytes again are the same job. A server without the service takes the file itself as a blob.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.api import Deps, Rejected, Transient
from plugins.bluesky.causes import VIDEO
from plugins.bluesky.errors import NO_METHOD, error_of

if TYPE_CHECKING:
    from bot.api import Media, Reply
    from plugins.bluesky.client import Client

POLL_EVERY, POLL_SELDOM = timedelta(seconds=2), timedelta(seconds=15)
"""How often a job is asked about: as often as Bluesky's own app at first, less the longer it takes."""

POLL_CAP = timedelta(minutes=15)
"""How long a job may take before the video is sent once more."""

WHOLE = 16_000_000
"""Bytes up to which a video is sent in one piece; larger ones in parts, so that a cut costs one part."""

ROUNDS = 2
MIME = "video/mp4"
UPLOAD = "com.atproto.repo.uploadBlob"
GONE = frozenset({"UploadExpired", "UploadNotFound", "UploadAborted", "UploadFailed"})
"""An upload in parts that has to begin anew."""

Entry = dict[str, Any]
"""A video's progress: ``round``; then, for parts, ``upload`` with ``part_size``, ``parts``, ``sent``; then
``job`` and ``since``; in the end ``blob``. ``plain``: there is no video service here."""


class VideoUpload:
    """Brings one video to where a record may name it, one reversible step at a time."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps

    async def step(self, media: Media, entry: Entry) -> tuple[Entry, datetime | None]:
        """The entry after the next step, and when to come back if somebody else works on it."""
        if "job" in entry:
            return await self._poll(entry)
        await self._deps.media.check(media)
        if entry.get("plain"):
            return await self._plainly(media), None
        if "upload" in entry:
            return await self._part(media, entry)
        if "allowed" not in entry:
            return await self._may(media, entry), None
        if media.size > WHOLE:
            return await self._start(media, entry), None
        return await self._whole(media, entry)

    async def limits(self) -> dict[str, Any] | None:
        """What the service takes from this account today; None where there is no service.

        Raises as every call does.
        """
        url = await self._client.video_url()
        nsid = "app.bsky.video.getUploadLimits"
        reply = await self._client.video("GET", nsid, await self._guest_token(nsid))
        own = url == (await self._client.session.pair()).host
        # a server without the service answers as if it had been asked to pass the call on
        if _absent(reply) or (own and error_of(reply) == "InvalidRequest"):
            return None
        return self._client.read(reply)

    async def _may(self, media: Media, entry: Entry) -> Entry:
        limits = await self.limits()
        if limits is None:
            return {"plain": True}
        if (refusal := forbidden(limits, media.size)) is not None:
            raise refusal
        return {"round": entry.get("round", 1), "allowed": True}

    async def _plainly(self, media: Media) -> Entry:
        content = self._deps.media.stream(media)
        reply = await self._client.upload(UPLOAD, content, MIME, size=media.size)
        return {"blob": blob_in(self._client.read(reply))}

    async def _whole(self, media: Media, entry: Entry) -> tuple[Entry, datetime | None]:
        pair = await self._client.session.pair()
        reply = await self._client.video(
            "POST",
            "app.bsky.video.uploadVideo",
            await self._token(),
            {"did": pair.did, "name": f"{media.sha256[:16]}.mp4"},
            content=self._deps.media.stream(media),
            mime=MIME,
            size=media.size,
        )
        return self._job(reply, entry)

    async def _start(self, media: Media, entry: Entry) -> Entry:
        reply = await self._client.video(
            "POST",
            "app.bsky.video.startUpload",
            await self._token(),
            content=_json({"sizeBytes": media.size, "mimeType": MIME, "name": f"{media.sha256[:16]}.mp4"}),
            mime="application/json",
        )
        body = self._client.read(reply)
        job, size, parts = (body.get(k) for k in ("jobId", "partSizeBytes", "partCount"))
        if not (isinstance(job, str) and isinstance(size, int) and isinstance(parts, int) and size > 0):
            raise Transient("Bluesky did not say where to put the video.", detail="startUpload")
        if -(-media.size // size) != parts:
            raise Transient("Bluesky and I count the video's parts differently.", detail=f"{size=} {parts=}")
        return {
            "round": entry["round"],
            "allowed": True,
            "upload": job,
            "part_size": size,
            "parts": parts,
            "sent": 0,
        }

    async def _part(self, media: Media, entry: Entry) -> tuple[Entry, datetime | None]:
        """The next part, or the end. A repeated part replaces itself, so nothing needs to be asked first."""
        token, job, sent = await self._token(), entry["upload"], int(entry["sent"])
        if sent == entry["parts"]:
            reply = await self._client.video(
                "POST",
                "app.bsky.video.finishUpload",
                token,
                content=_json({"jobId": job}),
                mime="application/json",
            )
            if error_of(reply) == "MissingParts":
                return {**entry, "sent": 0}, None
            if error_of(reply) in GONE:
                return self._anew(entry, reply), None
            return self._job(reply, entry)
        start = sent * int(entry["part_size"])
        length = min(int(entry["part_size"]), media.size - start)
        reply = await self._client.video(
            "POST",
            "app.bsky.video.uploadPart",
            token,
            {"jobId": job, "partNumber": sent + 1},
            content=self._deps.media.stream(media, start=start, length=length),
            mime=MIME,
            size=length,
        )
        if error_of(reply) == "UploadAlreadyCompleted":
            return {**entry, "sent": entry["parts"]}, None
        if error_of(reply) in GONE:
            return self._anew(entry, reply), None
        self._client.read(reply)
        return {**entry, "sent": sent + 1}, None

    def _job(self, reply: Reply, entry: Entry) -> tuple[Entry, datetime | None]:
        """The job an upload began, or the blob where the service knew the bytes already.

        Some builds wrap the status and some do not, and ``already_exists`` comes as an error with the
        finished job in it (field reports, 2026): any answer with a blob is a success.
        """
        body = reply.json()
        status = _status(body) if isinstance(body, dict) else {}
        if isinstance(status.get("blob"), dict):
            return {"blob": blob_in(status)}, None
        job = body.get("completedJobId") if isinstance(body, dict) else None
        job = job or status.get("jobId")
        if not isinstance(job, str) or not (
            200 <= reply.status < 300 or status.get("error") == "already_exists"
        ):
            self._client.read(reply)
            raise Transient("Bluesky did not say how it goes on with the video.", detail="no jobId")
        now = self._deps.clock.now()
        return {"round": entry["round"], "job": job, "since": now.isoformat()}, now + POLL_EVERY

    async def _poll(self, entry: Entry) -> tuple[Entry, datetime | None]:
        """What has become of the job. States that nobody knows yet count as working."""
        now = self._deps.clock.now()
        nsid = "app.bsky.video.getJobStatus"
        reply = await self._client.video("GET", nsid, "", {"jobId": entry["job"]})
        if reply.status == 401:  # Bluesky's own app asks without signing in; documents do not say
            token = await self._guest_token(nsid)
            reply = await self._client.video("GET", nsid, token, {"jobId": entry["job"]})
        status = _status(self._client.read(reply))
        if isinstance(status.get("blob"), dict):
            return {"blob": blob_in(status)}, None
        if status.get("state") == "JOB_STATE_FAILED":
            return self._failed(status, entry), None
        if now - datetime.fromisoformat(entry["since"]) >= POLL_CAP:
            return self._anew(entry, reply), None
        age = now - datetime.fromisoformat(entry["since"])
        return entry, now + min(POLL_EVERY + age / 10, POLL_SELDOM)

    def _failed(self, status: dict[str, Any], entry: Entry) -> Entry:
        code = str(status.get("failureCode") or status.get("error") or "")
        known = next((c for c in VIDEO if c.code == code), None)
        if known is None and entry["round"] < ROUNDS:
            return {"round": entry["round"] + 1, "allowed": True}
        cause = known.cause if known else "Bluesky could not process the video."
        fix = known.fix if known else "Try again later, or export it again as MP4 with H.264 and AAC."
        raise Rejected(
            cause, code=known.code.lower() if known else "video_failed", fix=fix, detail=f"job {code}"
        )

    def _anew(self, entry: Entry, reply: Reply) -> Entry:
        if entry["round"] >= ROUNDS:
            raise Transient(
                "Bluesky has been working on the video for too long.", detail=f"status={reply.status}"
            )
        return {"round": entry["round"] + 1, "allowed": True}

    async def _token(self) -> str:
        """For the service, which writes the finished video into the account's server."""
        return await self._client.service_token(UPLOAD, _name((await self._client.session.pair()).host))

    async def _guest_token(self, nsid: str) -> str:
        """For a question to the service itself."""
        return await self._client.service_token(nsid, _name(await self._client.video_url()))


def blob_in(body: dict[str, Any]) -> dict[str, Any]:
    """The blob that an upload answered with. Raises `Transient` when it has none."""
    blob = body.get("blob")
    ref = blob.get("ref") if isinstance(blob, dict) else None
    if not isinstance(blob, dict) or not isinstance(ref, dict) or not isinstance(ref.get("$link"), str):
        raise Transient("Bluesky did not say where it put the file.", detail="no blob in the answer")
    return blob


def forbidden(limits: dict[str, Any], size: int) -> Rejected | None:
    """Why the service would not take a video of ``size`` bytes now, if it would not."""
    left, room = limits.get("remainingDailyVideos"), limits.get("remainingDailyBytes")
    spent = (isinstance(left, int) and left < 1) or (isinstance(room, int) and room < size)
    code = "DailyLimitExceeded" if spent else "UploadForbidden"
    if limits.get("canUpload") is not False and not spent:
        return None
    cause = next(c for c in VIDEO if c.code == code)
    return Rejected(cause.cause, code=code.lower(), fix=cause.fix)


def _name(url: str) -> str:
    """A server's DID (w3c-ccg.github.io/did-method-web)."""
    host = urlsplit(url)
    return f"did:web:{host.hostname}" + (f"%3A{host.port}" if host.port else "")


def _status(body: dict[str, Any]) -> dict[str, Any]:
    inner = body.get("jobStatus")
    return inner if isinstance(inner, dict) else body


def _absent(reply: Reply) -> bool:
    """Whether the server says that it has no video service."""
    return (
        reply.status == 501 or error_of(reply) in NO_METHOD or (reply.status == 404 and not error_of(reply))
    )


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
