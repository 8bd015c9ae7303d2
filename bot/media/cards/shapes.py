"""Discs, rounded corners, marks: drawn larger and scaled down, so that their edges are smooth."""

from __future__ import annotations

import hashlib

from PIL import Image, ImageDraw

FINER = 4
AVATARS = ("#3b6ea5", "#7a5195", "#b5532a", "#2e7d5b", "#8a6d1f", "#a23b5c", "#4a5a6a", "#1f7a8c")


def rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """A mask with round corners."""
    width, height = size
    radius = max(0, min(radius, width // 2, height // 2))
    mask = Image.new("L", size, 255)
    if not radius:
        return mask
    disc = _disc(2 * radius)
    corners = ((0, 0), (width - radius, 0), (0, height - radius), (width - radius, height - radius))
    for i, (x, y) in enumerate(corners):
        left, top = (i % 2) * radius, (i // 2) * radius
        mask.paste(disc.crop((left, top, left + radius, top + radius)), (x, y))
    return mask


def _disc(size: int) -> Image.Image:
    disc = Image.new("L", (size * FINER, size * FINER), 0)
    ImageDraw.Draw(disc).ellipse((0, 0, size * FINER - 1, size * FINER - 1), fill=255)
    return disc.resize((size, size), Image.Resampling.BOX)


def fill(
    image: Image.Image, box: tuple[int, int, int, int], colour: str, *, radius: int = 0, part: float = 1
) -> None:
    """A rounded rectangle; ``part`` is how much of what is below it covers."""
    mask = rounded((box[2] - box[0], box[3] - box[1]), radius)
    if part < 1:
        mask = mask.point(lambda value: int(value * part))
    image.paste(Image.new("RGB", mask.size, colour), box[:2], mask)


def frame(
    image: Image.Image, box: tuple[int, int, int, int], colour: str, ground: str, *, radius: int
) -> None:
    """A rounded rectangle with a thin border, filled."""
    fill(image, box, colour, radius=radius)
    left, top, right, bottom = box
    fill(image, (left + 2, top + 2, right - 2, bottom - 2), ground, radius=max(0, radius - 2))


def colour_of(name: str) -> str:
    """The colour of somebody's avatar; the same name has the same."""
    return AVATARS[hashlib.sha256(name.encode("utf-8", "replace")).digest()[0] % len(AVATARS)]


def play_mark(image: Image.Image, middle: tuple[int, int], size: int = 96) -> None:
    """The sign that this is a video."""
    big = size * FINER
    mark = Image.new("L", (big, big), 0)
    brush = ImageDraw.Draw(mark)
    brush.polygon(((big * 0.40, big * 0.30), (big * 0.40, big * 0.70), (big * 0.72, big * 0.50)), fill=255)
    x, y = middle[0] - size // 2, middle[1] - size // 2
    fill(image, (x, y, x + size, y + size), "#000000", radius=size // 2, part=0.55)
    small = mark.resize((size, size), Image.Resampling.BOX)
    image.paste(Image.new("RGB", (size, size), "#ffffff"), (x, y), small)


def shade(image: Image.Image, box: tuple[int, int, int, int], *, most: float, up: bool = True) -> None:
    """A dark veil that thickens towards the bottom (or the top), so that white letters can be read."""
    width, height = box[2] - box[0], box[3] - box[1]
    ramp = Image.linear_gradient("L").resize((width, height))
    if not up:
        ramp = ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    image.paste(Image.new("RGB", (width, height), "#000000"), box[:2], ramp.point(lambda v: int(v * most)))


def dashes(image: Image.Image, box: tuple[int, int, int, int], colour: str, *, step: int = 14) -> None:
    """A dashed outline."""
    brush = ImageDraw.Draw(image)
    left, top, right, bottom = box
    for x in range(left, right, 2 * step):
        for y in (top, bottom):
            brush.line(((x, y), (min(x + step, right), y)), fill=colour, width=2)
    for y in range(top, bottom, 2 * step):
        for x in (left, right):
            brush.line(((x, y), (x, min(y + step, bottom))), fill=colour, width=2)
