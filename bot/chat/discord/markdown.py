"""Words as Discord's markdown writes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.chat.wording import Run, units

SPECIAL = re.compile(r"(?m:^[^\S\n]*(?:[-+#>]|\d+[.)]))|[\\`*_~|<\[]|@(?=everyone|here)|:(?=\w+:)(?!\d\d:)")
URL = 1_024
DATES = (datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


def escaped(text: str) -> str:
    """The words so that Discord shows them as they are: no markup, no list, no mention, no emoji name.

    A backslash before a sign that is neither letter, digit nor space takes its meaning away.
    """
    return SPECIAL.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)


def written(run: Run) -> str:
    """One piece of a sentence. An address stands in angle brackets, so that no preview is drawn."""
    if run.user:
        return f"<@{run.text}>"
    if run.at is not None and DATES[0] <= run.at <= DATES[1]:
        return f"<t:{int(run.at.timestamp())}:f> ({escaped(run.text)})"
    if run.url and units(run.url) <= URL:
        if run.url == run.text:
            return f"<{run.url}>"
        return f"[{escaped(run.text)}](<{run.url.replace('(', '%28').replace(')', '%29')}>)"
    text = escaped(run.text)
    return f"**{text}**" if run.bold and text.strip() else text


def sentence(runs: Iterable[Run]) -> str:
    """All pieces in a row."""
    return "".join(map(written, runs))


def length(run: Run) -> int:
    """What a piece takes of a limit."""
    return units(written(run))


def length_of(runs: Iterable[Run]) -> int:
    """What they take together."""
    return sum(map(length, runs))
