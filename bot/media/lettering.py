"""Finds lettering in a picture by its shapes, without reading it: how large it is, how it stands out.

Light or dark shapes that are alike in height, stand side by side on one line and have room between them
are taken for letters. What is joined up, set on a curve or made of one stroke is not found; then nothing is
said.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import BadInput
from bot.media.pictures import on_ground, upright
from bot.media.stills import FORMATS, PIXELS
from bot.ports.studio import Lettering

if TYPE_CHECKING:
    import numpy as np

SMALL = 120
"""Pixels of width that a picture is shown with where it is one of many (video platforms do)."""

WIDE = 960
"""Pixels of width that it is looked at with."""

TEXTURE = 0.04
"""Runs for each pixel from which on it is grass, gravel or noise: there shapes mean nothing."""

LETTERS = 5
"""Shapes in a row that make a word."""

LEAST, TALLEST = 4, 0.6
"""Pixels of a letter, and its share of the picture's height."""

Array = Any


@dataclass(frozen=True, slots=True)
class Shape:
    """One connected patch: its box (right and bottom excluded), and how many pixels it has."""

    left: int
    top: int
    right: int
    bottom: int
    area: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def find_lettering(path: Path, name: str) -> Lettering:
    """The largest lettering of a picture, in this thread. Raises `BadInput` for what cannot be read."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > PIXELS:
                    raise BadInput(f"{name} has more pixels than can be handled.")
                image.draft("RGB", (WIDE * 2, WIDE * 2))
                ready = on_ground(upright(image))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError):
        raise BadInput(f"{name} is damaged. Save it anew.") from None
    tall = max(1, round(ready.height * WIDE / ready.width))
    if tall > 4 * WIDE:
        return Lettering()
    colours = np.asarray(ready.resize((WIDE, tall), Image.Resampling.LANCZOS), dtype=np.float64)
    light = luminance(colours)
    found: list[tuple[float, float]] = []
    grey = np.sqrt(light)  # close to how bright it looks
    for bound in _bounds(grey):
        for mask in (grey > bound, grey <= bound):
            found += [_measured(line, mask, light) for line in lines_of(shapes_of(mask))]
    if not found:
        return Lettering()
    height, contrast = max(found)
    return Lettering(height=height * SMALL / WIDE, contrast=contrast)


def luminance(colours: np.ndarray) -> Array:
    """Relative luminance 0 to 1 of sRGB values 0 to 255 (WCAG 2.2)."""
    import numpy as np

    share = colours / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def _bounds(grey: Array) -> Iterator[float]:
    """Where light ends and dark begins: halfway between the extremes, and a quarter from each."""
    import numpy as np

    low, high = (float(v) for v in np.percentile(grey, (0.1, 99.9)))
    if high - low > 0.05:
        yield from (low + (high - low) * share for share in (0.3, 0.5, 0.7))


def shapes_of(mask: Array) -> list[Shape]:
    """Every connected patch (edges or corners touch), by the runs that its rows are made of."""
    import numpy as np

    tall = mask.shape[0]
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    if len(rows) > TEXTURE * mask.size:
        return []
    parent = list(range(len(rows)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first = np.searchsorted(rows, np.arange(tall + 1)).tolist()
    begin, end = starts.tolist(), ends.tolist()
    for row in range(1, tall):
        above, here = first[row - 1], first[row]
        stop = first[row + 1]
        while above < first[row] and here < stop:
            if begin[above] <= end[here] and begin[here] <= end[above]:
                one, other = root(above), root(here)
                parent[max(one, other)] = min(one, other)
            if end[above] < end[here]:
                above += 1
            else:
                here += 1
    boxes: dict[int, list[int]] = {}
    for i, row in enumerate(rows.tolist()):
        box = boxes.setdefault(root(i), [begin[i], row, end[i], row + 1, 0])
        box[0], box[2], box[3] = min(box[0], begin[i]), max(box[2], end[i]), row + 1
        box[4] += end[i] - begin[i]
    return [Shape(*box) for box in boxes.values() if _letter(box, mask.shape)]


def _letter(box: list[int], size: tuple[int, ...]) -> bool:
    """Whether it may be a letter, by its size, how slim it is and how much of its box it fills."""
    left, top, right, bottom, area = box
    wide, tall = right - left, bottom - top
    inside = left > 0 and top > 0 and right < size[1] and bottom < size[0]
    fits = LEAST <= tall <= TALLEST * size[0] and 0.1 * tall <= wide <= 1.8 * tall
    return inside and fits and 0.15 <= area / (wide * tall) <= 0.98


def lines_of(shapes: list[Shape]) -> list[list[Shape]]:
    """Rows of letters: alike in height, on one line, side by side without running into each other."""
    lines: list[list[Shape]] = []
    for shape in sorted(shapes, key=lambda s: s.left):
        for line in lines:
            if _follows(line[-1], shape):
                line.append(shape)
                break
        else:
            lines.append([shape])
    return [line for line in lines if len(line) >= LETTERS and _even(line)]


def _follows(last: Shape, shape: Shape) -> bool:
    tall = max(last.height, shape.height)
    gap = shape.left - last.right
    alike = min(last.height, shape.height) >= 0.55 * tall
    return alike and -0.1 * tall <= gap <= 0.9 * tall and abs(last.bottom - shape.bottom) <= 0.35 * tall


def _even(line: list[Shape]) -> bool:
    """Letters stand on a line and differ in shape; bars and bricks are all the same."""
    bottoms = sorted(s.bottom for s in line)
    tall = sorted(s.height for s in line)[len(line) // 2]
    on_line = sum(abs(b - bottoms[len(line) // 2]) <= 0.12 * tall + 1 for b in bottoms) >= 0.6 * len(line)
    fills = {round(s.area / (s.width * s.height), 1) for s in line} | {
        round(s.width / s.height, 1) for s in line
    }
    return on_line and len(fills) > 3


def _measured(line: list[Shape], mask: Array, light: Array) -> tuple[float, float]:
    """How high its capitals are in pixels, and the contrast to what is around them."""
    import numpy as np

    heights = sorted(s.height for s in line)
    height = float(heights[int(len(heights) * 0.8)])
    room = max(1, round(height * 0.15))
    top, bottom = min(s.top for s in line) - room, max(s.bottom for s in line) + room
    left, right = min(s.left for s in line) - room, max(s.right for s in line) + room
    box = (slice(max(0, top), bottom), slice(max(0, left), right))
    ink, ground = light[box][mask[box]], light[box][~mask[box]]
    if not len(ink) or not len(ground):
        return height, 1.0
    one, other = sorted((float(np.median(ink)), float(np.median(ground))))
    return height, (other + 0.05) / (one + 0.05)
