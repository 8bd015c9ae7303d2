"""Lettering found by its shapes: how large, how it stands out, and not where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bot.errors import BadInput
from bot.media.files import FileMedia
from bot.media.lettering import find_lettering, luminance
from bot.media.studio import FileStudio

WIDTH, HEIGHT = 1280, 720


def written(path: Path, size: int, ink: str = "#ffffff", ground: str = "#20508a") -> float:
    """A picture with words in letters of ``size`` points; how high a capital is when it is 120 wide."""
    image = Image.new("RGB", (WIDTH, HEIGHT), ground)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(image).text((80, 80), "Launch Day is HERE", font=font, fill=ink)
    image.save(path)
    box = font.getbbox("H")
    return (box[3] - box[1]) * 120 / WIDTH


@pytest.mark.parametrize("size", [20, 36, 60, 90, 140])
def test_the_height_of_capitals_is_measured_as_it_will_be_shown(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.png"
    high = written(path, size)
    found = find_lettering(path, "a.png")
    assert found.height == pytest.approx(high, rel=0.15, abs=0.4)


@pytest.mark.parametrize(
    ("ink", "ground", "contrast"),
    [("#ffffff", "#000000", 21.0), ("#777777", "#ffffff", 4.48), ("#777777", "#999999", 1.57)],
)
def test_contrast_is_that_of_the_web_guidelines(
    tmp_path: Path, ink: str, ground: str, contrast: float
) -> None:
    written(tmp_path / "a.png", 110, ink, ground)
    assert find_lettering(tmp_path / "a.png", "a.png").contrast == pytest.approx(contrast, rel=0.05)


def test_dark_letters_count_as_light_ones_do(tmp_path: Path) -> None:
    high = written(tmp_path / "a.png", 90, "#101010", "#f0e8c0")
    assert find_lettering(tmp_path / "a.png", "a.png").height == pytest.approx(high, rel=0.15)


@pytest.mark.parametrize("kind", ["plain", "noise", "blobs", "windows", "disc", "stripes"])
def test_what_is_no_lettering_is_not_taken_for_it(tmp_path: Path, kind: str) -> None:
    image = Image.new("RGB", (WIDTH, HEIGHT), "#335577")
    pen = ImageDraw.Draw(image)
    if kind in ("noise", "blobs"):
        dots = np.random.default_rng(7).normal(128, 60, (HEIGHT, WIDTH)).clip(0, 255).astype(np.uint8)
        image = Image.fromarray(dots).convert("RGB")
    if kind == "blobs":
        image = image.filter(ImageFilter.GaussianBlur(8)).point(
            lambda v: max(0, min(255, (v - 128) * 6 + 128))
        )
    if kind == "windows":
        for place in range(72):
            left, top = 60 + place % 12 * 95, 40 + place // 12 * 110
            pen.rectangle((left, top, left + 50, top + 70), fill="#ffee99")
    if kind == "disc":
        pen.ellipse((400, 200, 800, 600), fill="#ffd23c")
    if kind == "stripes":
        for left in range(40, 1200, 60):
            pen.rectangle((left, 100, left + 20, 400), fill="#ffffff")
    image.save(tmp_path / "a.png")
    found = find_lettering(tmp_path / "a.png", "a.png")
    assert (found.height, found.contrast) == (None, None)


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3)])
def test_odd_shapes_are_looked_at_too(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("L", size, 128).save(tmp_path / "a.png")
    assert find_lettering(tmp_path / "a.png", "a.png").height is None


def test_a_file_that_cannot_be_read_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    with pytest.raises(BadInput, match=r"a\.png is damaged"):
        find_lettering(tmp_path / "a.png", "a.png")


def test_luminance_is_one_for_white_and_nothing_for_black() -> None:
    assert luminance(np.array([[[255.0, 255, 255], [0, 0, 0]]])).tolist() == [[pytest.approx(1.0), 0.0]]


async def test_the_studio_looks_at_a_file_of_the_store(tmp_path: Path) -> None:
    store = FileMedia(tmp_path / "store")
    high = written(tmp_path / "a.png", 90)
    media = await store.add(tmp_path / "a.png")
    found = await FileStudio(store, tmp_path / "studio").lettering(media)
    assert found.height == pytest.approx(high, rel=0.15)
