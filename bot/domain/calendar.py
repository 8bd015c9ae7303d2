"""When a brand's accounts may post by themselves: slots, quiet hours, days off, room between posts.

Times that people name win over all of it, and are only warned about. Times that Clarion
chooses (the next slot, a rule's occurrence, a respread) respect all of it:

- an occurrence on a day off is skipped; one in quiet hours goes out when they end, unless
  that is on a day off;
- a slot in either is passed over;
- ``spacing`` lies between any two posts of one account, and at most ``burst`` go out
  within any 60 minutes; what has no room moves to the next minute that has.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.domain.slots import DaysOff, Slot, in_quiet
from bot.domain.when import instant_of, wall_at
from bot.errors import BadInput

HOUR = timedelta(hours=1)
SLOT_GAP = timedelta(minutes=5)
"""A slot this near to another post counts as taken, whatever ``spacing`` says."""

LONGEST_WAIT = timedelta(days=2)
"""How much later than its wall time an occurrence goes out at most; then it is skipped."""

AHEAD = 60
"""Days in which a free slot is looked for."""


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """An instant to go out at, and the wall time it was meant by: None where no clock was named."""

    due: datetime
    wall: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """What a brand says about time; ``burst`` 0 is no bound."""

    zone: str
    slots: tuple[Slot, ...] = ()
    quiet: tuple[time, time] | None = None
    days_off: tuple[DaysOff, ...] = ()
    spacing: timedelta = timedelta(0)
    burst: int = 0

    def is_off(self, day: date) -> bool:
        return any(span.first <= day <= span.last for span in self.days_off)

    def is_quiet(self, wall: datetime) -> bool:
        return self.quiet is not None and in_quiet(wall.time(), self.quiet)

    def after_quiet(self, wall: datetime) -> datetime:
        """The end of the quiet hours that ``wall`` lies in."""
        assert self.quiet is not None
        end = datetime.combine(wall.date(), self.quiet[1])
        return end if end > wall else end + timedelta(days=1)

    def occurrence(self, wall: datetime, taken: Sequence[datetime]) -> datetime | None:
        """When a rule's wall time goes out; None when its day is off, or nothing is free for `LONGEST_WAIT`.

        ``taken`` is sorted.
        """
        if self.is_off(wall.date()):
            return None
        due = instant_of(wall, self.zone)
        found = self._room(due, taken, skip_days=False)
        return found if found is not None and found - due <= LONGEST_WAIT else None

    def spread(self, start: datetime, taken: Sequence[datetime]) -> datetime:
        """The first instant from ``start`` on that has room. ``taken`` is sorted."""
        found = self._room(start, taken, skip_days=True)
        assert found is not None
        return found

    def next_slot(self, now: datetime, taken: Sequence[datetime]) -> Occasion:
        """The next slot that nobody holds; raises `BadInput` when there is none. ``taken`` is sorted."""
        if not self.slots:
            raise BadInput(NO_SLOTS)
        gap = max(self.spacing, SLOT_GAP)
        today = wall_at(now, self.zone).date()
        for ahead in range(AHEAD):
            day = today + timedelta(days=ahead)
            if self.is_off(day):
                continue
            for slot in self.slots:
                if slot.weekday != day.weekday():
                    continue
                wall = datetime.combine(day, slot.time)
                due = instant_of(wall, self.zone)
                shown = wall_at(due, self.zone)
                if due <= now or self.is_quiet(shown) or self.is_off(shown.date()):
                    continue
                if _nearest(due, taken, gap) is None and self._crowd(due, taken) is None:
                    return Occasion(due=due, wall=wall)
        raise BadInput(f"Every slot of the next {AHEAD} days is taken. Name a time.")

    def warnings(self, due: datetime, taken: Sequence[datetime]) -> tuple[str, ...]:
        """What speaks against an instant that somebody named. ``taken`` is sorted."""
        wall = wall_at(due, self.zone)
        found = []
        if self.is_off(wall.date()):
            found.append(f"{wall:%Y-%m-%d} is a day off")
        if self.is_quiet(wall):
            assert self.quiet is not None
            found.append(f"{wall:%H:%M} is in the quiet hours ({self.quiet[0]:%H:%M}-{self.quiet[1]:%H:%M})")
        near = _nearest(due, taken, self.spacing)
        if near is not None:
            minutes = int(self.spacing.total_seconds() // 60)
            found.append(f"another post is at {wall_at(near, self.zone):%H:%M}, within {minutes} minutes")
        if self._crowd(due, taken) is not None:
            found.append(f"that makes more than {self.burst} posts within an hour")
        return tuple(found)

    def _room(self, start: datetime, taken: Sequence[datetime], *, skip_days: bool) -> datetime | None:
        """The first instant from ``start`` on that breaks no rule; None on a day off unless they are skipped.

        Every step moves on to the end of what is in the way, so it ends.
        """
        due = start
        while True:
            wall = wall_at(due, self.zone)
            if self.is_off(wall.date()):
                if not skip_days:
                    return None
                due = instant_of(datetime.combine(wall.date() + timedelta(days=1), time()), self.zone)
            elif self.is_quiet(wall):
                # quiet hours may end in the hour that clocks repeat: then the second time counts
                due = max(instant_of(self.after_quiet(wall), self.zone), due + timedelta(minutes=1))
            elif (near := _nearest(due, taken, self.spacing)) is not None:
                due = near + self.spacing
            elif (first := self._crowd(due, taken)) is not None:
                due = first + HOUR
            else:
                return due

    def _crowd(self, due: datetime, taken: Sequence[datetime]) -> datetime | None:
        """The earliest other post of an hour that would hold too many with this one; None without one."""
        if not self.burst:
            return None
        others = list(taken[bisect_right(taken, due - HOUR) : bisect_left(taken, due + HOUR)])
        for index in range(len(others) - self.burst + 1):
            group = others[index : index + self.burst]
            if max(group[-1], due) - min(group[0], due) < HOUR:
                return group[0]
        return None


NO_SLOTS = 'This brand has no slots. Name a time, or add one: /slots add "fri 17:30".'


def _nearest(due: datetime, taken: Sequence[datetime], gap: timedelta) -> datetime | None:
    """The latest of ``taken`` that is nearer than ``gap``."""
    index = bisect_left(taken, due + gap)
    return taken[index - 1] if index and due - taken[index - 1] < gap else None
