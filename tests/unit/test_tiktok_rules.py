"""What TikTok takes: words, files, choices, chunks; all pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import read_settings
from bot.domain.fitting import Step, judge
from bot.domain.platform import Facts, Feature, Finding, Level, OptionKind
from bot.domain.post import Media, MediaKind, Part, Stream, Variant
from plugins import tiktok
from plugins.tiktok.limits import PHOTO_TYPES, media, photo_words, utf16_length
from plugins.tiktok.options import AUDIENCES, OPTIONS, chosen
from plugins.tiktok.rules import findings
from plugins.tiktok.settings import TikTokSettings
from plugins.tiktok.uploads import cut

VIDEO = Media(
    sha256="0" * 64,
    name="launch.mp4",
    mime="video/mp4",
    kind=MediaKind.VIDEO,
    size=20_000_000,
    width=1080,
    height=1920,
    seconds=61.5,
    stream=Stream(
        container="mp4", video="h264", audio="aac", pixels="yuv420p", fps=30, rate=48_000, channels=2
    ),
)
PHOTO = replace(
    VIDEO, name="a.jpg", mime="image/jpeg", kind=MediaKind.IMAGE, width=1080, seconds=0.0, stream=None
)
CREATOR: dict[str, Any] = {
    "direct": True,
    "audited": True,
    "links": True,
    "username": "acme",
    "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY", "IN_APP"],
    "comment_disabled": False,
    "duet_disabled": False,
    "stitch_disabled": False,
}
GOOD = {"length", "terms"}


def said(text: str, *files: Media, facts: dict[str, Any] | None = None, **options: Any) -> dict[str, Finding]:
    """Findings by their code, for a post that everybody may see."""
    options = {"privacy": "PUBLIC_TO_EVERYONE", **options}
    variant = Variant(
        account="acme-tt", platform="tiktok", parts=(Part(text=text, media=files),), options=options
    )
    found = list(findings(variant, Facts(values=CREATOR if facts is None else {**CREATOR, **facts})))
    assert len({f.code for f in found}) == len(found)
    assert all(f.fix for f in found if f.level is not Level.NOTE)
    assert not [f for f in found if "SELF_ONLY" in f.text or "PUBLIC_" in f.text]  # people read no codes
    return {f.code: f for f in found}


def test_a_good_video_has_only_its_length_and_the_terms() -> None:
    found = said("Caption", VIDEO)
    assert set(found) == GOOD
    assert found["length"].text == "7/2200"
    assert "Music Usage Confirmation" in found["terms"].text
    assert "Branded Content Policy" in said("x", VIDEO, branded_content=True)["terms"].text


def test_a_file_is_needed() -> None:
    assert said("Launch day")["needs_video"].level is Level.BLOCK
    assert "needs_video" not in said("Launch day", PHOTO)


@pytest.mark.parametrize(
    ("change", "code", "level"),
    [
        ({"mime": "video/x-msvideo"}, "video_type", Level.BLOCK),
        ({"size": 4_000_000_001}, "video_size", Level.BLOCK),
        ({"size": 0}, "video_size", Level.BLOCK),
        ({"width": 359}, "video_sides", Level.BLOCK),
        ({"height": 4097}, "video_sides", Level.BLOCK),
        ({"seconds": 600.5}, "video_length", Level.BLOCK),
        ({"seconds": 181.0}, "video_length", Level.WARN),
        ({"stream": Stream(fps=22.9)}, "video_fps", Level.BLOCK),
        ({"stream": Stream(fps=120.0)}, "video_fps", Level.BLOCK),
    ],
)
def test_videos_that_do_not_fit(change: dict[str, Any], code: str, level: Level) -> None:
    found = said("t", replace(VIDEO, **change))
    assert set(found) == {code, *GOOD}
    assert found[code].level is level


def test_a_creators_own_maximum_counts() -> None:
    assert set(said("t", replace(VIDEO, seconds=181.0), facts={"seconds": 300})) == GOOD
    found = said("t", replace(VIDEO, seconds=301.0), facts={"seconds": 300})["video_length"]
    assert (found.level, "5 minutes from this account" in found.text) == (Level.BLOCK, True)


def test_what_is_not_known_of_a_video_is_not_held_against_it() -> None:
    assert set(said("t", replace(VIDEO, width=0, height=0, seconds=0.0, stream=None))) == GOOD


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mime": "image/png"}, "image_type"),
        ({"size": 20_000_001}, "image_size"),
        ({"width": 1081}, "image_area"),
    ],
)
def test_photos_that_do_not_fit(change: dict[str, Any], code: str) -> None:
    assert set(said("t", replace(PHOTO, **change))) == {code, *GOOD}


def test_utf16_units_are_counted() -> None:
    assert "too_long" not in said("😀" * 1100, VIDEO)
    found = said("😀" * 1100 + "x", VIDEO)["too_long"]
    assert "2,201" in found.text
    assert "`--for acme-tt" in found.fix
    assert "too_long" not in said("😀" * 45 + "\n" + "x" * 4000, PHOTO)
    assert "91" in said("😀" * 45 + "x", PHOTO)["too_long"].text
    assert "4,001" in said("title\n" + "x" * 4001, PHOTO)["too_long"].text
    assert "too_long" not in said("x" * 4000, PHOTO, title="y" * 90)


@given(st.text())
def test_the_length_is_that_of_javascript(text: str) -> None:
    assert utf16_length(text) == sum(2 if ord(sign) > 0xFFFF else 1 for sign in text)


def test_too_many_files_and_parts() -> None:
    assert "mixed" in said("t", VIDEO, PHOTO)
    assert "mixed" in said("t", VIDEO, VIDEO)
    assert "too_many_images" in said("t", *[PHOTO] * 36)
    parts = (Part(text="one", media=(VIDEO,)), Part(text="two"))
    found = {f.code: f for f in findings(Variant(account="a", platform="p", parts=parts), Facts())}
    assert found["thread"].level is Level.BLOCK


def test_the_first_line_is_the_title_of_photos_unless_one_is_given() -> None:
    assert photo_words(" Launch \n\nRead why\nwe built it", "") == ("Launch", "Read why\nwe built it")
    assert photo_words("Read why\nwe built it", "Launch") == ("Launch", "Read why\nwe built it")


def test_somebody_has_to_choose_who_can_see_it() -> None:
    assert said("t", VIDEO, privacy="")["privacy"].level is Level.BLOCK
    assert said("t", VIDEO, privacy="IN_APP")["privacy"].level is Level.BLOCK
    assert "does not offer" in said("t", VIDEO, privacy="FOLLOWER_OF_CREATOR")["privacy"].text
    assert set(said("t", VIDEO, privacy="SELF_ONLY")) == GOOD


def test_a_draft_needs_no_audience_and_says_what_happens_to_it() -> None:
    for privacy in ("IN_APP", "PUBLIC_TO_EVERYONE", ""):
        found = said("t", VIDEO, privacy=privacy, mode="inbox", facts={"direct": False})
        assert set(found) == {"length", "handed_over"}
        assert "24 hours" in found["handed_over"].text


@pytest.mark.parametrize(
    ("options", "facts", "code"),
    [
        ({"comments": True}, {"comment_disabled": True}, "no_comments"),
        ({"duet": True}, {"duet_disabled": True}, "no_duets"),
        ({"stitch": True}, {"stitch_disabled": True}, "no_stitches"),
        ({"branded_content": True, "privacy": "SELF_ONLY"}, {}, "private_ad"),
        ({"cover_at": "soon"}, {}, "cover"),
        ({"cover_at": "62"}, {}, "cover"),
        ({"cover_at": "-1"}, {}, "cover"),
        ({"cover_at": "nan"}, {}, "cover"),
        ({}, {"direct": False}, "scope"),
        ({}, {"audited": False}, "unaudited"),
        ({}, {"held_back": "spam_risk_user_banned_from_posting"}, "banned"),
    ],
)
def test_choices_that_tiktok_would_refuse(options: dict[str, Any], facts: dict[str, Any], code: str) -> None:
    found = said("t", VIDEO, facts=facts, **options)
    assert set(found) == {code, *GOOD}
    assert found[code].level is Level.BLOCK


def test_covers_that_are_there() -> None:
    for text, milliseconds in (("1.5", 1500), ("0", 0), ("61,5", 61_500), (" 3 ", 3000)):
        assert set(said("t", VIDEO, cover_at=text)) == GOOD
        assert chosen({"cover_at": text}, "direct").cover_ms == milliseconds


def test_photos_without_a_media_server() -> None:
    found = said("t", PHOTO, facts={"links": False})["no_public_url"]
    assert (found.level, "[web] public_url" in found.fix) == (Level.BLOCK, True)
    assert "no_public_url" not in said("t", VIDEO, facts={"links": False})


def test_an_option_of_another_kind_is_no_yes() -> None:
    choices = chosen({"comments": "false", "duet": 1, "mode": "DIRECT", "privacy": None}, "inbox")
    assert (choices.comments, choices.duet, choices.mode, choices.privacy) == (False, False, "inbox", "")


def test_the_options_are_as_tiktoks_guidelines_want_them() -> None:
    by_name = {option.name: option for option in OPTIONS}
    privacy = by_name["privacy"]
    assert (privacy.required, privacy.default, privacy.choices_from) == (True, None, "privacy_level_options")
    assert privacy.choices == AUDIENCES
    for option in OPTIONS:
        assert option.kind is not OptionKind.FLAG or option.default is False
        assert 0 < len(option.help) <= 100


def test_the_media_rules_let_through_what_fits() -> None:
    variant = Variant(account="acme-tt", platform="tiktok", parts=(Part(text="t", media=(VIDEO,)),))
    rules = media(variant, Facts(values={**CREATOR, "seconds": 180}))
    assert rules.needed
    plan = judge(VIDEO, rules).plan
    assert plan is not None
    assert plan.step is Step.KEEP
    assert rules.video is not None
    assert rules.video.seconds[1] == 180
    assert rules.picture is not None
    assert rules.picture.formats == PHOTO_TYPES
    assert media(variant, Facts()).video == replace(rules.video, seconds=(1.0, 600.0))


@given(st.integers(min_value=1, max_value=4_000_000_000))
def test_chunks_are_cut_as_the_guide_wants_them(size: int) -> None:
    """5 to 64 MB each, the last one up to 128 MB, at most 1000, whole files up to 64 MB."""
    chunks = cut(size)
    bounds = [chunks.bounds(index) for index in range(chunks.count)]
    assert chunks.count == (size // chunks.chunk if size else 0)
    assert chunks.count <= 1000
    assert bounds[0][0] == 0
    assert bounds[-1][1] == size
    assert all(one[1] == two[0] for one, two in pairwise(bounds))
    assert all(end - start == chunks.chunk for start, end in bounds[:-1])
    if chunks.count == 1:
        assert chunks.chunk == size <= 64_000_000
    else:
        assert 5_000_000 <= chunks.chunk <= 64_000_000
        assert bounds[-1][1] - bounds[-1][0] <= 128_000_000


def test_the_manifest() -> None:
    (platform,) = tiktok.register_platforms()
    assert platform.features & Feature.HAND_OVER
    assert not platform.features & Feature.REMOVE
    assert platform.simulated is not None
    assert platform.simulated.suffix == "tt"
    assert len({limit.name for limit in platform.limits}) == len(platform.limits)
    assert all(limit.source and limit.as_of >= date(2026, 1, 1) for limit in platform.limits)
    assert len({cause.code for cause in platform.causes}) == len(platform.causes)


@pytest.mark.parametrize(
    ("link", "ref"),
    [
        ("https://www.tiktok.com/@acme/video/7300000000000000042", "7300000000000000042"),
        ("https://www.tiktok.com/@acme/photo/7300000000000000042?is_from=1", "7300000000000000042"),
        ("tiktok.com/@_/video/73", "73"),
        ("https://vm.tiktok.com/ZMabc/", None),
        ("https://nottiktok.com/@acme/video/73", None),
        ("https://www.tiktok.com/@acme", None),
    ],
)
def test_links_that_people_paste(link: str, ref: str | None) -> None:
    assert tiktok.ref_of(link) == ref


def test_a_mode_that_is_none_is_told_at_the_start() -> None:
    for mode in ("direct", "inbox"):
        found = read_settings(TikTokSettings, {"mode": mode}, where="accounts.a", env={}, fallback={})
        assert isinstance(found, TikTokSettings)
    wrong = read_settings(TikTokSettings, {"mode": "draft"}, where="accounts.a", env={}, fallback={})
    assert isinstance(wrong, tuple)
    assert "mode is 'direct' or 'inbox', not 'draft'" in wrong[0]
