"""What the simulated server keeps: records under their keys, and blobs. No network here.

The table of what a put does to a free key, to the same record and to another one was observed on a real
server (@atproto/pds 0.4.217, November 2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from plugins.bluesky.counting import length
from plugins.bluesky.dagcbor import cid_of_bytes, cid_of_record
from plugins.bluesky.desk import Refused, refused
from plugins.bluesky.failures import FAILURES
from plugins.bluesky.records import POST
from plugins.bluesky.tid import TID, make_tid

if TYPE_CHECKING:
    from bot.api import Clock

KEPT = timedelta(hours=6)
"""How long a blob stays that no record names."""

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"ftyp", 4, "video/mp4"),
)
UNSET = object()
"""What stands for a ``swapRecord`` that was not sent; a null was."""


@dataclass(kw_only=True)
class Blob:
    """An uploaded file; ``used``: a record names it."""

    content: bytes
    mime: str
    at: datetime
    used: bool = False

    def reference(self) -> dict[str, Any]:
        return {
            "$type": "blob",
            "ref": {"$link": cid_of_bytes(self.content)},
            "mimeType": self.mime,
            "size": len(self.content),
        }


@dataclass(kw_only=True)
class Record:
    """A record; ``written`` counts how often it came into being or was changed."""

    cid: str
    value: dict[str, Any]
    written: int = 1


def sniffed(content: bytes) -> str:
    """What the bytes themselves say they are; the server believes them more than the header."""
    for start, at, mime in SIGNATURES:
        if content[at : at + len(start)] == start:
            return mime
    return ""


class Repository:
    """Records and blobs of one server; ``image_bytes`` is what an older one lowers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.records: dict[str, Record] = {}
        self.blobs: dict[str, Blob] = {}
        self.blob_limit = 52_428_800
        self.image_bytes = 2_000_000

    def add_blob(self, content: bytes, mime: str) -> dict[str, Any]:
        """com.atproto.repo.uploadBlob: the same bytes are the same blob."""
        if len(content) > self.blob_limit:
            raise Refused(FAILURES["B-F12"])
        blob = Blob(content=content, mime=sniffed(content) or mime, at=self._clock.now())
        self.blobs[cid_of_bytes(content)] = blob
        return blob.reference()

    def put(self, did: str, body: dict[str, Any]) -> dict[str, Any]:
        """com.atproto.repo.putRecord."""
        uri, value = self._judged(did, body)
        there, swap = self.records.get(uri), body.get("swapRecord", UNSET)
        current = there.cid if there else None
        # the same record again changes nothing, whatever is to be swapped
        if swap is not UNSET and swap != current and cid_of_record(value) != current:
            raise refused(400, "InvalidSwap", f"Record was at {current}")
        return self._write(uri, value)

    def create(self, did: str, body: dict[str, Any]) -> dict[str, Any]:
        """com.atproto.repo.createRecord; a key that is taken breaks the server."""
        body = {"rkey": make_tid(self._clock.now()), **body}
        uri, value = self._judged(did, body)
        if uri in self.records:
            raise Refused(FAILURES["B-F14"])
        return self._write(uri, value)

    def delete(self, did: str, body: dict[str, Any]) -> dict[str, Any]:
        """com.atproto.repo.deleteRecord; may be repeated."""
        gone = self.records.pop(_uri(did, str(body.get("collection")), str(body.get("rkey"))), None)
        return {"commit": self._commit()} if gone else {}

    def get(self, did: str, query: dict[str, str]) -> dict[str, Any]:
        """com.atproto.repo.getRecord."""
        uri = _uri(did, query.get("collection", ""), query.get("rkey", ""))
        found = self.records.get(uri)
        if found is None:
            raise refused(400, "RecordNotFound", f"Could not locate record: {uri}")
        return {"uri": uri, "cid": found.cid, "value": found.value}

    def posts(self) -> dict[str, str]:
        """What readers see, by uri."""
        return {uri: str(r.value["text"]) for uri, r in self.records.items() if f"/{POST}/" in uri}

    def _write(self, uri: str, value: dict[str, Any]) -> dict[str, Any]:
        there, cid = self.records.get(uri), cid_of_record(value)
        answer = {"uri": uri, "cid": cid, "validationStatus": "valid"}
        if there is not None and there.cid == cid:
            return answer
        for reference in references(value):
            self.blobs[reference["ref"]["$link"]].used = True
        self.records[uri] = Record(cid=cid, value=value, written=there.written + 1 if there else 1)
        return {**answer, "commit": self._commit()}

    def _commit(self) -> dict[str, str]:
        rev = make_tid(self._clock.now())
        return {"cid": cid_of_record({"rev": rev}), "rev": rev}

    def _judged(self, did: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The place and the record, or `Refused`."""
        collection, rkey, value = (body.get(k) for k in ("collection", "rkey", "record"))
        if body.get("repo") not in (did, None) or not isinstance(value, dict):
            raise refused(400, "InvalidRequest", "Input/record must be an object")
        if collection != POST:
            raise refused(400, "InvalidRequest", f"Unknown collection {collection}")
        if not isinstance(rkey, str) or not TID.fullmatch(rkey):
            raise refused(400, "InvalidRequest", "Invalid record key")
        if fault := fault_of(value, image_bytes=self.image_bytes):
            raise refused(400, "InvalidRequest", f"Invalid {POST} record: {fault}")
        for reference in references(value):
            self._known(reference)
        return _uri(did, collection, rkey), value

    def _known(self, reference: dict[str, Any]) -> None:
        cid = reference["ref"]["$link"]
        blob = self.blobs.get(cid)
        if blob is None or (not blob.used and self._clock.now() > blob.at + KEPT):
            raise refused(400, "BlobNotFound", f"Could not find blob: {cid}")
        if blob.mime != reference.get("mimeType"):
            raise Refused(FAILURES["B-F9"])
        if len(blob.content) != reference.get("size"):
            raise Refused(FAILURES["B-F9 size"])


def references(value: Any) -> Iterator[dict[str, Any]]:
    """Every blob that a record names."""
    if isinstance(value, dict):
        if value.get("$type") == "blob":
            yield value
        else:
            for inner in value.values():
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def fault_of(record: dict[str, Any], *, image_bytes: int) -> str:
    """What the lexicon finds wrong with a post; empty when nothing."""
    text = record.get("text")
    if record.get("$type") != POST or not isinstance(text, str):
        return 'Missing required key "text" at $.record'
    if not isinstance(record.get("createdAt"), str):
        return 'Missing required key "createdAt" at $.record'
    try:
        datetime.fromisoformat(record["createdAt"])
    except ValueError:
        return "Invalid datetime at $.record.createdAt"
    if (many := len(text.encode())) > 3000:
        return f"string too big (maximum 3000, got {many}) at $.record.text"
    if (many := length(text)) > 300:
        return f"grapheme too big (maximum 300, got {many}) at $.record.text"
    if len(record.get("langs", ())) > 3:
        return f"array too big (maximum 3, got {len(record['langs'])}) at $.record.langs"
    for facet in record.get("facets", ()):
        index = facet.get("index", {})
        if not all(isinstance(index.get(k), int) and index[k] >= 0 for k in ("byteStart", "byteEnd")):
            return "Invalid index at $.record.facets"
    for name in ("root", "parent") if "reply" in record else ():
        strong = record["reply"].get(name)
        if not isinstance(strong, dict) or not strong.get("uri") or not strong.get("cid"):
            return f'Missing required key "{name}" at $.record.reply'
    return _embed_fault(record.get("embed"), image_bytes)


def _embed_fault(embed: Any, image_bytes: int) -> str:
    match embed:
        case None:
            return ""
        case {"$type": "app.bsky.embed.images", "images": list(images)}:
            if len(images) > 4:
                return f"array too big (maximum 4, got {len(images)}) at $.record.embed.images"
            if any(not isinstance(i.get("alt"), str) for i in images):
                return 'Missing required key "alt" at $.record.embed.images'
            return _first(_blob_fault(i.get("image"), "image/", image_bytes) for i in images)
        case {"$type": "app.bsky.embed.video", "video": video}:
            captions = embed.get("captions", [])
            if len(captions) > 20 or any(not c.get("lang") for c in captions):
                return "Invalid captions at $.record.embed.captions"
            faults = (_blob_fault(c.get("file"), "text/vtt", 20_000) for c in captions)
            return _blob_fault(video, "video/mp4", 300_000_000) or _first(faults)
        case {
            "$type": "app.bsky.embed.external",
            "external": {"uri": str(), "title": str(), "description": str()},
        }:
            thumb = embed["external"].get("thumb")
            return _blob_fault(thumb, "image/", 1_000_000) if thumb is not None else ""
    return "Invalid embed at $.record.embed"


def _first(faults: Iterator[str]) -> str:
    return next((f for f in faults if f), "")


def _blob_fault(blob: Any, kind: str, most: int) -> str:
    if not isinstance(blob, dict) or blob.get("$type") != "blob" or "$link" not in blob.get("ref", {}):
        return "Invalid blob reference at $.record.embed"
    if not str(blob.get("mimeType", "")).startswith(kind):
        return f"blob has wrong mime type (expected {kind}*) at $.record.embed"
    if blob.get("size", 0) > most:
        return f"blob too big (maximum {most}, got {blob['size']}) at $.record.embed"
    return ""


def _uri(did: str, collection: str, rkey: str) -> str:
    return f"at://{did}/{collection}/{rkey}"
