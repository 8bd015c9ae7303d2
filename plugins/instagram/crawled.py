"""What Meta's fetcher finds in a file, read from its head: kind, size in pixels, length. For the simulator.

Layouts: ITU-T T.81 annex B (JPEG markers), ISO/IEC 14496-12 (boxes of MP4 and MOV).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

START_OF_FRAME = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
MOST_PICTURE = 8 * 1024 * 1024
RATIOS = (0.8, 1.91)
SLACK = 0.01


@dataclass(frozen=True, kw_only=True)
class Crawled:
    """A file as it was fetched: its first bytes, how many there are in all, and the type it was served as."""

    head: bytes
    size: int
    mime: str
    sha256: str = ""


def jpeg_size(head: bytes) -> tuple[int, int] | None:
    """Width and height; None for what is no JPEG."""
    if head[:3] != b"\xff\xd8\xff":
        return None
    at = 2
    while at + 9 < len(head):
        if head[at] != 0xFF:
            return None
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker in START_OF_FRAME:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Name, content and wholeness of the boxes in ``data``, as far as it goes."""
    at = 0
    while at + 8 <= len(data):
        size, name, skip = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, skip = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if size == 0:
            size = len(data) - at
        if size < skip:
            return
        yield name, data[at + skip : at + size], at + size <= len(data)
        at += size


def video_seconds(head: bytes) -> float | None:
    """The length of an MP4 or MOV whose index lies in front; None for anything else."""
    if head[4:8] != b"ftyp":
        return None
    for name, content, _ in boxes(head):
        if name == b"mdat":
            return None
        if name == b"moov":
            return _length(content)
    return None


def _length(moov: bytes) -> float | None:
    for name, content, _ in boxes(moov):
        if name == b"mvhd" and len(content) >= 32:
            scale, length = (
                struct.unpack(">IQ", content[20:32])
                if content[0] == 1
                else struct.unpack(">II", content[12:20])
            )
            return float(length) / scale if scale else None
    return None


def picture_fault(file: Crawled, *, story: bool) -> tuple[int, int, str] | None:
    """What Meta says against a picture, as code, subcode and words."""
    size = jpeg_size(file.head)
    if size is None or file.mime != "image/jpeg":
        return 36001, 2207005, "The image format is not supported. Use JPEG."
    if file.size > MOST_PICTURE:
        return 36000, 2207004, "The image is too large. It must be under 8 MiB."
    ratio = size[0] / size[1]
    if not story and not RATIOS[0] - SLACK <= ratio <= RATIOS[1] + SLACK:
        return 36003, 2207009, "Picture ratio outside 4:5 to 1.91:1."
    return None


def video_fault(file: Crawled, *, shortest: float, longest: float, most: int) -> str:
    """The free text a container ends in; empty for a video that is taken."""
    seconds = video_seconds(file.head)
    if seconds is None or file.size > most or not shortest - 0.1 <= seconds <= longest + 0.1:
        return "Error: Media upload has failed with error code 2207026"
    return ""
