"""How text is set: whole, in its box, in the right direction, with the fonts that have its letters."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFont

from bot.errors import Unsupported
from bot.media.cards import bidi
from bot.media.cards.bidi import Bidi, base_direction, visual_order
from bot.media.cards.blocks import Block, Fold, Style
from bot.media.cards.clusters import clusters, tidy, words
from bot.media.cards.faces import STAND_IN, Face, Faces, han_of, needs_shaping
from bot.media.cards.setting import Setter
from tests.unit.cards_world import made_texts

MARGIN = 120
WHITE = Style(size=28, colour="#ffffff")
BOLD = Style(size=34, colour="#ffffff", weight=700)


@pytest.fixture(scope="module")
def faces() -> Faces:
    return Faces()


@pytest.fixture(scope="module")
def setter(faces: Faces) -> Setter:
    return Setter(faces)


def ink_of(setter: Setter, block: Block, *, margin: int) -> Image.Image:
    """The letters alone, in their box with so much room around."""
    size = (block.width + 2 * margin, max(1, block.height) + 2 * margin)
    image = Image.new("L", size, 0)
    setter.draw(image, block, margin, margin)
    return image


def assert_inside(setter: Setter, block: Block, text: str) -> None:
    """No ink outside the box, and as much of it in a box without any room as in one with plenty."""
    roomy = ink_of(setter, block, margin=MARGIN)
    tight = ink_of(setter, block, margin=0)
    box = roomy.getbbox()
    if box is None:
        return
    limits = (MARGIN, MARGIN, MARGIN + block.width, MARGIN + block.height)
    assert limits[0] <= box[0], (text, box, limits)
    assert limits[1] <= box[1], (text, box, limits)
    assert box[2] <= limits[2], (text, box, limits)
    assert box[3] <= limits[3], (text, box, limits)
    assert roomy.histogram()[1:] == tight.histogram()[1:], text


def test_no_ink_of_200_texts_leaves_its_box_and_none_is_lost(setter: Setter) -> None:
    for number, text in enumerate(made_texts(200)):
        width, style = (220, 420, 664)[number % 3], (WHITE, BOLD)[number % 2]
        block = setter.set(text, style, width)
        assert all(line.width <= width + 0.5 for line in block.lines), text
        assert_inside(setter, block, text)


def test_every_visible_letter_of_200_texts_is_set_once(setter: Setter) -> None:
    for text in made_texts(200):
        block = setter.set(text, WHITE, 420)
        drawn = Counter("".join(run.text for line in block.lines for run in line.runs))
        wanted = Counter(tidy(text))
        for silent in [
            c for c in {*drawn, *wanted} if c.isspace() or unicodedata.category(c) in ("Cf", "Mn")
        ]:
            del drawn[silent], wanted[silent]
        lost = wanted - drawn
        assert drawn.total() >= wanted.total(), text
        assert lost.total() == (drawn - wanted).total() == (drawn - wanted)[STAND_IN], (text, lost)
        assert block.missing == lost.total(), text


@given(st.text(max_size=60), st.integers(min_value=40, max_value=300))
@settings(max_examples=120, deadline=None)
def test_any_text_whatever_is_set_inside_its_box(text: str, width: int) -> None:
    setter = Setter(SHARED)
    block = setter.set(text, WHITE, width, fold=Fold(cut=40, lines=4, more="more"))
    assert len(block.lines) <= 4
    widest = max((len(line.runs) for line in block.lines), default=0)
    if widest and all(line.width <= width for line in block.lines):
        assert_inside(setter, block, text)


SHARED = Faces()


def test_lines_never_begin_with_what_belongs_to_the_line_before(setter: Setter) -> None:
    for text in made_texts(80):
        for line in setter.set(text, WHITE, 200).lines:
            if not line.runs or line.base:
                continue
            head = line.runs[0].text[0]
            assert unicodedata.category(head) not in ("Mn", "Me"), text
            assert head not in "、。，」）", text


def test_a_word_too_long_for_a_line_is_broken_between_characters_as_people_see_them() -> None:
    family = "👩🏽\u200d🚀"
    assert clusters(family * 3) == [family] * 3
    assert clusters("🇵🇹🇩🇪") == ["🇵🇹", "🇩🇪"]
    assert clusters("क्षत्रिय")[0] == "क्ष"
    assert clusters("e\u0301x") == ["e\u0301", "x"]
    assert clusters("1️⃣2") == ["1️⃣", "2"]
    assert clusters("한국") == ["한", "국"]


def test_a_line_ends_between_words_or_between_two_chinese_characters() -> None:
    assert ["".join(w) for w in words("two words")] == ["two ", "words"]
    assert ["".join(w) for w in words("你好，世界")] == ["你", "好，", "世", "界"]
    assert ["".join(w) for w in words("「終」わり")] == ["「終」", "わ", "り"]


@pytest.mark.parametrize(
    ("text", "direction"),
    [("hello שלום", 0), ("שלום hello", 1), ("123 مرحبا", 1), ("… #1", 0), ("", 0)],
)
def test_the_first_letter_with_a_direction_decides(text: str, direction: int) -> None:
    assert base_direction(text) == direction


def test_runs_of_both_directions_are_laid_in_the_order_unicode_says(setter: Setter) -> None:
    block = setter.set("אבג hello 123 דהו", WHITE, 600)
    (line,) = block.lines
    assert [run.text.strip() for run in line.runs if run.text.strip()] == ["דהו", "hello 123", "אבג"]
    block = setter.set("say אבג 12 דהו now", WHITE, 600)
    (line,) = block.lines
    assert [run.text.strip() for run in line.runs if run.text.strip()] == ["say", "דהו", "12", "אבג", "now"]


def test_levels_are_those_of_the_library(faces: Faces) -> None:
    assert faces.bidi is not None
    assert faces.bidi.levels("aאב1", 0) == [0, 1, 1, 2]
    assert faces.bidi.levels("(א)", 1) == [1, 1, 1]
    assert faces.bidi.levels("", 0) == []
    assert visual_order([0, 1, 2, 1, 0]) == [0, 3, 2, 1, 4]
    assert visual_order([1, 2, 2, 1]) == [3, 1, 2, 0]


def test_right_to_left_text_stands_at_the_right_edge_and_joins_its_letters(
    setter: Setter, faces: Faces
) -> None:
    block = setter.set("مرحبا بالعالم", WHITE, 500)
    ink = ink_of(setter, block, margin=0).getbbox()
    assert ink is not None
    assert ink[2] >= 490
    assert ink[0] > 200
    (run,) = block.lines[0].runs
    joined = faces.font(run.face, 28, 400).getlength("مرحبا", direction="rtl")
    apart = sum(faces.font(run.face, 28, 400).getlength(c, direction="rtl") for c in "مرحبا")
    assert joined < apart * 0.9


def test_a_folded_text_says_how_much_is_hidden_and_ends_with_the_word(setter: Setter) -> None:
    text = "one two three four five six seven eight nine ten eleven twelve " * 4
    block = setter.set(text, WHITE, 300, fold=Fold(lines=2, more="more"))
    assert len(block.lines) == 2
    assert "".join(r.text for r in block.lines[-1].runs).endswith("… more")
    assert text.startswith(block.shown)
    assert block.hidden == len(text) - len(block.shown)
    assert block.lines[-1].width <= 300
    below = setter.set(text, WHITE, 300, fold=Fold(cut=40, more="Show more", below=True))
    assert "".join(r.text for r in below.lines[-1].runs) == "Show more"
    assert below.hidden == len(text) - len(below.shown)


def test_a_short_text_is_not_folded(setter: Setter) -> None:
    block = setter.set("short", WHITE, 300, fold=Fold(cut=5, lines=1, more="more"))
    assert (block.hidden, block.shown, len(block.lines)) == (0, "short", 1)


def test_emoji_sequences_are_one_picture_and_those_the_font_lacks_are_their_parts(
    setter: Setter, faces: Faces
) -> None:
    one = setter.set("👍", WHITE, 400).lines[0].width
    for whole in ("👨‍👩‍👧", "👍🏽", "🇵🇹", "1️⃣", "❤️", "🧑🏽‍💻", "🏳️‍🌈"):
        assert setter.set(whole, WHITE, 400).lines[0].width == pytest.approx(one), whole
    parts = setter.set("👍\u200d🐸", WHITE, 400)
    assert parts.lines[0].width == pytest.approx(2 * one, abs=2)
    assert parts.missing == 0
    bare = Setter(Faces(shaping=False)).set("👨‍👩‍👧", WHITE, 400)
    assert bare.lines[0].width == pytest.approx(3 * one, abs=3)
    assert bare.missing == 0


def test_a_letter_without_a_font_is_a_counted_dot_and_never_a_box(setter: Setter) -> None:
    block = setter.set("Ꮳa\U0001fae9", WHITE, 400)
    assert "".join(run.text for run in block.lines[0].runs) == f"{STAND_IN}a{STAND_IN}"
    assert block.missing == 2


def test_what_the_table_says_a_font_has_is_not_drawn_as_its_box(faces: Faces) -> None:
    checked = 0
    for char in sorted(set("".join(made_texts(60)))):
        if char.isspace() or unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf"):
            continue
        for text, face in faces.dress([char], han=han_of(char)):
            if face is None:
                continue
            font = ImageFont.truetype(
                str(face.path), 40, index=face.index, layout_engine=ImageFont.Layout.BASIC
            )
            mask, nothing = font.getmask(text), font.getmask("\U0010fffd")
            assert (mask.size, bytes(mask)) != (nothing.size, bytes(nothing)), (char, face)
            checked += 1
    assert checked > 200


@pytest.mark.parametrize("text", ["مرحبا", "שלום", "हिन्दी", "ภาษาไทย", "mixed with العربية"])
def test_without_shaping_such_a_text_is_refused_with_the_way_out(text: str) -> None:
    setter = Setter(Faces(shaping=False))
    with pytest.raises(Unsupported, match="install libfribidi0"):
        setter.set(text, WHITE, 400)


@pytest.mark.parametrize(
    "text", ["Latin, Ελληνικά, Київ", "今日は、世界。", "한국어", "👍🏽 🇵🇹 ❤️", "naïve e\u0301"]
)
def test_without_shaping_other_texts_are_drawn_all_the_same(text: str) -> None:
    setter = Setter(Faces(shaping=False))
    block = setter.set(text, WHITE, 300)
    assert block.missing == 0
    assert ink_of(setter, block, margin=0).getbbox() is not None
    assert_inside(setter, block, text)


def test_where_fribidi_is_not_installed_arabic_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bidi, "NAMES", ("libnothing-of-that-name.so.0",))
    assert Bidi.find() is None
    setter = Setter(Faces())
    assert setter.set("Latin", WHITE, 300).lines
    with pytest.raises(Unsupported, match="libfribidi0"):
        setter.set("مرحبا", WHITE, 300)


def test_where_pillow_cannot_shape_arabic_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.cards.faces.features.check", lambda name: False)
    with pytest.raises(Unsupported, match="libfribidi0"):
        Setter(Faces()).set("مرحبا", WHITE, 300)


def test_fonts_are_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    setter = Setter(Faces())
    setter.set("Latin مرحبا 今日 👍", WHITE, 400)
    loads: list[str] = []
    real = ImageFont.truetype

    def load(*args: Any, **named: Any) -> ImageFont.FreeTypeFont:
        loads.append(str(args[0]))
        return real(*args, **named)

    monkeypatch.setattr(ImageFont, "truetype", load)
    setter.set("مرحبا more Latin 明日 👎", WHITE, 300)
    assert loads == []
    setter.set("ไทย", WHITE, 300)
    assert len(loads) == 1


def test_whose_chinese_characters_are_meant() -> None:
    assert (han_of("今日は"), han_of("한국 漢"), han_of("你好"), han_of("ㄅㄆ")) == (0, 1, 2, 3)
    assert not needs_shaping("naïve 今日 👍 é")
    assert needs_shaping("a ﷺ")


def test_marks_without_end_do_not_hide_the_lines_around() -> None:
    heap = "a" + "\u0301\u0302\u0303\u0304" * 20
    assert len(tidy(heap)) <= 5
    assert tidy("a\r\nb\tc\x00") == "a\nb    c"


def test_a_face_is_named_by_file_and_place(faces: Faces) -> None:
    assert isinstance(faces.plain, Face)
    assert faces.plain.path.is_file()


def test_without_its_fonts_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "manimgx_fonts_cjk", None)
    with pytest.raises(Unsupported, match="install manimgx-fonts and manimgx-fonts-cjk"):
        Setter(Faces()).set("text", WHITE, 300)
