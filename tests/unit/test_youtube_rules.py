"""What YouTube takes, said before anything is uploaded, and counted as YouTube counts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.platform import Facts, Feature, Finding, Level, OptionKind
from bot.domain.post import Media, MediaKind, Part, Variant
from plugins import youtube
from plugins.youtube.answers import ref_of
from plugins.youtube.budget import midnight_pacific
from plugins.youtube.failures import Refused
from plugins.youtube.files import media_rules
from plugins.youtube.judging import judged
from plugins.youtube.metadata import keep, published, tags_length, title_and_description, uploaded
from plugins.youtube.options import OPTIONS, category_of, playlist_of, privacy_of, publish_at_of, tags_of
from plugins.youtube.rules import findings

VIDEO = Media(
    sha256="0" * 64,
    name="launch.mp4",
    mime="video/mp4",
    kind=MediaKind.VIDEO,
    size=20_000_000,
    width=1920,
    height=1080,
    seconds=61.5,
)
UPRIGHT = replace(VIDEO, width=1080, height=1920)
PHOTO = replace(VIDEO, name="a.jpg", mime="image/jpeg", kind=MediaKind.IMAGE, width=1080, seconds=0.0)
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def said_of(text: str, *media: Media, facts: Facts | None = None, **options: Any) -> dict[str, Finding]:
    variant = Variant(
        account="acme-yt", platform="youtube", parts=(Part(text=text, media=media),), options=options
    )
    said = list(findings(variant, facts or Facts()))
    assert len({f.code for f in said}) == len(said)
    assert all(f.text.endswith(".") and f.fix.endswith(".") for f in said if f.level is not Level.NOTE)
    return {f.code: f for f in said}


def test_a_good_video_has_nothing_against_it() -> None:
    said = said_of("Title\nTéxt", VIDEO, made_for_kids=False)
    assert {f.level for f in said.values()} == {Level.NOTE}
    assert said["length"].text == "title 5/100, description 5/5000 bytes"


def test_a_video_is_needed_and_nothing_else_is_taken() -> None:
    assert "drop acme-yt" in said_of("Launch day")["needs_video"].fix
    assert said_of("Launch day", PHOTO)["needs_video"].level is Level.BLOCK
    assert said_of("t", VIDEO, PHOTO)["too_many_files"].level is Level.BLOCK
    parts = (Part(text="one", media=(VIDEO,)), Part(text="two"))
    said = list(findings(Variant(account="a", platform="youtube", parts=parts), Facts()))
    assert "thread" in {f.code for f in said if f.level is Level.BLOCK}
    assert list(findings(Variant(account="a", platform="youtube", parts=()), Facts()))


def test_the_first_line_is_the_title_unless_one_is_given() -> None:
    text = " Launch \n\nRead why\nwe built it"
    assert title_and_description(Part(text=text)) == ("Launch", "Read why\nwe built it")
    given = Part(text="Read why\nwe built it", options={"title": " Launch "})
    assert title_and_description(given) == ("Launch", "Read why\nwe built it")
    both = Part(text="unused", options={"title": "Launch", "description": "Said"})
    assert title_and_description(both) == ("Launch", "Said")
    assert title_and_description(Part(text=text, options={"description": "Said"})) == ("Launch", "Said")
    assert said_of("unused", VIDEO, title="T", description="D")["text_unused"].level is Level.WARN
    assert "text_unused" not in said_of("T", VIDEO, description="D")


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("t" * 101, {}, "too_long"),
        ("t" * 101 + "\nrest", {}, "title_too_long"),
        ("text", {"title": "t" * 101}, "title_too_long"),
        ("", {}, "no_title"),
        ("a <b>", {}, "brackets"),
        ("title\na > b", {}, "brackets"),
        ("title\n" + "é" * 2501, {}, "too_long"),
        ("t", {"description": "é" * 2501}, "too_long"),
        ("t", {"tags": ["a<b"]}, "tags_brackets"),
        ("t", {"playlist": "not a playlist!"}, "playlist"),
        ("t", {"publish_at": "tomorrow"}, "publish_at"),
        ("t", {"publish_at": "2026-12-01 09:00"}, "publish_at"),
        ("t", {"publish_at": "2026-12-01T09:00Z", "privacy": "unlisted"}, "publish_at"),
        ("t", {"kind": "short"}, "short"),
    ],
)
def test_what_does_not_fit(text: str, options: dict[str, Any], code: str) -> None:
    said = said_of(text, VIDEO, **options)
    assert [f.code for f in said.values() if f.level is Level.BLOCK] == [code]


def test_texts_that_just_fit() -> None:
    said = said_of("😀" * 100 + "\n" + "é" * 2500, VIDEO, tags=["x" * 249, "y" * 250])
    assert {f.level for f in said.values()} == {Level.NOTE}
    assert "hashtags" not in said_of("t\n" + "#a " * 60, VIDEO)
    assert said_of("t\n" + "#a " * 61, VIDEO)["hashtags"].level is Level.WARN


@given(st.text(st.characters(codec="utf-8", exclude_characters="<>")))
def test_descriptions_count_bytes(text: str) -> None:
    said = said_of(text, VIDEO, title="t")["length"].text
    assert said == f"title 1/100, description {len(text.strip().encode())}/5000 bytes"


def test_tags_count_commas_and_quotes() -> None:
    assert [tags_length(tags) for tags in ([], ["ab"], ["ab", "cd"], ["a b"])] == [0, 2, 5, 5]
    assert "501" in said_of("t", VIDEO, tags=["x" * 250, "y" * 250])["tags_too_long"].text
    assert tags_of({"tags": [" a ", "a", "", 5, "b"]}) == ("a", "b")


@given(
    st.text(st.characters(codec="utf-8"), max_size=140),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=90), max_size=8),
    st.sampled_from(["public", "unlisted", "private"]),
)
def test_what_passes_here_passes_there(text: str, tags: list[str], privacy: str) -> None:
    """The simulator judges by the joined, quoted string, we by arithmetic: they agree, both ways."""
    options: dict[str, Any] = {"tags": tags, "privacy": privacy, "made_for_kids": True}
    part = Part(text=text, media=(VIDEO,), options=options)
    blocked = any(f.level is Level.BLOCK for f in said_of(text, VIDEO, **options).values())
    for body in (uploaded(part), published(part, "x" * 11, {})):
        status = None
        with suppress(Refused):
            _, status = judged(body, NOW, category_needed=True)
        assert (status is None) is blocked
        if status is not None:
            assert status["privacyStatus"] == ("private" if "id" not in body else privacy)


@pytest.mark.parametrize(
    ("change", "known", "level"),
    [
        ({"size": 256 * 1024**3 + 1}, {}, "video_size block"),
        ({"seconds": 43_201.0}, {"long_uploads": True}, "video_length block"),
        ({"seconds": 901.0}, {}, "video_length warn"),
        ({"seconds": 901.0}, {"long_uploads": True}, ""),
        ({"seconds": 901.0}, {"long_uploads": False}, "video_length block"),
        ({"mime": "application/pdf"}, {}, "video_type block"),
        ({"width": 0, "height": 0, "seconds": 0.0}, {}, ""),
    ],
)
def test_videos_that_do_not_fit(change: dict[str, Any], known: dict[str, Any], level: str) -> None:
    said = said_of("t", replace(VIDEO, **change), facts=Facts(values=known))
    found = [f"{f.code} {f.level.value}" for f in said.values() if f.level is not Level.NOTE]
    assert found == ([level] if level else [])


def test_shorts_are_known_by_shape_and_length() -> None:
    assert said_of("t", UPRIGHT)["short"].level is Level.NOTE
    assert said_of("t", UPRIGHT, kind="video")["short"].level is Level.WARN
    assert said_of("t", UPRIGHT, kind="short")["short"].level is Level.NOTE
    assert "lasts 181 seconds" in said_of("t", replace(UPRIGHT, seconds=181), kind="short")["short"].text
    assert "short" not in said_of("t", VIDEO)
    variant = Variant(account="a", platform="youtube", parts=(), options={"kind": "short"})
    rule = media_rules(variant, Facts()).video
    assert rule is not None
    assert (rule.seconds[1], rule.aim, rule.ratios is not None) == (180, (1080, 1920), True)
    rule = media_rules(replace(variant, options={}), Facts(values={"long_uploads": False})).video
    assert rule is not None
    assert (rule.seconds[1], rule.ratios) == (900, None)


def test_covers_and_subtitles_that_do_not_fit() -> None:
    captions = replace(PHOTO, kind=MediaKind.CAPTIONS, mime="text/vtt", language="en")
    bad = {
        "cover_type": replace(VIDEO, cover=replace(PHOTO, mime="image/webp")),
        "cover_size": replace(VIDEO, cover=replace(PHOTO, size=50 * 1024**2 + 1)),
        "captions_language": replace(VIDEO, captions=(replace(captions, language=""),)),
        "captions_twice": replace(VIDEO, captions=(captions, captions)),
        "captions_size": replace(VIDEO, captions=(replace(captions, size=100 * 1024**2 + 1),)),
    }
    for code, video in bad.items():
        assert [f.code for f in said_of("t", video).values() if f.level is Level.BLOCK] == [code]
    good = replace(VIDEO, cover=PHOTO, captions=(captions, replace(captions, language="pt")))
    assert not [f for f in said_of("t", good).values() if f.level is Level.BLOCK]


def test_a_time_of_youtubes_own_is_warned_about() -> None:
    said = said_of("t", VIDEO, publish_at="2026-12-01T09:00+01:00")["publish_at"]
    assert (said.level, "2026-12-01 08:00 UTC" in said.text) == (Level.WARN, True)
    assert "/halt does not stop that" in said.text


def test_options_are_read_back() -> None:
    assert publish_at_of({"publish_at": "2026-12-01T09:00+01:00"}) == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert publish_at_of({}) is None
    assert playlist_of({"playlist": "https://youtube.com/watch?v=x&list=PLabc&index=2"}) == "PLabc"
    assert (playlist_of({"playlist": " PLabc "}), playlist_of({})) == ("PLabc", "")
    assert (privacy_of({}), privacy_of({"privacy": "friends"})) == ("public", "public")
    assert (category_of({}), category_of({"category": "28"}), category_of({"category": "x"})) == (
        "",
        "28",
        "",
    )


def test_what_others_set_is_sent_back() -> None:
    had = {
        "snippet": {"categoryId": "28", "defaultLanguage": "en", "title": "Old", "thumbnails": {}},
        "status": {"embeddable": False, "license": "creativeCommon", "uploadStatus": "processed"},
    }
    kept = keep(had)
    assert kept == {
        "snippet": {"categoryId": "28", "defaultLanguage": "en"},
        "status": {"embeddable": False, "license": "creativeCommon"},
    }
    body = published(Part(text="New"), "x" * 11, kept)
    assert body["snippet"] == {
        "title": "New",
        "description": "",
        "categoryId": "28",
        "defaultLanguage": "en",
    }
    assert body["status"]["embeddable"] is False
    chosen = published(Part(text="New", options={"category": "10"}), "x" * 11, kept)
    assert chosen["snippet"]["categoryId"] == "10"
    assert keep({"snippet": None, "status": []}) == {}


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (datetime(2026, 11, 21, 9, tzinfo=UTC), datetime(2026, 11, 22, 8, tzinfo=UTC)),
        (datetime(2026, 11, 21, 7, 59, tzinfo=UTC), datetime(2026, 11, 21, 8, tzinfo=UTC)),
        (datetime(2026, 7, 1, 6, tzinfo=UTC), datetime(2026, 7, 1, 7, tzinfo=UTC)),
        (datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC)),  # 25 hours long
    ],
)
def test_googles_day_ends_at_midnight_in_california(now: datetime, midnight: datetime) -> None:
    assert midnight_pacific(now) == midnight
    assert midnight_pacific(midnight) - midnight <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("link", "ref"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("https://youtube.com/watch?app=desktop&v=dQw4w9WgXcQ&t=3", "dQw4w9WgXcQ"),
        ("youtu.be/dQw4w9WgXcQ?si=x", "dQw4w9WgXcQ"),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("https://studio.youtube.com/video/dQw4w9WgXcQ/edit", "dQw4w9WgXcQ"),
        ("https://www.youtube.com/@acme", None),
        ("https://www.youtube.com/watch?v=short", None),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQtoolong", None),
        ("https://notyoutube.com/watch?v=dQw4w9WgXcQ", None),
        ("https://evil.example/?u=https://youtu.be/dQw4w9WgXcQ", None),
    ],
)
def test_links_that_people_paste(link: str, ref: str | None) -> None:
    assert ref_of(link) == ref


def test_the_manifest() -> None:
    (platform,) = youtube.register_platforms()
    wanted = Feature.VIDEO | Feature.REMOVE | Feature.READ_BACK | Feature.METRICS
    assert platform.features == wanted | Feature.CAPTIONS | Feature.COVER | Feature.REVISE
    assert len({limit.name for limit in platform.limits}) == len(platform.limits)
    assert all(limit.source and limit.as_of >= date(2026, 1, 1) for limit in platform.limits)
    assert platform.oauth is not None
    assert platform.oauth.extra["access_type"] == "offline"
    assert platform.oauth.extra["prompt"] == "consent"
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)
    assert all(0 < len(option.help) <= 100 for option in OPTIONS)
    (needed,) = [option for option in OPTIONS if option.required]
    assert (needed.name, needed.kind, needed.default) == ("made_for_kids", OptionKind.FLAG, None)
    assert all(option.default in dict(option.choices) for option in OPTIONS if option.choices)
    assert len({cause.code for cause in platform.causes}) == len(platform.causes)
