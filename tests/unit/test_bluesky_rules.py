"""What is said about a post for Bluesky before it goes anywhere, and what its refs and keys look like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import read_settings
from bot.domain.demands import Step
from bot.domain.fitting import judge
from bot.domain.platform import Facts, Level
from bot.domain.post import Link, Media, MediaKind, Part, PartRole, Stream, Variant
from plugins.bluesky import BlueskySettings
from plugins.bluesky import media as media_rules
from plugins.bluesky.limits import DAY, HOUR, MEDIA
from plugins.bluesky.records import Place, parent_of, place_of, record_of, ref_of, same_post, stamp
from plugins.bluesky.rules import findings
from plugins.bluesky.tid import ALPHABET, TID, make_tid

PICTURE = Media(
    sha256="a" * 64,
    name="a.png",
    mime="image/png",
    kind=MediaKind.IMAGE,
    size=1000,
    width=4,
    height=3,
    alt="x",
)
GIF = replace(PICTURE, kind=MediaKind.GIF, mime="image/gif")
PHOTO = replace(PICTURE, mime="image/jpeg", width=1200, height=800, size=400_000)
CLIP = replace(PICTURE, sha256="b" * 64, name="a.mp4", mime="video/mp4", kind=MediaKind.VIDEO, seconds=5)
FILM = replace(
    CLIP,
    width=1080,
    height=1920,
    stream=Stream(
        container="mp4", video="h264", audio="aac", fps=30, pixels="yuv420p", rate=48_000, channels=2
    ),
)
FAMILY = "👩‍👩‍👧"


def blocks(part: Part, *more: Part, facts: Facts | None = None, **options: Any) -> list[str]:
    variant = Variant(account="bs", platform="bluesky", parts=(part, *more), options=options)
    return [f.code for f in findings(variant, facts or Facts()) if f.level is Level.BLOCK]


def said(part: Part, code: str) -> list[str]:
    variant = Variant(account="bs", platform="bluesky", parts=(part,))
    return [f"{f.text} {f.fix}".strip() for f in findings(variant, Facts()) if f.code == code]


def test_the_count_is_of_signs() -> None:
    assert said(Part(text=FAMILY * 3), "length") == ["3/300"]


@pytest.mark.parametrize(
    ("part", "codes"),
    [
        (Part(text="x" * 300), []),
        (Part(text="x" * 301), ["too_long"]),
        (Part(text=FAMILY * 166), []),
        (Part(text=FAMILY * 167), ["too_long"]),
        (Part(text="   "), ["empty"]),
        (Part(text="", media=(PICTURE,)), []),
        (Part(text="", link=Link(url="https://example.com")), []),
        (Part(text="half \ud83d"), ["invalid_text"]),
        (Part(text="x", media=(PICTURE,) * 4), []),
        (Part(text="x", media=(PICTURE,) * 5), ["too_many_images"]),
        (Part(text="x", media=(PICTURE, CLIP)), ["mixed"]),
        (Part(text="x", media=(CLIP, CLIP)), ["mixed"]),
        (Part(text="x", media=(replace(PICTURE, mime="image/tiff"),)), ["image_type"]),
        (Part(text="x", media=(replace(PICTURE, size=2_000_000),)), []),
        (Part(text="x", media=(replace(PICTURE, size=2_000_001),)), ["image_size"]),
        (Part(text="x", media=(replace(PICTURE, alt="x" * 2001),)), ["alt_too_long"]),
        (Part(text="x", media=(replace(PICTURE, kind=MediaKind.DOCUMENT),)), ["file_kind"]),
        (Part(text="x", media=(replace(CLIP, size=300_000_001),)), ["video_size"]),
        (Part(text="x", media=(replace(CLIP, seconds=601),)), ["video_length"]),
        (Part(text="x", media=(replace(CLIP, mime="video/webm"),)), ["video_type"]),
        (Part(text="x", media=(replace(CLIP, captions=(replace(PICTURE, size=20_001),)),)), ["captions"]),
        (Part(text="x", media=(replace(CLIP, captions=(PICTURE,) * 21),)), ["captions"]),
    ],
)
def test_what_bluesky_does_not_take_is_found_before(part: Part, codes: list[str]) -> None:
    assert blocks(part) == codes


def test_every_part_of_a_thread_is_looked_at() -> None:
    assert blocks(Part(text="ok"), Part(text="x" * 301), Part(text="")) == ["too_long", "empty"]


def test_what_is_only_said() -> None:
    assert "no description" in said(Part(text="x", media=(replace(PICTURE, alt=""),)), "alt_missing")[0]
    assert "stand still" in said(Part(text="x", media=(GIF,)), "gif_still")[0]
    assert "April 2026" in said(Part(text="x", media=(replace(PICTURE, size=1_500_000),)), "image_size")[0]
    large = Link(url="https://example.com", image=replace(PICTURE, size=1_500_000))
    assert "without it" in said(Part(text="x", link=large), "thumb")[0]


def test_a_video_that_is_not_allowed_is_said_with_the_way_out() -> None:
    facts = Facts(values={"video_allowed": False, "video_why": "No.", "video_fix": "Wait."})
    assert blocks(Part(text="x", media=(CLIP,)), facts=facts) == ["video_forbidden"]
    assert blocks(Part(text="x"), facts=facts) == []


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({"langs": ["en", "pt-BR", "zh-Hant"]}, []),
        ({"langs": ["en", "de", "fr", "it"]}, ["langs"]),
        ({"langs": ["English"]}, ["langs"]),
        ({"labels": ["nudity"]}, []),
        ({"labels": ["nice"]}, ["labels"]),
        ({"langs": None, "labels": []}, []),
    ],
)
def test_choices(options: dict[str, Any], codes: list[str]) -> None:
    assert blocks(Part(text="x"), **options) == codes
    assert blocks(Part(text="x", options=options)) == codes


def test_rules_for_files_stay_below_what_older_servers_take() -> None:
    rules = media_rules(Variant(account="a", platform="bluesky", parts=()), Facts())
    assert rules.picture is not None
    assert (rules.picture.most_bytes, rules.most_pictures) == (1_000_000, 4)
    assert (HOUR.limit, DAY.limit) == (1666, 11_666)


@pytest.mark.parametrize(
    ("file", "step"),
    [
        (PHOTO, Step.KEEP),
        (replace(PHOTO, stream=Stream(place=True)), Step.PICTURE),  # the server would keep where it was taken
        (replace(PHOTO, stream=Stream(turned=90)), Step.PICTURE),
        (replace(PHOTO, size=1_000_001), Step.PICTURE),
        (replace(GIF, seconds=3), Step.VIDEO),  # stays in motion
        (FILM, Step.KEEP),
        (replace(FILM, stream=replace(FILM.stream or Stream(), video="hevc")), Step.VIDEO),
        (replace(FILM, stream=replace(FILM.stream or Stream(), audio="")), Step.KEEP),
    ],
)
def test_files_are_made_to_fit_before_anybody_approves(file: Media, step: Step) -> None:
    plan = judge(file, MEDIA).plan
    assert plan is not None
    assert plan.step is step


@given(st.integers(1_500_000_000_000_000, 7_000_000_000_000_000))
def test_keys_are_keys_and_sort_by_time(micros: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    key, later = make_tid(at), make_tid(at + timedelta(milliseconds=2))
    assert TID.fullmatch(key)
    assert key < later
    number = 0
    for sign in key:
        number = number << 5 | ALPHABET.index(sign)
    made = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number >> 10)
    assert abs(made - at) < timedelta(milliseconds=1)


PLACE = Place(repo="did:plc:abc", rkey="3m5zxqjn2ic2a")


@pytest.mark.parametrize(
    "link",
    [
        PLACE.url,
        PLACE.uri,
        f"look: {PLACE.url}?ref=share",
        "http://www.bsky.app/profile/did:plc:abc/post/3m5zxqjn2ic2a/",
    ],
)
def test_a_pasted_link_gives_the_ref_back(link: str) -> None:
    assert ref_of(link) == PLACE.uri
    assert place_of(PLACE.uri) == PLACE


@pytest.mark.parametrize(
    "link",
    [
        "https://bsky.app/profile/acme.test",
        "https://example.com/profile/acme.test/post/3m5zxqjn2ic2a",
        "https://bsky.app/profile/acme/post/3m5zxqjn2ic2a",
        "https://bsky.app/profile/acme.test/post/hello",
        "",
    ],
)
def test_other_links_do_not(link: str) -> None:
    assert ref_of(link) is None


def test_a_link_with_the_handle_is_taken_too() -> None:
    link = "https://bsky.app/profile/acme.test/post/3m5zxqjn2ic2a"
    assert ref_of(link) == "at://acme.test/app.bsky.feed.post/3m5zxqjn2ic2a"


def test_where_a_reply_goes() -> None:
    assert parent_of(Part(text="x"), ()) is None
    assert parent_of(Part(text="x"), ("a", "b")) == ("a", "b")
    assert parent_of(Part(text="x", role=PartRole.COMMENT), ("a", "b")) == ("a", "a")


def test_the_record_is_the_same_every_time_and_known_by_what_it_says() -> None:
    data = {"created_at": stamp(datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=UTC)), "facets": []}
    part = Part(text="Hello", options={"langs": ["en"], "note": 1})
    record = record_of(part, data)
    assert record == record_of(part, data)
    assert record == {
        "$type": "app.bsky.feed.post",
        "text": "Hello",
        "createdAt": "2026-11-21T09:00:00.123Z",
        "langs": ["en"],
    }
    assert same_post({**record, "createdAt": "2026-11-21T10:00:00.000Z"}, record)
    assert not same_post({**record, "langs": ["de"]}, record)


def test_settings_are_whole_or_say_what_is_missing() -> None:
    def read(table: dict[str, Any], env: dict[str, str]) -> BlueskySettings | tuple[str, ...]:
        names = {"app_password": "BLUESKY_APP_PASSWORD"}
        return read_settings(BlueskySettings, table, where="accounts.bs", env=env, fallback=names)

    env = {"BLUESKY_APP_PASSWORD": "abcd-efgh-ijkl-mnop"}
    found = read({"identifier": "shop.example.com"}, env)
    assert isinstance(found, BlueskySettings)
    assert "abcd" not in repr(found)
    assert read({}, {}) == (
        "accounts.bs.identifier: is missing",
        "accounts.bs: needs BLUESKY_APP_PASSWORD in the environment",
    )
    (said,) = read({"identifier": "shop"}, env)  # type: ignore[misc]  # problems are a tuple
    assert "“shop” is not a handle" in str(said)
