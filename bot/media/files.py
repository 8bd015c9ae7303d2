"""The media store: what was signed lies here under its own hash until nobody needs it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import warnings
from contextlib import suppress
from pathlib import Path

from bot.domain.post import Media, MediaKind
from bot.errors import BadInput, Rejected, StoreFull

LARGEST = 512 * 1024 * 1024
"""Bytes; beyond what any platform takes from us today (X's earlier ceiling, reference: X, §1.7)."""

PIXELS = 120_000_000
"""Pixels; an image that unpacks to more is refused unopened."""

BOXES = b"ftyp"
NO_VIDEO = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
"""Brands of MP4's box format that are photos: HEIC (ISO/IEC 23008-12) and AVIF (AOMedia's specification)."""

SIGNATURES: tuple[tuple[bytes, int, str, MediaKind], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", MediaKind.IMAGE),
    (b"\xff\xd8\xff", 0, "image/jpeg", MediaKind.IMAGE),
    (b"GIF8", 0, "image/gif", MediaKind.GIF),
    (b"WEBP", 8, "image/webp", MediaKind.IMAGE),
    (BOXES, 4, "video/mp4", MediaKind.VIDEO),
    (b"\x1aE\xdf\xa3", 0, "video/webm", MediaKind.VIDEO),
)


class FileMedia:
    """Implements `bot.ports.MediaStore` in a folder; files are named by SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def add(self, source: Path, *, alt: str = "") -> Media:
        return await asyncio.to_thread(self._add, source, alt, keep=True)

    async def look(self, source: Path, *, alt: str = "") -> Media:
        return await asyncio.to_thread(self._add, source, alt, keep=False)

    async def read(self, media: Media) -> bytes:
        return await asyncio.to_thread(self._read, media)

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
                raise BadInput(
                    f"{source.name} has {size / 2**20:,.0f} MB; at most {LARGEST // 2**20} MB can be handled."
                )
            data = source.read_bytes()
        except (FileNotFoundError, RuntimeError):  # the latter: `~name` of nobody
            raise BadInput(f"There is no file {source}. Give its path from where I was started.") from None
        except PermissionError:
            raise BadInput(f"I may not read {source.name}.") from None
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "that is no file name"
            raise BadInput(f"{source.name} could not be read ({why}).") from None
        mime, kind = _kind(data)
        if kind is MediaKind.OTHER:
            raise BadInput(
                f"{source.name} is neither an image nor a video I know (JPEG, PNG, GIF, WebP, MP4, WebM)."
            )
        width, height, moves = (0, 0, False)
        if kind in (MediaKind.IMAGE, MediaKind.GIF):
            width, height, moves = _look(source.name, data)
        digest = hashlib.sha256(data).hexdigest()
        if keep:
            self._keep(digest, data)
        return Media(
            sha256=digest,
            name=source.name,
            mime=mime,
            kind=MediaKind.IMAGE if kind is MediaKind.GIF and not moves else kind,
            size=size,
            width=width,
            height=height,
            alt=alt,
        )

    def _keep(self, digest: str, data: bytes) -> None:
        final = self._folder / digest
        if final.exists():
            return
        part = self._folder / f"{digest}.{os.getpid()}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(final)
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
            raise Rejected(
                f"{media.name} is no longer in the media folder.",
                code="media",
                fix="/edit with --media again.",
            ) from None
        if hashlib.sha256(data).hexdigest() != media.sha256:
            raise Rejected(
                f"{media.name} is not the file that was approved.",
                code="media",
                fix="/edit with --media again.",
            )
        return data


def _kind(data: bytes) -> tuple[str, MediaKind]:
    if data[4:8] == BOXES and data[8:12] in NO_VIDEO:
        return "application/octet-stream", MediaKind.OTHER
    for magic, at, mime, kind in SIGNATURES:
        if data[at : at + len(magic)] == magic and (mime != "image/webp" or data[:4] == b"RIFF"):
            return mime, kind
    return "application/octet-stream", MediaKind.OTHER


def _look(name: str, data: bytes) -> tuple[int, int, bool]:
    """Width and height as they are seen, and whether it moves; raises `BadInput` for a damaged file."""
    from io import BytesIO

    from PIL import Image, UnidentifiedImageError

    too_many = f"{name} has more pixels than any platform takes (at most {PIXELS // 10**6} million)."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data)) as image:
                width, height = image.size
                if width * height > PIXELS:
                    raise BadInput(too_many)
                image.load()
                turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
                moves = bool(getattr(image, "is_animated", False))
    except Image.DecompressionBombError:
        raise BadInput(too_many) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        raise BadInput(f"{name} is damaged or not the kind of image its first bytes say.") from None
    return (height, width, moves) if turned else (width, height, moves)
