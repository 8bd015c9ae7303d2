"""A real image file made from nothing, for stories and tests."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 1600, height: int = 900) -> bytes:
    """A PNG of a soft diagonal gradient, 8-bit RGB (PNG specification, third edition)."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        shade = 40 + 120 * y // height
        rows += bytes(
            value
            for x in range(0, width, 16)
            for value in (shade, 60 + 150 * x // width, 200 - shade // 2) * min(16, width - x)
        )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
