"""The files that the simulated LinkedIn was given: opened, filled, closed, worked on. No network here.

Source: learn.microsoft.com/en-us/linkedin, community-management/shares/{images-api, documents-api,
videos-api} (2026). A part has exactly the bytes its range says; a video is closed by the names of all its
parts in their order; a place that lapsed takes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from plugins.linkedin.failures import FAILURES
from plugins.linkedin.files import DOCUMENT_BYTES, VIDEO_BYTES
from plugins.linkedin.gate import Refused, refused

if TYPE_CHECKING:
    from bot.api import Clock

PART_BYTES = 4_194_304
"""Bytes of a part; the last is shorter (videos-api, 2026)."""

KEPT = 32 * 2**20
"""Bytes of a video up to which it is kept; of a larger one only what tells whether it came whole."""

KINDS = ("image", "document", "video")


@dataclass(kw_only=True)
class StoredFile:
    """A file's URN: opened, then uploaded. Images and documents come whole, videos in parts.

    ``etags``: the names of the parts that came, by their number; ``beside``: what came with a video
    ("captions", "thumbnail"), None while it is still missing; ``why``: LinkedIn's reason for a broken one.
    """

    urn: str
    kind: str
    owner: str
    url_expires: datetime
    size: int = 0
    content: bytes = b""
    mime: str = ""
    uploaded_at: datetime | None = None
    broken: bool = False
    why: str = ""
    parts: dict[int, bytes] = field(default_factory=dict)
    etags: dict[int, str] = field(default_factory=dict)
    beside: dict[str, bytes | None] = field(default_factory=dict)
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def name(self) -> str:
        return self.urn.rpartition(":")[2]

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """First and last byte of each part."""
        return [(at, min(at + PART_BYTES, self.size) - 1) for at in range(0, self.size, PART_BYTES)]


class Shelf:
    """All files. A test may change ``processing`` (how long one takes), ``broken`` (LinkedIn cannot
    process those that are opened from now on), ``why`` (its reason) and ``url_life``. ``taken``: bytes of
    parts in all, repeated ones too."""

    def __init__(self, clock: Clock) -> None:
        self.images: dict[str, StoredFile] = {}
        self.documents: dict[str, StoredFile] = {}
        self.videos: dict[str, StoredFile] = {}
        self.processing = timedelta(0)
        self.url_life = timedelta(hours=24)
        self.broken, self.why = False, "Unsupported codec"
        self.taken = 0
        self._clock = clock

    def of(self, kind: str) -> dict[str, StoredFile]:
        """The files of a kind, by URN."""
        return {"image": self.images, "document": self.documents, "video": self.videos}[kind]

    def file(self, urn: str) -> StoredFile | None:
        """A file of any kind."""
        return next((self.of(kind)[urn] for kind in KINDS if urn in self.of(kind)), None)

    def open(self, kind: str, name: str, base: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """``initializeUpload``: the ``value`` of its answer."""
        urn, ends = f"urn:li:{kind}:{name}", self._clock.now() + self.url_life
        file = StoredFile(
            urn=urn, kind=kind, owner=str(asked.get("owner")), url_expires=ends, broken=self.broken
        )
        file.why = self.why if self.broken else ""
        millis = round(ends.timestamp() * 1000)
        if kind != "video":
            self.of(kind)[urn] = file
            url = f"{base}/dms-uploads/sp/v2/{name}/uploaded-{kind}/0?ca=vector_feedshare&cn=uploads&ut=abc"
            return {"uploadUrlExpiresAt": millis, "uploadUrl": url, kind: urn}
        size = asked.get("fileSizeBytes")
        if not isinstance(size, int) or not 0 < size <= VIDEO_BYTES[1]:
            raise refused(
                400, "INVALID_VALUE_FOR_FIELD", "fileSizeBytes has a value that is not allowed here"
            )
        file.size = size
        value: dict[str, Any] = {"uploadUrlsExpireAt": millis, "video": urn, "uploadToken": ""}
        value["uploadInstructions"] = [
            {"uploadUrl": f"{base}/dms-uploads/{name}/part{number}", "firstByte": first, "lastByte": last}
            for number, (first, last) in enumerate(file.ranges)
        ]
        for key, flag in (("captions", "uploadCaptions"), ("thumbnail", "uploadThumbnail")):
            if asked.get(flag) is True:
                file.beside[key] = None
                value[f"{key}UploadUrl"] = f"{base}/dms-uploads/{name}/{key}"
        self.videos[urn] = file
        return value

    def whole(self, kind: str, name: str, content: bytes, mime: str) -> None:
        """The one PUT of an image or a document."""
        file = self._open_place(kind, name)
        if kind == "document" and len(content) > DOCUMENT_BYTES:
            raise refused(413, "REQUEST_ENTITY_TOO_LARGE", "Too large")
        file.content, file.mime, file.size = content, mime, len(content)
        file.uploaded_at = self._clock.now()

    def part(self, name: str, what: str, content: bytes) -> str:
        """A PUT of a video's part, subtitles or thumbnail; the answer's ETag, empty for the latter two."""
        file = self._open_place("video", name)
        if what in file.beside:
            file.beside[what] = content
            return ""
        number = int(what.removeprefix("part")) if what.removeprefix("part").isdigit() else -1
        if not 0 <= number < len(file.ranges):
            raise Refused(FAILURES["L-F21"])
        first, last = file.ranges[number]
        self.taken += len(content)
        if len(content) != last - first + 1:
            raise refused(400, "UPDATING_ASSET_FAILED", "The part has another size than was agreed")
        if number == len(file.etags):
            file.digest.update(content)
        file.parts[number] = content if file.size <= KEPT else b""
        file.etags.setdefault(number, f"/ambry-video/signedId/{file.name}A{number}.bin")
        return file.etags[number]

    def close(self, asked: Mapping[str, Any], owner: str) -> None:
        """``finalizeUpload``: every part, in order. Closed twice is closed."""
        file = self.videos.get(str(asked.get("video")))
        if file is None or file.owner != owner:
            raise refused(400, "INVALID_VIDEO_ID", "Video id is invalid")
        if self._clock.now() >= file.url_expires:
            raise refused(400, "EXPIRED_UPLOAD_URL", "The upload has expired")
        names = [file.etags.get(n) for n in range(len(file.ranges))]
        if asked.get("uploadedPartIds") != names or asked.get("uploadToken") != "":
            raise refused(400, "UPDATING_ASSET_FAILED", "The parts do not make up the video")
        file.content = b"".join(file.parts[n] for n in sorted(file.parts))
        file.mime, file.uploaded_at = "video/mp4", file.uploaded_at or self._clock.now()

    def status(self, file: StoredFile) -> str:
        """How far LinkedIn is with a file."""
        if file.uploaded_at is None or None in file.beside.values():
            return "WAITING_UPLOAD"
        if self._clock.now() < file.uploaded_at + self.processing:
            return "PROCESSING"
        return "PROCESSING_FAILED" if file.broken or not file.size else "AVAILABLE"

    def view(self, file: StoredFile) -> dict[str, Any]:
        """As ``GET /rest/{images,documents,videos}/{urn}`` shows it."""
        state = self.status(file)
        more = {"processingFailureReason": file.why} if state == "PROCESSING_FAILED" and file.why else {}
        return {"id": file.urn, "owner": file.owner, "status": state} | more

    def _open_place(self, kind: str, name: str) -> StoredFile:
        file = self.of(kind).get(f"urn:li:{kind}:{name}")
        if file is None or self._clock.now() >= file.url_expires:
            raise Refused(FAILURES["L-F21"])
        return file
