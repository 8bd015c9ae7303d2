"""What files X takes: as rules to make them fit by, and as what is said of those that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import (
    Facts,
    Finding,
    Level,
    Media,
    MediaKind,
    MediaRules,
    Part,
    PictureRule,
    Variant,
    VideoRule,
)
from plugins.twitter.captions import language_code, mime_of
from plugins.twitter.limits import (
    ALT_CHARACTERS,
    BEST,
    CAPTION_BYTES,
    GIF_BYTES,
    GIF_HEIGHT,
    GIF_WIDTH,
    GIFS,
    IMAGE_BYTES,
    IMAGE_TYPES,
    IMAGES,
    READ,
    VIDEO_BYTES,
    VIDEO_FPS,
    VIDEO_HEIGHTS,
    VIDEO_LEAST_SECONDS,
    VIDEO_RATIOS,
    VIDEO_SECONDS,
    VIDEO_TYPES,
    VIDEO_WIDTHS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MB = 1024**2


def media_rules(variant: Variant, facts: Facts) -> MediaRules:
    """What one post may carry: four pictures, or one GIF, or one video."""
    return MediaRules(
        picture=PictureRule(formats=IMAGE_TYPES, most_bytes=IMAGE_BYTES),
        gif=PictureRule(
            formats=("image/gif",),
            most_bytes=GIF_BYTES,
            widths=(1, GIF_WIDTH),
            heights=(1, GIF_HEIGHT),
            moving=True,
        ),
        video=VideoRule(
            containers=("mp4", "mov"),
            codecs=("h264",),
            audio=("aac",),
            most_bytes=most_bytes(facts),
            seconds=(VIDEO_LEAST_SECONDS, most_seconds(facts)),
            ratios=VIDEO_RATIOS,
            aim=(VIDEO_WIDTHS[1], 720),
            widths=VIDEO_WIDTHS,
            heights=VIDEO_HEIGHTS,
            fps=VIDEO_FPS,
        ),
        most_pictures=IMAGES,
        most_files=IMAGES,
        source=BEST,
        as_of=READ,
    )


def most_seconds(facts: Facts) -> float:
    """How long a video of this account may be."""
    return float(facts.values.get("video_seconds") or VIDEO_SECONDS)


def most_bytes(facts: Facts) -> int:
    """How large a video of this account may be."""
    return int(facts.values.get("video_bytes") or VIDEO_BYTES)


def said_of(part: Part, facts: Facts) -> Iterator[Finding]:
    """Everything wrong with the files of one part, or worth saying."""
    kinds = [media.kind for media in part.media]
    alone = sum(kind in (MediaKind.GIF, MediaKind.VIDEO) for kind in kinds)
    if alone > GIFS or (alone and len(kinds) > alone):
        yield _block(
            "media_mix",
            "X takes one video or one animated GIF alone, or up to four pictures.",
            "Leave the others out.",
        )
    elif len(kinds) > IMAGES:
        yield _block(
            "too_many_images",
            f"X takes {IMAGES} pictures per post, this has {len(kinds)}.",
            "Leave some out.",
        )
    for media in part.media:
        if media.size == 0:
            yield _block("empty_file", f"{media.name} is empty.", "Send the file again.")
        yield from _video(media, facts) if media.kind is MediaKind.VIDEO else _picture(media)


def minutes(seconds: float) -> str:
    """2:20, as people say lengths."""
    whole = int(seconds + 0.5)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _video(media: Media, facts: Facts) -> Iterator[Finding]:
    if media.mime not in VIDEO_TYPES:
        yield _block("format", f"{media.name}: X takes MP4 and MOV, not {media.mime}.", "Convert the video.")
        return
    longest, largest = most_seconds(facts), most_bytes(facts)
    if media.seconds > longest:
        yield _block(
            "video_too_long",
            f"{media.name}: this account may post videos of {minutes(longest)} on X, "
            f"this one has {minutes(media.seconds)}.",
            "Trim it. If X allows the account more, set `premium` or `video_seconds` of the account.",
        )
    if 0 < media.seconds < VIDEO_LEAST_SECONDS:
        yield _block(
            "video_too_short",
            f"{media.name}: X takes videos from half a second on, this one has {media.seconds:.2f} s.",
            "Send a longer one.",
        )
    if media.size > largest:
        yield _block(
            "too_large",
            f"{media.name}: X takes videos up to {largest // MB:,} MB, "
            f"this one has {media.size / MB:,.0f} MB.",
            "Make it smaller.",
        )
    if media.alt.strip() and not media.captions:
        yield Finding(
            level=Level.NOTE,
            code="video_alt",
            text="X shows no description of a video; people who do not hear it need subtitles.",
        )
    if media.cover is not None:
        yield from _cover(media.cover)
    yield from _captions(media.captions)


def _cover(cover: Media) -> Iterator[Finding]:
    if cover.mime not in IMAGE_TYPES or cover.size > IMAGE_BYTES:
        yield _block(
            "cover",
            f"The cover {cover.name} is no picture of up to {IMAGE_BYTES // MB} MB that X takes.",
            "Use a smaller JPEG or PNG.",
        )


def _captions(captions: tuple[Media, ...]) -> Iterator[Finding]:
    codes = [language_code(caption.language) for caption in captions]
    for caption, code in zip(captions, codes, strict=True):
        if not code:
            yield _block(
                "captions_language",
                f"Of which language are the subtitles {caption.name}? X wants to know.",
                "Name it with two letters, such as en.",
            )
        if caption.size > CAPTION_BYTES or not caption.size:
            yield _block(
                "captions_size",
                f"The subtitles {caption.name} have {caption.size / 1024:,.0f} KB; "
                f"X is sure to take {CAPTION_BYTES // 1024} KB.",
                "Send them as an SRT or VTT file.",
            )
        if "srt" not in mime_of(caption) and "vtt" not in mime_of(caption):
            yield _block("captions_format", f"{caption.name}: X takes SRT and VTT.", "Convert it.")
    if len({code for code in codes if code}) < len([code for code in codes if code]):
        yield _block(
            "captions_twice",
            "Two of the subtitles are of one language, and X tells languages by two letters only.",
            "Leave one of them out.",
        )


def _picture(media: Media) -> Iterator[Finding]:
    if media.mime not in IMAGE_TYPES:
        yield _block(
            "format",
            f"{media.name}: X takes JPEG, PNG, GIF and WebP, not {media.mime}.",
            "Convert the picture.",
        )
        return
    gif = media.kind is MediaKind.GIF
    most = GIF_BYTES if gif else IMAGE_BYTES
    if media.size > most:
        yield _block(
            "too_large",
            f"{media.name}: X takes {'GIFs' if gif else 'pictures'} up to {most // MB} MB, "
            f"this one has {media.size / MB:.1f} MB.",
            "Make it smaller.",
        )
    if gif and (media.width > GIF_WIDTH or media.height > GIF_HEIGHT):
        yield Finding(
            level=Level.WARN,
            code="gif_size",
            text=f"{media.name}: X takes GIFs up to {GIF_WIDTH}×{GIF_HEIGHT}, "
            f"this one is {media.width}×{media.height}.",
            fix="Make it smaller, or X may refuse it.",
        )
    if not media.alt.strip():
        yield Finding(
            level=Level.WARN,
            code="alt_missing",
            text=f"{media.name} has no description for people who cannot see it.",
            fix='Add one with `--alt "…"`.',
        )
    elif len(media.alt) > ALT_CHARACTERS:
        yield _block(
            "alt_too_long",
            f"{media.name}: X takes descriptions of {ALT_CHARACTERS:,} characters, "
            f"this has {len(media.alt):,}.",
            "Shorten the description.",
        )


def _block(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)
