"""From plans to ffmpeg's arguments: the very words, and nothing of a person's among them. Pure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.demands import Fill, Plan, Sound, Step
from bot.domain.post import Media, MediaKind, Stream
from bot.media.graph import Order, arguments, filters, inside, measuring, window

FILM = Media(
    sha256="a",
    name="'; rm -rf / #.mp4",
    mime="video/mp4",
    kind=MediaKind.VIDEO,
    size=10**6,
    width=1920,
    height=1080,
    seconds=20.0,
    stream=Stream(container="mp4", video="h264", audio="aac", pixels="yuv420p", fps=30.0),
)
PLAN = Plan(step=Step.VIDEO, format="video/mp4", size=(1080, 1920), sound=Sound.COPY)
ALWAYS = (
    "-hide_banner -nostdin -y -v error -nostats -stats_period 1 -progress pipe:1 "
    "-threads 2 -filter_complex_threads 2 -protocol_whitelist file,pipe -format_whitelist "
    "mov,matroska,gif,webp_anim,webp_pipe,png_pipe,jpeg_pipe,avi,wav,mp3,aac,ogg"
)
LAST = "-map_metadata -1 -map_chapters -1 -dn -sn -movflags +faststart -f mp4 file:/out"


def order(plan: Plan = PLAN, media: Media = FILM, **more: object) -> Order:
    return Order(source="/in", target="/out", media=media, plan=plan, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan(step=Step.REMUX, format="video/mp4"), "-map 0:V:0 -c:v copy -map 0:a:0? -c:a copy"),
        (
            Plan(step=Step.SOUND, format="video/mp4", sound=Sound.AAC, rate=44_100, channels=1),
            "-map 0:V:0 -c:v copy -map 0:a:0? -c:a aac -b:a 128000 -ar 44100 -ac 1",
        ),
        (
            replace(PLAN, size=(1280, 720), sound=Sound.NONE, bits=4_000_000),
            "-filter_complex [0:V:0]scale=1280:720,format=yuv420p,setsar=1[v] -map [v] -c:v libx264 "
            "-preset veryfast -crf 21 -profile:v high -pix_fmt yuv420p -g 60 -maxrate 4000000 "
            "-bufsize 4000000 -an",
        ),
        (
            replace(PLAN, fps=30.0, fill=Fill.CROP),
            "-filter_complex [0:V:0]crop=606:1080:656:0,scale=1080:1920,fps=30,format=yuv420p,setsar=1[v] "
            "-map [v] -c:v libx264 -preset veryfast -crf 21 -profile:v high -pix_fmt yuv420p -g 60 "
            "-map 0:a:0? -c:a copy",
        ),
    ],
)
def test_the_words(plan: Plan, words: str) -> None:
    assert " ".join(arguments(order(plan))) == f"{ALWAYS} -threads 2 -i file:/in {words} {LAST}"


def test_a_cut_and_an_index_without_an_edit_list() -> None:
    said = " ".join(arguments(order(replace(PLAN, start=2.5, end=12.0, edits=False))))
    assert "-ss 2.500 -t 9.500 -threads 2 -i file:/in" in said
    assert "-movflags +faststart+negative_cts_offsets -use_editlist 0 -f mp4" in said


def test_the_blurred_ground_is_stacked_around_the_picture() -> None:
    assert filters(order(replace(PLAN, fill=Fill.BLUR))) == (
        "[0:V:0]fps=30,split[a][b];"
        "[a]fps=10,scale=134:240:force_original_aspect_ratio=increase:flags=fast_bilinear,crop=134:240,"
        "gblur=sigma=5,split[t][u];"
        "[t]crop=134:82:0:0,scale=1080:656:flags=bilinear,format=yuv420p,setsar=1,fps=30[n];"
        "[u]crop=134:82:0:158,scale=1080:656:flags=bilinear,format=yuv420p,setsar=1,fps=30[f];"
        "[b]scale=1080:608,format=yuv420p,setsar=1[m];"
        "[n][m][f]vstack=inputs=3:shortest=1[v]"
    )
    upright = replace(FILM, width=1080, height=1920)
    sideways = filters(order(replace(PLAN, size=(1920, 1080), fill=Fill.BLUR), upright))
    assert sideways.endswith("hstack=inputs=3:shortest=1[v]")


def test_odd_sources_are_put_right_first() -> None:
    odd = replace(FILM, stream=replace(FILM.stream or Stream(), square=False, progressive=False))
    said = filters(order(replace(PLAN, size=(1280, 720)), odd))
    assert said.startswith("[0:V:0]bwdif,scale=w='max(1,round(iw*sar))':h=ih,setsar=1,scale=1280:720")


def test_loudness_is_measured_first_and_then_told() -> None:
    plan = replace(PLAN, size=(1280, 720), sound=Sound.AAC, loud=-14.0)
    assert "loudnorm=I=-14:TP=-1.5:LRA=11:print_format=json" in measuring(order(plan))
    told = {
        "input_i": "-30.1",
        "input_tp": "-9",
        "input_lra": "1",
        "input_thresh": "-40",
        "target_offset": "0.2",
    }
    said = " ".join(arguments(order(plan, loudness=told)))
    assert "linear=true:measured_I=-30.1:measured_TP=-9:measured_LRA=1:measured_thresh=-40:offset=0.2" in said


@given(st.text(max_size=40), st.sampled_from(Step), st.sampled_from(Fill))
def test_no_word_of_a_person_gets_into_a_command(name: str, step: Step, fill: Fill) -> None:
    plan = replace(PLAN, step=step, fill=fill)
    assert arguments(order(plan, replace(FILM, name=name))) == arguments(order(plan, replace(FILM, name="x")))


SIDE = st.integers(16, 4096).map(lambda side: side // 2 * 2)


@given(SIDE, SIDE, SIDE, SIDE, st.floats(0, 1), st.floats(0, 1))
def test_windows_lie_inside_and_pictures_fit(
    width: int, height: int, wide: int, tall: int, across: float, down: float
) -> None:
    w, h, x, y = window((width, height), (wide, tall), (across, down))
    assert not any(value % 2 for value in (w, h, x, y))
    assert 0 <= x <= x + w <= width
    assert 0 <= y <= y + h <= height
    inner = inside((width, height), (wide, tall))
    assert inner[0] <= wide
    assert inner[1] <= tall
    assert not (wide - inner[0]) % 4 or inner[0] == 2
    assert not (tall - inner[1]) % 4 or inner[1] == 2
