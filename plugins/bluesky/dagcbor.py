"""Content identifiers, as the simulated server computes them: SHA-256 over canonical bytes.

Sources: github.com/multiformats/cid (version 1, base32), ipld.io/specs/codecs/dag-cbor.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

RAW, DAG_CBOR = 0x55, 0x71
_SHA256 = b"\x12\x20"


def cid_of_bytes(content: bytes) -> str:
    """Of a blob: ``bafkrei…``."""
    return _cid(RAW, hashlib.sha256(content).digest())


def cid_of_record(record: Any) -> str:
    """Of a record: ``bafyrei…``. A ``{"$link": …}`` in it is a link."""
    return _cid(DAG_CBOR, hashlib.sha256(encode(record)).digest())


def encode(value: Any) -> bytes:
    """The canonical bytes of a JSON value without fractions."""
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case str():
            text = value.encode()
            return _head(3, len(text)) + text
        case list():
            return _head(4, len(value)) + b"".join(map(encode, value))
        case {"$link": str(cid)} if len(value) == 1:
            link = b"\x00" + base64.b32decode(cid[1:].upper() + "=" * (-len(cid[1:]) % 8))
            return b"\xd8\x2a" + _head(2, len(link)) + link
        case dict():
            pairs = sorted(value.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode()))
            return _head(5, len(pairs)) + b"".join(encode(k) + encode(v) for k, v in pairs)
    raise ValueError(f"a record cannot hold a {type(value).__name__}")


def _cid(codec: int, digest: bytes) -> str:
    packed = base64.b32encode(bytes((1, codec)) + _SHA256 + digest).decode()
    return "b" + packed.rstrip("=").lower()


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes((major << 5 | number,))
    for more, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * width):
            return bytes((major << 5 | more,)) + number.to_bytes(width, "big")
    raise ValueError("a number of more than 64 bits")
