"""Verdicts: what does not fit is said with the way out, and a plan mends what it was made for. Pure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.fitting import (
    DocumentRule,
    Fill,
    MediaRules,
    PictureRule,
    Sound,
    Step,
    Taste,
    VideoRule,
    after,
    explain,
    judge,
)
from bot.domain.post import Media, MediaKind, Stream

H264 = Stream(
    container="mp4",
    video="h264",
    audio="aac",
    profile="High",
    pixels="yuv420p",
    fps=30.0,
    bits=5_000_000,
    rate=48_000,
    channels=2,
)
WIDE = Media(
    sha256="a",
    name="a.mp4",
    mime="video/mp4",
    kind=MediaKind.VIDEO,
    size=10_000_000,
    width=1920,
    height=1080,
    seconds=15.0,
    stream=H264,
)
PHOTO = Media(
    sha256="b",
    name="b.jpg",
    mime="image/jpeg",
    kind=MediaKind.IMAGE,
    size=900_000,
    width=1200,
    height=900,
    stream=Stream(pixels="rgb"),
)
ANY = VideoRule(
    containers=("mp4", "mov"), codecs=("h264",), audio=("aac",), most_bytes=512_000_000, seconds=(0.5, 140)
)
TALL = replace(ANY, ratios=(0.5, 0.6), aim=(1080, 1920), edits=False, front=True, fps=(23, 60))
PICTURES = PictureRule(formats=("image/jpeg", "image/png"), most_bytes=5_000_000)
FEED = PictureRule(
    formats=("image/jpeg",), most_bytes=8_000_000, ratios=(0.8, 1.91), widths=(320, 1440), aim=(1080, 1350)
)


def of(video: VideoRule | None = None, picture: PictureRule | None = None, **more: object) -> MediaRules:
    return MediaRules(video=video, picture=picture, **more)  # type: ignore[arg-type]


def film(**changes: object) -> Media:
    """The wide video, with what differs; names of a stream's fields change its stream."""
    names = Stream.__dataclass_fields__
    stream = replace(H264, **{k: v for k, v in changes.items() if k in names})  # type: ignore[arg-type]
    return replace(WIDE, stream=stream, **{k: v for k, v in changes.items() if k not in names})  # type: ignore[arg-type]


def test_what_fits_is_left_alone() -> None:
    for media, rules in ((WIDE, of(ANY)), (PHOTO, of(picture=PICTURES)), (PHOTO, of(picture=FEED))):
        verdict = judge(media, rules)
        assert (verdict.faults, verdict.plan and verdict.plan.step) == ((), Step.KEEP)


def test_what_is_unknown_is_not_held_against_a_file() -> None:
    bare = Media(sha256="a", name="a.mp4", mime="video/mp4", kind=MediaKind.VIDEO, size=1000)
    plan = judge(bare, of(TALL)).plan
    assert plan is not None
    assert plan.step is Step.KEEP


@pytest.mark.parametrize(
    ("changes", "code", "step"),
    [
        ({"front": False}, "front", Step.REMUX),
        ({"edits": True}, "edits", Step.REMUX),
        ({"place": True}, "place", Step.REMUX),
        ({"container": "mkv"}, "container", Step.REMUX),
        ({"audio": "opus"}, "audio", Step.SOUND),
        ({"rate": 44_100}, "rate", Step.SOUND),
        ({"channels": 6}, "channels", Step.SOUND),
        ({"video": "hevc"}, "codec", Step.VIDEO),
        ({"container": "webm", "video": "vp9"}, "container", Step.VIDEO),
        ({"pixels": "yuv420p10le"}, "pixels", Step.VIDEO),
        ({"progressive": False}, "interlaced", Step.VIDEO),
        ({"square": False}, "square", Step.VIDEO),
        ({"fps": 120.0}, "fps", Step.VIDEO),
        ({"fps": 10.0}, "fps", Step.VIDEO),
        ({"bits": 60_000_000}, "bits", Step.VIDEO),
        ({"turned": 90}, "turned", Step.VIDEO),
        ({"steady": False}, "steady", Step.VIDEO),
        ({"size": 600_000_000}, "bytes", Step.VIDEO),
        ({"width": 3840, "height": 2160}, "size", Step.VIDEO),
    ],
)
def test_each_fault_is_named_and_mended_by_the_least(
    changes: dict[str, object], code: str, step: Step
) -> None:
    rule = replace(
        ANY,
        front=True,
        edits=False,
        turned=False,
        steady=True,
        rates=(48_000,),
        fps=(23, 60),
        bits=25_000_000,
        widths=(320, 1920),
        heights=(180, 1920),
    )
    media = film(**changes)
    verdict = judge(media, of(rule))
    assert code in [fault.code for fault in verdict.faults]
    assert all(fault.mended and fault.have and fault.want for fault in verdict.faults)
    assert verdict.plan is not None
    assert verdict.plan.step is step
    again = judge(after(media, verdict.plan), of(rule))
    assert not again.faults


@pytest.mark.parametrize(
    ("media", "rules", "taste", "code", "fix"),
    [
        (film(seconds=161.0), of(ANY), None, "seconds", "Trim it to 2:20."),
        (film(seconds=10_800.0), of(ANY), None, "seconds", "Trim it to 2:20."),
        (film(seconds=0.2), of(ANY), None, "seconds", "Choose a longer video."),
        (WIDE, of(ANY), Taste(start=20.0), "trim", "It is 0:15 long"),
        (film(size=10**9, seconds=3600.0), of(replace(ANY, most_bytes=10**7, seconds=(1, 7200))), None,
         "bytes", "Trim it to 3:44."),
        (film(size=60_000), of(replace(ANY, least_bytes=75_000)), None, "bytes", "Choose a longer"),
        (PHOTO, of(ANY), None, "kind", "Give it a video."),
        (WIDE, of(picture=FEED), None, "kind", "Give it a picture."),
        (WIDE, of(), None, "kind", "Leave the file out here."),
        (film(video="hevc"), of(replace(ANY, containers=("webm",), codecs=("vp9",))), None, "codec",
         "Save it as WEBM." ),
    ],
)  # fmt: skip
def test_what_we_cannot_mend_comes_with_the_way_out(
    media: Media, rules: MediaRules, taste: Taste | None, code: str, fix: str
) -> None:
    verdict = judge(media, rules, taste)
    assert verdict.plan is None
    hard = {fault.code: fault.fix for fault in verdict.faults if not fault.mended}
    assert fix.lower() in hard[code].lower()


def test_a_trim_makes_a_long_video_fit() -> None:
    media = film(seconds=161.0)
    verdict = judge(media, of(ANY), Taste(start=10.0, end=100.0))
    assert verdict.plan is not None
    assert (verdict.plan.start, verdict.plan.end, verdict.plan.sound) == (10.0, 100.0, Sound.AAC)
    assert after(media, verdict.plan).seconds == pytest.approx(90.0)


def test_another_shape_is_filled_where_a_crop_would_lose_too_much() -> None:
    plan = judge(WIDE, of(TALL)).plan
    assert plan is not None
    assert (plan.size, plan.fill) == ((1080, 1920), Fill.BLUR)
    near = judge(film(width=1350, height=2160), of(TALL)).plan
    assert near is not None
    assert (near.size, near.fill) == ((1080, 1920), Fill.CROP)
    wished = judge(WIDE, of(TALL), Taste(fill=Fill.CROP)).plan
    assert wished is not None
    assert wished.fill is Fill.CROP


def test_a_wish_for_a_shape_counts_where_the_file_fits_already() -> None:
    plan = judge(WIDE, of(ANY), Taste(shape=(1, 1))).plan
    assert plan is not None
    assert plan.size is not None
    assert plan.size[0] == plan.size[1]
    assert judge(WIDE, of(ANY), Taste(shape=(16, 9))).plan == judge(WIDE, of(ANY)).plan


@pytest.mark.parametrize(
    ("changes", "codes", "form"),
    [
        ({"mime": "image/png"}, ["format"], "image/jpeg"),
        ({"mime": "image/webp"}, ["format"], "image/jpeg"),
        ({"stream": Stream(pixels="cmyk")}, ["colours"], "image/jpeg"),
        ({"stream": Stream(pixels="rgb16"), "mime": "image/png"}, ["format", "colours"], "image/jpeg"),
        ({"stream": Stream(pixels="rgb", turned=90)}, ["turned"], "image/jpeg"),
        ({"stream": Stream(pixels="rgb", place=True)}, ["place"], "image/jpeg"),
        ({"stream": Stream(pixels="rgb", profile="Display P3")}, ["profile"], "image/jpeg"),
        ({"size": 9_000_000}, ["bytes"], "image/jpeg"),
        ({"width": 4000, "height": 3000}, ["size"], "image/jpeg"),
        ({"width": 900, "height": 1600}, ["ratio"], "image/jpeg"),
    ],
)
def test_pictures(changes: dict[str, object], codes: list[str], form: str) -> None:
    media = replace(PHOTO, **changes)  # type: ignore[arg-type]
    verdict = judge(media, of(picture=FEED))
    assert [fault.code for fault in verdict.faults] == codes
    assert verdict.plan is not None
    assert (verdict.plan.step, verdict.plan.format) == (Step.PICTURE, form)
    assert not judge(after(media, verdict.plan), of(picture=FEED)).faults


def test_pictures_that_move_find_their_way() -> None:
    gif = replace(PHOTO, mime="image/gif", kind=MediaKind.GIF, seconds=3.0, size=900_000)
    webp = replace(gif, mime="image/webp")
    kept = of(ANY, PICTURES, gif=PictureRule(formats=("image/gif",), most_bytes=15_000_000))
    assert judge(gif, kept).faults == ()
    as_video = judge(webp, kept)
    assert as_video.plan is not None
    assert (as_video.plan.step, as_video.plan.format) == (Step.VIDEO, "video/mp4")
    still = judge(gif, of(picture=PICTURES))
    assert still.plan is not None
    assert (still.plan.step, still.plan.still, still.faults[0].code) == (Step.PICTURE, True, "moves")


def test_documents_and_captions() -> None:
    rules = MediaRules(document=DocumentRule(formats=("application/pdf",), most_bytes=10**8, most_pages=300))
    paper = Media(
        sha256="c", name="c.pdf", mime="application/pdf", kind=MediaKind.DOCUMENT, size=10**6, pages=3
    )
    assert judge(paper, rules).faults == ()
    for bad, code in ((replace(paper, pages=301), "pages"), (replace(paper, size=10**9), "bytes")):
        (fault,) = judge(bad, rules).faults
        assert (fault.code, fault.mended) == (code, False)
        assert fault.fix
    words = Media(sha256="d", name="d.srt", mime="application/x-subrip", kind=MediaKind.CAPTIONS, size=100)
    assert judge(words, of()).faults == ()


def test_rules_read_as_sentences() -> None:
    said = explain(of(TALL, FEED, needed=True))
    assert said == (
        "Pictures: JPEG, at most 8 MB, 4:5 to 1.91:1, 320 to 1,440 pixels wide.",
        "Videos: MP4 or MOV, H.264, 0.5 s to 2:20, at most 512 MB, 1:2 to 3:5, 23 to 60 frames a second.",
        "A post without a file is not taken.",
    )
    assert explain(of()) == ("No files.",)
