"""Rules that repeat: how people say them, their normal form, the wall times they name.

A rule is expanded in naive wall time, anchored on its own start; the zone with its gaps and
folds is `bot.domain.when`'s. The normal form says everything a signature has to cover:
``every 2 weeks on mon,thu 09:00 from 2026-11-23 until 2027-03-01``. It always has an end
(``until``, ``N times``) or a day on which somebody has to look at it (``review``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from dateutil.rrule import rrule, rrulestr

from bot.domain.patterns import read_pattern, read_raw
from bot.domain.when import CLOCK, clock_of, day_of, instant_of, wall_at
from bot.errors import BadInput

FORMS = (
    "every fri 17:30 until 2027-03-01, every weekday 09:00 10 times, "
    "every 2 weeks on mon,thu 09:00 review 2027-02-01, every month on the 1st 10:00 …, every last fri 17:00 …"
)
DATE = r"\d{4}-\d\d-\d\d|\d{1,2}\.? [a-z]{3,9}\.?(?: \d{4})?|[a-z]{3,9}\.? \d{1,2}(?: \d{4})?"
LONGEST = timedelta(days=5 * 366)
MOST_TIMES = 1_000
CYCLE = 400
"""Years after which the Gregorian calendar repeats, weekdays included."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """``pattern`` is in normal form, ``rrule`` the same as RFC 5545 says it, without an end.

    ``until`` is the last day it may fall on, ``review`` the first on which it may not.
    """

    pattern: str
    rrule: str
    clock: time
    start: date
    until: date | None = None
    times: int | None = None
    review: date | None = None

    @property
    def text(self) -> str:
        """The normal form; `rule_of` is its inverse."""
        return f"{self.pattern} {self.clock:%H:%M} from {self.start} {self.end}"

    @property
    def end(self) -> str:
        if self.times is not None:
            return f"{self.times} times"
        return f"review {self.review}" if self.review is not None else f"until {self.until}"

    @property
    def last_day(self) -> date:
        """No occurrence falls on a later day."""
        if self.review is not None:
            return self.review - timedelta(days=1)
        return self.until if self.until is not None else self.start + LONGEST

    def walls(self, after: datetime | None = None) -> Iterator[datetime]:
        """The wall times it names, in order, those later than ``after`` only."""
        start = self._start(after)
        last = datetime.combine(self.last_day, time.max)
        for wall in islice(_expand(self.rrule, datetime.combine(start, self.clock)), self.times):
            if wall > last:
                return
            if after is None or wall > after:
                yield wall

    def _start(self, after: datetime | None) -> date:
        """A later start that names the same wall times, so that an old rule costs no more than a new one."""
        parts = dict(item.split("=") for item in self.rrule.split(";"))
        days = {"DAILY": 1, "WEEKLY": 7}.get(parts["FREQ"])
        if after is None or days is None or self.times is not None or "WKST" in parts:
            return self.start
        step = days * int(parts.get("INTERVAL", "1"))
        return self.start + timedelta(days=max(0, (after.date() - self.start).days // step) * step)


def is_rule(wish: str) -> bool:
    """Whether a wish in normal form repeats."""
    return wish.startswith(("every ", "RRULE:"))


def sounds_like_rule(words: str) -> bool:
    """Whether somebody who says this means something that repeats."""
    return re.match(r"\s*(every|daily|weekly|monthly|yearly|rrule:)", words.casefold()) is not None


def rule_of(wish: str) -> Rule:
    """The rule that a normal form says."""
    rule, _ = _read(wish, today=date.min)
    return rule


def parse_rule(text: str, *, now: datetime, zone: str) -> str:
    """What somebody said, in the normal form.

    Raises `BadInput` for words it cannot read, a rule without an end, one that names no time
    any more, and one that names more than anybody can mean.
    """
    local = wall_at(now, zone)
    rule, anchored = _read(text, today=local.date())
    if not anchored:
        once = re.sub(r"INTERVAL=\d+;?", "", rule.rrule).rstrip(";")
        first = next(
            (
                wall
                for wall in _expand(once, datetime.combine(rule.start, rule.clock))
                if instant_of(wall, zone) > now
            ),
            None,
        )
        if first is None:
            raise BadInput(f"“{text}” never happens. These work: {FORMS}.")
        rule = _anchored(rule, first.date())
    for name, day in (("until", rule.until), ("review", rule.review)):
        if day is not None and day > local.date() + LONGEST:
            raise BadInput(f"{name} {day} is more than five years away. Name an earlier day.")
    if rule.times is not None and not 1 <= rule.times <= MOST_TIMES:
        raise BadInput(f"{rule.times} times? Between 1 and {MOST_TIMES:,}.")
    if next((w for w in rule.walls(local - timedelta(days=1)) if instant_of(w, zone) > now), None) is None:
        raise BadInput(f"“{text}”: there is no such time before its end. Name a later one.")
    return rule.text


def _anchored(rule: Rule, start: date) -> Rule:
    return Rule(**{**vars(rule), "start": start})


def _expand(text: str, start: datetime) -> Iterator[datetime]:
    """Wall times from ``start`` on. dateutil walks to the year 9999 for a rule that never matches,
    so it is given the same calendar some cycles later, where that is near."""
    shift = (9_999 - LONGEST.days // 366 - start.year) // CYCLE * CYCLE
    found = rrulestr(text, dtstart=start.replace(year=start.year + shift))
    assert isinstance(found, rrule)
    for wall in found:
        yield wall.replace(year=wall.year - shift)


def _read(text: str, *, today: date) -> tuple[Rule, bool]:
    """The rule, and whether its start was said."""
    words = " ".join(text.casefold().split())
    ends: dict[str, date] = {}
    times: int | None = None
    for name in ("from", "until", "review"):
        found = re.search(rf"(?:^| ){name} ({DATE})(?= |$)", words)
        if found:
            ends[name] = day_of(found[1], today, text)
            words = f"{words[: found.start()]} {words[found.end() :]}".strip()
    if found := re.search(r"(?:^| )(?:for )?(\d{1,6}) times?(?= |$)", words):
        times, words = int(found[1]), f"{words[: found.start()]} {words[found.end() :]}".strip()
    raw = re.match(r"rrule:(\S*)", words)
    pattern, rule, clock = "", "", None
    if raw:
        found_raw = read_raw(raw[1], text)
        pattern, rule, clock = found_raw.pattern, found_raw.rrule, found_raw.clock
        words = words[raw.end() :].strip()
        ends |= {"until": found_raw.until} if found_raw.until else {}
        times = found_raw.times if found_raw.times is not None else times
    if found := re.search(rf"(?:^| )(?:at )?({CLOCK})$", words):
        clock, words = clock_of(found[1], text).replace(second=0), words[: found.start()].strip()
    if not raw:
        pattern, rule = read_pattern(words, text)
    elif words:
        raise BadInput(f"I could not read “{words}” in “{text}”. These work: {FORMS}.")
    if clock is None:
        raise BadInput(f"“{text}”: at what time? Like `{pattern} 09:00`, and until when.")
    said = [n for n in ("until", "review") if n in ends] + (["times"] if times is not None else [])
    if not said:
        year = (today if today > date.min else date(2026, 1, 1)) + timedelta(days=180)
        example = f"{pattern} {clock:%H:%M}"
        raise BadInput(
            f"“{text}” would never end. Say until when: `{example} until {year}`, `{example} 10 times`, "
            f"or `{example} review {year}`, and I stop then until somebody says that it goes on."
        )
    if len(said) > 1:
        raise BadInput(f"“{text}” has two ends; one of until, N times and review is enough.")
    made = Rule(
        pattern=pattern,
        rrule=rule,
        clock=clock,
        start=ends.get("from", today),
        until=ends.get("until"),
        times=times,
        review=ends.get("review"),
    )
    return made, "from" in ends
