"""What files a platform takes, as declared facts, and what has to be done to one that does not fit. Pure."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from bot.domain.demands import (
    DocumentRule,
    Fault,
    Fill,
    MediaRules,
    PictureRule,
    Plan,
    Sound,
    Step,
    Taste,
    Verdict,
    VideoRule,
)
from bot.domain.fit_pictures import judge_moving, judge_picture, stilled
from bot.domain.fit_videos import judge_video
from bot.domain.framing import frame_of
from bot.domain.post import Media, MediaKind, Stream
from bot.domain.sizes_in_words import as_bytes, as_formats, as_length, as_ratios, as_sizes
from bot.domain.video_plans import kept

__all__ = [
    "DocumentRule",
    "Fault",
    "Fill",
    "MediaRules",
    "PictureRule",
    "Plan",
    "Sound",
    "Step",
    "Taste",
    "Verdict",
    "VideoRule",
    "after",
    "explain",
    "judge",
]

KINDS = MappingProxyType(
    {
        MediaKind.IMAGE: "a picture",
        MediaKind.GIF: "a picture that moves",
        MediaKind.VIDEO: "a video",
        MediaKind.DOCUMENT: "a document",
    }
)


def judge(media: Media, rules: MediaRules, taste: Taste | None = None) -> Verdict:
    """Whether the file fits, why not, and what makes it fit. What is not known of it is not held against it.

    A plan comes only where it mends every fault: ``judge(after(media, plan), rules)`` finds none.
    """
    taste = taste or Taste()
    match media.kind:
        case MediaKind.CAPTIONS:
            return Verdict(plan=Plan(step=Step.KEEP))
        case MediaKind.DOCUMENT if rules.document is not None:
            return _judge_document(media, rules.document)
        case MediaKind.VIDEO if rules.video is not None:
            return judge_video(media, rules.video, taste)
        case MediaKind.IMAGE if rules.picture is not None:
            return judge_picture(media, rules.picture, taste)
        case MediaKind.GIF:
            if (found := judge_moving(media, rules, taste)) is not None:
                return found
            if rules.video is not None:
                return judge_video(media, rules.video, taste)
            if rules.picture is not None:
                return stilled(media, rules.picture, taste)
    return Verdict(faults=(_wrong_kind(media, rules),))


def after(media: Media, plan: Plan) -> Media:
    """What the file will be once the plan is done, as far as that is known before. Pure."""
    width, height = plan.size or (media.width, media.height)
    stream = media.stream or Stream()
    if plan.step is Step.KEEP:
        return media
    if plan.step is Step.PICTURE:
        moves = plan.format == "image/gif" and not plan.still
        return replace(
            media,
            mime=plan.format,
            kind=MediaKind.GIF if moves else MediaKind.IMAGE,
            width=width,
            height=height,
            size=min(media.size, plan.most_bytes or media.size),
            seconds=media.seconds if moves else 0.0,
            stream=Stream(pixels="palette" if moves else "rgb"),
        )
    start, end = kept(media, Taste(start=plan.start, end=plan.end))
    sound = replace(stream, audio="aac", rate=plan.rate, channels=plan.channels)
    heard = {Sound.COPY: stream, Sound.AAC: sound, Sound.NONE: replace(stream, audio="", rate=0, channels=0)}
    result = replace(
        heard[plan.sound],
        container="mp4" if plan.format == "video/mp4" else "mov",
        front=True,
        edits=stream.edits and plan.edits,
        place=False,
    )
    if plan.step is Step.VIDEO:
        result = replace(
            result,
            video="h264",
            pixels="yuv420p",
            profile="High",
            progressive=True,
            square=True,
            hdr=False,
            turned=0,
            steady=True,
            fps=plan.fps or stream.fps,
            bits=min(stream.bits, plan.bits) if plan.bits else stream.bits,
        )
    return replace(
        media,
        mime=plan.format,
        kind=MediaKind.VIDEO,
        width=width,
        height=height,
        seconds=end - start,
        size=min(media.size, plan.most_bytes or media.size),
        stream=result,
    )


def explain(rules: MediaRules) -> tuple[str, ...]:
    """The rules as sentences for people, one for each kind of file."""
    said = []
    if (picture := rules.picture) is not None:
        said.append(f"Pictures: {_of_picture(picture)}{_count(rules.most_pictures)}.")
    if rules.gif is not None:
        said.append(f"Pictures that move: {_of_picture(rules.gif)}.")
    if (video := rules.video) is not None:
        least, most = video.seconds
        frame = frame_of(video)
        parts = [
            as_formats(video.containers),
            as_formats(video.codecs),
            f"{as_length(least)} to {as_length(most)}",
        ]
        parts += [f"at most {as_bytes(video.most_bytes)}"]
        parts += [as_ratios(frame)] if frame.ratios else []
        parts += [as_sizes(frame)] if frame.widths or frame.heights else []
        parts += [f"{video.fps[0]:g} to {video.fps[1]:g} frames a second"] if video.fps else []
        said.append(f"Videos: {', '.join(parts)}.")
    if (document := rules.document) is not None:
        formats = as_formats(document.formats)
        most_bytes, pages = as_bytes(document.most_bytes), document.most_pages
        said.append(f"Documents: {formats}, at most {most_bytes} and {pages} pages.")
    if rules.needed:
        said.append("A post without a file is not taken.")
    return tuple(said) or ("No files.",)


def _of_picture(rule: PictureRule) -> str:
    frame = frame_of(rule)
    parts = [as_formats(rule.formats), f"at most {as_bytes(rule.most_bytes)}"]
    parts += [as_ratios(frame)] if frame.ratios else []
    parts += [as_sizes(frame)] if frame.widths or frame.heights or frame.most_pixels else []
    return ", ".join(parts)


def _count(most: int) -> str:
    return f", {most} in a post" if most > 1 else ""


def _judge_document(media: Media, rule: DocumentRule) -> Verdict:
    faults = []
    if media.mime not in rule.formats:
        want = as_formats(rule.formats)
        have = as_formats((media.mime,))
        faults.append(Fault(code="format", have=have, want=want, mended=False, fix=f"Save it as {want}."))
    if media.size > rule.most_bytes:
        want = f"at most {as_bytes(rule.most_bytes)}"
        fix = "Save it with smaller pictures."
        faults.append(Fault(code="bytes", have=as_bytes(media.size), want=want, mended=False, fix=fix))
    if media.pages > rule.most_pages:
        want = f"at most {rule.most_pages} pages"
        fix = "Leave pages out."
        faults.append(Fault(code="pages", have=f"{media.pages} pages", want=want, mended=False, fix=fix))
    return Verdict(faults=tuple(faults), plan=None if faults else Plan(step=Step.KEEP))


def _wrong_kind(media: Media, rules: MediaRules) -> Fault:
    taken = [
        name
        for name, rule in (
            ("a picture", rules.picture),
            ("a video", rules.video),
            ("a document", rules.document),
        )
        if rule is not None
    ]
    want = " or ".join(taken) or "no file"
    fix = f"Give it {want}." if taken else "Leave the file out here."
    return Fault(code="kind", have=KINDS.get(media.kind, "another file"), want=want, mended=False, fix=fix)
