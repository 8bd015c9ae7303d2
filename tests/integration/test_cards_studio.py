"""Cards from the studio: with the real store, a real video, real fonts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.look import Layout, Look
from bot.domain.post import Part, Variant
from bot.errors import Unsupported
from bot.media.files import FileMedia
from bot.media.studio import FileStudio
from tests.integration.media_clips import clip, run

FEED = Look(title="Feed", name="Acme", frame=16 / 9)
UPRIGHT = Look(title="Upright", name="Acme", layout=Layout.UPRIGHT, lines=2)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of red, then a second of blue."""
    target = tmp_path_factory.mktemp("clip") / "two.mp4"
    colours = [
        "-f",
        "lavfi",
        "-i",
        "color=red:s=160x90:r=25:d=1",
        "-f",
        "lavfi",
        "-i",
        "color=blue:s=160x90:r=25:d=1",
    ]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    run(*colours, "-filter_complex", "[0][1]concat", *coding, str(target))
    return target


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileMedia]:
    yield FileMedia(tmp_path / "media")
    left = [p for p in (tmp_path / "made" / "making").rglob("*") if p.is_file()]
    assert left == []


@pytest.fixture
def studio(store: FileMedia, tmp_path: Path) -> FileStudio:
    return FileStudio(store, tmp_path / "made")


def colours_of(path: Path) -> tuple[int, int]:
    """How many points of a card are red, and how many blue."""
    data = Image.open(path).convert("RGB").resize((60, 60)).tobytes()
    points = list(zip(data[0::3], data[1::3], data[2::3], strict=True))
    red = sum(r > 150 and g < 90 and b < 90 for r, g, b in points)
    return red, sum(b > 150 and r < 90 and g < 90 for r, g, b in points)


async def test_a_videos_card_shows_its_frame_the_chosen_second_or_its_cover(
    store: FileMedia, studio: FileStudio, video: Path, tmp_path: Path
) -> None:
    media = await store.add(video)
    post = Variant(account="acme", platform="p", parts=(Part(text="A clip", media=(media,)),))
    drawn = await studio.cards([(FEED, post), (UPRIGHT, post)])
    for card in drawn:
        red, blue = colours_of(store.path(card.picture))
        assert red > 500 > blue
        assert card.picture.size <= 300_000
        assert "Video" in card.words
    (later,) = await studio.cards([(replace(FEED, at=1.6), post)])
    red, blue = colours_of(store.path(later.picture))
    assert blue > 500 > red
    Image.new("RGB", (320, 180), "blue").save(tmp_path / "cover.png")
    covered = replace(media, cover=await store.add(tmp_path / "cover.png"))
    post = Variant(account="acme", platform="p", parts=(Part(text="A clip", media=(covered,)),))
    (card,) = await studio.cards([(FEED, post)])
    red, blue = colours_of(store.path(card.picture))
    assert blue > 500 > red


async def test_the_same_post_makes_the_same_file(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    post = Variant(account="acme", platform="p", parts=(Part(text="Once"),))
    (first,), (second,), (dark,) = (
        await studio.cards([(FEED, post)]),
        await studio.cards([(FEED, post)]),
        await studio.cards([(FEED, post)], dark=True),
    )
    assert first.picture.sha256 == second.picture.sha256 != dark.picture.sha256
    assert first.words == dark.words


async def test_a_damaged_video_has_a_card_with_its_name(
    store: FileMedia, studio: FileStudio, video: Path
) -> None:
    media = await store.add(video)
    path = store.path(media)
    os.chmod(path, 0o600)
    path.write_bytes(path.read_bytes()[:900])
    post = Variant(account="acme", platform="p", parts=(Part(text="A clip", media=(media,)),))
    (card,) = await studio.cards([(FEED, post)])
    assert colours_of(store.path(card.picture)) == (0, 0)


async def test_a_text_that_cannot_be_set_is_refused_and_leaves_nothing(
    store: FileMedia, studio: FileStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.media.cards.faces.features.check", lambda name: False)
    post = Variant(account="acme", platform="p", parts=(Part(text="مرحبا"),))
    with pytest.raises(Unsupported, match="install libfribidi0"):
        await studio.cards([(FEED, post)])


async def test_a_clip_of_nothing_but_a_moment_has_a_card(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    media = await store.add(clip(tmp_path / "moment.mp4", seconds=0.1, sound=False))
    post = Variant(account="acme", platform="p", parts=(Part(text="", media=(media,)),))
    (card,) = await studio.cards([(UPRIGHT, post)])
    assert card.picture.width == 580


WITHOUT = """
from bot.domain.look import Look
from bot.domain.post import Part, Variant
from bot.errors import Unsupported
from bot.media.cards.drawing import Cards
cards = Cards()
for text in ("Latin and 今日 and 👍", "مرحبا", "हिन्दी"):
    post = Variant(account="acme", platform="p", parts=(Part(text=text),))
    try:
        print("drawn", len(cards.draw([(Look(title="X"), post)], {})))
    except Unsupported as error:
        print("refused", error)
"""


def test_on_a_machine_without_fribidi_nothing_is_garbled() -> None:
    """The library is hidden from one process, by a file system of its own."""
    libraries = [p for p in Path("/lib").rglob("libfribidi.so.0*") if p.is_file() and not p.is_symlink()]
    hide = "".join(f"mount --bind /dev/null {path} && " for path in libraries)
    line = ["unshare", "--mount", "sh", "-c", f'{hide}exec "$0" -c "$1"', sys.executable, WITHOUT]
    if not libraries or shutil.which("unshare") is None or os.geteuid() != 0:
        pytest.skip("hiding a library needs root on Linux, and a library to hide")
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine does not let a library be hidden: {done.stderr.strip()}")
    first, *others = done.stdout.splitlines()
    assert first == "drawn 1", done.stderr
    assert len(others) == 2
    assert all(line.startswith("refused ") and "install libfribidi0" in line for line in others)
