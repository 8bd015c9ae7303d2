"""Spans of time as people type them: 10m, 2h, 1h30m, 2d."""

from __future__ import annotations

import re

from bot.errors import BadInput

UNITS = (("d", 86_400, "day"), ("h", 3_600, "hour"), ("m", 60, "minute"), ("s", 1, "second"))
LONGEST = 30 * 86_400
"""Seconds; a follow-up further away is a post of its own."""


def parse_span(text: str) -> int:
    """Seconds; raises `BadInput` for what is no span, or longer than `LONGEST`."""
    words = re.sub(r"\s+|^in\b", "", text.strip().casefold())
    found = re.findall(r"(\d{1,7})(d|h|m|s)(?:ays?|ours?|rs?|in(?:ute)?s?|ec(?:ond)?s?)?", words)
    typed = re.fullmatch(r"(?:\d{1,7}(?:days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s))+", words)
    if typed is None or not found:
        raise BadInput(f"“{text}” is no span of time. Write it like 10m, 2h or 1h30m.")
    factors = {letter: seconds for letter, seconds, _ in UNITS}
    total = sum(int(number) * factors[letter] for number, letter in found)
    if total > LONGEST:
        raise BadInput(f"“{text}” is too long; at most {LONGEST // 86_400} days. Make it a post of its own.")
    return total


def say_span(seconds: int) -> str:
    """``5400`` as ``1 hour 30 minutes``."""
    words, rest = [], seconds
    for _, size, name in UNITS:
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " ".join(words[:2]) or "at once"
