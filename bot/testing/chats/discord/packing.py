"""How the gateway packs what it says: plain text, or one of Discord's two compressed streams."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from typing import Any

Pack = Callable[[bytes], bytes]


def packer(kind: str) -> Pack | None:
    """A fresh stream for one connection; None for plain text.

    Raises `LookupError` for a compression that is unknown or that this Python cannot do.
    """
    if not kind:
        return None
    if kind == "zlib-stream":
        stream = zlib.compressobj()
        return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)
    if kind == "zstd-stream":
        return zstd_packer()
    raise LookupError(kind)


def zstd_packer() -> Pack:
    """Zstandard from the standard library (3.14) or from the package discord.py takes it from."""
    for name in ("compression.zstd", "zstandard"):
        try:
            module: Any = importlib.import_module(name)
        except ImportError:
            continue
        if name == "zstandard":
            made = module.ZstdCompressor().compressobj()
            flush = module.COMPRESSOBJ_FLUSH_BLOCK
            return lambda data: bytes(made.compress(data) + made.flush(flush))
        made = module.ZstdCompressor()
        return lambda data: bytes(made.compress(data, mode=made.FLUSH_BLOCK))
    raise LookupError("zstd-stream")
