"""Whole cards: JPEGs of a bounded size; nothing overlaps or leaves them, hostile files do no harm."""

from __future__ import annotations

import struct
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from bot.domain.look import Layout, LinkStyle, Look, Safe
from bot.domain.post import Link, MediaKind, Part, PartRole, Variant
from bot.errors import Unsupported
from bot.media.cards import pictures
from bot.media.cards.blocks import Block
from bot.media.cards.drawing import MOST_BYTES, Card, Cards
from bot.media.cards.faces import Faces
from bot.media.cards.media_box import grid
from bot.media.cards.setting import Setter
from tests.unit.cards_world import made_texts, media, variant, write_picture

COVERED = Safe(top=0.11, bottom=0.22, left=0.05, right=0.11)
LOOKS = {
    "feed": Look(
        title="Feed", name="Acme", handle="@acme", meta="now", buttons=("♡", "💬"), lines=3, edge=True
    ),
    "aside": Look(title="Aside", name="Acme", handle="@acme", aside=True, cut=280, more_below=True, grid=1.7),
    "photo": Look(title="Photo", name="Acme", layout=Layout.PHOTO, cut=125, lines=2, buttons=("♡",)),
    "watch": Look(title="Watch", name="Acme", layout=Layout.WATCH, heading="A title", frame=16 / 9, lines=3),
    "upright": Look(
        title="Upright", name="Acme", layout=Layout.UPRIGHT, lines=2, safe=COVERED, buttons=("♡", "💬")
    ),
    "story": Look(title="Story", name="Acme", layout=Layout.STORY, safe=COVERED),
}
FACES = Faces()


@pytest.fixture(scope="module")
def cards() -> Cards:
    return Cards(FACES)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    sizes = {"wide": (1280, 720), "tall": (720, 1280), "square": (800, 800), "panorama": (2000, 500)}
    return {name: write_picture(folder / f"{name}.jpg", size) for name, size in sizes.items()}


def one(
    cards: Cards, look: Look, post: Variant, files: Mapping[str, Path] | None = None, *, dark: bool = False
) -> Card:
    (card,) = cards.draw([(look, post)], files or {}, dark=dark)
    return card


def opened(card: Card) -> Image.Image:
    image = Image.open(BytesIO(card.jpeg))
    image.load()
    return image


class WatchedSetter(Setter):
    """Writes down where every text is put."""

    def __init__(self) -> None:
        super().__init__(FACES)
        self.put: list[tuple[Image.Image, Block, int, int, bool]] = []

    def draw(self, image: Image.Image, block: Block, x: int, y: int, *, centred: bool = False) -> None:
        self.put.append((image, block, x, y, centred))
        super().draw(image, block, x, y, centred=centred)

    def boxes(self) -> list[tuple[Image.Image, tuple[float, float, float, float], str]]:
        """The ink's box of every line that was put on a picture."""
        found = []
        for image, block, x, y, centred in self.put:
            top = y
            for line in block.lines:
                room = block.width - line.width
                left = x + (room / 2 if centred else room if line.base else 0)
                for run in line.runs:
                    ink = run.ink
                    box = (
                        left + run.at + ink[0],
                        top + line.up + ink[1],
                        left + run.at + ink[2],
                        top + line.up + ink[3],
                    )
                    if ink[2] > ink[0] and ink[3] > ink[1]:
                        found.append((image, box, run.text))
                top += line.up + line.down
        return found


@pytest.mark.parametrize("name", LOOKS)
def test_no_text_of_200_leaves_its_card_and_no_two_texts_overlap(
    name: str, files: Mapping[str, Path]
) -> None:
    look = LOOKS[name]
    cards = Cards(FACES)
    for number, text in enumerate(made_texts(200)[list(LOOKS).index(name) :: len(LOOKS)]):
        watched = WatchedSetter()
        cards._setter = watched
        shown = replace(look, name=text[:40] or "Acme", handle="@" + text[:30], heading=look.heading and text)
        attached = (media("wide", (1280, 720)),) if number % 2 else ()
        one(cards, shown, variant(text, *attached), files)
        for image, box, words in watched.boxes():
            assert box[0] >= -1, (words, box)
            assert box[1] >= -1, (words, box)
            assert box[2] <= image.width + 1, (words, box, image.size)
            assert box[3] <= image.height + 1, (words, box, image.size)
        rows: dict[int, list[tuple[float, float, float, float]]] = {}
        for image, block, x, y, _ in watched.put:
            if block.lines and block.ink_width:
                rows.setdefault(id(image), []).append((x, y, x + block.width, y + block.height))
        for placed in rows.values():
            for i, a in enumerate(placed):
                for b in placed[i + 1 :]:
                    apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
                    assert apart, (name, text, a, b)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", LOOKS)
def test_a_card_is_a_jpeg_of_bounded_size_and_shows_the_picture(
    cards: Cards, files: Mapping[str, Path], name: str, dark: bool
) -> None:
    post = variant("Launch day: Clarion 1.0 is out", media("wide", (1280, 720), alt="A disc"))
    card = one(cards, LOOKS[name], post, files, dark=dark)
    image = opened(card)
    assert image.format == "JPEG"
    assert image.size == card.size
    assert len(card.jpeg) <= MOST_BYTES
    colours = image.convert("RGB").resize((90, 90)).getcolors(9000) or []
    yellow = sum(n for n, (r, g, b) in colours if r > 200 and g > 160 and b < 120)  # type: ignore[misc]  # of an RGB picture
    assert yellow > 200
    corner = image.getpixel((3, 3))
    assert isinstance(corner, tuple)
    assert (corner[0] < 40) is dark


def test_pictures_that_no_encoder_makes_small_still_fit(cards: Cards, tmp_path: Path) -> None:
    noise = write_picture(tmp_path / "noise.jpg", (1400, 1400), noise=True)
    for look in LOOKS.values():
        post = variant("Noise", *(media(f"noise{i}", (1400, 1400)) for i in range(4)))
        card = one(cards, look, post, {f"noise{i}": noise for i in range(4)})
        assert len(card.jpeg) <= MOST_BYTES
        opened(card)


def test_a_picture_is_decoded_once_for_all_targets(
    cards: Cards, files: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[Path] = []
    real = pictures._decode

    def decode(path: Path) -> Image.Image | None:
        decoded.append(path)
        return real(path)

    monkeypatch.setattr(pictures, "_decode", decode)
    post = variant("Twice", media("wide", (1280, 720)), media("square", (800, 800)))
    cards.draw([(look, post) for look in LOOKS.values()], files)
    assert sorted(p.stem for p in decoded) == ["square", "wide"]


def test_a_card_costs_at_most_120_ms_of_processor_once_its_media_is_decoded(
    cards: Cards, files: Mapping[str, Path]
) -> None:
    text = "Launch day: Clarion 1.0 is out 🚀 مرحبا 今日は " * 4
    post = variant(text, media("wide", (1280, 720)), media("square", (800, 800)))
    cards.draw([(look, post) for look in LOOKS.values()], files)
    for name, look in LOOKS.items():
        spent = []
        for _ in range(3):
            decoded = pictures.Pictures(files)
            assert decoded.get("wide") is not None
            assert decoded.get("square") is not None
            began = time.thread_time()
            cards.draw_with([(look, post)], decoded)
            spent.append(time.thread_time() - began)
        assert sorted(spent)[1] <= 0.120, (name, spent)


def test_the_same_post_makes_the_same_bytes(files: Mapping[str, Path]) -> None:
    post = variant("Same مرحبا 👍", media("wide", (1280, 720)))
    first, second = (one(Cards(), LOOKS["feed"], post, files) for _ in range(2))
    assert first == second


def huge_png(side: int) -> bytes:
    """A few bytes that say they are 400 million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


BAD = {
    "empty": b"",
    "cut": b"",
    "words": b"not a picture at all",
    "playlist": b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nfile:///etc/passwd\n",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
}


@pytest.mark.parametrize("kind", [*BAD, "missing", "pixels"])
@pytest.mark.parametrize("look", ["feed", "aside", "upright"])
def test_a_file_that_cannot_be_shown_leaves_its_name(
    cards: Cards, tmp_path: Path, files: Mapping[str, Path], kind: str, look: str
) -> None:
    path = tmp_path / "bad.jpg"
    data = BAD.get(kind, b"")
    if kind == "cut":
        data = files["wide"].read_bytes()[:2000]
    if kind == "pixels":
        path.write_bytes(huge_png(20_000))
    elif kind != "missing":
        path.write_bytes(data)
    card = one(cards, LOOKS[look], variant("Text", media("bad", (640, 480))), {"bad": path})
    assert opened(card).size == card.size
    assert "Picture" in card.words


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "CMYK", "1", "I;16"])
def test_every_kind_of_picture_is_shown(cards: Cards, tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("p.tiff.jpg" if mode == "CMYK" else "p.png")
    image = (
        Image.new("L", (300, 200), 200).convert("RGB")
        if mode != "I;16"
        else Image.new("I;16", (300, 200), 50_000)
    )
    image = image.convert(mode) if mode != "I;16" else image
    image.save(path, "JPEG" if mode == "CMYK" else "PNG")
    shown = pictures.Pictures({"p": path}).get("p")
    assert shown is not None
    assert shown.mode == "RGB"
    assert ImageStat.Stat(shown).mean[0] == pytest.approx(200, abs=8)


def test_a_turned_photo_is_shown_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (400, 200), "white")
    image.paste("red", (0, 0, 100, 200))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    shown = pictures.Pictures({"t": tmp_path / "turned.jpg"}).get("t")
    assert shown is not None
    assert shown.size == (200, 400)
    top = shown.getpixel((100, 20))
    assert isinstance(top, tuple)
    assert top[0] > 200 > 60 > top[1]


def test_a_video_has_a_mark_its_length_and_its_cover_before_its_frame(
    cards: Cards, files: Mapping[str, Path]
) -> None:
    clip = media("wide", (1280, 720), kind=MediaKind.VIDEO, seconds=125.4)
    bare = one(cards, LOOKS["feed"], variant("V", media("wide", (1280, 720))), files)
    marked = one(cards, LOOKS["feed"], variant("V", clip), files)
    assert bare.jpeg != marked.jpeg
    assert "Video: 1280×720 2:05" in marked.words
    covered = replace(clip, cover=media("panorama", (2000, 500)))
    assert one(cards, LOOKS["feed"], variant("V", covered), files).jpeg != marked.jpeg


def test_a_link_card_is_drawn_in_each_style(cards: Cards, files: Mapping[str, Path]) -> None:
    link = Link(url="https://www.example.com/why", title="Why we built it", image=media("wide", (1280, 720)))
    heights = {}
    for style in LinkStyle:
        look = replace(LOOKS["feed"], link=style)
        post = Variant(account="acme", platform="p", parts=(Part(text="Read", link=link),))
        card = one(cards, look, post, files)
        heights[style] = card.size[1]
        assert ("Link card: Why we built it (example.com)" in card.words) is (style is not LinkStyle.NONE)
    assert heights[LinkStyle.NONE] < heights[LinkStyle.BESIDE] < heights[LinkStyle.BELOW]
    without = replace(link, image=None)
    post = Variant(account="acme", platform="p", parts=(Part(text="Read", link=without),))
    assert one(cards, replace(LOOKS["feed"], link=LinkStyle.OVER), post).size[1] > heights[LinkStyle.NONE]


def test_a_thread_hangs_below_its_first_part(cards: Cards) -> None:
    parts = (*(Part(text=f"part {i}") for i in range(6)), Part(text="also", role=PartRole.COMMENT))
    post = Variant(account="acme", platform="p", parts=parts)
    look = LOOKS["aside"]
    threaded, alone = one(cards, look, post), one(cards, replace(look, thread=False), post)
    assert threaded.size[1] > alone.size[1]
    assert "Thread of 6: part 1 / part 2" in threaded.words
    assert "First comment: also" in threaded.words


def test_places_of_several_pictures_do_not_overlap_and_fill_the_frame() -> None:
    for count in range(1, 7):
        boxes = grid((600, 400), count)
        assert len(boxes) == count
        assert max(b[2] for b in boxes) in (600, 599, 598)
        assert max(b[3] for b in boxes) == 400
        for i, a in enumerate(boxes):
            assert all(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for b in boxes[i + 1 :])


def test_a_wider_post_on_a_full_screen_has_bars_and_says_so(cards: Cards, files: Mapping[str, Path]) -> None:
    wide = one(cards, LOOKS["upright"], variant("x", media("wide", (1280, 720))), files)
    tall = one(cards, LOOKS["upright"], variant("x", media("tall", (720, 1280))), files)
    assert "dark bars" in wide.words
    assert "dark bars" not in tall.words


def test_the_words_tell_what_is_cut_off_folded_and_undescribed(
    cards: Cards, files: Mapping[str, Path]
) -> None:
    look = replace(LOOKS["feed"], cut=20, more="… see more", frame=1.0, labels=("Paid partnership",))
    post = variant("A text that is longer than twenty characters", media("wide", (1280, 720)))
    words = one(cards, look, post, files).words
    assert "Text until “… see more”: A text that is longe… (24 characters more)" in words
    assert "44% of its width cut off" in words
    assert "without a description" in words
    assert "It says: Paid partnership" in words
    story = one(cards, LOOKS["story"], variant("Hidden", media("tall", (720, 1280))), files).words
    assert "The text is not shown here." in story


def test_a_letter_without_a_font_is_told_on_the_card_and_in_words(cards: Cards) -> None:
    plain, odd = one(cards, LOOKS["feed"], variant("x")), one(cards, LOOKS["feed"], variant("Ꮳ"))
    assert "One dot stands for a letter that no font here has" in odd.words
    assert odd.size[1] > plain.size[1]


def test_a_post_without_anything_is_drawn_all_the_same(cards: Cards) -> None:
    for look in LOOKS.values():
        for post in (variant(""), Variant(account="acme", platform="p", parts=())):
            opened(one(cards, replace(look, name="", handle=""), post))


def test_a_refused_text_draws_nothing_and_the_next_is_drawn() -> None:
    cards = Cards(Faces(shaping=False))
    with pytest.raises(Unsupported, match="libfribidi0"):
        one(cards, LOOKS["feed"], variant("مرحبا"))
    assert one(cards, LOOKS["feed"], variant("hello")).jpeg


def test_threads_take_turns(files: Mapping[str, Path]) -> None:
    cards = Cards()
    texts = made_texts(6)
    alone = [one(cards, LOOKS["feed"], variant(t), files) for t in texts]
    made: dict[int, Card] = {}

    def run(number: int) -> None:
        made[number] = one(cards, LOOKS["feed"], variant(texts[number]), files)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [made[n] for n in range(len(texts))] == alone


@pytest.mark.parametrize("piece", ["word ", "a-", "#", "👨\u200d", "\n", "\u200b"])
def test_a_pasted_book_is_folded_in_little_time(cards: Cards, piece: str) -> None:
    text = piece * (400_000 // len(piece))
    began = time.thread_time()
    card = one(cards, LOOKS["feed"], variant(text))
    assert time.thread_time() - began < 3.0
    assert len(card.words) < 4_000
    assert card.size[1] < 2_000
