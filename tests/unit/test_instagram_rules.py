"""What Instagram would say to a variant, said before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.platform import Facts, Finding, Level, Metrics
from bot.domain.post import Media, MediaKind, Part, PartRole, Variant
from plugins.instagram import register_platforms
from plugins.instagram.answers import instant, is_ours, metrics, quota, ref_of, same_text
from plugins.instagram.client import usage
from plugins.instagram.limits import media_rules
from plugins.instagram.options import OPTIONS, Kind, cover_at, kind_of, tagged
from plugins.instagram.rules import findings
from plugins.instagram.settings import FACEBOOK, INSTAGRAM, InstagramSettings

(PLATFORM,) = register_platforms()
PICTURE = Media(
    sha256="a" * 64,
    name="a.jpg",
    mime="image/jpeg",
    kind=MediaKind.IMAGE,
    size=9000,
    width=400,
    height=400,
    alt="x",
)
VIDEO = Media(
    sha256="b" * 64, name="b.mp4", mime="video/mp4", kind=MediaKind.VIDEO, size=90_000, seconds=20.0
)
PDF = Media(sha256="c" * 64, name="c.pdf", mime="application/pdf", kind=MediaKind.DOCUMENT, size=900)


def look(
    *media: Media,
    text: str = "Hello",
    door: str = FACEBOOK,
    facts: Facts | None = None,
    more: tuple[Part, ...] = (),
    **options: Any,
) -> dict[str, Finding]:
    """What is found, by code; a code comes once here."""
    variant = Variant(
        account="acme-ig",
        platform="instagram",
        parts=(Part(text=text, media=media, role=PartRole.POST), *more),
        options=options,
    )
    found = list(findings(variant, facts or Facts(), InstagramSettings(door=door), reachable=True))
    assert all(f.text.strip() for f in found)
    assert all(f.fix or f.level is not Level.BLOCK for f in found)
    return {f.code: f for f in found}


def blocks(found: dict[str, Finding]) -> set[str]:
    return {code for code, f in found.items() if f.level is Level.BLOCK}


@pytest.mark.parametrize(
    "found",
    [
        look(PICTURE),
        look(VIDEO),
        look(PICTURE, VIDEO),
        look(VIDEO, kind="reel"),
        look(PICTURE, kind="story", text=""),
        look(VIDEO, kind="story", text=""),
        look(PICTURE, text="", more=(Part(text="First!", role=PartRole.COMMENT),)),
        look(*(replace(PICTURE, sha256=str(n) * 64) for n in range(10))),
        look(PICTURE, tagged=["ada 0.5,0.8"], collaborators=["@ada", "ken"], location="106"),
        look(VIDEO, tagged=["ada"], cover_at="19.9"),
    ],
)
def test_what_can_go_out(found: dict[str, Finding]) -> None:
    assert blocks(found) == set()


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        (look(), "needs_media", "without a picture or a video"),
        (look(PDF), "media_kind", "c.pdf is neither"),
        (look(PICTURE, text="x" * 2201), "too_long", "2,200 characters, this has 2,201"),
        (look(PICTURE, text="#a " * 31), "too_many_hashtags", "30 hashtags, this has 31"),
        (look(PICTURE, text="@abc " * 21), "too_many_mentions", "20 mentions, this has 21"),
        (look(*[PICTURE] * 11), "too_many_files", "10 files, this has 11"),
        (look(PICTURE, kind="reel"), "media_reel", "A reel is one video"),
        (look(VIDEO, VIDEO, kind="reel"), "media_reel", "A reel is one video"),
        (look(VIDEO, PICTURE, kind="story"), "media_story", "this has 2"),
        (look(PICTURE, more=(Part(text="second"),)), "thread", "no threads"),
        (look(replace(PICTURE, alt="x" * 1001)), "alt_too_long", "1,000 characters of description"),
        (look(PICTURE, more=(Part(text="x" * 301, role=PartRole.COMMENT),)), "comment_too_long", "300"),
        (look(PICTURE, more=(Part(text=" ", role=PartRole.COMMENT),)), "empty_comment", "says nothing"),
        (
            look(PICTURE, more=(Part(text="x", media=(PICTURE,), role=PartRole.COMMENT),)),
            "comment_media",
            "takes no files",
        ),
        (
            look(PICTURE, kind="story", more=(Part(text="x", role=PartRole.COMMENT),)),
            "comment_story",
            "Nobody comments",
        ),
        (look(VIDEO, cover_at="soon"), "cover_at", "no second of a video"),
        (look(VIDEO, cover_at="20.5"), "cover_at", "the video ends at 20 s"),
        (look(VIDEO, collaborators=list("abcd")), "collaborators", "3 co-authors, this has 4"),
        (look(VIDEO, collaborators=["a b"]), "collaborators", "no name of an account"),
        (look(VIDEO, tagged=["a b c"]), "tagged", "names nobody"),
        (look(VIDEO, tagged=["a"] * 21), "tagged", "20 people, this has 21"),
        (look(PICTURE, tagged=["ada"]), "tagged", "at a place in it"),
        (look(PICTURE, location="Lisbon"), "location", "no number of a page"),
        (look(replace(VIDEO, cover=replace(PICTURE, mime="image/png"))), "media_cover", "a.jpg is none"),
    ],
)
def test_what_cannot_and_the_way_out(found: dict[str, Finding], code: str, words: str) -> None:
    assert code in blocks(found)
    assert words in found[code].text
    assert found[code].fix


def test_what_is_only_worth_knowing() -> None:
    assert look(PICTURE)["length"].text == "5/2200"
    assert look(PICTURE, text="see https://x.example")["dead_link"].level is Level.NOTE
    assert look(replace(PICTURE, alt=""))["alt_missing"].level is Level.WARN
    assert "alt_missing" not in look(VIDEO)
    assert look(PICTURE, kind="story")["story_text"].level is Level.WARN
    assert look(PICTURE, door=INSTAGRAM, location="106")["location"].level is Level.WARN
    covered = replace(VIDEO, cover=PICTURE)
    assert "cover_left_out" not in look(covered)
    assert look(covered, PICTURE)["cover_left_out"].level is Level.WARN
    full = Facts(values={"quota_usage": 50, "quota_total": 50})
    assert look(PICTURE, facts=full)["quota"].level is Level.WARN
    assert "quota" not in look(PICTURE, facts=Facts(values={"quota_usage": 49, "quota_total": 50}))


def rules(*media: Media, **options: Any) -> Any:
    variant = Variant(account="a", platform="instagram", parts=(Part(text="", media=media),), options=options)
    return media_rules(variant, Facts())


def test_what_files_it_takes_hangs_on_what_it_is() -> None:
    feed, several, story, reel = (
        rules(VIDEO),
        rules(VIDEO, PICTURE),
        rules(VIDEO, kind="story"),
        rules(VIDEO, kind="reel"),
    )
    assert (feed.video.seconds[1], feed.video.most_bytes) == (900.0, 300_000_000)
    assert (several.video.seconds[1], several.video.most_bytes) == (60.0, 100_000_000)
    assert (story.video.seconds[1], story.picture.ratios, story.most_files) == (60.0, None, 1)
    assert (reel.picture, reel.most_files) == (None, 1)
    assert (feed.picture.formats, feed.picture.ratios) == (("image/jpeg",), (0.8, 1.91))
    assert all(one.needed and one.as_of for one in (feed, several, story, reel))
    assert (feed.mixed, feed.most_pictures) == (True, 10)


def test_options_are_declared_as_the_card_wants_them() -> None:
    assert len({o.name for o in OPTIONS}) == len(OPTIONS)
    assert all(len(o.help) <= 100 for o in OPTIONS)
    assert PLATFORM.options == OPTIONS
    assert kind_of({}) is kind_of({"kind": "nonsense"}) is Kind.FEED


@given(st.text(max_size=12))
def test_a_second_is_read_or_refused(text: str) -> None:
    try:
        at = cover_at({"cover_at": text})
    except ValueError:
        return
    assert at is None or 0 <= at < 10_000_000


@given(st.lists(st.text(max_size=30), max_size=5))
def test_people_are_read_or_refused(words: list[str]) -> None:
    try:
        found = tagged({"tagged": words})
    except ValueError:
        return
    for one in found:
        assert one["username"]
        assert all(0 <= one[k] <= 1 for k in ("x", "y") if k in one)


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://www.instagram.com/p/CAbc_-123/", "CAbc_-123"),
        ("https://instagram.com/reel/CAbc123/?igsh=x", "CAbc123"),
        ("https://www.instagram.com/acme/p/CAbc123/", "CAbc123"),
        ("https://www.instagram.com/acme/", None),
        ("https://example.com/p/CAbc123/", None),
        ("nonsense", None),
    ],
)
def test_links(link: str, code: str | None) -> None:
    assert ref_of(link) == ({"shortcode": code} if code else None)


NOW = datetime(2026, 11, 21, 10, 2, 11, tzinfo=UTC)


def row(**changes: Any) -> dict[str, Any]:
    return {
        "id": "180",
        "caption": "Hello",
        "timestamp": "2026-11-21T10:02:11+0000",
        "media_type": "IMAGE",
        **changes,
    }


def test_only_what_has_our_words_our_kind_and_our_time_is_ours() -> None:
    part, near = Part(text="Hello", media=(PICTURE,)), timedelta(seconds=60)
    assert is_ours(row(), part, NOW - near, NOW + near)
    assert is_ours(row(caption="Hello "), part, NOW - near, NOW + near)
    for changes in (
        {"caption": "Hello you"},
        {"timestamp": "2026-11-21T10:01:10+0000"},
        {"timestamp": "2026-11-21T10:03:12+0000"},
        {"timestamp": "yesterday"},
        {"timestamp": None},
        {"media_type": "VIDEO"},
        {"media_type": "CAROUSEL_ALBUM"},
        {"id": None},
    ):
        assert not is_ours(row(**changes), part, NOW - near, NOW + near), changes
    story = replace(part, options={"kind": "story"})
    assert is_ours(row(caption=""), story, NOW - near, NOW + near)


def test_answers_that_say_little() -> None:
    assert instant("2026-11-21T10:02:11+0000") == NOW
    assert instant("2026-11-21T10:02:11") is None
    assert quota({"data": []}) is None
    assert quota({"data": [{"quota_usage": 2, "config": {"quota_total": 100}}]}) == (
        2,
        100,
        timedelta(days=1),
    )
    assert metrics({}, {"data": []}) == Metrics()
    assert metrics({"like_count": 3}, {"data": [{"name": "views", "values": []}]}) == Metrics(likes=3)
    zero = metrics({}, {"data": [{"name": "views", "values": [{"value": 0}]}]})
    assert zero.views == 0
    assert same_text("a\n\nb ", "a b")


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({}, (0, 0)),
        ({"x-app-usage": "nonsense"}, (0, 0)),
        ({"x-app-usage": "[1, 2]"}, (0, 0)),
        ({"x-app-usage": '{"call_count":28,"total_cputime":25,"total_time":85}'}, (85, 0)),
        (
            {
                "x-app-usage": '{"call_count":28}',
                "x-business-use-case-usage": '{"178":[{"type":"instagram","call_count":96,'
                '"estimated_time_to_regain_access":19}]}',
            },
            (96, 19),
        ),
    ],
)
def test_usage_headers(headers: dict[str, str], wanted: tuple[float, float]) -> None:
    assert usage(headers) == wanted
