"""Ratios, sizes, bytes, lengths and kinds of files as a person reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.framing import Frame
    from bot.domain.post import Media

NAMED = ((16, 9), (9, 16), (1, 1), (4, 5), (5, 4), (4, 3), (3, 4), (3, 2), (2, 3), (21, 9), (1, 2), (2, 1))
"""Ratios that people know by name."""


def as_ratio(width: float, height: float) -> str:
    """``1920, 1080`` → "16:9"; what has no plain name is told against 1."""
    for wide, tall in NAMED:
        if abs(width / height / (wide / tall) - 1) < 0.01:
            return f"{wide}:{tall}"
    plain = Fraction(width / height).limit_denominator(20)
    if plain.numerator <= 20 and plain and abs(float(plain) / (width / height) - 1) < 0.002:
        return f"{plain.numerator}:{plain.denominator}"
    return f"{width / height:.2f}:1" if width >= height else f"1:{height / width:.2f}"


def as_ratios(frame: Frame) -> str:
    """From the narrowest to the widest; one where both are the same."""
    if frame.ratios is None:
        return "any shape"
    least, most = (as_ratio(r, 1) if math.isfinite(r) and r > 0 else "" for r in frame.ratios)
    return least if least == most else f"{least} to {most}"


def as_size(media: Media) -> str:
    """ "1920×1080"."""
    return f"{media.width}×{media.height}"


def as_sizes(frame: Frame) -> str:
    """What sizes are taken."""
    said = [
        f"{bounds[0]:,} to {bounds[1]:,} pixels {side}"
        for side, bounds in (("wide", frame.widths), ("high", frame.heights))
        if bounds is not None
    ]
    if frame.most_pixels:
        said.append(f"at most {frame.most_pixels / 1e6:,.0f} million pixels")
    return ", ".join(said) or "any size"


def as_bytes(count: int) -> str:
    """Decimal, as platforms and file managers say: "950 KB", "8 MB", "4 GB"."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if count >= unit:
            return f"{count / unit:,.1f}".removesuffix(".0") + f" {name}"
    return f"{count} bytes"


def as_length(seconds: float) -> str:
    """ "2:20", "1:02:03"; below ten seconds with what is left of the second."""
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def as_formats(formats: Sequence[str]) -> str:
    """ "JPEG or PNG" from media types and names of containers and codecs."""
    names = [FORMATS.get(name, name.rpartition("/")[2].upper()) for name in formats]
    names = list(dict.fromkeys(name for name in names if name))
    if not names:
        return "nothing"
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" or {names[-1]}"


FORMATS = MappingProxyType(
    {
        "image/jpeg": "JPEG",
        "image/webp": "WebP",
        "video/quicktime": "MOV",
        "video/webm": "WebM",
        "webm": "WebM",
        "h264": "H.264",
        "hevc": "H.265",
        "aac": "AAC",
        "opus": "Opus",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
        "application/msword": "old Word",
        "application/vnd.ms-powerpoint": "old PowerPoint",
    }
)
