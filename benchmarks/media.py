"""What it costs to look at files and to make them fit, in seconds of CPU: the machine may be busy."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

import psutil

from benchmarks.table import Figure, spread
from bot.domain.fitting import Fill, MediaRules, Plan, Sound, Step, judge
from bot.domain.platform import Facts
from bot.domain.post import Media, Part, Variant
from bot.log import make_log
from bot.media import boxes, encode, ffmpeg
from bot.media.files import FileMedia
from bot.media.graph import CRF, PRESET, Order, arguments
from bot.media.studio import FileStudio
from bot.registry import load

SECONDS, ROUNDS, LOOKS, RENDERS = 4, 3, 15, 20
SCENE = (
    f"gradients=s=1920x1080:r=30:d={SECONDS}:speed=0.02:n=5:seed=7[g];"
    "mandelbrot=s=640x360:r=30:maxiter=200:end_scale=0.02,scale=1920:1080,format=yuva420p,"
    f"colorchannelmixer=aa=0.5,trim=duration={SECONDS}[m];[g][m]overlay,noise=alls=3:allf=t,format=yuv420p[v]"
)
BLURRED = Plan(step=Step.VIDEO, format="video/mp4", size=(1080, 1920), fill=Fill.BLUR, sound=Sound.COPY)
NOTE = (
    f"media: {SECONDS} s of 1920×1080 at 30 frames a second, texture and noise, H.264; CPU of all processes, "
    f"median of {ROUNDS}; the limit decodes the source and encodes the rendition's frames, without a filter"
)


async def measure() -> list[Figure]:
    """Verdicts, renditions, what they leave behind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source.mp4"
        sound = ["-f", "lavfi", "-i", f"sine=r=48000:d={SECONDS}"]
        _ffmpeg(
            "-filter_complex",
            SCENE,
            *sound,
            "-map",
            "[v]",
            "-map",
            "0:a",
            "-c:v",
            "libx264",
            "-preset",
            PRESET,
            "-crf",
            "20",
            "-t",
            str(SECONDS),
            "-c:a",
            "aac",
            "-movflags",
            "+faststart",
            str(source),
        )
        store = FileMedia(folder / "media")
        media = await store.add(source)
        studio = FileStudio(store, folder / "studio")
        figures = await _verdicts(store, media, source)
        figures += await _targets(store, studio, media)
        figures += await _costs(store, media, folder)
        figures += await _leavings(studio, store, folder)
        return figures


def _ffmpeg(*line: str) -> None:
    subprocess.run([ffmpeg.executable(), "-v", "error", "-nostdin", "-y", *line], check=True)


def _cpu() -> float:
    """Seconds of this process and of its children that have ended."""
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


def _cost(*line: str) -> float:
    before = _cpu()
    _ffmpeg(*line)
    return _cpu() - before


async def _verdicts(store: FileMedia, media: Media, source: Path) -> list[Figure]:
    gates, whole = [], []
    rules = next(rules for name, rules in _rules(media) if judge(media, rules).plan == Plan(step=Step.KEEP))
    for _ in range(LOOKS):
        start = time.perf_counter()
        boxes.walk(source)
        gates.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        judge(await store.look(source), rules)
        whole.append((time.perf_counter() - start) * 1000)
    return [
        Figure(
            name="media: box gate",
            bar="≤ 1 ms",
            measured=f"{spread(gates, '.2f')} ms",
            met=statistics.median(gates) <= 1,
        ),
        Figure(
            name="media: verdict for a compliant file",
            bar="≤ 150 ms",
            measured=f"{spread(whole, '.0f')} ms",
            met=statistics.median(whole) <= 150,
            notes=(f"verdict: hashing {media.size / 1e6:.1f} MB, looking and judging; wall time",),
        ),
    ]


def _rules(media: Media) -> list[tuple[str, MediaRules]]:
    """What every platform of the house takes now, by its name."""
    found = []
    for platform in load(log=make_log(sys.stderr)).platforms.values():
        variant = Variant(account="a", platform=platform.name, parts=(Part(text="", media=(media,)),))
        if platform.media is not None:
            found.append((platform.name, platform.media(variant, Facts())))
    return found


async def _targets(store: FileMedia, studio: FileStudio, media: Media) -> list[Figure]:
    steps, made, wrong = [], set(), []
    for name, rules in _rules(media):
        plan = judge(media, rules).plan
        if plan is None:
            wrong.append(name)
            continue
        result = await studio.fit(media, plan)
        steps.append(f"{name} {plan.step}")
        made |= {result.sha256} - {media.sha256}
        if judge(result, rules).faults:
            wrong.append(name)
    return [
        Figure(
            name="media: one 1080p 16:9 video to every platform",
            bar="each fits",
            measured=f"{len(steps)} targets, {len(made)} renditions: {', '.join(steps)}",
            met=not wrong and bool(steps),
        ),
    ]


async def _costs(store: FileMedia, media: Media, folder: Path) -> list[Figure]:
    plain = replace(BLURRED, size=(1280, 720), fill=Fill.CROP)
    source, figures, blurred = str(store.path(media)), [], 0.0
    for name, plan, bar in (
        ("plain, 1280×720", plain, 1.15),
        ("plain, same size", replace(plain, size=(1920, 1080)), 1.15),
        ("cropped to 1080×1920", replace(BLURRED, fill=Fill.CROP), 1.15),
        ("blurred fill, 1080×1920", BLURRED, 1.7),
    ):
        made = folder / "made.mp4"
        ours, limits = [], []
        for _ in range(ROUNDS):
            before = _cpu()
            await encode.run(
                arguments(Order(source=source, target=str(made), media=media, plan=plan)),
                seconds=float(SECONDS),
            )
            ours.append(_cpu() - before)
            limits.append(_limit(source, str(made), str(folder / "limit.mp4")))
        mine, limit = statistics.median(ours), statistics.median(limits)
        blurred = mine if plan is BLURRED else blurred
        figures.append(
            Figure(
                name=f"media: {name}",
                bar=f"≤ {bar} ×",
                measured=f"{mine / limit:.2f} × ({mine:.1f} s)",
                limit=f"{limit:.1f} s",
                met=mine <= bar * limit,
                notes=(NOTE,),
            )
        )
    before = _cpu()
    wish = [source, str(folder / "moviepy.mp4"), json.dumps(asdict(BLURRED)), "[0.5, 0.5]"]
    await asyncio.to_thread(subprocess.run, [sys.executable, "-m", "bot.media.reference", *wish], check=True)
    theirs = _cpu() - before
    figures.append(
        Figure(
            name="media: blurred fill by moviepy alone",
            bar="≥ 3.5 × ours",
            measured=f"{theirs / blurred:.1f} × ({theirs:.1f} s)",
            met=theirs >= 3.5 * blurred,
        )
    )
    return figures


def _limit(source: str, made: str, target: str) -> float:
    """CPU to decode the source and to encode the rendition's frames (their decoding taken off)."""
    read = ("-an", "-f", "null", "-")
    encoded = _cost(
        "-threads",
        "2",
        "-i",
        made,
        "-an",
        "-c:v",
        "libx264",
        "-preset",
        PRESET,
        "-crf",
        str(CRF),
        "-profile:v",
        "high",
        "-g",
        "60",
        "-threads",
        "2",
        target,
    )
    return _cost("-threads", "2", "-i", source, *read) + encoded - _cost("-threads", "2", "-i", made, *read)


async def _leavings(studio: FileStudio, store: FileMedia, folder: Path) -> list[Figure]:
    small = folder / "small.mp4"
    _ffmpeg("-f", "lavfi", "-i", "testsrc2=s=640x360:r=30:d=1", "-pix_fmt", "yuv420p", str(small))
    media = await store.add(small)
    me = psutil.Process()
    plan = Plan(step=Step.VIDEO, format="video/mp4", sound=Sound.NONE)
    await studio.fit(media, replace(plan, size=(320, 180)))
    memory, handles = me.memory_info().rss, me.num_fds()
    for number in range(RENDERS):
        await studio.fit(media, replace(plan, size=(322 + 2 * number, 180)))
    grown, open_now = (me.memory_info().rss - memory) / 1e6, me.num_fds() - handles
    waits = [await _cancelled(folder) for _ in range(ROUNDS)]
    left = [c for c in me.children(recursive=True) if c.is_running()]
    return [
        Figure(
            name=f"media: {RENDERS} renditions: memory, handles",
            bar="< 20 MB, 0",
            measured=f"{grown:+.1f} MB, {open_now:+d}",
            met=grown < 20 and open_now <= 0,
        ),
        Figure(
            name="media: cancelled: child and files gone",
            bar="≤ 6 s",
            measured=f"{spread(waits, '.1f')} s",
            met=max(waits) <= 6 and not left,
        ),
    ]


async def _cancelled(folder: Path) -> float:
    """Seconds from the wish to the child's end, in the middle of a large rendition."""
    started = asyncio.Event()
    line = [
        "-v",
        "error",
        "-nostdin",
        "-y",
        "-stats_period",
        "0.2",
        "-progress",
        "pipe:1",
        "-f",
        "lavfi",
        "-i",
    ]
    line += [
        "testsrc2=s=1920x1080:r=30:d=300",
        "-c:v",
        "libx264",
        "-preset",
        PRESET,
        str(folder / "long.mp4"),
    ]
    task = asyncio.ensure_future(encode.run(line, seconds=300.0, told=lambda _: started.set()))
    await started.wait()
    start = time.perf_counter()
    task.cancel()
    await asyncio.wait([task])
    os.unlink(folder / "long.mp4")
    return time.perf_counter() - start
