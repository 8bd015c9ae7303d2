"""What the card says about a post for X before anything is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.api import Facts, Finding, Level, Media, MediaKind, Part, Variant
from plugins.twitter.rules import inspect

FACTS = Facts(values={"characters": 280})
PICTURE = Media(
    sha256="a" * 64, name="launch.jpg", mime="image/jpeg", kind=MediaKind.IMAGE, size=1000, alt="Three cards"
)
FILM = Media(sha256="b" * 64, name="film.mp4", mime="video/mp4", kind=MediaKind.VIDEO, size=9000, seconds=140)
WORDS = Media(
    sha256="c" * 64, name="en.srt", mime="text/srt", kind=MediaKind.CAPTIONS, size=90, language="en"
)
GIF = replace(PICTURE, name="wave.gif", mime="image/gif", kind=MediaKind.GIF)


def look(*parts: Part | str, facts: Facts = FACTS) -> dict[str, Finding]:
    whole = tuple(p if isinstance(p, Part) else Part(text=p) for p in parts)
    found = inspect(Variant(account="acme-x", platform="twitter", parts=whole), facts)
    assert len({f.code for f in found}) == len(found)
    return {f.code: f for f in found}


def blocks(*parts: Part | str) -> list[str]:
    return [code for code, finding in look(*parts).items() if finding.level is Level.BLOCK]


def test_a_good_post_has_its_length_and_its_price() -> None:
    found = look(Part(text="Clarion 1.0 is out.", media=(PICTURE,)))
    assert {(f.level, f.code, f.text) for f in found.values()} == {
        (Level.NOTE, "length", "19/280"),
        (Level.NOTE, "price", "post without a link (X charges $0.015)"),
    }


def test_a_link_costs_more() -> None:
    text = "Launch day: Clarion 1.0 is out. Read why we built it → example.com/why"
    assert look(text)["price"].text == "link post (X charges $0.20)"
    assert look(text)["length"].text == "79/280"


def test_too_long_says_how_long_and_the_way_out() -> None:
    finding = look("a" * 301)["too_long"]
    assert finding.level is Level.BLOCK
    assert finding.text == "X takes 280 characters, this has 301."
    assert '`--for acme-x "…"`' in finding.fix
    assert "`--thread`" in finding.fix


def test_premium_may_be_longer() -> None:
    found = look("a" * 301, facts=Facts(values={"characters": 25_000}))
    assert "too_long" not in found
    assert found["length"].text == "301/25,000"


def test_a_thread_counts_each_part_and_adds_the_prices() -> None:
    found = look("One. 1/3", "example.com/two 2/3", "a" * 281)
    assert found["length"].text == "3 parts, the longest 281/280"
    assert found["price"].text == "3 posts, 1 with a link (X charges $0.23)"
    assert found["too_long"].text == "X takes 280 characters, part 3 has 281."
    assert "--thread" not in found["too_long"].fix


def test_the_same_part_twice_is_warned_about() -> None:
    assert look("Same", "Same")["same_text"].level is Level.WARN


@pytest.mark.parametrize("text", ["", "  \n "])
def test_empty(text: str) -> None:
    assert blocks(text) == ["empty"]
    assert blocks(Part(text=text, media=(PICTURE,))) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [("a\ufeffb", "invalid_text"), ("lone \ud83d half", "invalid_text"), ("$AAPL and $TSLA", "cashtags")],
)
def test_texts_x_refuses(text: str, code: str) -> None:
    assert blocks(text) == [code]


def test_a_file_name_becomes_a_link() -> None:
    found = look("I wrote the readme.md today")
    assert found["accidental_link"].level is Level.WARN
    assert "accidental_link" not in look("see example.com and https://example.com/readme.md")


@pytest.mark.parametrize(
    ("media", "code"),
    [
        ((PICTURE,) * 5, "too_many_images"),
        ((GIF, PICTURE), "media_mix"),
        ((GIF, GIF), "media_mix"),
        ((FILM, PICTURE), "media_mix"),
        ((FILM, FILM), "media_mix"),
        ((replace(FILM, mime="video/webm"),), "format"),
        ((replace(FILM, seconds=140.5),), "video_too_long"),
        ((replace(FILM, seconds=0.4),), "video_too_short"),
        ((replace(FILM, size=512 * 1024**2 + 1),), "too_large"),
        ((replace(FILM, cover=replace(PICTURE, size=6 * 1024**2)),), "cover"),
        ((replace(FILM, captions=(replace(WORDS, language=""),)),), "captions_language"),
        ((replace(FILM, captions=(WORDS, replace(WORDS, language="en-GB"))),), "captions_twice"),
        ((replace(FILM, captions=(replace(WORDS, size=513 * 1024),)),), "captions_size"),
        ((replace(PICTURE, name="x.pdf", mime="application/pdf", kind=MediaKind.OTHER),), "format"),
        ((replace(PICTURE, mime="image/tiff"),), "format"),
        ((replace(PICTURE, size=5 * 1024**2 + 1),), "too_large"),
        ((replace(GIF, size=15 * 1024**2 + 1),), "too_large"),
        ((replace(PICTURE, size=0),), "empty_file"),
        ((replace(PICTURE, alt="x" * 1001),), "alt_too_long"),
    ],
)
def test_files_x_refuses(media: tuple[Media, ...], code: str) -> None:
    assert blocks(Part(text="Look", media=media)) == [code]


def test_files_x_takes() -> None:
    for media in (
        (PICTURE,) * 4,
        (GIF,),
        (replace(GIF, size=15 * 1024**2),),
        (replace(PICTURE, alt="x" * 1000),),
        (FILM,),
        (replace(FILM, mime="video/quicktime", seconds=0.5, captions=(WORDS,), cover=PICTURE),),
    ):
        assert blocks(Part(text="Look", media=media)) == []


def test_a_picture_without_description_is_warned_about() -> None:
    finding = look(Part(text="Look", media=(replace(PICTURE, alt=" "),)))["alt_missing"]
    assert finding.level is Level.WARN
    assert "--alt" in finding.fix


def test_a_wide_gif_is_warned_about() -> None:
    wide = replace(GIF, width=1281, height=100)
    assert look(Part(text="Look", media=(wide,)))["gif_size"].level is Level.WARN


def test_every_finding_is_a_plain_sentence() -> None:
    bad = Part(
        text="$A $B " + "a" * 300 + " readme.md\ufeff", media=(replace(PICTURE, alt="", size=0), *(GIF,) * 2)
    )
    for finding in look(bad).values():
        if finding.level is not Level.NOTE:
            assert finding.text.endswith(".")
            assert finding.fix.endswith(".")
