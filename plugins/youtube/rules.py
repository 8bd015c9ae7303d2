"""YouTube's limits, dated, and what they mean for a variant.

Source: developers.google.com/youtube/v3/docs/videos and its guides, read in November 2026.
The title is the option ``title`` or the first line of the text; the rest is the description.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.api import Finding, Level, Limit, MediaKind, Part, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TITLE_LIMIT = 100
"""Characters of ``snippet.title``."""

DESCRIPTION_LIMIT = 5000
"""Bytes of UTF-8, not characters, of ``snippet.description``."""

TAGS_LIMIT = 500
"""Characters of all tags together: the commas between them count, and so do the quotes that a
tag with a blank gets."""

SIZE_LIMIT = 256 * 1024**3
"""Bytes of one video."""

SECONDS_LIMIT = 12 * 3600
"""Seconds of one video, once the channel is verified."""

UNVERIFIED_SECONDS = 15 * 60
"""Seconds of one video before the channel's owner has verified a phone number."""

_VIDEOS = "developers.google.com/youtube/v3/docs/videos"
_HELP = "support.google.com/youtube: upload limits"
_READ = date(2026, 11, 21)

LIMITS = (
    Limit(name="title", value=TITLE_LIMIT, unit="characters", as_of=_READ, source=_VIDEOS),
    Limit(name="description", value=DESCRIPTION_LIMIT, unit="bytes", as_of=_READ, source=_VIDEOS),
    Limit(name="tags", value=TAGS_LIMIT, unit="characters", as_of=_READ, source=_VIDEOS),
    Limit(name="videos in a post", value=1, unit="videos", as_of=_READ, source=_VIDEOS),
    Limit(name="video size", value=SIZE_LIMIT, unit="bytes", as_of=_READ, source=_HELP),
    Limit(name="video length", value=SECONDS_LIMIT, unit="seconds", as_of=_READ, source=_HELP),
    Limit(
        name="video length, unverified channel",
        value=UNVERIFIED_SECONDS,
        unit="seconds",
        as_of=_READ,
        source=_HELP,
    ),
)


def title_and_description(part: Part) -> tuple[str, str]:
    """What YouTube gets as title and as description; both stripped."""
    text = part.text.strip()
    chosen = part.options.get("title")
    if isinstance(chosen, str) and chosen.strip():
        return chosen.strip(), text
    title, _, rest = text.partition("\n")
    return title.strip(), rest.strip()


def tags_length(tags: Sequence[str]) -> int:
    """How many characters YouTube counts for ``tags``."""
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)


def findings(variant: Variant) -> Iterator[Finding]:
    """Everything worth saying about ``variant``."""
    part = variant.parts[0] if variant.parts else Part(text="")
    part = Part(text=part.text, media=part.media, options={**variant.options, **part.options})
    if len(variant.parts) > 1:
        yield _block(
            "thread", f"YouTube has no threads; this has {len(variant.parts)} parts.", "Make it one."
        )
    yield from _text(part, variant.account)
    yield from _tags(part)
    yield from _video(variant)
    yield _block(
        "unsupported",
        "Publishing to YouTube arrives with a later version.",
        f"Take {variant.account} out of this post.",
    )


def _text(part: Part, account: str) -> Iterator[Finding]:
    title, description = title_and_description(part)
    size = len(description.encode("utf-8", "surrogatepass"))
    yield Finding(
        level=Level.NOTE,
        code="length",
        text=f"title {len(title)}/{TITLE_LIMIT}, description {size}/{DESCRIPTION_LIMIT} bytes",
    )
    own = f'`--for {account} "…"` gives YouTube its own text.'
    if not title:
        yield _block("no_title", "YouTube needs a title.", "The first line of the text becomes the title.")
    if len(title) > TITLE_LIMIT:
        yield _block(
            "title_too_long",
            f"YouTube takes a title of {TITLE_LIMIT} characters, the first line has {len(title)}.",
            f"Shorten it, or {own}",
        )
    if size > DESCRIPTION_LIMIT:
        yield _block(
            "too_long",
            f"YouTube takes a description of {DESCRIPTION_LIMIT:,} bytes, this has {size:,}.",
            f"Shorten it, or {own}",
        )
    if set("<>") & set(title + description):
        yield _block(
            "brackets", "YouTube takes no < or > in a title or description.", "Write it without them."
        )


def _tags(part: Part) -> Iterator[Finding]:
    given = part.options.get("tags")
    tags = [tag for tag in given if isinstance(tag, str)] if isinstance(given, list | tuple) else []
    length = tags_length(tags)
    if length > TAGS_LIMIT:
        yield _block(
            "tags_too_long",
            f"YouTube takes {TAGS_LIMIT} characters of tags, these have {length}.",
            "Drop some.",
        )


def _video(variant: Variant) -> Iterator[Finding]:
    videos = [m for m in variant.media if m.kind is MediaKind.VIDEO]
    if not videos:
        yield _block(
            "needs_video", "YouTube needs a video.", f"Add one, or drop {variant.account} from this post."
        )
        return
    if len(variant.media) > 1:
        yield _block(
            "too_many_files",
            f"YouTube takes one video and nothing else, this has {len(variant.media)} files.",
            "Keep the video only.",
        )
    for video in videos:
        if not video.mime.startswith("video/"):
            yield _block(
                "video_type", f"YouTube takes videos; {video.name} is {video.mime}.", "Convert it first."
            )
        if video.size > SIZE_LIMIT:
            yield _block(
                "video_size", f"YouTube takes videos of 256 GiB; {video.name} is larger.", "Shorten it."
            )
        if video.seconds > SECONDS_LIMIT:
            yield _block(
                "video_length",
                f"YouTube takes videos of 12 hours; {video.name} has {video.seconds / 3600:.1f}.",
                "Cut it.",
            )
        elif video.seconds > UNVERIFIED_SECONDS:
            yield Finding(
                level=Level.WARN,
                code="video_length",
                text=f"{video.name} is longer than 15 minutes, which only a verified channel may upload.",
                fix="Verify the channel's phone number with YouTube, or cut the video.",
            )


def _block(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)
