"""What stands beneath a card's targets: tips while it can still be changed, numbers once it is out. Pure."""

from __future__ import annotations

from bot.domain.delivery import State
from bot.domain.message import Field
from bot.domain.numbers import Numbers, line
from bot.domain.sheet import Sheet
from bot.domain.tips import GENERAL, Suggestion, tip_words

TIPS = 3
"""Tips on a card; /suggest has the rest."""

SAID = frozenset({"alt"})
"""What the card says already, beside the file."""

DAYS = 30
"""After so many days it is just live."""


def tip_rows(sheet: Sheet) -> tuple[Field, ...]:
    """The strongest of what was said about a post that is in review, a line each; nothing general."""
    waiting = {r.delivery.account: r.title for r in sheet.rows if r.delivery.state is State.IN_REVIEW}
    told: dict[str, list[Suggestion]] = {}
    for tip in sheet.tips:
        if tip.kind != GENERAL and tip.code not in SAID and tip.account in waiting:
            told.setdefault(tip_words(tip), []).append(tip)
    several = len(waiting) > 1
    fields = []
    for words, same in list(told.items())[:TIPS]:
        on = " · ".join(dict.fromkeys(waiting[tip.account] for tip in same))
        fields.append(Field(name="Tip", value=f"{on}: {words}" if several else words))
    return tuple(fields)


def numbers_row(numbers: Numbers | None, zone: str) -> tuple[Field, ...]:
    """What the live targets have brought."""
    return (Field(name="Numbers", value=line(numbers, zone)),) if numbers is not None else ()


def day_words(numbers: Numbers | None, *, over: bool) -> str:
    """ " · day 2" behind LIVE, as of when the numbers were put there."""
    return f" · day {numbers.day}" if numbers is not None and over and 1 <= numbers.day <= DAYS else ""
