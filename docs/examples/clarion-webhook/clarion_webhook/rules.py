"""What the webhook takes, said before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.api import Facts, Finding, Level, Limit, MediaRules, PictureRule, Variant, VideoRule

LONGEST, MOST_FILES = 20_000, 10
SOURCE = "README.md of clarion-webhook"
READ = date(2026, 11, 21)
PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")

LIMITS = (
    Limit(name="Text", value=LONGEST, unit="characters", as_of=READ, source=SOURCE),
    Limit(name="Files", value=MOST_FILES, unit="files", as_of=READ, source=SOURCE),
)

RULES = MediaRules(
    picture=PictureRule(formats=PICTURES, most_bytes=20_000_000),
    video=VideoRule(
        containers=("mp4",),
        codecs=("h264",),
        audio=("aac",),
        most_bytes=1_000_000_000,
        seconds=(0.1, 3600.0),
    ),
    most_pictures=MOST_FILES,
    most_files=MOST_FILES,
    mixed=True,
    source=SOURCE,
    as_of=READ,
)


def media_rules(variant: Variant, facts: Facts) -> MediaRules:
    """The same for every post; Clarion makes what does not fit fit."""
    return RULES


def findings(variant: Variant, topics: tuple[str, ...]) -> Iterator[Finding]:
    """What is wrong, or worth saying; pure."""
    topic = variant.options.get("topic")
    if topics and topic is not None and topic not in topics:
        said, fix = f"There is no topic “{topic}”.", f"Choose one of {', '.join(topics)}."
        yield Finding(level=Level.BLOCK, code="topic", text=said, fix=fix)
    for part in variant.parts:
        if len(part.text) > LONGEST:
            said = f"The webhook takes {LONGEST} characters, this has {len(part.text)}."
            yield Finding(level=Level.BLOCK, code="too_long", text=said, fix="Shorten it.")
        if not part.text.strip() and not part.media:
            said = "There is neither text nor a file."
            yield Finding(level=Level.BLOCK, code="empty", text=said, fix="Write something.")
        if len(part.media) > MOST_FILES:
            said = f"The webhook takes {MOST_FILES} files, this has {len(part.media)}."
            yield Finding(level=Level.BLOCK, code="too_many", text=said, fix="Take some out.")
        yield Finding(level=Level.NOTE, code="length", text=f"{len(part.text)}/{LONGEST}")
