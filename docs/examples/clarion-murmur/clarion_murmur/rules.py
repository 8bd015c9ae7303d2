"""What Murmur takes, said before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.api import Finding, Level, Limit, Variant

LINKS = "https://murmur.example/@acme/"
"""What the links of its posts begin with."""

LONGEST, MOST_PICTURES = 500, 4
SOURCE = "https://murmur.example/developers"
READ = date(2026, 11, 21)

LIMITS = (
    Limit(name="Text", value=LONGEST, unit="characters", as_of=READ, source=SOURCE),
    Limit(name="Pictures", value=MOST_PICTURES, unit="images", as_of=READ, source=SOURCE),
)


def length(text: str) -> int:
    """The text as Murmur counts it: every link is 23 characters."""
    return len(re.sub(r"https?://\S+", "x" * 23, text))


def findings(variant: Variant) -> Iterator[Finding]:
    """What is wrong, or worth saying; pure."""
    for part in variant.parts:
        count = length(part.text)
        if count > LONGEST:
            said = f"Murmur takes {LONGEST} characters, this has {count}."
            yield Finding(level=Level.BLOCK, code="too_long", text=said, fix="Shorten it.")
        if not part.text.strip() and not part.media:
            said = "There is neither text nor a picture."
            yield Finding(level=Level.BLOCK, code="empty", text=said, fix="Write something.")
        if len(part.media) > MOST_PICTURES:
            said = f"Murmur takes {MOST_PICTURES} pictures, this has {len(part.media)}."
            yield Finding(level=Level.BLOCK, code="too_many", text=said, fix="Take some out.")
        yield Finding(level=Level.NOTE, code="length", text=f"{count}/{LONGEST}")
