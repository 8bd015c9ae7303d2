"""Files on their way to LinkedIn in one piece, and the wait until LinkedIn can use a file of any kind.

Source: learn.microsoft.com/en-us/linkedin, community-management/shares/{images-api, documents-api,
videos-api} (2026). Every step leaves a checkpoint, so a crash repeats at most one of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.api import Deps, Media, MediaKind, PublishError, Rejected, Reply, Transient
from plugins.linkedin.answers import instant
from plugins.linkedin.client import Client, encoded

URL_LIFE = timedelta(hours=1)
"""How long an upload URL is good for when LinkedIn does not say."""

LONGEST_URL_LIFE = timedelta(hours=24)
ROUNDS = 2
"""How often one file is uploaded before a person hears of it."""

AT_ONCE = 1024 * 1024
"""Bytes up to which a file is sent from the memory."""

GONE = (400, 403, 404, 410)
"""What the upload host answers when the place for a file is gone; it says no more than that."""

Entry = dict[str, Any]
"""One file's progress: ``round``; then ``urn`` with what its upload needs; then ``urn`` and ``uploaded_at``
while LinkedIn works on it; ``urn`` alone is done. Upload URLs stand in the checkpoint because an upload
goes on after a crash only with them; they open nothing but the place of this one file, for some hours."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of file: where it is opened, how LinkedIn's answers call it, how people do.

    ``every``: the first and the longest pause between two looks; ``cap``: how long LinkedIn may take.
    """

    resource: str
    name: str
    word: str
    every: tuple[timedelta, timedelta]
    cap: timedelta


SHORT, LONG = timedelta(seconds=3), timedelta(seconds=15)
IMAGE = Kind(resource="images", name="image", word="image", every=(SHORT, SHORT), cap=timedelta(minutes=2))
DOCUMENT = Kind(
    resource="documents", name="document", word="document", every=(SHORT, LONG), cap=timedelta(minutes=15)
)
VIDEO = Kind(
    resource="videos",
    name="video",
    word="video",
    every=(timedelta(seconds=5), LONG),
    cap=timedelta(minutes=15),
)


def kind_of(media: Media) -> Kind:
    """How LinkedIn takes a file."""
    return {MediaKind.VIDEO: VIDEO, MediaKind.DOCUMENT: DOCUMENT}.get(media.kind, IMAGE)


class Assets:
    """Opens, fills and watches the places of files."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._client = client
        self._deps = deps

    async def open(self, kind: Kind, owner: str, **more: Any) -> Reply:
        """Ask for a place to put a file of ``owner``; creates nothing anybody sees."""
        return await self.act(kind, "initializeUpload", {"owner": owner, **more})

    async def act(self, kind: Kind, action: str, params: dict[str, Any]) -> Reply:
        """One action of Rest.li on files of a kind."""
        return await self._client.call(
            "POST",
            f"/rest/{kind.resource}?action={action}",
            restli_method="ACTION",
            json={f"{action}Request": params},
        )

    async def opened(self, kind: Kind, owner: str, **more: Any) -> tuple[dict[str, Any], str]:
        """What LinkedIn says about a new place, and the file's URN."""
        value = self._client.read(await self.open(kind, owner, **more), author=owner).get("value")
        value = value if isinstance(value, dict) else {}
        urn = value.get(kind.name)
        if not isinstance(urn, str):
            raise Transient(
                f"LinkedIn did not say where to put the {kind.word}.", detail="initializeUpload without value"
            )
        return value, urn

    def ends(self, millis: Any, *, most: timedelta) -> str:
        """When a place lapses, as ISO 8601."""
        now = self._deps.clock.now()
        return min(instant(millis) or now + URL_LIFE, now + most).isoformat()

    async def begin(self, kind: Kind, owner: str, round_: int) -> Entry:
        """Open a place that takes the whole file at once."""
        value, urn = await self.opened(kind, owner)
        url = value.get("uploadUrl")
        if not isinstance(url, str):
            raise Transient(f"LinkedIn did not say where to put the {kind.word}.", detail="no uploadUrl")
        ends = self.ends(value.get("uploadUrlExpiresAt"), most=URL_LIFE)
        return {"urn": urn, "upload_url": url, "round": round_, "ends": ends}

    async def put(self, kind: Kind, media: Media, entry: Entry) -> Entry:
        """Send the whole file."""
        await self._deps.media.check(media)
        if not await self.sent(entry["upload_url"], media, media.mime):
            return again(entry, Rejected(f"LinkedIn would not take the {kind.word}.", code="upload_refused"))
        return self.uploaded(entry)

    async def sent(
        self, url: str, media: Media, mime: str, *, first: int = 0, last: int | None = None
    ) -> bool:
        """PUT the file, or its bytes from ``first`` to ``last`` inclusive; False when the place is gone."""
        return await self.answered(url, media, mime, first=first, last=last) is not None

    async def answered(
        self, url: str, media: Media, mime: str, *, first: int = 0, last: int | None = None
    ) -> Reply | None:
        """As `sent`, with LinkedIn's answer."""
        length = (media.size if last is None else last + 1) - first

        def pieces() -> AsyncIterator[bytes]:
            return self._deps.media.stream(media, start=first, length=length)

        if length <= AT_ONCE:
            reply = await self._client.upload(url, b"".join([piece async for piece in pieces()]), mime)
        else:
            reply = await self._client.upload(url, pieces, mime, size=length)
        if reply.status in GONE:
            return None
        self._client.expect(reply)
        return reply

    def uploaded(self, entry: Entry) -> Entry:
        """A file that is there, and that LinkedIn now works on."""
        now = self._deps.clock.now().isoformat()
        return {"urn": entry["urn"], "round": entry["round"], "uploaded_at": now}

    async def poll(self, kind: Kind, media: Media, entry: Entry) -> tuple[Entry, datetime | None]:
        """Whether LinkedIn can use the file now, and when to look again."""
        now, finished = self._deps.clock.now(), {"urn": entry["urn"]}
        if entry.get("unreadable"):
            return finished, None
        reply = await self._client.call("GET", f"/rest/{kind.resource}/{encoded(entry['urn'])}")
        since = now - datetime.fromisoformat(entry["uploaded_at"])
        if reply.status == 403:
            # self-serve apps may not look; a create that comes too early is refused and harmless
            return {**entry, "unreadable": True}, now + blind_wait(kind, media)
        if reply.status == 404:
            return again(entry, Rejected(f"LinkedIn lost the {kind.word}.", code=f"{kind.name}_lost")), None
        found = self._client.read(reply)
        status = found.get("status")
        if status == "AVAILABLE":
            return finished, None
        if status == "PROCESSING_FAILED":
            return again(entry, unusable(kind, found.get("processingFailureReason"))), None
        if since >= kind.cap:
            slow = Transient(f"LinkedIn has been working on the {kind.word} for too long.")
            return again(entry, slow), None
        first, longest = kind.every
        return entry, now + min(max(first, since / 4), longest)


def blind_wait(kind: Kind, media: Media) -> timedelta:
    """How long a file is left alone that nobody may look at; a video takes about half its own length."""
    if kind is not VIDEO:
        return kind.every[0]
    return timedelta(seconds=min(10 + media.seconds / 2, 300))


def unusable(kind: Kind, why: Any) -> Rejected:
    """LinkedIn could not process a file, with its own reason where it gives one."""
    said = " ".join(why.split())[:200] if isinstance(why, str) else ""
    fixes = {
        "image": "Use another file, for example the same picture as JPG.",
        "video": "Use another file: MP4 with H.264 and AAC.",
    }
    return Rejected(
        f"LinkedIn could not process the {kind.word}{f': “{said}”' if said else ''}.",
        code="media_asset_processing_failed",
        fix=fixes.get(kind.name, "Use another file, for example the same document as PDF."),
    )


def again(entry: Entry, error: PublishError) -> Entry:
    """The file from its beginning; raises ``error`` when that was tried already."""
    if entry["round"] >= ROUNDS:
        raise error
    return {"round": entry["round"] + 1}
