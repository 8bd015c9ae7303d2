"""What a person is told before anything goes to LinkedIn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.platform import Facts, Feature, Finding, Level
from bot.domain.post import Media, MediaKind, Part, Variant
from plugins.linkedin import LinkedInSettings, register_platforms
from plugins.linkedin.files import PIXEL_LIMIT
from plugins.linkedin.options import document_title
from plugins.linkedin.rules import LIMITS, NEWEST_VERSION, SUNSETS, findings, version_facts

PAGE = "urn:li:organization:1"
IMAGE = Media(
    sha256="0" * 64,
    name="launch.jpg",
    mime="image/jpeg",
    kind=MediaKind.IMAGE,
    size=250_000,
    width=1600,
    height=900,
    alt="Clarion's card",
)


def found(
    *texts: str,
    media: tuple[Media, ...] = (),
    author: str = PAGE,
    visibility: str = "PUBLIC",
    facts: Facts | None = None,
) -> dict[str, Finding]:
    """The findings by code; a code may appear once."""
    parts = tuple(Part(text=text, media=media if not index else ()) for index, text in enumerate(texts))
    variant = Variant(account="acme-li", platform="linkedin", parts=parts)
    said = list(findings(variant, facts or Facts(), author=author, visibility=visibility))
    assert len({f.code for f in said}) == len(said)
    return {f.code: f for f in said}


def test_a_good_post_only_shows_its_count() -> None:
    said = found("x" * 612, media=(IMAGE,))
    assert set(said) == {"length"}
    assert (said["length"].level, said["length"].text) == (Level.NOTE, "612/3000")


def test_too_long_names_the_way_out() -> None:
    said = found("x" * 3214)["too_long"]
    assert said.level is Level.BLOCK
    assert f"{said.text} {said.fix}" == (
        "LinkedIn takes 3,000 characters, this has 3,214. "
        'Shorten it, or `--for acme-li "…"` gives LinkedIn its own text.'
    )


@given(st.integers(0, 1600))
def test_emoji_count_two(count: int) -> None:
    said = found("😀" * count + "x")
    assert ("too_long" in said) == (2 * count + 1 > 3000)
    assert said["length"].text == f"{2 * count + 1}/3000"


def test_escapes_that_may_count_are_a_warning() -> None:
    assert found("(" * 1500).keys() == {"length"}
    said = found("(" * 1501)
    assert said["escaped_length"].level is Level.WARN
    assert "3,002" in said["escaped_length"].text


@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_to_post(text: str) -> None:
    assert found(text)["empty"].level is Level.BLOCK
    assert "empty" not in found(text, media=(IMAGE,))


def test_no_threads() -> None:
    said = found("one", "two")["thread"]
    assert said.level is Level.BLOCK
    assert "2 parts" in said.text


@pytest.mark.parametrize(
    ("change", "code", "level"),
    [
        ({"mime": "image/webp"}, "image_type", Level.BLOCK),
        ({"width": PIXEL_LIMIT // 10, "height": 10}, "image_area", Level.BLOCK),
        ({"size": 5_000_001}, "image_size", Level.WARN),
        ({"alt": ""}, "alt_missing", Level.WARN),
        ({"alt": "x" * 4087}, "alt_too_long", Level.BLOCK),
    ],
)
def test_one_wrong_thing_about_an_image(change: dict[str, Any], code: str, level: Level) -> None:
    said = found("text", media=(replace(IMAGE, **change),))
    assert set(said) == {"length", code}
    assert said[code].level is level
    assert said[code].fix


def test_what_is_just_allowed_is_allowed() -> None:
    largest = replace(
        IMAGE, width=PIXEL_LIMIT - 1, height=1, size=5_000_000, alt="x" * 4086, mime="image/gif"
    )
    assert set(found("x" * 3000, media=(largest,))) == {"length"}


def test_twenty_images_are_the_most() -> None:
    assert "too_many_images" not in found("text", media=(IMAGE,) * 20)
    assert found("text", media=(IMAGE,) * 21)["too_many_images"].level is Level.BLOCK


VIDEO = replace(IMAGE, name="film.mp4", mime="video/mp4", kind=MediaKind.VIDEO, seconds=42.0, alt="")
PAPER = replace(
    IMAGE, name="why.pdf", mime="application/pdf", kind=MediaKind.DOCUMENT, width=0, height=0, pages=300
)
WORDS = replace(IMAGE, name="en.srt", mime="text/plain", kind=MediaKind.CAPTIONS, size=90, language="en")


@pytest.mark.parametrize(
    ("file", "change", "code", "level"),
    [
        (VIDEO, {"mime": "video/quicktime"}, "video_type", Level.BLOCK),
        (VIDEO, {"size": 500_000_001}, "video_size", Level.BLOCK),
        (VIDEO, {"size": 75 * 1024 - 1}, "video_small", Level.BLOCK),
        (VIDEO, {"seconds": 1800.5}, "video_long", Level.BLOCK),
        (VIDEO, {"seconds": 2.9}, "video_short", Level.BLOCK),
        (VIDEO, {"cover": replace(IMAGE, mime="image/webp")}, "cover", Level.BLOCK),
        (VIDEO, {"captions": (replace(WORDS, name="en.vtt"),)}, "captions_format", Level.WARN),
        (VIDEO, {"captions": (WORDS, WORDS)}, "captions_many", Level.WARN),
        (VIDEO, {"captions": (replace(WORDS, size=0),)}, "captions_size", Level.BLOCK),
        (PAPER, {"mime": "text/plain"}, "document_type", Level.BLOCK),
        (PAPER, {"size": 100_000_001}, "document_size", Level.BLOCK),
        (PAPER, {"pages": 301}, "document_pages", Level.BLOCK),
    ],
)
def test_one_wrong_thing_about_a_video_or_a_document(
    file: Media, change: dict[str, Any], code: str, level: Level
) -> None:
    said = found("text", media=(replace(file, **change),))
    assert set(said) == {"length", code}
    assert said[code].level is level
    assert said[code].fix or level is Level.WARN


@pytest.mark.parametrize(
    "file",
    [
        replace(VIDEO, size=75 * 1024, seconds=3.0, captions=(WORDS,), cover=IMAGE),
        replace(VIDEO, size=500_000_000, seconds=1800.0),
        replace(PAPER, size=100_000_000),
    ],
)
def test_videos_and_documents_that_are_just_allowed(file: Media) -> None:
    assert set(found("text", media=(file,))) == {"length"}
    assert "empty" not in found("", media=(file,))


@pytest.mark.parametrize("media", [(VIDEO, IMAGE), (PAPER, IMAGE), (VIDEO, VIDEO), (PAPER, VIDEO)])
def test_a_video_or_a_document_goes_alone(media: tuple[Media, ...]) -> None:
    assert found("text", media=media)["media_mix"].level is Level.BLOCK


def test_visibility() -> None:
    assert found("x", visibility="CONNECTIONS")["visibility"].level is Level.BLOCK
    assert "visibility" not in found("x", visibility="CONNECTIONS", author="urn:li:person:a")
    assert "SECRET" in found("x", visibility="SECRET", author="")["visibility"].text


def test_who_sees_it_is_chosen_for_one_post() -> None:
    part = (Part(text="x"),)
    for author, chosen, wrong in (
        (PAGE, "CONNECTIONS", True),
        (PAGE, "PUBLIC", False),
        ("", "LOGGED_IN", False),
    ):
        variant = Variant(account="a", platform="linkedin", parts=part, options={"visibility": chosen})
        said = findings(variant, Facts(), author=author, visibility="PUBLIC")
        assert ("visibility" in {f.code for f in said}) == wrong


def test_documents_are_called_by_a_title_with_their_ending() -> None:
    assert document_title({}, PAPER) == "why.pdf"
    assert document_title({"title": " Why  we built it "}, PAPER) == "Why we built it.pdf"
    assert document_title({"title": "Why.PDF"}, PAPER) == "Why.PDF"
    assert document_title({}, replace(PAPER, name="plain")) == "plain.pdf"


def test_the_rules_that_make_files_fit_are_those_that_refuse_them() -> None:
    (platform,) = register_platforms()
    assert platform.media is not None
    rules = platform.media(Variant(account="a", platform="linkedin", parts=()), Facts())
    assert rules.video is not None
    assert rules.document is not None
    assert (rules.most_pictures, rules.video.most_bytes, rules.video.seconds) == (20, 500_000_000, (3, 1800))
    assert (rules.document.most_bytes, rules.document.most_pages) == (100_000_000, 300)
    assert rules.as_of is not None


@pytest.mark.parametrize(("days", "warned"), [(61, False), (60, True), (1, True), (0, True), (-3, True)])
def test_a_version_that_ends_is_warned_about(days: int, warned: bool) -> None:
    end = SUNSETS["202609"]
    now = datetime(end.year, end.month, end.day, 12, tzinfo=UTC) - timedelta(days=days)
    said = found("x", facts=version_facts("202609", now))
    assert ("version_ends" in said) == warned
    if warned:
        assert said["version_ends"].level is Level.WARN
        assert "2027-09-15" in said["version_ends"].text


def test_an_unknown_version_is_no_reason_to_warn() -> None:
    facts = version_facts("202701", datetime(2026, 11, 21, tzinfo=UTC))
    assert facts.values == {"version": "202701"}
    assert set(found("x", facts=facts)) == {"length"}


def test_the_manifest() -> None:
    (platform,) = register_platforms()
    assert (platform.name, platform.title) == ("linkedin", "LinkedIn")
    assert Feature.READ_BACK in platform.features
    assert Feature.METRICS in platform.features
    assert [s.total_seconds() for s in platform.settle] == [10, 30, 120]
    assert platform.settings is LinkedInSettings
    assert set(platform.secrets) <= set(LinkedInSettings.__dataclass_fields__)
    assert platform.simulated is not None
    assert platform.simulated.settings["author"].startswith("urn:li:organization:")
    assert LinkedInSettings.__dataclass_fields__["version"].default == NEWEST_VERSION


def test_every_limit_is_dated_and_sourced() -> None:
    assert all(limit.source and limit.as_of >= date(2026, 1, 1) for limit in LIMITS)
    assert len({limit.name for limit in LIMITS}) == len(LIMITS)
