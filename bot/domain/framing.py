"""The size a picture is made in: which sizes are taken, and the nearest one to what a file has. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.demands import Fill, PictureRule, VideoRule

Size = tuple[int, int]

LEEWAY = 0.005
"""How far a ratio may be off, of 1: whole pixels hit few ratios exactly, and platforms round too."""

WORTH_CROPPING = 0.72
"""The share of a picture that must survive a crop; less, and it is shown whole on its own blurred picture."""

SMALLEST = 540
"""Pixels of the short side below which a rendition in a new shape looks poor on a phone; our own rule."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What sizes are taken: ratios, widths and heights from least to most, pixels in all (0: no bound)."""

    ratios: tuple[float, float] | None = None
    widths: tuple[int, int] | None = None
    heights: tuple[int, int] | None = None
    most_pixels: int = 0
    aim: Size | None = None
    even: bool = False

    def ratio_fits(self, size: Size) -> bool:
        """Whether the shape is taken."""
        if self.ratios is None:
            return True
        least, most = self.ratios
        return least * (1 - LEEWAY) <= size[0] / size[1] <= most * (1 + LEEWAY)

    def size_fits(self, size: Size) -> bool:
        """Whether there are neither too many nor too few pixels."""
        width, height = size
        return (
            _within(width, self.widths)
            and _within(height, self.heights)
            and not (self.most_pixels and width * height > self.most_pixels)
        )

    def fits(self, size: Size) -> bool:
        """Whether the size is taken as it is."""
        return self.ratio_fits(size) and self.size_fits(size)


def frame_of(rule: PictureRule | VideoRule) -> Frame:
    """What a rule says about sizes; those of videos are even, as 4:2:0 wants."""
    return Frame(
        ratios=rule.ratios,
        widths=rule.widths,
        heights=rule.heights,
        most_pixels=rule.most_pixels if isinstance(rule, PictureRule) else 0,
        aim=rule.aim,
        even=isinstance(rule, VideoRule),
    )


def wanted_ratio(size: Size, frame: Frame, shape: Size | None) -> float:
    """Width over height of the rendition: as wished, as it is, as is aimed at, or the nearest taken."""
    if shape is not None and shape[0] > 0 and shape[1] > 0:
        return shape[0] / shape[1]
    if frame.ratio_fits(size):
        return size[0] / size[1]
    if frame.aim is not None and frame.ratio_fits(frame.aim):
        return frame.aim[0] / frame.aim[1]
    least, most = frame.ratios or (0.0, math.inf)
    return least if size[0] / size[1] < least else most


def choose_fill(size: Size, ratio: float) -> Fill:
    """Cut where little is lost, else show it whole."""
    have = size[0] / size[1]
    return Fill.CROP if min(have / ratio, ratio / have) >= WORTH_CROPPING else Fill.BLUR


def choose_size(size: Size, frame: Frame, ratio: float, fill: Fill, *, most_pixels: int = 0) -> Size | None:
    """The size of the rendition, never enlarged without need; None where no size of that ratio is taken.

    ``most_pixels``: a bound of ours beside the frame's, 0 is none.
    """
    low, high = _heights(frame, ratio, most_pixels)
    if low > high:
        return None
    height = max(low, min(high, _natural(size, frame, ratio, fill)))
    for found in _around(height, ratio, frame.even):
        if _near(found, ratio) and frame.fits(found):
            return found
    return next((found for found in _around(height, ratio, frame.even, reach=12) if frame.fits(found)), None)


def _natural(size: Size, frame: Frame, ratio: float, fill: Fill) -> float:
    """The height that shows every pixel once, at most what is aimed at."""
    width, height = size
    whole = max(height, width / ratio)
    kept = min(height, width / ratio)
    new_shape = abs(width / height / ratio - 1) > LEEWAY
    natural = kept if fill is Fill.CROP or not new_shape else whole
    if frame.aim is None or not (new_shape or frame.even):
        return natural  # a picture of its own shape keeps what it has
    long, short = max(frame.aim), min(frame.aim)
    most = min(long, short / ratio) if ratio < 1 else min(short, long / ratio)
    if new_shape:
        natural = max(natural, SMALLEST / min(ratio, 1.0))
    return min(natural, most)


def _heights(frame: Frame, ratio: float, most_pixels: int) -> tuple[float, float]:
    """The lowest and highest that the bounds on width, height and pixels leave."""
    low, high = 2.0, math.inf
    if frame.heights is not None:
        low, high = max(low, frame.heights[0]), min(high, frame.heights[1])
    if frame.widths is not None:
        low, high = max(low, frame.widths[0] / ratio), min(high, frame.widths[1] / ratio)
    for bound in (frame.most_pixels, most_pixels):
        if bound:
            high = min(high, math.sqrt(bound / ratio))
    return low, high


def _around(height: float, ratio: float, even: bool, *, reach: int = 1) -> Iterator[Size]:
    """Whole sizes near the one that was computed, nearest first."""
    step = 2 if even else 1
    base = round(height / step) * step
    for away in range(reach + 1):
        for tall in dict.fromkeys((base - away * step, base + away * step)):
            wide = round(tall * ratio / step) * step
            for found in ((wide, tall), (wide - step, tall), (wide + step, tall)):
                if found[0] >= step and found[1] >= step:
                    yield found


def _near(size: Size, ratio: float) -> bool:
    return abs(size[0] / size[1] / ratio - 1) <= LEEWAY


def _within(value: int, bounds: tuple[int, int] | None) -> bool:
    return bounds is None or bounds[0] <= value <= bounds[1]
