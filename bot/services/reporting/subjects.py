"""What a question is about: a proposal, a test, an alert or an hour of the week; each room answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.domain.charts import hour_words
from bot.domain.counts_in_words import lift
from bot.domain.message import Field, Message
from bot.domain.outcomes import Interval, SlotScores
from bot.domain.people import Brand
from bot.domain.when import DAYS, place
from bot.services.advising.times import slot_scores, zone_of
from bot.services.alerting import explain as alerting
from bot.services.context import Connected, Services
from bot.services.experimenting import explain as experimenting
from bot.services.proposing import explain as proposing
from bot.services.reporting.headline import many
from bot.services.reporting.reading import Read, read_numbers
from bot.services.reporting.sections import BASES
from bot.services.reporting.slots import NEAR, WEEK, WITHIN, hour_of

Explain = Callable[[Services, Brand, int], Awaitable[Message]]

ROOMS: Mapping[str, Explain] = MappingProxyType(
    {"r": proposing.explain, "e": experimenting.explain, "a": alerting.explain}
)
"""By the letter before a number. Posts are not among them: they are more than their numbers."""

HOUR = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*\s+(\d{1,2})(?::(\d\d))?")


def numbered(text: str) -> tuple[str, int] | None:
    """The letter and the number of what is not a post."""
    match = re.fullmatch(r"([a-z])(\d{1,15})", text.strip().casefold())
    return (match[1], int(match[2])) if match and match[1] in ROOMS else None


def hour_of_week(text: str) -> int | None:
    """The hour from Monday 0:00 that ``tue 18:30`` lies in; None for anything else."""
    match = HOUR.fullmatch(text.strip().casefold())
    if match is None or int(match[2]) > 23 or int(match[3] or 0) > 59:
        return None
    return DAYS.index(match[1]) * 24 + int(match[2])


async def explain_hour(svc: Services, brand: Brand, hour: int, accounts: tuple[Connected, ...]) -> Message:
    """What is thought of an hour of the week for each account, reckoned now, and what stands behind it."""
    now = svc.clock.now()
    fields = []
    for connected in accounts:
        scores = await slot_scores(svc, brand.name, connected.name)
        numbers = await read_numbers(svc, brand.name, [connected.name], now - WITHIN)
        words = _hour_words(scores, numbers, hour, zone_of(brand, connected.name), connected.platform.title)
        fields.append(Field(name=f"{connected.platform.title} · {connected.name}", value=words))
    text = "" if fields else f"{brand.name} has no such account; /accounts lists them."
    return Message(title=f"Why {hour_words(hour)}", text=text, fields=tuple(fields))


def _hour_words(
    scores: SlotScores | None, numbers: tuple[Read, ...], hour: int, zone: str, title: str
) -> str:
    posted = [hour_of(one, zone) for one in numbers]
    here, near = posted.count(hour), sum(min((h - hour) % WEEK, (hour - h) % WEEK) <= NEAR for h in posted)
    among = f"{many(len(posted), 'post')} of the last {WITHIN.days} days"
    basis = f"{here} of {among} came out in it, {near} within an hour of it"
    if scores is None:
        return f"— nobody can say: no adviser is there, or it failed (the log says why); {basis}"
    span = Interval(mean=scores.means[hour], lo=scores.lows[hour], hi=scores.highs[hour])
    clear = "" if span.clear else "; that is no clear difference, so nobody is told a number for it"
    learned = BASES(scores.basis, scores.basis)
    claim = f"{lift(span)} against the account's usual hour on {title}, clocks of {place(zone)}{clear}"
    return f"{claim}. {basis}; {learned}."
