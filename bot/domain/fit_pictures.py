"""Whether a picture fits, and what makes it fit. Pure."""

from __future__ import annotations

from types import MappingProxyType

from bot.domain.demands import Fault, Fill, MediaRules, PictureRule, Plan, Step, Taste, Verdict
from bot.domain.framing import choose_fill, choose_size, frame_of, wanted_ratio
from bot.domain.post import Media, MediaKind, Stream
from bot.domain.sizes_in_words import as_bytes, as_formats, as_ratio, as_ratios, as_size, as_sizes

KEPT_BITS = 1.5
"""Bits per pixel at which a JPEG still looks good; bounds the pixels where bytes are short."""

MADE = ("image/jpeg", "image/png", "image/webp")
"""What we write, the one that is read everywhere first."""

SRGB = ("", "sRGB")
MOVES_AS = "image/gif"


def judge_picture(media: Media, rule: PictureRule, taste: Taste) -> Verdict:
    """A picture that stands still, or one that is shown standing still."""
    faults = _faults(media, rule, taste)
    plan = _plan(media, rule, taste, faults)
    if plan is None:
        bad = Fault(
            code="size",
            have=as_size(media),
            want=as_sizes(frame_of(rule)),
            mended=False,
            fix="Choose a picture of another shape.",
        )
        return Verdict(faults=(*(f for f in faults if f.code not in ("size", "ratio")), bad))
    if any(not fault.mended for fault in faults):
        return Verdict(faults=faults)
    return Verdict(faults=faults, plan=plan)


def judge_moving(media: Media, rules: MediaRules, taste: Taste) -> Verdict | None:
    """A picture that moves, where such are taken as pictures; None: it must become something else."""
    rule = rules.gif
    if rule is None and rules.picture is not None and rules.picture.moving:
        rule = rules.picture
    if rule is None:
        return None
    faults = _faults(media, rule, taste)
    if not faults:
        return Verdict(plan=Plan(step=Step.KEEP))
    if rules.video is not None or MOVES_AS not in rule.formats:
        return None
    plan = _plan(media, rule, taste, faults)
    if plan is None:
        return None
    return Verdict(
        faults=faults,
        plan=Plan(
            step=Step.PICTURE, format=MOVES_AS, size=plan.size, fill=plan.fill, most_bytes=rule.most_bytes
        ),
    )


def stilled(media: Media, rule: PictureRule, taste: Taste) -> Verdict:
    """A picture that moves, where only still ones are taken: its first frame."""
    found = judge_picture(media, rule, taste)
    said = Fault(
        code="moves", have="a picture that moves", want="a still picture (its first frame)", mended=True
    )
    if found.plan is None:
        return Verdict(faults=(said, *found.faults))
    shape = found.plan if found.plan.step is Step.PICTURE else None
    made = media.mime if media.mime in MADE and media.mime in rule.formats else _format(media, rule)
    return Verdict(
        faults=(said, *found.faults),
        plan=Plan(
            step=Step.PICTURE,
            format=made,
            size=(shape.size if shape else None) or (media.width, media.height),
            fill=shape.fill if shape else Fill.CROP,
            most_bytes=rule.most_bytes,
            still=True,
        ),
    )


def _faults(media: Media, rule: PictureRule, taste: Taste) -> tuple[Fault, ...]:
    stream = media.stream or Stream()
    frame = frame_of(rule)
    found: list[Fault] = []
    if media.mime not in rule.formats:
        makeable = bool(_format(media, rule)) or (media.kind is MediaKind.GIF and MOVES_AS in rule.formats)
        fix = "" if makeable else f"Save it as {as_formats(rule.formats)}."
        found.append(
            Fault(
                code="format",
                have=as_formats((media.mime,)),
                want=as_formats(rule.formats),
                mended=makeable,
                fix=fix,
            )
        )
    if stream.pixels and stream.pixels not in rule.colours:
        found.append(
            Fault(
                code="colours", have=COLOURS.get(stream.pixels, stream.pixels), want="8-bit RGB", mended=True
            )
        )
    elif stream.profile not in SRGB and media.kind is MediaKind.IMAGE:
        found.append(Fault(code="profile", have=stream.profile, want="sRGB", mended=True))
    if stream.turned:
        found.append(Fault(code="turned", have="turned by a mark", want="upright", mended=True))
    if stream.place:
        found.append(Fault(code="place", have="says where it was taken", want="no place in it", mended=True))
    if media.width and media.height:
        size = (media.width, media.height)
        if not frame.ratio_fits(size):
            found.append(Fault(code="ratio", have=as_ratio(*size), want=as_ratios(frame), mended=True))
        elif not _as_wished(size, taste):
            wish = taste.shape or size
            found.append(Fault(code="shape", have=as_ratio(*size), want=as_ratio(*wish), mended=True))
        if not frame.size_fits(size):
            found.append(Fault(code="size", have=as_size(media), want=as_sizes(frame), mended=True))
    if media.size > rule.most_bytes:
        found.append(
            Fault(
                code="bytes",
                have=as_bytes(media.size),
                want=f"at most {as_bytes(rule.most_bytes)}",
                mended=True,
            )
        )
    return tuple(found)


COLOURS = MappingProxyType(
    {
        "cmyk": "CMYK (for print)",
        "rgb16": "16 bits per colour",
        "gray16": "16 bits per pixel",
        "rgba16": "16 bits per colour",
        "lab": "Lab colours",
    }
)


def _plan(media: Media, rule: PictureRule, taste: Taste, faults: tuple[Fault, ...]) -> Plan | None:
    """None where no size is taken."""
    if not faults:
        return Plan(step=Step.KEEP)
    if not (media.width and media.height):
        return Plan(step=Step.PICTURE, format=_format(media, rule), most_bytes=rule.most_bytes)
    size, frame = (media.width, media.height), frame_of(rule)
    ratio = wanted_ratio(size, frame, taste.shape)
    fill = taste.fill or choose_fill(size, ratio)
    short_of_bytes = int(rule.most_bytes * 8 / KEPT_BITS) if media.size > rule.most_bytes else 0
    made = choose_size(size, frame, ratio, fill, most_pixels=short_of_bytes)
    if made is None and frame.aim is not None:
        ratio = frame.aim[0] / frame.aim[1]
        fill = taste.fill or choose_fill(size, ratio)
        made = choose_size(size, frame, ratio, fill)
    if made is None:
        return None
    return Plan(
        step=Step.PICTURE, format=_format(media, rule), size=made, fill=fill, most_bytes=rule.most_bytes
    )


def _format(media: Media, rule: PictureRule) -> str:
    """What it is written as; empty where the rule takes nothing that we write."""
    see_through = media.stream is not None and media.stream.pixels in ("rgba", "rgba16")
    too_many = media.size > rule.most_bytes
    if media.mime in MADE and media.mime in rule.formats and not too_many:
        return media.mime
    order = ("image/png", "image/webp", "image/jpeg") if see_through and not too_many else MADE
    return next((mime for mime in order if mime in rule.formats), "")


def _as_wished(size: tuple[int, int], taste: Taste) -> bool:
    if taste.shape is None or not all(side > 0 for side in taste.shape):
        return True
    return abs(size[0] / size[1] / (taste.shape[0] / taste.shape[1]) - 1) <= 0.01
