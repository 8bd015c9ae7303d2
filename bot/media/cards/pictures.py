"""The pictures of a post, decoded once for all its cards."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.media.pictures import on_ground, upright
from bot.media.stills import FORMATS, PIXELS

LARGEST = 1080
"""Pixels on the longer side that are kept: no card shows more."""


class Pictures:
    """Files by their SHA-256; None for one that is missing or cannot be read."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self._whole: dict[str, Image.Image | None] = {}
        self._cut: dict[tuple[str, tuple[int, int]], Image.Image] = {}

    def get(self, sha256: str) -> Image.Image | None:
        """The whole picture, upright, at most `LARGEST` on a side."""
        if sha256 not in self._whole:
            path = self._paths.get(sha256)
            self._whole[sha256] = _decode(path) if path else None
        return self._whole[sha256]

    def cover(self, sha256: str, size: tuple[int, int]) -> Image.Image | None:
        """Its middle, filling ``size``."""
        key = (sha256, size)
        if key not in self._cut:
            whole = self.get(sha256)
            if whole is None:
                return None
            self._cut[key] = ImageOps.fit(whole, size, Image.Resampling.BICUBIC)
        return self._cut[key]


def _decode(path: Path) -> Image.Image | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about a file is said by its verdict
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > PIXELS:
                    return None
                if image.mode == "RGB":
                    image.draft("RGB", (LARGEST, LARGEST))
                shown = on_ground(upright(image))
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, EOFError, MemoryError):
        return None
    except Image.DecompressionBombError:
        return None
    shown.thumbnail((LARGEST, LARGEST), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return shown
