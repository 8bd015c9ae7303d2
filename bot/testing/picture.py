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


def jpeg(width: int = 1600, height: int = 900) -> bytes:
    """A JPEG of a soft gradient in grey: baseline, one flat tone for each block of eight pixels.

    Source: ITU-T T.81, the tables of annex K.3 for luminance; only the mean of a block is coded.
    """
    lengths = bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    bits, before = [], 0
    for y in range(-(-height // 8)):
        for x in range(-(-width // 8)):
            tone = (40 + 120 * y * 8 // height + 60 * x * 8 // width) // 2 - 64
            bits.append(_dc(tone - before) + "00")  # nothing but the mean: the block ends here
            before = tone
    stream = "".join(bits)
    stream += "1" * (-len(stream) % 8)
    scan = int(stream, 2).to_bytes(len(stream) // 8, "big").replace(b"\xff", b"\xff\x00")
    segments = (
        (0xDB, b"\x00" + b"\x10" * 64),
        (0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"),
        (0xC4, b"\x00" + lengths + bytes(range(12))),
        (0xC4, b"\x10" + bytes([0, 1, *[0] * 14]) + b"\x00"),
        (0xDA, b"\x01\x01\x00\x00\x3f\x00"),
    )
    head = b"".join(b"\xff" + bytes([k]) + struct.pack(">H", len(d) + 2) + d for k, d in segments)
    return b"\xff\xd8" + head + scan + b"\xff\xd9"


_SIZES = ("00", "010", "011", "100", "101", "110", "1110", "11110", "111110")
"""How many bits a difference has, as table K.3 codes it."""


def _dc(difference: int) -> str:
    size = abs(difference).bit_length()
    if not size:
        return _SIZES[0]
    value = difference if difference > 0 else difference + (1 << size) - 1
    return _SIZES[size] + format(value, f"0{size}b")
