"""What a picture is: its size as it is seen, its colours, whether it moves or says where it was taken."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.domain.post import Stream
from bot.errors import BadInput

if TYPE_CHECKING:
    from PIL import Image

PIXELS = 120_000_000
"""Pixels; an image that unpacks to more is refused unopened."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
"""The decoders that files of people reach; Pillow has fifty more."""

TURNS = MappingProxyType({3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270})
"""Degrees clockwise by EXIF's orientation (EXIF 2.32, tag 0x0112)."""

ORIENTATION, PLACE = 0x0112, 0x8825

DEEP = MappingProxyType(
    {"I;16": "gray16", "I;16B": "gray16", "I;16L": "gray16", "I": "gray16", "F": "gray16"}
)
COLOURS = MappingProxyType(
    {"1": "gray", "L": "gray", "P": "palette", "LA": "rgba", "PA": "rgba", "RGBA": "rgba", "RGB": "rgb"}
)
FRAMES = 10_000
"""Frames that are counted at most; more than any platform takes."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """``width`` and ``height`` as they are seen; ``seconds`` of one round of a picture that moves."""

    width: int
    height: int
    moves: bool
    seconds: float
    stream: Stream


def look(source: Path, name: str) -> Seen:
    """Decode it once, in this thread; raises `BadInput` for a damaged file or one too large."""
    from PIL import Image, UnidentifiedImageError

    too_many = f"{name} has more pixels than any platform takes (at most {PIXELS // 10**6} million)."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(source, formats=FORMATS) as image:
                width, height = image.size
                if width * height > PIXELS:
                    raise BadInput(too_many)
                moves = image.format != "MPO" and bool(getattr(image, "is_animated", False))
                image.load()
                stream = describe(image, source)
                return Seen(
                    width=height if stream.turned % 180 else width,
                    height=width if stream.turned % 180 else height,
                    moves=moves,
                    seconds=_round(image) if moves else 0.0,
                    stream=stream,
                )
    except Image.DecompressionBombError:
        raise BadInput(too_many) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError):
        raise BadInput(f"{name} is damaged or not the kind of image its first bytes say.") from None


def describe(image: Image.Image, source: Path | None = None) -> Stream:
    """Its colours and marks."""
    exif = image.getexif()
    colours = DEEP.get(image.mode) or COLOURS.get(image.mode, image.mode.lower())
    if source is not None and image.format == "PNG":
        colours = _deep_png(source, colours)
    if "transparency" in image.info and colours in ("rgb", "palette", "gray"):
        colours = "rgba" if colours == "rgb" else colours
    return Stream(
        pixels=colours,
        profile=_profile(image),
        turned=TURNS.get(exif.get(ORIENTATION, 1), 0),
        place=bool(exif.get_ifd(PLACE)),
    )


def _deep_png(source: Path, colours: str) -> str:
    """Pillow folds 16 bits to 8 as it opens; the header tells (PNG, IHDR: depth at 24, colour type at 25)."""
    with source.open("rb") as file:
        header = file.read(26)
    if len(header) < 26 or header[24] != 16:
        return colours
    return {0: "gray16", 2: "rgb16", 4: "rgba16", 6: "rgba16"}.get(header[25], "rgb16")


def _profile(image: Image.Image) -> str:
    """The name of its colour profile; empty where there is none, or the usual one."""
    data = image.info.get("icc_profile")
    if not data:
        return ""
    from io import BytesIO

    from PIL import ImageCms

    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(data))).strip()
    except (OSError, ImageCms.PyCMSError):
        return "a broken colour profile"
    return "sRGB" if "srgb" in name.lower() else name[:60] or "an unnamed colour profile"


def _round(image: Image.Image) -> float:
    """Seconds that all frames take together; a frame that names no time counts a tenth, as browsers do."""
    total = 0.0
    for number in range(min(getattr(image, "n_frames", 1), FRAMES)):
        image.seek(number)
        image.load()
        total += (image.info.get("duration") or 100) / 1000
    return round(total, 3)
