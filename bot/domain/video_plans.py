"""The rendition of a video that fits: container, size, frames and bits a second. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.demands import Fill, Plan, Sound, Step, Taste, VideoRule
from bot.domain.framing import choose_fill, choose_size, frame_of, wanted_ratio
from bot.domain.post import Media, MediaKind, Stream

POOREST = 200_000
"""Bits per second below which a video is not worth showing."""

SPOKEN = 128_000
"""Bits per second of the sound we make."""

ROOM = 0.92
"""The share of a bound on bytes that is aimed at; rate control misses by a few per cent."""

USUAL = -14.0
"""LUFS that the big players level to, so that they change nothing (reference of 2026-11)."""

SLACK = 0.05
"""Seconds by which a length may be off: containers round to frames."""

WRITTEN = ("mp4", "mov")
"""Containers that we write."""

BUFFER = 1.0
"""Seconds that rate control may run ahead: it starts with a full buffer, which counts for short videos."""

DRAWN = 25.0
"""Frames a second of a video that is made from a picture that moves: those have times, but no rate."""


def kept(media: Media, taste: Taste) -> tuple[float, float]:
    """The seconds that are kept, from and to; 0 and 0 where the length is unknown."""
    end = media.seconds if taste.end is None else min(taste.end, media.seconds)
    return max(0.0, taste.start), end


def is_cut(media: Media, taste: Taste) -> bool:
    """Whether a person wished for a part of it."""
    start, end = kept(media, taste)
    return bool(media.seconds) and (start > SLACK or end < media.seconds - SLACK)


def plan_video(media: Media, rule: VideoRule, taste: Taste, step: Step, *, spoilt: bool) -> Plan | None:
    """What makes it fit in that step; None where no size is taken. ``spoilt``: its sound does not do."""
    if step is Step.KEEP:
        return Plan(step=step)
    stream = media.stream or Stream()
    container = next((c for c in rule.containers if c in WRITTEN), "mp4")
    if step is not Step.VIDEO and stream.container in WRITTEN and stream.container in rule.containers:
        container = stream.container
    rate = min(rule.rates, key=lambda r: abs(r - 48_000)) if rule.rates else 48_000
    sound = Sound.COPY if stream.audio else Sound.NONE
    spoilt = spoilt or stream.audio not in ("aac", "")
    if stream.audio and (step is Step.SOUND or spoilt or is_cut(media, taste)):
        sound = Sound.AAC
    plan = Plan(
        step=step,
        format="video/mp4" if container == "mp4" else "video/quicktime",
        most_bytes=rule.most_bytes,
        sound=sound,
        rate=rate,
        channels=max(1, min(stream.channels or 2, rule.channels)),
        loud=USUAL if taste.level and stream.audio else 0.0,
        edits=rule.edits,
    )
    return plan if step is not Step.VIDEO else _made_anew(media, rule, taste, plan)


def _made_anew(media: Media, rule: VideoRule, taste: Taste, plan: Plan) -> Plan | None:
    frame = frame_of(rule)
    size, fill = None, Fill.CROP
    if media.width and media.height:
        have = (media.width, media.height)
        ratio = wanted_ratio(have, frame, taste.shape)
        fill = taste.fill or choose_fill(have, ratio)
        size = choose_size(have, frame, ratio, fill)
        if size is None and frame.aim is not None:
            ratio = frame.aim[0] / frame.aim[1]
            fill = taste.fill or choose_fill(have, ratio)
            size = choose_size(have, frame, ratio, fill)
        if size is None:
            return None
    start, end = kept(media, taste)
    cut = is_cut(media, taste)
    return replace(
        plan,
        size=size,
        fill=fill,
        edits=False,  # taken everywhere, so that targets share a rendition; the sound lies 21 ms off
        fps=_frames(media, rule),
        bits=_bits(rule, end - start),
        start=start if cut else 0.0,
        end=end if cut else None,
    )


def _frames(media: Media, rule: VideoRule) -> float:
    """Frames a second of the rendition; 0 leaves them as they are."""
    least, most = rule.fps or (0.0, 60.0)
    stream = media.stream or Stream()
    if media.kind is MediaKind.GIF:
        return max(least, min(DRAWN, most))
    if not stream.fps:
        return 0.0
    if stream.fps > most + 0.01:
        return stream.fps / 2 if least <= stream.fps / 2 <= most and stream.fps < 2 * most else most
    if stream.fps < least:
        return max(least, min(30.0, most))
    if not stream.steady:
        return max(least, min(30.0 if stream.fps <= 31 else 60.0, most))
    return 0.0


def _bits(rule: VideoRule, length: float) -> int:
    """The most bits per second of the pictures that keep both bounds; 0 where neither is near."""
    bounds = [int(rule.bits * ROOM)] if rule.bits else []
    if length > 0:
        by_bytes = int(rule.most_bytes * 8 * ROOM / (length + BUFFER)) - SPOKEN
        if by_bytes < 40_000_000:
            bounds.append(max(by_bytes, POOREST))
    return min(bounds, default=0)
