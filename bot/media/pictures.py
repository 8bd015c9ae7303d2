"""Pictures made to fit: upright, in sRGB with 8 bits, the right shape and size, not too many bytes."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.domain.demands import Fill, Plan
from bot.domain.framing import Size
from bot.errors import BadInput, Rejected
from bot.media.graph import inside, same_shape, window
from bot.media.stills import DEEP, FORMATS, PIXELS
from bot.media.subject import centre_of

if TYPE_CHECKING:
    from PIL import Image

BEST, WORST = 92, 40
"""JPEG and WebP quality: no visible loss, and what is still worth showing."""

GROUND = (255, 255, 255)
"""What shows through where a picture is transparent and the format knows no transparency."""

NAMES = MappingProxyType({"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"})
LONGEST_MOVE = 1_000
"""Frames of a moving picture that are made anew at most."""


def make(source: Path, plan: Plan, name: str) -> bytes:
    """The picture as the plan wants it, in this thread. ``name`` is for people.

    Raises `BadInput` for a file that cannot be read, `Rejected` when it is too large at any quality.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(source, formats=FORMATS) as image:
                if image.width * image.height > PIXELS:
                    raise BadInput(f"{name} has more pixels than can be handled.")
                if plan.format == "image/gif" and not plan.still:
                    return _moving(image, plan, name)
                if plan.size is not None and image.mode == "RGB":
                    image.draft("RGB", (max(plan.size) * 2, max(plan.size) * 2))
                ready = upright(image)
    except Image.DecompressionBombError:
        raise BadInput(f"{name} has more pixels than can be handled.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError):
        raise BadInput(f"{name} is damaged. Save it anew.") from None
    if plan.format == "image/jpeg":
        ready = on_ground(ready)
    if plan.size is not None:
        ready = shaped(ready, plan.size, plan.fill)
    return written(ready, plan.format, plan.most_bytes, name)


def upright(image: Image.Image) -> Image.Image:
    """Turned as its mark says, without the mark or any other; in RGB or RGBA, 8 bits, sRGB."""
    from PIL import ImageOps

    profile = image.info.get("icc_profile")
    turned = ImageOps.exif_transpose(image)
    if turned.mode in DEEP:
        # Pillow clips 16 bits when it converts; they are divided here
        turned = (
            turned.point(lambda value: value / 256, "L") if turned.mode.startswith("I;") else _scaled(turned)
        )
    turned = _in_srgb(turned, profile)
    clear = "A" in turned.mode or "transparency" in turned.info
    ready = turned.convert("RGBA" if clear else "RGB")
    ready.info.clear()
    return ready


def _scaled(image: Image.Image) -> Image.Image:
    """Whole numbers and floats, brought between 0 and 255 by their own largest."""
    _, most = image.getextrema()
    assert isinstance(most, int | float)
    return image.point(lambda value: value * (255 / max(255.0, float(most))) + 0).convert("L")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Through its profile where it has one that can be read; else as the mode says."""
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    from PIL import Image, ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        alpha = image.getchannel("A") if image.mode == "RGBA" else None
        plain = image.convert("RGB") if alpha is not None else image
        made = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (OSError, ValueError, ImageCms.PyCMSError):
        return image
    assert isinstance(made, Image.Image)
    if alpha is not None:
        made.putalpha(alpha)
    return made


def on_ground(image: Image.Image) -> Image.Image:
    """Without transparency."""
    from PIL import Image

    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, GROUND)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def shaped(image: Image.Image, want: Size, fill: Fill) -> Image.Image:
    """In another size; another shape is cropped to, filled with its blurred self, or put on a ground."""
    from PIL import Image, ImageFilter

    if image.size == want:
        return image
    best = Image.Resampling.LANCZOS
    if same_shape(image.size, want):
        return image.resize(want, best)
    if fill is Fill.CROP:
        wide, tall, x, y = window(image.size, want, centre_of(image))
        return image.resize(want, best, box=(x, y, x + wide, y + tall))
    inner = inside(image.size, want)
    left, top = (want[0] - inner[0]) // 2, (want[1] - inner[1]) // 2
    whole = image.resize(inner, best)
    if fill is Fill.PAD:
        ground = Image.new(image.mode, want, (0, 0, 0) if image.mode == "RGB" else (0, 0, 0, 0))
    else:
        small = (max(2, want[0] // 8), max(2, want[1] // 8))
        wide, tall, x, y = window(image.size, want, (0.5, 0.5))
        soft = image.resize(small, Image.Resampling.BILINEAR, box=(x, y, x + wide, y + tall))
        ground = soft.filter(ImageFilter.GaussianBlur(5)).resize(want, Image.Resampling.BILINEAR)
    ground.paste(whole, (left, top))
    return ground


def written(image: Image.Image, mime: str, most_bytes: int, name: str) -> bytes:
    """As a file of that type, at the best quality that keeps the bound; raises `Rejected` where none does."""
    if mime == "image/png":
        data = _save(image, "PNG", optimize=True)
        if not most_bytes or len(data) <= most_bytes:
            return data
    else:
        form = NAMES.get(mime, "JPEG")
        extra = {"progressive": True, "optimize": True} if form == "JPEG" else {"method": 4}
        best = _save(image, form, quality=BEST, **extra)
        if not most_bytes or len(best) <= most_bytes:
            return best
        low, high, found = WORST, BEST - 1, b""
        while low <= high:
            middle = (low + high) // 2
            data = _save(image, form, quality=middle, **extra)
            if len(data) <= most_bytes:
                low, found = middle + 1, data
            else:
                high = middle - 1
        if found:
            return found
    raise Rejected(
        f"{name} stays larger than {most_bytes:,} bytes at any quality worth showing.",
        code="media",
        fix="Choose a smaller picture.",
    )


def _moving(image: Image.Image, plan: Plan, name: str) -> bytes:
    """Every frame in the new shape, each for as long as it was shown."""
    from PIL import ImageSequence

    frames, times = [], []
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        if number >= LONGEST_MOVE:
            raise Rejected(
                f"{name} has more than {LONGEST_MOVE:,} frames.", code="media", fix="Send it as a video."
            )
        ready = frame.convert("RGBA")
        times.append(frame.info.get("duration") or 100)  # known once it is decoded
        frames.append(shaped(ready, plan.size, plan.fill) if plan.size else ready)
    out = io.BytesIO()
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, disposal=2, optimize=True
    )
    if plan.most_bytes and len(out.getvalue()) > plan.most_bytes:
        if plan.size and min(plan.size) > 120:
            smaller = (max(2, plan.size[0] * 3 // 4), max(2, plan.size[1] * 3 // 4))
            return _moving(image, replace(plan, size=smaller), name)
        raise Rejected(
            f"{name} stays larger than {plan.most_bytes:,} bytes.", code="media", fix="Send it as a video."
        )
    return out.getvalue()


def _save(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
