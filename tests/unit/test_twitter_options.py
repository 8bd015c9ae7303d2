"""What may be chosen for a post on X, how subtitles are named there, and which files fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.api import Facts, Level, Media, MediaKind, Part, Stream, Variant
from bot.domain.fitting import Step, judge
from plugins.twitter import register_platforms
from plugins.twitter.captions import language_code, language_name, mime_of
from plugins.twitter.files import minutes
from plugins.twitter.options import OPTIONS, chosen
from plugins.twitter.rules import inspect
from plugins.twitter.uploads import category_of

FILM = Media(
    sha256="b" * 64,
    name="film.mp4",
    mime="video/mp4",
    kind=MediaKind.VIDEO,
    size=9_000_000,
    width=1280,
    height=720,
    seconds=60.0,
    stream=Stream(
        container="mp4",
        video="h264",
        audio="aac",
        profile="High",
        pixels="yuv420p",
        fps=30.0,
        bits=1_200_000,
        rate=48_000,
        channels=2,
    ),
)


def blocks(**options: object) -> list[str]:
    variant = Variant(account="x", platform="twitter", parts=(Part(text="Hi"),), options=options)
    return [f.code for f in inspect(variant, Facts()) if f.level is Level.BLOCK]


def test_choices_that_x_does_not_know_stop_the_post() -> None:
    assert blocks(reply_settings="nobody") == ["reply_settings"]
    assert blocks(community_id="https://x.com/i/communities/1") == ["community_id"]
    assert blocks(reply_settings="everyone", community_id="1493446837214187523", made_with_ai=True) == []


@given(st.dictionaries(st.sampled_from([o.name for o in OPTIONS]), st.text() | st.booleans() | st.none()))
def test_nothing_is_sent_that_the_document_forbids(options: dict[str, object]) -> None:
    for first in (True, False):
        sent = chosen(options, first=first)
        assert sent.keys() <= {o.name for o in OPTIONS}
        assert all(sent[name] is True for name in ("made_with_ai", "paid_partnership") if name in sent)
        assert sent.get("reply_settings", "verified") in (
            "following",
            "mentionedUsers",
            "subscribers",
            "verified",
        )
        assert str(sent.get("community_id", "1")).isdigit()


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [("en", "EN", "English"), ("pt-BR", "PT", "Português"), ("zh_Hant", "ZH", "中文"), ("xx", "XX", "XX")],
)
def test_languages_are_two_letters_and_called_by_their_own_name(language: str, code: str, name: str) -> None:
    assert (language_code(language), language_name(language)) == (code, name)
    assert language_code("english") == language_code("") == ""


@pytest.mark.parametrize(
    ("name", "mime", "wanted"),
    [
        ("a.srt", "application/x-subrip", "text/srt"),
        ("a.vtt", "text/plain", "text/vtt"),
        ("a", "text/vtt", "text/vtt"),
    ],
)
def test_subtitles_have_the_media_type_of_xs_document(name: str, mime: str, wanted: str) -> None:
    assert mime_of(replace(FILM, kind=MediaKind.CAPTIONS, name=name, mime=mime)) == wanted


def test_a_longer_video_has_another_category() -> None:
    assert [category_of(replace(FILM, seconds=s)) for s in (0, 140, 140.1)] == [
        "tweet_video",
        "tweet_video",
        "amplify_video",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"), [(4, "0:04"), (140, "2:20"), (160.6, "2:41"), (7500, "2:05:00")]
)
def test_lengths_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert minutes(seconds) == words


def test_what_fits_is_kept_and_what_does_not_is_mended() -> None:
    (platform,) = register_platforms()
    assert platform.media is not None
    variant = Variant(account="x", platform="twitter", parts=(Part(text="Hi", media=(FILM,)),))
    rules = platform.media(variant, Facts())
    steps = {}
    for name, change in {"as it is": {}, "too wide": {"width": 1920, "height": 1080}}.items():
        verdict = judge(replace(FILM, **change), rules)  # type: ignore[arg-type]  # widths and heights
        assert verdict.plan is not None
        steps[name] = verdict.plan.step
    assert steps == {"as it is": Step.KEEP, "too wide": Step.VIDEO}
    rich = platform.media(variant, Facts(values={"video_seconds": 7500, "video_bytes": 10**9}))
    assert rich.video is not None
    assert (rich.video.seconds[1], rich.video.most_bytes) == (7500, 10**9)
