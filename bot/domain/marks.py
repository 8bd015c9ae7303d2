"""Places in a sentence that every chat writes in its own way: instants and links. Pure.

A sentence goes through errors, rows and cards as one string. What a chat may dress better than
plain words (an instant in the reader's own zone, an address behind its name) is wrapped in
noncharacters, which Unicode keeps for a program's inner use (U+FDD0 to U+FDEF, chapter 23.7):
nobody can type them, `plain` takes them out, `dress` turns them into what a service understands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

TIME, LINK, WORDS, END = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
MARKED = re.compile(f"([{TIME}{LINK}])([^{WORDS}{END}]*){WORDS}([^{END}]*){END}")
STRAY = re.compile("[\ufdd0-\ufdef]")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def mark_time(instant: datetime, words: str, *, place: str = "") -> str:
    """``words`` that stand for an instant (aware), to the second.

    ``place`` is where the clock shows them, for a chat that shows another clock beside it.
    """
    seconds = int((instant - EPOCH).total_seconds())
    where = f" {unmarked(place)}" if place else ""
    return f"{TIME}{seconds}{where}{WORDS}{words}{END}"


def mark_link(url: str, words: str) -> str:
    """``words`` that lead to ``url``."""
    return f"{LINK}{unmarked(url)}{WORDS}{unmarked(words)}{END}"


def plain(text: str) -> str:
    """The sentence as words alone."""
    if TIME not in text and LINK not in text:
        return text
    return STRAY.sub("", MARKED.sub(lambda found: found[3], text))


def unmarked(text: str) -> str:
    """What somebody typed or a service said, without marks that only we may make."""
    return STRAY.sub("", text)


def dress(
    text: str,
    *,
    words: Callable[[str], str],
    time: Callable[[datetime, str], str],
    link: Callable[[str, str], str],
) -> str:
    """The sentence as a service writes it.

    ``words`` escapes what is plain; ``time`` and ``link`` get the instant or the address, and the
    plain words that stand for it, and escape them themselves; those of an instant with their place.
    """
    pieces, last = [], 0
    for found in MARKED.finditer(text):
        pieces.append(words(STRAY.sub("", text[last : found.start()])))
        kind, value, said = found[1], found[2], STRAY.sub("", found[3])
        instant = re.fullmatch(r"(-?\d{1,11})(?: (.+))?", value, re.DOTALL) if kind == TIME else None
        if instant is not None:
            place = instant[2] or ""
            there = f"{said} {place}" if place and not said.endswith(place) else said
            pieces.append(time(EPOCH + timedelta(seconds=int(instant[1])), there))
        else:
            pieces.append(link(value, said) if kind == LINK else words(said))
        last = found.end()
    pieces.append(words(STRAY.sub("", text[last:])))
    return "".join(pieces)
