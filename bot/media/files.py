"""The media store: what was signed lies here under its own hash until nobody needs it."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from bot.domain.post import Media, MediaKind
from bot.errors import BadInput, Rejected, StoreFull
from bot.media import papers, stills
from bot.media.probe import probe
from bot.ports.world import LARGEST

PIECE = 1 << 20
"""Bytes read at a time; the size of a file must not show in the memory."""

BOXES = b"ftyp"
QUICKTIME = (b"qt  ",)
OLD_MOVIES = (b"moov", b"mdat", b"wide", b"free", b"skip")
"""Boxes that a MOV older than its brands begins with."""

NO_VIDEO = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
"""Brands of MP4's box format that are photos: HEIC (ISO/IEC 23008-12) and AVIF (AOMedia's specification)."""

SIGNATURES: tuple[tuple[bytes, int, str, MediaKind], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", MediaKind.IMAGE),
    (b"\xff\xd8\xff", 0, "image/jpeg", MediaKind.IMAGE),
    (b"GIF8", 0, "image/gif", MediaKind.GIF),
    (b"WEBP", 8, "image/webp", MediaKind.IMAGE),
    (BOXES, 4, "video/mp4", MediaKind.VIDEO),
    (b"\x1aE\xdf\xa3", 0, "video/webm", MediaKind.VIDEO),
    (b"AVI ", 8, "video/x-msvideo", MediaKind.VIDEO),
)


class FileMedia:
    """Implements `bot.ports.MediaStore` in a folder; files are named by SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checked: dict[str, tuple[int, int, int]] = {}

    async def add(self, source: Path, *, alt: str = "") -> Media:
        return await asyncio.to_thread(self._add, source, alt, keep=True)

    async def look(self, source: Path, *, alt: str = "") -> Media:
        return await asyncio.to_thread(self._add, source, alt, keep=False)

    async def read(self, media: Media) -> bytes:
        return await asyncio.to_thread(self._read, media)

    async def check(self, media: Media) -> None:
        await asyncio.to_thread(self._check, media)

    async def stream(
        self, media: Media, *, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        left = media.size - start if length is None else length
        try:
            with self.path(media).open("rb") as file:
                file.seek(start)
                while left > 0:
                    piece = await asyncio.to_thread(file.read, min(PIECE, left))
                    if not piece:
                        raise _gone(media, "is shorter than it was")
                    left -= len(piece)
                    yield piece
        except OSError:
            raise _gone(media, "is no longer in the media folder") from None

    def path(self, media: Media) -> Path:
        return self._folder / media.sha256

    def _add(self, source: Path, alt: str, *, keep: bool) -> Media:
        try:
            source = source.expanduser()
            if source.is_dir():
                raise BadInput(f"{source.name} is a folder. Name a file.")
            size = source.stat().st_size
            if size == 0:
                raise BadInput(f"{source.name} is empty.")
            if size > LARGEST:
                most = f"{LARGEST // 10**6:,}"
                raise BadInput(f"{source.name} has {size / 10**6:,.0f} MB; at most {most} MB can be handled.")
            with source.open("rb") as file:
                head = file.read(64)
        except (FileNotFoundError, RuntimeError):  # the latter: `~name` of nobody
            raise BadInput(f"There is no file {source}. Give its path from where I was started.") from None
        except PermissionError:
            raise BadInput(f"I may not read {source.name}.") from None
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "that is no file name"
            raise BadInput(f"{source.name} could not be read ({why}).") from None
        found = describe(source, head)
        digest, size = self._keep(source) if keep else _digest(source)
        return replace(found, sha256=digest, size=size, alt=alt)

    def _keep(self, source: Path) -> tuple[str, int]:
        """Copy it in under its hash while it is read once."""
        part = self._folder / f"{uuid4().hex}.{os.getpid()}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            digest, size = hashlib.sha256(), 0
            with source.open("rb") as file, part.open("wb") as copy:
                while piece := file.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    copy.write(piece)
                copy.flush()
                os.fsync(copy.fileno())
            part.replace(self._folder / digest.hexdigest())
            return digest.hexdigest(), size
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise StoreFull(
                "The file could not be kept: the disk is full or the media folder is read-only."
            ) from None

    def _read(self, media: Media) -> bytes:
        try:
            data = self.path(media).read_bytes()
        except OSError:
            raise _gone(media, "is no longer in the media folder") from None
        if hashlib.sha256(data).hexdigest() != media.sha256:
            raise _gone(media, "is not the file that was approved")
        return data

    def _check(self, media: Media) -> None:
        path = self.path(media)
        try:
            stat = path.stat()
            seen = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
            if self._checked.get(media.sha256) == seen:
                return
            digest, _ = _digest(path)
        except OSError:
            raise _gone(media, "is no longer in the media folder") from None
        if digest != media.sha256:
            raise _gone(media, "is not the file that was approved")
        self._checked[media.sha256] = seen


def _gone(media: Media, why: str) -> Rejected:
    return Rejected(f"{media.name} {why}.", code="media", fix="/edit with --media again.")


def _digest(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def describe(source: Path, head: bytes) -> Media:
    """What the file is, by its bytes; without hash and size.

    Raises `BadInput` for what is damaged or unknown.
    """
    mime, kind = _kind(head)
    known = Media(sha256="", name=source.name, mime=mime, kind=kind, size=0)
    if kind in (MediaKind.IMAGE, MediaKind.GIF):
        seen = stills.look(source, source.name)
        return replace(
            known,
            kind=MediaKind.GIF if seen.moves else MediaKind.IMAGE,
            width=seen.width,
            height=seen.height,
            seconds=seen.seconds,
            stream=seen.stream,
        )
    if kind is MediaKind.VIDEO:
        film = probe(source, source.name)
        return replace(known, width=film.width, height=film.height, seconds=film.seconds, stream=film.stream)
    paper = papers.look(source, head, source.name)
    if paper is None:
        raise BadInput(
            f"{source.name} is neither an image nor a video I know (JPEG, PNG, GIF, WebP, MP4, MOV, WebM), "
            "nor a document (PDF, PPTX, DOCX), nor captions (SRT, VTT)."
        )
    return replace(known, mime=paper.mime, kind=paper.kind, pages=paper.pages, seconds=paper.seconds)


def _kind(data: bytes) -> tuple[str, MediaKind]:
    """The media type and kind that the first bytes tell."""
    if data[4:8] == BOXES:
        if data[8:12] in NO_VIDEO:
            return "application/octet-stream", MediaKind.OTHER
        if data[8:12] in QUICKTIME:
            return "video/quicktime", MediaKind.VIDEO
    if data[4:8] in OLD_MOVIES:
        return "video/quicktime", MediaKind.VIDEO
    for magic, at, mime, kind in SIGNATURES:
        if data[at : at + len(magic)] == magic and (at != 8 or data[:4] == b"RIFF"):
            matroska = mime == "video/webm" and b"webm" not in data
            return "video/x-matroska" if matroska else mime, kind
    return "application/octet-stream", MediaKind.OTHER
