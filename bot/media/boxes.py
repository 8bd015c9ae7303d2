"""The first look at an MP4 or MOV: its boxes, without decoding anything (ISO/IEC 14496-12).

Only headers are read, so it takes well under a millisecond whatever the file's size.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

MOST_BOXES = 2_000
"""Boxes looked at; real files have some dozens, so more is a trap."""

TIMES = 4_096
"""Entries of a track's table of frame times that are looked at for a changing rate."""

HOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts")
JITTER = 0.1
"""How far a frame may be off the usual distance; phones write a few per cent (seen in their recordings)."""


@dataclass(frozen=True, kw_only=True)
class Track:
    """One track. ``codec``: its four letters; ``turned``: degrees clockwise; ``steady``: even frame times.

    ``edits``: an edit list that does more than say that everything is shown. ``seconds``: 0 is unknown.
    """

    kind: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    turned: int = 0
    seconds: float = 0.0
    frames: int = 0
    steady: bool = True
    edits: bool = False


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """What the boxes say. ``whole``: index and data are there to their ends; ``front``: index first."""

    brand: str = ""
    seconds: float = 0.0
    front: bool = False
    whole: bool = False
    indexed: bool = False
    pieces: bool = False
    tracks: tuple[Track, ...] = ()

    @property
    def video(self) -> Track | None:
        """The first track of pictures."""
        return next((t for t in self.tracks if t.kind == "vide"), None)


def walk(path: Path) -> Boxes:
    """Read the boxes of a file; what is damaged is left unknown. Raises `OSError` only."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        return _Walk(file).top(end)


class _Walk:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MOST_BOXES
        self._scale = 0

    def top(self, end: int) -> Boxes:
        found = Boxes(whole=True)
        seen: list[bytes] = []
        for name, start, stop in self._boxes(0, end):
            seen.append(name)
            if stop > end:
                found = replace(found, whole=False)
            if name == b"ftyp":
                found = replace(found, brand=self._read(start, 4).decode("ascii", "replace"))
            elif name == b"moof":
                found = replace(found, pieces=True)
            elif name == b"moov":
                found = self._index(found, start, min(stop, end))
        data = b"mdat" in seen
        return replace(
            found,
            whole=found.whole and data and found.indexed,
            front=found.indexed and (not data or seen.index(b"moov") < seen.index(b"mdat")),
        )

    def _index(self, found: Boxes, start: int, stop: int) -> Boxes:
        tracks: list[Track] = []
        seconds = 0.0
        for name, inner, end in self._boxes(start, stop):
            if name == b"mvhd":
                seconds = self._length(inner)[0]
            elif name == b"trak":
                tracks.append(self._track(inner, end))
        return replace(found, indexed=True, seconds=seconds, tracks=tuple(tracks))

    def _track(self, start: int, stop: int) -> Track:
        found = Track()
        for name, inner, end in self._deep(start, stop):
            if name == b"tkhd":
                found = self._header(found, inner, end)
            elif name == b"hdlr" and not found.kind:
                found = replace(found, kind=self._read(inner + 8, 4).decode("ascii", "replace"))
            elif name == b"mdhd":
                seconds, self._scale = self._length(inner)
                found = replace(found, seconds=seconds)
            elif name == b"stsd":
                found = replace(found, codec=self._read(inner + 12, 4).decode("ascii", "replace"))
            elif name == b"stts":
                found = self._times(found, inner, end)
            elif name == b"elst":
                found = replace(found, edits=self._edited(inner, end))
        return found

    def _header(self, found: Track, start: int, end: int) -> Track:
        """The track header ends in a matrix of nine and the size as it is shown, 16.16 fixed point."""
        tail = self._read(max(start, end - 44), 44)
        if len(tail) < 44:
            return found
        a, b, _, c, d, *_ = struct.unpack(">9i", tail[:36])
        width, height = struct.unpack(">II", tail[36:])
        turned = {(0, 1, -1, 0): 90, (-1, 0, 0, -1): 180, (0, -1, 1, 0): 270}
        signs = (_sign(a), _sign(b), _sign(c), _sign(d))
        return replace(found, width=width >> 16, height=height >> 16, turned=turned.get(signs, 0))

    def _times(self, found: Track, start: int, end: int) -> Track:
        data = self._read(start + 4, min(4 + 8 * TIMES, max(0, end - start - 4)))
        if len(data) < 4:
            return found
        pairs = list(struct.iter_unpack(">II", data[4 : 4 + (len(data) - 4) // 8 * 8]))
        frames = sum(count for count, _ in pairs)
        if frames <= 1:
            return replace(found, frames=frames)
        usual = max(pairs, key=lambda pair: pair[0])[1] if len(pairs) <= 4 else _median(pairs, frames)
        # the last frame may stand for any time
        off = sum(count for count, delta in pairs[:-1] if abs(delta - usual) > JITTER * usual)
        steady = off <= max(1, frames // 100)
        whole = len(pairs) < TIMES
        return replace(found, frames=frames if whole else 0, steady=steady)

    def _edited(self, start: int, end: int) -> bool:
        data = self._read(start, min(end - start, 64))
        if len(data) < 8:
            return False
        version, count = data[0], struct.unpack(">I", data[4:8])[0]
        if count != 1:
            return bool(count)
        at = struct.unpack(">q", data[16:24])[0] if version == 1 else struct.unpack(">i", data[12:16])[0]
        return bool(at)

    def _length(self, start: int) -> tuple[float, int]:
        """Seconds and ticks a second, as `mvhd` and `mdhd` have them."""
        data = self._read(start, 32)
        try:
            form, at = (">IQ", 20) if data[:1] == b"\1" else (">II", 12)
            scale, ticks = struct.unpack_from(form, data, at)
        except struct.error:
            return 0.0, 0
        unknown = ticks >= 0xFFFFFFFF
        return (ticks / scale if scale and not unknown else 0.0), scale

    def _deep(self, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
        for name, inner, end in self._boxes(start, stop):
            yield name, inner, end
            if name in HOLDERS:
                yield from self._deep(inner, end)

    def _boxes(self, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
        """Name, where its content begins, and where it ends; nonsense ends the walk."""
        while start + 8 <= stop and self._left:
            self._left -= 1
            head = self._read(start, 16)
            if len(head) < 8:
                return
            size, name = struct.unpack(">I4s", head[:8])
            inner = start + 8
            if size == 1:
                if len(head) < 16:
                    return
                size, inner = struct.unpack(">Q", head[8:])[0], start + 16
            elif size == 0:
                size = stop - start
            if size < inner - start:
                return
            yield name, inner, start + size
            start += size

    def _read(self, at: int, count: int) -> bytes:
        self._file.seek(at)
        return self._file.read(count)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _median(pairs: list[tuple[int, int]], frames: int) -> int:
    seen = 0
    for count, delta in sorted(pairs, key=lambda pair: pair[1]):
        seen += count
        if seen * 2 >= frames:
            return delta
    return 0
