"""Whether a video fits, and the least that makes it fit. Pure."""

from __future__ import annotations

from bot.domain.demands import Fault, Step, Taste, Verdict, VideoRule
from bot.domain.framing import frame_of
from bot.domain.post import Media, MediaKind, Stream
from bot.domain.sizes_in_words import (
    as_bytes,
    as_formats,
    as_length,
    as_ratio,
    as_ratios,
    as_size,
    as_sizes,
)
from bot.domain.video_plans import POOREST, ROOM, SLACK, SPOKEN, USUAL, WRITTEN, is_cut, kept, plan_video

IN_MP4 = ("h264", "hevc", "av1", "mpeg4")
"""Codecs that go from one container into an MP4 without being made anew."""

VIDEO, SOUND, REMUX = Step.VIDEO, Step.SOUND, Step.REMUX


def judge_video(media: Media, rule: VideoRule, taste: Taste) -> Verdict:
    """A video, or a picture that moves and is shown as one."""
    found = _stream_faults(media, rule) + _sound_faults(media, rule, taste)
    found += _length_faults(media, rule, taste) + _shape_faults(media, rule, taste)
    found += _weight_faults(media, rule, taste)
    faults = tuple(fault for fault, _ in found)
    if any(not fault.mended for fault in faults):
        return Verdict(faults=faults)
    steps = {step for _, step in found}
    step = next((step for step in (VIDEO, SOUND, REMUX) if step in steps), Step.KEEP)
    stream = media.stream or Stream()
    if step in (SOUND, REMUX) and stream.container not in WRITTEN and stream.video not in IN_MP4:
        step = VIDEO
    plan = plan_video(media, rule, taste, step, spoilt=bool(_sound_faults(media, rule, taste)))
    if plan is None:
        bad = Fault(
            code="size",
            have=as_size(media),
            want=as_sizes(frame_of(rule)),
            mended=False,
            fix="Choose a video of another shape.",
        )
        return Verdict(faults=(*(f for f in faults if f.code not in ("size", "ratio")), bad))
    return Verdict(faults=faults, plan=plan)


Found = list[tuple[Fault, Step]]


def _stream_faults(media: Media, rule: VideoRule) -> Found:
    stream, found = media.stream or Stream(), Found()
    if media.kind is MediaKind.GIF:
        said = Fault(code="moves", have="a picture that moves", want="a video", mended=True)
        return [(said, VIDEO)]
    makeable = "h264" in rule.codecs and any(c in rule.containers for c in WRITTEN)
    fix = "" if makeable else f"Save it as {as_formats(rule.containers)}."
    if stream.container and stream.container not in rule.containers:
        step = REMUX if stream.video in IN_MP4 else VIDEO
        fault = Fault(
            code="container",
            have=as_formats((stream.container,)),
            want=as_formats(rule.containers),
            mended=makeable,
            fix=fix,
        )
        found.append((fault, step))
    if stream.video and stream.video not in rule.codecs:
        fault = Fault(
            code="codec",
            have=as_formats((stream.video,)),
            want=as_formats(rule.codecs),
            mended=makeable,
            fix=fix,
        )
        found.append((fault, VIDEO))
    if stream.pixels and stream.pixels not in rule.pixels:
        fault = Fault(code="pixels", have=stream.pixels, want=rule.pixels[0], mended=makeable, fix=fix)
        found.append((fault, VIDEO))
    if not stream.progressive:
        found.append((Fault(code="interlaced", have="interlaced", want="progressive", mended=True), VIDEO))
    if not stream.square:
        found.append(
            (
                Fault(code="square", have="pixels that are not square", want="square pixels", mended=True),
                VIDEO,
            )
        )
    if stream.turned and not rule.turned:
        found.append((Fault(code="turned", have="turned by a mark", want="upright", mended=True), VIDEO))
    if rule.steady and not stream.steady:
        found.append(
            (
                Fault(
                    code="steady", have="a frame rate that changes", want="a constant frame rate", mended=True
                ),
                VIDEO,
            )
        )
    if rule.front and not stream.front:
        found.append(
            (Fault(code="front", have="its index at the end", want="its index in front", mended=True), REMUX)
        )
    if stream.place:
        found.append(
            (Fault(code="place", have="says where it was taken", want="no place in it", mended=True), REMUX)
        )
    if stream.edits and not rule.edits:
        found.append((Fault(code="edits", have="an edit list", want="none", mended=True), REMUX))
    return found


def _sound_faults(media: Media, rule: VideoRule, taste: Taste) -> Found:
    stream, found = media.stream or Stream(), Found()
    if not stream.audio:
        return found
    if stream.audio not in rule.audio:
        mended = "aac" in rule.audio
        found.append(
            (
                Fault(
                    code="audio",
                    have=as_formats((stream.audio,)),
                    want=as_formats(rule.audio),
                    mended=mended,
                    fix="" if mended else f"Give its sound as {as_formats(rule.audio)}.",
                ),
                SOUND,
            )
        )
    if stream.rate and rule.rates and stream.rate not in rule.rates:
        rates = " or ".join(f"{rate / 1000:g} kHz" for rate in rule.rates)
        found.append((Fault(code="rate", have=f"{stream.rate / 1000:g} kHz", want=rates, mended=True), SOUND))
    if stream.channels > rule.channels:
        want = (
            "mono" if rule.channels == 1 else "stereo" if rule.channels == 2 else f"{rule.channels} channels"
        )
        found.append(
            (
                Fault(code="channels", have=f"{stream.channels} channels of sound", want=want, mended=True),
                SOUND,
            )
        )
    if taste.level:
        found.append(
            (Fault(code="loud", have="its own loudness", want=f"{USUAL:g} LUFS", mended=True), SOUND)
        )
    return found


def _length_faults(media: Media, rule: VideoRule, taste: Taste) -> Found:
    if not media.seconds:
        return []
    (start, end), (least, most) = kept(media, taste), rule.seconds
    length = end - start
    if length <= 0:
        fix = f"It is {as_length(media.seconds)} long: choose a part inside of it."
        want = f"a part of {as_length(media.seconds)}"
        return [
            (Fault(code="trim", have="a cut that leaves nothing", want=want, mended=False, fix=fix), VIDEO)
        ]
    found = Found()
    if is_cut(media, taste):
        said = Fault(code="cut", have=as_length(media.seconds), want=as_length(length), mended=True)
        found.append((said, VIDEO))
    if most and length > most + SLACK:
        found.append(
            (
                Fault(
                    code="seconds",
                    have=as_length(length),
                    want=f"at most {as_length(most)}",
                    mended=False,
                    fix=f"Trim it to {as_length(most)}.",
                ),
                VIDEO,
            )
        )
    if length < least - SLACK:
        found.append(
            (
                Fault(
                    code="seconds",
                    have=as_length(length),
                    want=f"at least {as_length(least)}",
                    mended=False,
                    fix="Choose a longer video.",
                ),
                VIDEO,
            )
        )
    return found


def _shape_faults(media: Media, rule: VideoRule, taste: Taste) -> Found:
    stream, found, frame = media.stream or Stream(), Found(), frame_of(rule)
    if media.width and media.height:
        size = (media.width, media.height)
        if not frame.ratio_fits(size):
            found.append(
                (Fault(code="ratio", have=as_ratio(*size), want=as_ratios(frame), mended=True), VIDEO)
            )
        elif taste.shape is not None and as_ratio(*taste.shape) != as_ratio(*size):
            found.append(
                (Fault(code="shape", have=as_ratio(*size), want=as_ratio(*taste.shape), mended=True), VIDEO)
            )
        if not frame.size_fits(size):
            found.append((Fault(code="size", have=as_size(media), want=as_sizes(frame), mended=True), VIDEO))
    if stream.fps and rule.fps and not rule.fps[0] - 0.1 <= stream.fps <= rule.fps[1] + 0.01:
        want = f"{rule.fps[0]:g} to {rule.fps[1]:g} frames a second"
        found.append(
            (Fault(code="fps", have=f"{stream.fps:g} frames a second", want=want, mended=True), VIDEO)
        )
    return found


def _weight_faults(media: Media, rule: VideoRule, taste: Taste) -> Found:
    stream, found = media.stream or Stream(), Found()
    start, end = kept(media, taste)
    length = end - start
    if rule.bits and stream.bits > rule.bits:
        found.append(
            (
                Fault(
                    code="bits",
                    have=f"{stream.bits / 1e6:.1f} Mbit a second",
                    want=f"at most {rule.bits / 1e6:g}",
                    mended=True,
                ),
                VIDEO,
            )
        )
    if rule.seconds[1]:
        length = min(length, rule.seconds[1])  # a longer one is told so already
    if length > 0 and length * (POOREST + SPOKEN) > rule.most_bytes * 8 * ROOM:
        room = rule.most_bytes * 8 * ROOM / (POOREST + SPOKEN)
        if media.size > rule.most_bytes:
            found.append(
                (
                    Fault(
                        code="bytes",
                        have=as_bytes(media.size),
                        want=f"at most {as_bytes(rule.most_bytes)}",
                        mended=False,
                        fix=f"Trim it to {as_length(room)}.",
                    ),
                    VIDEO,
                )
            )
    elif media.size > rule.most_bytes:
        found.append(
            (
                Fault(
                    code="bytes",
                    have=as_bytes(media.size),
                    want=f"at most {as_bytes(rule.most_bytes)}",
                    mended=True,
                ),
                VIDEO,
            )
        )
    if 0 < media.size < rule.least_bytes:
        found.append(
            (
                Fault(
                    code="bytes",
                    have=as_bytes(media.size),
                    want=f"at least {as_bytes(rule.least_bytes)}",
                    mended=False,
                    fix="Choose a longer or a sharper video.",
                ),
                VIDEO,
            )
        )
    return found
