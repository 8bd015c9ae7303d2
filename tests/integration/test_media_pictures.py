"""Pictures made to fit: upright, in plain colours, in shape, small enough; through the studio."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from bot.domain.fitting import Fill, MediaRules, PictureRule, Plan, Step, Taste, judge
from bot.domain.post import Media, MediaKind
from bot.errors import BadInput, Rejected
from bot.media.files import FileMedia
from bot.media.studio import FileStudio
from tests.integration.media_clips import FEED_PICTURE, picture

JPEG = PictureRule(formats=("image/jpeg",), most_bytes=100_000)
FEED = MediaRules(picture=FEED_PICTURE)


@pytest.fixture
def store(tmp_path: Path) -> FileMedia:
    return FileMedia(tmp_path / "media")


@pytest.fixture
def studio(store: FileMedia, tmp_path: Path) -> FileStudio:
    return FileStudio(store, tmp_path / "studio")


async def fitted(
    store: FileMedia, studio: FileStudio, path: Path, rules: MediaRules = FEED, taste: Taste | None = None
) -> tuple[Media, Image.Image]:
    """What becomes of a file, and how it looks; it must then be kept as it is."""
    media = await store.add(path)
    plan = judge(media, rules, taste).plan
    assert plan is not None
    made = await studio.fit(media, plan)
    again = judge(made, rules)
    assert again.plan is not None
    assert (again.faults, again.plan.step) == ((), Step.KEEP)
    with Image.open(io.BytesIO(await store.read(made))) as image:
        image.load()
        return made, image


async def test_a_compliant_picture_is_not_touched(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    media = await store.add(picture(tmp_path / "a.jpg"))
    plan = judge(media, FEED).plan
    assert plan is not None
    assert plan.step is Step.KEEP
    assert await studio.fit(media, plan) is media


@pytest.mark.parametrize("orientation", [2, 3, 4, 5, 6, 7, 8])
async def test_a_turned_photo_is_turned_for_good(
    store: FileMedia, studio: FileStudio, tmp_path: Path, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "made by somebody"
    path = picture(tmp_path / "a.png", exif=exif)
    made, image = await fitted(store, studio, path, MediaRules(picture=JPEG))
    assert (made.width, made.height) == ((160, 90) if orientation < 5 else (90, 160))
    assert not image.getexif()
    with Image.open(path) as source:
        from PIL import ImageOps

        upright = ImageOps.exif_transpose(source).convert("RGB")
    corner = np.asarray(image)[-6:, -6:].mean((0, 1))
    assert np.abs(corner - np.asarray(upright)[-6:, -6:].mean((0, 1))).max() < 40


async def test_where_it_was_taken_is_taken_out(store: FileMedia, studio: FileStudio, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (38.0, 43.0, 0.0)
    media = await store.add(picture(tmp_path / "a.jpg", exif=exif))
    assert [fault.code for fault in judge(media, FEED).faults] == ["place"]
    _, image = await fitted(store, studio, tmp_path / "a.jpg")
    assert not image.getexif().get_ifd(0x8825)


async def test_colours_for_print(store: FileMedia, studio: FileStudio, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg", mode="CMYK", quality=95)
    made, image = await fitted(store, studio, path)
    assert (made.mime, image.mode) == ("image/jpeg", "RGB")
    with Image.open(path) as source:
        apart = np.asarray(source.convert("RGB")).astype(float) - np.asarray(image).astype(float)
    assert np.abs(apart).mean() < 6


@pytest.mark.parametrize("mode", ["I;16", "RGB16"])
async def test_sixteen_bits(store: FileMedia, studio: FileStudio, tmp_path: Path, mode: str) -> None:
    """Divided, not cut off: a ramp stays a ramp."""
    path = tmp_path / "deep.png"
    ramp = np.tile(np.linspace(0, 65_535, 160).astype(np.uint16), (90, 1))
    if mode == "I;16":
        Image.fromarray(ramp).save(path)
    else:
        path.write_bytes(rgb16(ramp))
    media = await store.add(path)
    assert [fault.code for fault in judge(media, FEED).faults] == ["format", "colours"]
    _, image = await fitted(store, studio, path)
    row = np.asarray(image.convert("L")).astype(float).mean(0)
    assert np.abs(row - np.linspace(0, 255, 160)).max() < 8


def rgb16(ramp: Any) -> bytes:
    """A PNG with 16 bits a colour, which Pillow reads and does not write."""
    import struct
    import zlib

    tall, wide = ramp.shape
    rows = b"".join(b"\0" + np.repeat(row.astype(">u2"), 3).tobytes() for row in ramp)
    head = struct.pack(">IIBBBBB", wide, tall, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


async def test_another_colour_profile(store: FileMedia, studio: FileStudio, tmp_path: Path) -> None:
    """A profile that swaps nothing but the name is still brought to sRGB; a broken one does no harm."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ"))
    for name, data in (("x", lab.tobytes()), ("broken", b"no profile")):
        path = picture(tmp_path / f"{name}.jpg", icc_profile=data)
        media = await store.add(path)
        assert "profile" in [fault.code for fault in judge(media, FEED).faults]
        made, image = await fitted(store, studio, path)
        assert "icc_profile" not in image.info
        assert made.width == 160


async def test_what_is_seen_through_gets_a_ground(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    Image.new("RGBA", (160, 90), (255, 0, 0, 0)).save(path)
    _, image = await fitted(store, studio, path)
    assert image.getpixel((80, 45)) == (255, 255, 255)
    see_through = PictureRule(formats=("image/jpeg", "image/png"), most_bytes=100_000, widths=(16, 80))
    made, image = await fitted(store, studio, path, MediaRules(picture=see_through))
    assert (made.mime, image.mode) == ("image/png", "RGBA")


async def test_quality_gives_way_before_size_does(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    path = tmp_path / "noise.png"
    Image.frombytes("RGB", (400, 300), os.urandom(400 * 300 * 3)).save(path)
    made, _ = await fitted(store, studio, path)
    assert 20_000 < made.size <= FEED_PICTURE.most_bytes
    media = await store.add(path)
    tight = Plan(step=Step.PICTURE, format="image/jpeg", size=(400, 300), most_bytes=3_000)
    with pytest.raises(Rejected, match="stays larger than 3,000 bytes") as caught:
        await studio.fit(media, tight)
    assert caught.value.fix == "Choose a smaller picture."


@pytest.mark.parametrize("fill", Fill)
@pytest.mark.parametrize("size", [(300, 60), (60, 300)])
async def test_shapes(
    store: FileMedia, studio: FileStudio, tmp_path: Path, fill: Fill, size: tuple[int, int]
) -> None:
    path = picture(tmp_path / "a.jpg", size)
    made, image = await fitted(store, studio, path, taste=Taste(fill=fill))
    assert (made.width / made.height) == pytest.approx(0.8, abs=0.01)
    edge = np.asarray(image)[0 if size[0] > size[1] else slice(None), 0 if size[0] < size[1] else slice(None)]
    assert (float(edge.mean()) < 3) == (fill is Fill.PAD)


async def test_a_crop_keeps_what_stands_out(store: FileMedia, studio: FileStudio, tmp_path: Path) -> None:
    for x in (20, 350):
        data = np.full((100, 400, 3), 60, np.uint8) + np.random.default_rng(1).integers(
            0, 9, (100, 400, 3), np.uint8
        )
        data[30:70, x : x + 30] = (240, 200, 20)
        path = tmp_path / f"{x}.png"
        Image.fromarray(data.astype(np.uint8)).save(path)
        _, image = await fitted(store, studio, path, taste=Taste(fill=Fill.CROP))
        seen = np.asarray(image).astype(int)
        assert ((seen[..., 0] > 180) & (seen[..., 2] < 120)).sum() > 300


async def test_a_moving_picture_stands_still_or_stays_one(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    first, *rest = [Image.new("RGB", (300, 200), colour) for colour in ("red", "green", "blue")]
    for name in ("a.gif", "a.webp"):
        first.save(tmp_path / name, save_all=True, append_images=rest, duration=200)
        made, image = await fitted(store, studio, tmp_path / name)
        assert (made.kind, made.mime) == (MediaKind.IMAGE, "image/jpeg")
        red, green, _ = np.asarray(image).mean((0, 1))
        assert red > 200 > 60 > green
        moving = MediaRules(gif=PictureRule(formats=("image/gif",), most_bytes=50_000, widths=(16, 150)))
        made, image = await fitted(store, studio, tmp_path / name, moving)
        assert (made.kind, made.mime, made.width, made.seconds) == (MediaKind.GIF, "image/gif", 150, 0.6)


async def test_a_bomb_is_not_opened(store: FileMedia, studio: FileStudio, tmp_path: Path) -> None:
    """One that grew after it was taken in, for the store itself would have refused it."""
    media = await store.add(picture(tmp_path / "a.png"))
    store._checked[media.sha256] = (0, 0, 0)
    import zlib

    data = bytearray(store.path(media).read_bytes())
    data[16:24] = (20_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    with pytest.raises(BadInput, match="more pixels"):
        await store.add(put(tmp_path / "bomb.png", bytes(data)))


def put(path: Path, data: bytes) -> Path:
    """A file of these bytes."""
    path.write_bytes(data)
    return path
