"""The simulated video service: uploads whole and in parts, jobs that take their time, dedup. No network here.

Behaviour from docs.bsky.app, "Video", and the lexicons app.bsky.video.* (2026).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from plugins.bluesky.desk import Account, Refused, refused
from plugins.bluesky.failures import FAILURES

if TYPE_CHECKING:
    from bot.api import Clock
    from plugins.bluesky.repository import Repository

WALK = ("CREATED", "ENCODING", "ENCODED", "SCANNING", "SCANNED", "UPLOADING", "UPLOADED")
OPEN_UPLOADS = 4
UPLOAD_LIFE = timedelta(hours=24)


@dataclass(kw_only=True)
class Job:
    """One video being prepared; ``failure``: the code it ends with."""

    id: str
    did: str
    content: bytes
    at: datetime
    failure: str = ""
    blob: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Upload:
    """A video that comes in parts."""

    id: str
    did: str
    size: int
    ends: datetime
    parts: dict[int, bytes] = field(default_factory=dict)
    state: str = "open"


class Darkroom:
    """A test may change ``processing``, ``fail_next`` (a failure code), ``videos_left``, ``wrapped`` (whether
    answers wrap the job's status), ``open`` (whether there is a service) and ``strict`` (whether it lets only
    those who are signed in ask about a job)."""

    def __init__(self, clock: Clock, repository: Repository) -> None:
        self._clock = clock
        self._repository = repository
        self.jobs: dict[str, Job] = {}
        self.uploads: dict[str, Upload] = {}
        self.processing = timedelta(0)
        self.part_size = 5_000_000
        self.fail_next = ""
        self.videos_left = 25
        self.bytes_left = 10_000_000_000
        self.wrapped = True
        self.open = True
        self.strict = False
        self._serial = 0

    def limits(self, account: Account) -> dict[str, Any]:
        """app.bsky.video.getUploadLimits."""
        can = account.confirmed and self.videos_left > 0
        found: dict[str, Any] = {
            "canUpload": can,
            "remainingDailyVideos": self.videos_left,
            "remainingDailyBytes": self.bytes_left,
        }
        if not account.confirmed:
            found |= {"error": "UnconfirmedEmail", "message": "Please confirm your email"}
        return found

    def whole(self, account: Account, content: bytes, mime: str) -> tuple[int, dict[str, Any]]:
        """app.bsky.video.uploadVideo."""
        self._judge(account, content, mime)
        return self._begin(account, content)

    def start(self, account: Account, body: dict[str, Any]) -> dict[str, Any]:
        """app.bsky.video.startUpload."""
        now = self._clock.now()
        busy = [u for u in self.uploads.values() if u.state == "open" and now < u.ends]
        if len(busy) >= OPEN_UPLOADS:
            raise Refused(FAILURES["B-V7"])
        if body.get("mimeType") != "video/mp4":
            raise Refused(FAILURES["B-V6"])
        size = int(body.get("sizeBytes") or 0)
        if size > 300_000_000:
            raise Refused(FAILURES["B-V3"])
        upload = Upload(id=self._id("up"), did=account.did, size=size, ends=now + UPLOAD_LIFE)
        self.uploads[upload.id] = upload
        count = -(-size // self.part_size)
        return {
            "jobId": upload.id,
            "partSizeBytes": self.part_size,
            "partCount": count,
            "expiresAt": upload.ends.isoformat(),
        }

    def part(self, account: Account, query: dict[str, str], content: bytes) -> dict[str, Any]:
        """app.bsky.video.uploadPart; a part that comes again replaces itself."""
        upload, number = self._upload(account, query.get("jobId", "")), int(query.get("partNumber", "0"))
        if upload.state == "completed":
            raise Refused(FAILURES["B-V13"])
        count = -(-upload.size // self.part_size)
        if not 1 <= number <= count:
            raise Refused(FAILURES["B-V17"])
        wanted = self.part_size if number < count else upload.size - (count - 1) * self.part_size
        if len(content) != wanted:
            raise Refused(FAILURES["B-V12"])
        upload.parts[number] = content
        return {"partNumber": number, "sizeBytes": len(content)}

    def finish(self, account: Account, body: dict[str, Any]) -> dict[str, Any]:
        """app.bsky.video.finishUpload; may be repeated."""
        upload = self._upload(account, str(body.get("jobId", "")))
        content = b"".join(upload.parts[n] for n in sorted(upload.parts))
        if len(content) != upload.size:
            raise Refused(FAILURES["B-V11"])
        upload.state = "completed"
        self._judge(account, content, "video/mp4")
        _, answer = self._begin(account, content)
        status = answer.get("jobStatus", answer)
        return {"completedJobId": status["jobId"], "jobStatus": status}

    def status(self, job_id: str) -> dict[str, Any]:
        """app.bsky.video.getJobStatus."""
        job = self.jobs.get(job_id)
        if job is None:
            raise refused(400, "JobNotFound", "No such job")
        return {"jobStatus": self._shown(job)}

    def _begin(self, account: Account, content: bytes) -> tuple[int, dict[str, Any]]:
        name = hashlib.sha256(account.did.encode() + content).hexdigest()[:20]
        known = self.jobs.get(name)
        if known is not None and not known.failure:
            shown = self._shown(known)
            if "blob" in shown:
                return 409, {**shown, "error": "already_exists", "message": "Video already processed"}
            return 200, {"jobStatus": shown} if self.wrapped else shown
        job = Job(id=name, did=account.did, content=content, at=self._clock.now(), failure=self.fail_next)
        self.fail_next = ""
        self.videos_left -= 1
        self.jobs[name] = job
        shown = {"jobId": name, "did": account.did, "state": "JOB_STATE_CREATED"}
        return 200, {"jobStatus": shown} if self.wrapped else shown

    def _shown(self, job: Job) -> dict[str, Any]:
        took = self._clock.now() - job.at
        status: dict[str, Any] = {"jobId": job.id, "did": job.did}
        if took < self.processing:
            step = int(len(WALK) * (took / self.processing))
            return {
                **status,
                "state": f"JOB_STATE_{WALK[step]}",
                "progress": int(100 * (took / self.processing)),
            }
        if job.failure:
            return {**status, "state": "JOB_STATE_FAILED", "failureCode": job.failure, "error": "failed"}
        if job.blob is None:
            if len(job.content) > self._repository.blob_limit:
                job.failure = "pds_upload_unsupported_blob_size"
                return self._shown(job)
            job.blob = self._repository.add_blob(job.content, "video/mp4")
        return {**status, "state": "JOB_STATE_COMPLETED", "progress": 100, "blob": job.blob}

    def _judge(self, account: Account, content: bytes, mime: str) -> None:
        if not account.confirmed:
            raise Refused(FAILURES["B-V2"])
        if mime != "video/mp4":
            raise Refused(FAILURES["B-V6"])
        if self.videos_left < 1:
            raise Refused(FAILURES["B-V1"])

    def _upload(self, account: Account, upload_id: str) -> Upload:
        upload = self.uploads.get(upload_id)
        if upload is None or upload.did != account.did:
            raise Refused(FAILURES["B-V10"])
        if self._clock.now() >= upload.ends:
            raise Refused(FAILURES["B-V9"])
        return upload

    def _id(self, prefix: str) -> str:
        self._serial += 1
        return f"{prefix}-{self._serial:06d}"
