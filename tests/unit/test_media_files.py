"""The media store: what is taken in, what is refused and why, and that signed bytes stay what they were."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.post import MediaKind
from bot.errors import BadInput, Rejected, StoreFull
from bot.media.files import FileMedia
from bot.testing import clip
from bot.testing.picture import png


def image(form: str, size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    """A real file of that form."""
    out = io.BytesIO()
    picture = Image.new("RGB" if form != "GIF" else "P", size, 7)
    picture.save(out, form, **options)
    return out.getvalue()


def moving(form: str = "GIF", **options: object) -> bytes:
    """Three frames."""
    out = io.BytesIO()
    first, *rest = [Image.new("RGB", (20, 10), colour) for colour in ("red", "green", "blue")]
    first.save(out, form, save_all=True, append_images=rest, **options)
    return out.getvalue()


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, data: bytes) -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def store(tmp_path: Path) -> FileMedia:
    return FileMedia(tmp_path / "media")


Put = Callable[[str, bytes], Path]


@pytest.mark.parametrize(
    ("form", "mime", "kind"),
    [
        ("PNG", "image/png", MediaKind.IMAGE),
        ("JPEG", "image/jpeg", MediaKind.IMAGE),
        ("WEBP", "image/webp", MediaKind.IMAGE),
        ("GIF", "image/gif", MediaKind.IMAGE),
    ],
)
async def test_an_image_is_kept_and_described(
    store: FileMedia, put: Put, form: str, mime: str, kind: MediaKind
) -> None:
    data = image(form)
    found = await store.add(put("launch.bin", data), alt="a launch")
    assert (found.mime, found.kind, found.width, found.height) == (mime, kind, 40, 30)
    assert (found.size, found.alt, found.name) == (len(data), "a launch", "launch.bin")
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert await store.read(found) == data
    assert store.path(found).read_bytes() == data


async def test_our_own_picture_is_one(store: FileMedia, put: Put) -> None:
    found = await store.add(put("demo.png", png(160, 90)))
    assert (found.mime, found.width, found.height) == ("image/png", 160, 90)


async def test_what_a_file_is_stands_in_its_bytes_not_in_its_name(store: FileMedia, put: Put) -> None:
    found = await store.add(put("picture.jpg", image("PNG")))
    assert found.mime == "image/png"
    with pytest.raises(BadInput, match=r"words\.png is neither an image nor a video I know"):
        await store.add(put("words.png", b"just words"))


async def test_a_gif_that_moves_is_another_thing_than_one_that_does_not(store: FileMedia, put: Put) -> None:
    assert (await store.add(put("moving.gif", moving(duration=100)))).kind is MediaKind.GIF
    assert (await store.add(put("still.gif", image("GIF")))).kind is MediaKind.IMAGE
    # the bytes of a frame's header may stand anywhere, in a comment for instance
    comment = b"\x21\xf9\x04" * 5
    assert (await store.add(put("comment.gif", image("GIF", comment=comment)))).kind is MediaKind.IMAGE


async def test_frames_without_a_pause_between_them_move_all_the_same(store: FileMedia, put: Put) -> None:
    """A frame needs no graphic control extension (GIF89a, §23: "optional")."""
    still = image("GIF")
    frame = still[still.index(b",", 13) : -1]
    found = await store.add(put("plain.gif", still[:-1] + frame + b";"))
    assert found.kind is MediaKind.GIF


async def test_a_camera_held_sideways_is_measured_as_it_is_seen(store: FileMedia, put: Put) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = await store.add(put("portrait.jpg", image("JPEG", (40, 30), exif=exif)))
    assert (found.width, found.height) == (30, 40)
    exif[0x0112] = 3
    found = await store.add(put("upside-down.jpg", image("JPEG", (40, 30), exif=exif)))
    assert (found.width, found.height) == (40, 30)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("keep", [0.4, 0.8])
async def test_half_an_image_is_damaged(store: FileMedia, put: Put, form: str, keep: float) -> None:
    noise = Image.frombytes("RGB", (60, 60), os.urandom(60 * 60 * 3))
    out = io.BytesIO()
    noise.save(out, form)
    data = out.getvalue()
    with pytest.raises(BadInput, match="half is damaged"):
        await store.add(put("half", data[: int(len(data) * keep)]))


@pytest.mark.parametrize("head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP"])
async def test_only_a_beginning_is_damaged(store: FileMedia, put: Put, head: bytes) -> None:
    with pytest.raises(BadInput, match="is damaged or not the kind"):
        await store.add(put("head", head + b"\0" * 20))


def png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0")),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@pytest.mark.parametrize(("width", "height"), [(12_000, 10_001), (20_000, 20_000), (60_000, 60_000)])
async def test_a_bomb_is_refused_unopened_and_for_what_it_is(
    store: FileMedia, put: Put, width: int, height: int
) -> None:
    with pytest.raises(BadInput, match="more pixels than any platform takes"):
        await store.add(put("bomb.png", png_of(width, height)))


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"avif"])
async def test_a_phones_photo_is_not_taken_for_a_video(store: FileMedia, put: Put, brand: bytes) -> None:
    """HEIC and AVIF share MP4's box format; only the brand tells (ISO/IEC 14496-12, §4.3)."""
    with pytest.raises(BadInput, match="neither an image nor a video I know"):
        await store.add(put("IMG_0001.HEIC", b"\0\0\0\x18ftyp" + brand + b"\0" * 40))


async def test_videos_are_recognised(store: FileMedia, put: Put) -> None:
    found = await store.add(put("clip.mp4", clip.mp4()))
    assert (found.mime, found.kind, found.width, found.height) == ("video/mp4", MediaKind.VIDEO, 540, 960)
    for head in (b"\0\0\0\x18ftypisom", b"\x1aE\xdf\xa3"):
        with pytest.raises(BadInput, match="damaged"):
            await store.add(put("head.mp4", head + b"\0" * 40))


async def test_an_empty_file_a_folder_and_nothing_at_all(store: FileMedia, put: Put, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"empty\.png is empty"):
        await store.add(put("empty.png", b""))
    with pytest.raises(BadInput, match="is a folder"):
        await store.add(tmp_path / "in")
    with pytest.raises(BadInput, match="There is no file"):
        await store.add(tmp_path / "missing.png")
    with pytest.raises(BadInput, match="There is no file"):
        await store.add(Path("~nobody-of-that-name/launch.png"))
    with pytest.raises(BadInput, match=r"could not be read|There is no file"):
        await store.add(Path("a\0b.png"))
    with pytest.raises(BadInput, match=r"could not be read|There is no file"):
        await store.add(tmp_path / "in" / "empty.png" / "below-a-file.png")
    assert not (tmp_path / "media").exists(), "nothing was kept"


async def test_a_home_folder_is_understood(
    store: FileMedia, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("launch.png", image("PNG"))
    monkeypatch.setenv("HOME", str(tmp_path / "in"))
    assert (await store.add(Path("~/launch.png"))).name == "launch.png"


async def test_too_many_bytes(store: FileMedia, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    with path.open("wb") as file:
        file.truncate(4001 * 1000**2)
    with pytest.raises(BadInput, match=r"has 4,001 MB; at most 4,000 MB"):
        await store.add(path)


async def test_the_same_bytes_are_kept_once_whatever_they_are_called(
    store: FileMedia, put: Put, tmp_path: Path
) -> None:
    first = await store.add(put("a.png", image("PNG")), alt="one")
    second = await store.add(put("b.png", image("PNG")), alt="two")
    assert first.sha256 == second.sha256
    assert (first.alt, second.alt, second.name) == ("one", "two", "b.png")
    assert [p.name for p in (tmp_path / "media").iterdir()] == [first.sha256]


async def test_the_original_may_change_or_go(store: FileMedia, put: Put) -> None:
    source = put("a.png", image("PNG"))
    found = await store.add(source)
    source.unlink()
    assert await store.read(found) == image("PNG")


async def test_bytes_that_changed_after_they_were_signed_are_refused(store: FileMedia, put: Put) -> None:
    found = await store.add(put("a.png", image("PNG")))
    kept = store.path(found)
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    with pytest.raises(Rejected, match=r"a\.png is not the file that was approved") as caught:
        await store.read(found)
    assert (caught.value.code, caught.value.fix) == ("media", "/edit with --media again.")


async def test_bytes_that_are_gone_are_refused(store: FileMedia, put: Put) -> None:
    found = await store.add(put("a.png", image("PNG")))
    store.path(found).unlink()
    with pytest.raises(Rejected, match=r"a\.png is no longer in the media folder"):
        await store.read(found)
    with pytest.raises(Rejected, match="no longer"):
        await store.read(replace(found, sha256="0" * 64))


async def test_a_folder_that_cannot_be_written(put: Put, tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file stands where the folder should be")
    with pytest.raises(StoreFull, match="disk is full or the media folder is read-only"):
        await FileMedia(tmp_path / "media").add(put("a.png", image("PNG")))


FULL_DISK = """
import asyncio, resource, signal, sys
from pathlib import Path
from bot.errors import StoreFull
from bot.media.files import FileMedia
from bot.testing import clip

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2048, resource.RLIM_INFINITY))
store = FileMedia(Path(sys.argv[2]))
try:
    asyncio.run(store.add(Path(sys.argv[1])))
except StoreFull as error:
    assert list(Path(sys.argv[2]).iterdir()) == [], "nothing half is left"
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    asyncio.run(store.add(Path(sys.argv[1])))
    sys.stdout.write(str(error))
"""


def test_a_full_disk_leaves_nothing_half_and_a_sentence(put: Put, tmp_path: Path) -> None:
    noise = Image.frombytes("RGB", (60, 60), os.urandom(60 * 60 * 3))
    out = io.BytesIO()
    noise.save(out, "PNG")
    source = put("a.png", out.getvalue())
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, source, tmp_path / "media"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "The file could not be kept: the disk is full or the media folder is read-only."
    (kept,) = (tmp_path / "media").iterdir()
    assert kept.read_bytes() == source.read_bytes()
