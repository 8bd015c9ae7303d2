"""What each platform says of how a post looks on it, and that it can be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat

from bot.domain.look import Layout, LinkStyle, Look
from bot.domain.platform import Facts
from bot.domain.post import Link, MediaKind, Part, PartRole, Variant
from bot.media.cards.drawing import MOST_BYTES, Card, Cards
from bot.ports import Platform
from plugins import bluesky, instagram, linkedin, tiktok, twitter, youtube
from tests.unit.cards_world import media, variant, write_picture

PLATFORMS: Mapping[str, Platform[Any]] = {
    platform.name: platform
    for plugin in (bluesky, instagram, linkedin, tiktok, twitter, youtube)
    for platform in plugin.register_platforms()
}
TALL = media("tall", (720, 1280), kind=MediaKind.VIDEO, seconds=42.0)
WIDE = media("wide", (1280, 720), kind=MediaKind.VIDEO, seconds=125.0)
PHOTO = media("photo", (1200, 900), alt="A disc")
PARTS = {
    "text": (Part(text="Launch day 🚀 https://www.example.com/why/we/built/it/at/all #launch @acme"),),
    "picture": (Part(text="Launch", media=(PHOTO,)),),
    "pictures": (Part(text="Launch", media=(PHOTO,) * 4),),
    "video": (Part(text="Launch\nmore about it", media=(WIDE,)),),
    "upright": (Part(text="Launch", media=(TALL,)),),
    "link": (Part(text="Read", link=Link(url="https://example.com/why", title="Why", image=PHOTO)),),
    "thread": (Part(text="one"), Part(text="two"), Part(text="three"), Part(text="c", role=PartRole.COMMENT)),
    "arabic": (Part(text="مرحبا بالعالم، اليوم نطلق Clarion 1.0", media=(PHOTO,)),),
    "japanese": (Part(text="今日、Clarion をリリースしました。"),),
    "long": (Part(text="word " * 400, media=(PHOTO,)),),
    "document": (Part(text="Report", media=(media("pdf", (0, 0), kind=MediaKind.DOCUMENT, pages=12),)),),
    "nothing": (Part(text=""),),
}


def look_on(platform: str, *parts: Part, facts: Mapping[str, Any] | None = None, **options: object) -> Look:
    post = Variant(account="acme", platform=platform, parts=parts, options=options)
    declared = PLATFORMS[platform].look
    assert declared is not None
    look: Look = declared(post, Facts(values=facts or {}))
    return look


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    sizes = {"tall": (720, 1280), "wide": (1280, 720), "photo": (1200, 900)}
    return {name: write_picture(folder / f"{name}.jpg", size) for name, size in sizes.items()}


@pytest.fixture(scope="module")
def cards() -> Cards:
    return Cards()


@pytest.mark.parametrize("case", PARTS)
def test_every_platform_can_be_drawn(cards: Cards, files: Mapping[str, Path], case: str) -> None:
    posts = posts_of(case)
    drawn = cards.draw(posts, files)
    assert len(drawn) == 6
    for (look, _), card in zip(posts, drawn, strict=True):
        assert card.words.startswith(look.title)
        assert len(card.jpeg) <= MOST_BYTES
        assert Image.open(BytesIO(card.jpeg)).size == card.size


@pytest.mark.parametrize("case", ["text", "upright", "link"])
def test_every_platform_can_be_drawn_by_night_too(cards: Cards, files: Mapping[str, Path], case: str) -> None:
    posts = posts_of(case)
    by_day, by_night = cards.draw(posts, files), cards.draw(posts, files, dark=True)
    assert [c.words for c in by_day] == [c.words for c in by_night]
    assert [c.size for c in by_day] == [c.size for c in by_night]
    for day, night in zip(by_day, by_night, strict=True):
        light, dark = (ImageStat.Stat(Image.open(BytesIO(c.jpeg)).convert("L")).mean[0] for c in (day, night))
        assert dark < light


def posts_of(case: str) -> list[tuple[Look, Variant]]:
    """One of the posts on every platform."""
    posts = [Variant(account="acme", platform=name, parts=PARTS[case]) for name in PLATFORMS]
    return [(look_on(post.platform, *post.parts), post) for post in posts]


def test_all_six_platforms_say_how_a_post_looks() -> None:
    assert sorted(PLATFORMS) == ["bluesky", "instagram", "linkedin", "tiktok", "twitter", "youtube"]
    for name in PLATFORMS:
        post = Variant(account="acme", platform=name, parts=())
        declared = PLATFORMS[name].look
        assert declared is not None
        assert declared(post, Facts()).title


def drawn(cards: Cards, platform: str, *parts: Part, **options: Any) -> Card:
    post = Variant(account="acme", platform=platform, parts=parts, options=options)
    (card,) = cards.draw([(look_on(platform, *parts, **options), post)], {})
    return card


def test_x_folds_after_280_characters_and_shortens_addresses(cards: Cards) -> None:
    words = drawn(cards, "twitter", Part(text="x" * 300)).words
    assert "(20 characters more)" in words
    assert "Show more" in words
    assert "characters more" not in drawn(cards, "twitter", Part(text="x" * 280)).words
    assert look_on("twitter", Part(text="語" * 200)).cut == 140
    assert look_on("twitter", Part(text="語" * 140)).cut == 0
    links = " ".join(f"https://example.com/{n}/a-long-way-to-go" for n in range(11))
    assert "characters more" not in drawn(cards, "twitter", Part(text=links)).words
    words = drawn(cards, "twitter", *PARTS["text"]).words
    assert "example.com/why/we/built/i…" in words
    assert "https" not in words


def test_linkedin_folds_after_three_lines_and_shows_the_links_card_below(cards: Cards) -> None:
    words = drawn(cards, "linkedin", Part(text="one\ntwo\nthree\nfour")).words
    assert "Text until “more”: one\ntwo\nthree… (" in words
    look = look_on("linkedin", *PARTS["link"])
    assert (look.link, look.round, look.thread) == (LinkStyle.BELOW, False, False)


def test_bluesky_folds_nothing_and_names_its_account(cards: Cards) -> None:
    assert "Text, all of it" in drawn(cards, "bluesky", Part(text="y" * 300)).words
    look = look_on("bluesky", Part(text="x"), facts={"handle": "acme.test"}, labels=["nudity"])
    assert (look.handle, look.labels) == ("@acme.test", ("Warning: Nudity",))


@pytest.mark.parametrize(
    ("video", "options", "layout"),
    [
        (TALL, {}, Layout.UPRIGHT),
        (WIDE, {}, Layout.WATCH),
        (TALL, {"kind": "video"}, Layout.WATCH),
        (replace(TALL, seconds=180.0), {}, Layout.UPRIGHT),
        (replace(TALL, seconds=180.5), {}, Layout.WATCH),
        (replace(TALL, width=900, height=900), {}, Layout.UPRIGHT),
    ],
)
def test_youtube_shows_a_short_where_shape_and_length_make_it_one(
    video: object, options: Mapping[str, Any], layout: Layout
) -> None:
    look = look_on("youtube", Part(text="Title\nAbout", media=(video,)), **options)  # type: ignore[arg-type]  # a Media
    assert look.layout is layout
    assert (look.text if layout is Layout.UPRIGHT else look.heading) == "Title"


def test_youtube_shows_title_description_and_who_sees_it() -> None:
    part = Part(text="First line\nand the rest", media=(WIDE,))
    look = look_on("youtube", part, privacy="unlisted", made_for_kids=True, title="Chosen")
    assert (look.heading, look.text) == ("Chosen", "First line\nand the rest")
    assert look.labels == ("Whoever has the link", "Made for kids")


def test_tiktok_shows_what_was_chosen_and_the_moment_of_the_cover() -> None:
    look = look_on(
        "tiktok", Part(text="Hi", media=(TALL,)), privacy="SELF_ONLY", branded_content=True, cover_at="1.5"
    )
    assert (look.layout, look.at) == (Layout.UPRIGHT, 1.5)
    assert look.labels == ("Only me", "Paid partnership")
    assert look.safe is not None
    photos = look_on("tiktok", Part(text="First\nrest", media=(PHOTO, PHOTO)), facts={"username": "acme"})
    assert (photos.heading, photos.text, photos.handle) == ("First", "rest", "@acme")


@pytest.mark.parametrize(
    ("part", "options", "layout", "title"),
    [
        (Part(text="x", media=(PHOTO,)), {}, Layout.PHOTO, "Instagram"),
        (Part(text="x", media=(TALL,)), {}, Layout.UPRIGHT, "Instagram reel"),
        (Part(text="x", media=(PHOTO, TALL)), {}, Layout.PHOTO, "Instagram"),
        (Part(text="x", media=(TALL,)), {"kind": "story"}, Layout.STORY, "Instagram story"),
    ],
)
def test_instagram_is_a_photo_a_reel_or_a_story(
    part: Part, options: Mapping[str, Any], layout: Layout, title: str
) -> None:
    look = look_on("instagram", part, **options)
    assert (look.layout, look.title) == (layout, title)


def test_instagram_cuts_a_photo_to_what_the_feed_shows(cards: Cards) -> None:
    upright = media("upright", (900, 1600))
    words = drawn(cards, "instagram", Part(text="x", media=(upright,))).words
    assert "30% of its height cut off" in words
    words = drawn(cards, "instagram", Part(text="x", media=(PHOTO, upright))).words
    assert "Picture 1 of 2: 1200×900, described" in words
    assert "Picture 2 of 2: 900×1600, 58% of its height cut off" in words
    assert look_on("instagram", Part(text="x", media=(TALL,)), cover_at="soon").at is None


def test_a_grid_tells_what_its_tiles_cut_off_and_nothing_of_what_is_not_shown(cards: Cards) -> None:
    words = drawn(cards, "twitter", Part(text="x", media=(PHOTO, PHOTO))).words
    assert words.count("34% of its width cut off") == 2
    words = drawn(cards, "linkedin", Part(text="x", media=(media("m", (1000, 100)),) * 6)).words
    assert words.count("cut off") == 5


def test_a_look_changes_nothing_of_its_post() -> None:
    for name in PLATFORMS:
        post = variant("Same", PHOTO, platform=name, privacy="private")
        declared = PLATFORMS[name].look
        assert declared is not None
        assert declared(post, Facts()) == declared(post, Facts())
