"""Documents, captions and the colours of pictures, found out from real files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from bot.domain.post import MediaKind
from bot.errors import BadInput
from bot.media.files import FileMedia
from tests.integration.media_clips import picture


@pytest.fixture
def store(tmp_path: Path) -> FileMedia:
    return FileMedia(tmp_path / "media")


async def refused(store: FileMedia, path: Path) -> str:
    """The one sentence."""
    with pytest.raises(BadInput) as caught:
        await store.add(path)
    return str(caught.value)


async def test_documents(store: FileMedia, tmp_path: Path) -> None:
    from pypdf import PdfWriter

    paper = PdfWriter()
    for _ in range(3):
        paper.add_blank_page(100, 100)
    path = tmp_path / "deck.pdf"
    paper.write(path)
    found = await store.add(path)
    assert (found.kind, found.mime, found.pages) == (MediaKind.DOCUMENT, "application/pdf", 3)
    path.write_bytes(path.read_bytes()[:200])
    assert "damaged PDF" in await refused(store, path)
    paper.encrypt("secret")
    paper.write(path)
    assert "needs a password" in await refused(store, path)


@pytest.mark.parametrize(
    ("name", "text", "mime"),
    [
        ("a.srt", "1\n00:00:00,000 --> 00:00:01,500\nHello\n\n2\n00:00:02,000 --> 00:00:03,000\nthere\n",
         "application/x-subrip"),
        ("a.vtt", "WEBVTT\n\n00:00.000 --> 00:03.000 align:start\nHello\n", "text/vtt"),
    ],
)  # fmt: skip
async def test_captions(store: FileMedia, tmp_path: Path, name: str, text: str, mime: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8-sig")
    found = await store.add(path)
    assert (found.kind, found.mime, found.seconds) == (MediaKind.CAPTIONS, mime, 3.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"WEBVTT\n\n", "There are no captions in a.vtt"),
        (b"WEBVTT\n\n00:05.000 --> 00:03.000\nx\n", "Line 3 of a.vtt: the caption ends before it begins"),
        (b"WEBVTT\n\nsoon --> later\nx\n", "Line 3 of a.vtt is no time of a caption"),
        (b"WEBVTT\n\n00:01.000 --> 00:03.000\n\xff\xfe\n", "not in UTF-8"),
    ],
)
async def test_broken_captions(store: FileMedia, tmp_path: Path, text: bytes, said: str) -> None:
    path = tmp_path / "a.vtt"
    path.write_bytes(text)
    with pytest.raises(BadInput, match=said):
        await store.add(path)


@pytest.mark.parametrize(
    ("name", "mode", "colours"),
    [
        ("a.jpg", "CMYK", "cmyk"),
        ("a.png", "I;16", "gray16"),
        ("a.png", "RGBA", "rgba"),
        ("a.jpg", "L", "gray"),
    ],
)
async def test_colours_of_pictures(
    store: FileMedia, tmp_path: Path, name: str, mode: str, colours: str
) -> None:
    path = tmp_path / name
    if mode == "I;16":
        Image.new("I;16", (20, 10), 40_000).save(path)
    else:
        picture(path, mode=mode)
    found = await store.add(path)
    assert found.stream is not None
    assert found.stream.pixels == colours


async def test_a_moving_webp_moves(store: FileMedia, tmp_path: Path) -> None:
    first, *rest = [Image.new("RGB", (64, 40), colour) for colour in ("red", "green", "blue")]
    path = tmp_path / "a.webp"
    first.save(path, save_all=True, append_images=rest, duration=200)
    found = await store.add(path)
    assert (found.kind, found.mime, found.seconds) == (MediaKind.GIF, "image/webp", 0.6)
