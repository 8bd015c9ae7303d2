"""Which characters a font has, read from its own table (OpenType `cmap`, formats 4 and 12).

Pillow draws a box for what a font lacks and does not say so; a text of many scripts needs to know before.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from sys import byteorder

UNICODE = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3))
"""Platform and encoding of the tables that map Unicode, the fullest first."""


@dataclass(frozen=True)
class Coverage:
    """Ranges of code points: ``starts[i]`` to ``ends[i]``, both included, ascending."""

    starts: array[int]
    ends: array[int]

    def __contains__(self, point: int) -> bool:
        at = bisect_right(self.starts, point) - 1
        return at >= 0 and point <= self.ends[at]


def read_coverage(path: Path, index: int = 0) -> Coverage:
    """What the ``index``-th font of the file has. Raises `ValueError` when it maps no Unicode."""
    with path.open("rb") as file:

        def read(at: int, size: int) -> bytes:
            file.seek(at)
            return file.read(size)

        base = 0
        if read(0, 4) == b"ttcf":
            (base,) = struct.unpack(">I", read(12 + 4 * index, 4))
        (tables,) = struct.unpack(">H", read(base + 4, 2))
        records = read(base + 12, 16 * tables)
        found = {
            records[i : i + 4]: struct.unpack(">II", records[i + 8 : i + 16])
            for i in range(0, len(records), 16)
        }
        offset, length = found[b"cmap"]
        cmap = read(offset, length)
    (count,) = struct.unpack(">H", cmap[2:4])
    listed = {
        (platform, encoding): at
        for platform, encoding, at in struct.iter_unpack(">HHI", cmap[4 : 4 + 8 * count])
    }
    for kind in UNICODE:
        if kind in listed:
            return _ranges(cmap[listed[kind] :])
    raise ValueError(f"{path.name} maps no Unicode characters")


def _ranges(table: bytes) -> Coverage:
    (layout,) = struct.unpack(">H", table[:2])
    if layout == 12:
        (groups,) = struct.unpack(">I", table[12:16])
        numbers = array("I", table[16 : 16 + 12 * groups])
        if byteorder == "little":
            numbers.byteswap()
        return Coverage(numbers[0::3], numbers[1::3])
    if layout == 4:
        return _short_ranges(table)
    raise ValueError(f"a cmap of format {layout} is not read")


def _short_ranges(table: bytes) -> Coverage:
    """Format 4; characters inside a segment that map to glyph 0 are left out."""
    (double,) = struct.unpack(">H", table[6:8])
    count = double // 2

    def column(at: int) -> tuple[int, ...]:
        return struct.unpack(f">{count}H", table[at : at + double])

    ends, starts = column(14), column(16 + double)
    deltas, offsets = column(16 + 2 * double), column(16 + 3 * double)
    kept: list[tuple[int, int]] = []
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for point in range(start, min(end, 0xFFFE) + 1):
            if offsets[i]:
                at = 16 + 3 * double + 2 * i + offsets[i] + 2 * (point - start)
                (glyph,) = struct.unpack(">H", table[at : at + 2])
            else:
                glyph = (point + deltas[i]) & 0xFFFF
            if not glyph:
                continue
            if kept and kept[-1][1] == point - 1:
                kept[-1] = (kept[-1][0], point)
            else:
                kept.append((point, point))
    return Coverage(array("I", (s for s, _ in kept)), array("I", (e for _, e in kept)))
