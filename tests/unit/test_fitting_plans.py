"""Whatever the file, the rule and the wish: a plan's result satisfies the rule it was made for. Pure."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.fitting import Fill, PictureRule, Step, Taste, VideoRule, after, judge
from bot.domain.post import Media, Stream
from tests.unit.test_fitting_judge import PHOTO, WIDE, of

SIDES = st.integers(16, 5000)
RATIO = st.sampled_from([(9, 16), (4, 5), (1, 1), (16, 9), (191, 100), (1, 3), (3, 1)])


@st.composite
def frames(draw: st.DrawFn) -> dict[str, object]:
    """Bounds on sizes as platforms set them."""
    found: dict[str, object] = {}
    if draw(st.booleans()):
        low, high = sorted((draw(RATIO), draw(RATIO)), key=lambda r: r[0] / r[1])
        found["ratios"] = (low[0] / low[1], high[0] / high[1])
        found["aim"] = draw(st.sampled_from([(1080, 1920), (1080, 1080), (1920, 1080), (1080, 1350), None]))
    for name in ("widths", "heights"):
        if draw(st.booleans()):
            low_side = draw(st.integers(16, 360))
            found[name] = (low_side, draw(st.integers(max(720, low_side), 4096)))
    return found


TASTES = st.builds(
    Taste,
    fill=st.none() | st.sampled_from(Fill),
    shape=st.none() | RATIO,
    start=st.sampled_from([0.0, 1.0, 30.0]),
    end=st.none() | st.floats(2, 200),
    level=st.booleans(),
)


@st.composite
def films(draw: st.DrawFn) -> Media:
    stream = Stream(
        container=draw(st.sampled_from(["mp4", "mov", "webm", "mkv", "avi"])),
        video=draw(st.sampled_from(["h264", "hevc", "vp9", "mpeg4", "prores"])),
        audio=draw(st.sampled_from(["", "aac", "opus", "pcm_s16le"])),
        pixels=draw(st.sampled_from(["yuv420p", "yuvj420p", "yuv420p10le", "yuv422p"])),
        fps=draw(st.sampled_from([0.0, 5.0, 23.976, 25.0, 29.97, 30.0, 59.94, 60.0, 90.0, 240.0])),
        bits=draw(st.integers(0, 90_000_000)),
        turned=draw(st.sampled_from([0, 90, 180, 270])),
        front=draw(st.booleans()),
        steady=draw(st.booleans()),
        edits=draw(st.booleans()),
        progressive=draw(st.booleans()),
        square=draw(st.booleans()),
        place=draw(st.booleans()),
        rate=draw(st.sampled_from([8_000, 44_100, 48_000, 96_000])),
        channels=draw(st.integers(1, 8)),
    )
    return replace(
        WIDE,
        width=draw(SIDES),
        height=draw(SIDES),
        seconds=draw(st.floats(0.1, 4000)),
        size=draw(st.integers(1, 4 * 10**9)),
        stream=stream,
    )


@settings(max_examples=150, deadline=None)
@given(films(), frames(), TASTES, st.booleans(), st.booleans(), st.integers(10**6, 10**9), st.booleans())
def test_a_planned_video_satisfies_the_rule_it_was_planned_for(
    media: Media, frame: dict[str, object], taste: Taste, front: bool, edits: bool, most: int, steady: bool
) -> None:
    rule = VideoRule(
        containers=("mp4", "mov"),
        codecs=("h264", "hevc"),
        audio=("aac",),
        most_bytes=most,
        seconds=(0.5, 600),
        fps=(23, 60),
        bits=25_000_000,
        rates=(44_100, 48_000),
        front=front,
        edits=edits,
        steady=steady,
        **frame,  # type: ignore[arg-type]
    )
    verdict = judge(media, of(rule), taste)
    if verdict.plan is None:
        assert any(not fault.mended and fault.fix for fault in verdict.faults)
        return
    if not verdict.faults:
        assert verdict.plan.step is Step.KEEP
        return
    made = after(media, verdict.plan)
    assert judge(made, of(rule)).faults == ()
    if verdict.plan.size is not None:
        assert not any(side % 2 for side in verdict.plan.size)


@settings(max_examples=120, deadline=None)
@given(
    SIDES,
    SIDES,
    frames(),
    TASTES,
    st.sampled_from(["image/jpeg", "image/png", "image/webp"]),
    st.sampled_from(["rgb", "rgba", "cmyk", "gray16", "palette"]),
    st.integers(1, 50_000_000),
    st.sets(st.sampled_from(["image/jpeg", "image/png", "image/webp"]), min_size=1),
)
def test_a_planned_picture_satisfies_the_rule_it_was_planned_for(
    width: int,
    height: int,
    frame: dict[str, object],
    taste: Taste,
    mime: str,
    colours: str,
    size: int,
    formats: set[str],
) -> None:
    rule = PictureRule(formats=tuple(sorted(formats)), most_bytes=5_000_000, **frame)  # type: ignore[arg-type]
    stream = Stream(pixels=colours)
    media = replace(PHOTO, width=width, height=height, mime=mime, size=size, stream=stream)
    verdict = judge(media, of(picture=rule), taste)
    if verdict.plan is None:
        assert any(not fault.mended and fault.fix for fault in verdict.faults)
    else:
        assert judge(after(media, verdict.plan), of(picture=rule)).faults == ()
