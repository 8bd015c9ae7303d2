"""The sentences that stand beside advice: what it rests on, and what a person should know about that."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.api import CROSSPOST, PAID, TEST
from plugins.best_time.charts import title

if TYPE_CHECKING:
    from plugins.best_time.advice import Asked

FEW = 10
CROWDED = 0.5
"""From this share of posts around one hour on, the hour cannot be told from what is posted then."""

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAMES = ((PAID, "paid"), (CROSSPOST, "cross-posted"), (TEST, "in a test"))
TRIED = "I try this hour to learn from it; one choice in seven is like that."


@dataclass(frozen=True, slots=True)
class Saying:
    """The sentences about an account; those about one hour are added when asked."""

    grounds: tuple[str, ...]
    cautions: tuple[str, ...]
    n: int

    @classmethod
    def of(cls, one: Asked, platform: str, tz: str) -> Saying:
        """What there is to say of what was learned."""
        return cls(tuple(_grounds(one, platform)), tuple(_cautions(one, tz)), one.n)

    def because(self, tried: bool) -> tuple[str, ...]:
        """What an hour rests on."""
        return (TRIED, *self.grounds) if tried else self.grounds

    def warnings(self, *, clear: bool, given: bool) -> tuple[str, ...]:
        """What speaks against relying on it."""
        if given and not clear:
            return (f"No hour is clearly better yet ({_posts(self.n)}).", *self.cautions)
        return self.cautions


def _posts(n: int) -> str:
    return f"{n} post" if n == 1 else f"{n} posts"


def _grounds(one: Asked, platform: str) -> list[str]:
    said: list[str] = []
    known = one.known
    if known is not None and one.n:
        weeks = 1
        if known.since is not None and known.until is not None:
            weeks = max(1, math.ceil((known.until - known.since) / timedelta(weeks=1)))
        span = "1 week" if weeks == 1 else f"{weeks} weeks"
        said.append(f"Learned from {_posts(one.n)} of this account in {span}, by the hours of {one.zone}.")
    if one.others and one.others_posts:
        others = "1 other account" if one.others == 1 else f"{one.others} other accounts"
        said.append(f"Also from {others} of yours on {title(platform)} ({_posts(one.others_posts)}).")
    if one.expected.audience:
        said.append(f"Starts from when your audience is active ({one.expected.zone}).")
    if not one.expected.known:
        said.append(f"I know no general pattern for {title(platform)}: waking hours come first.")
    else:
        said.append(
            f"Starts from the general pattern on {title(platform)}; that part is not learned from you."
        )
    if known is not None:
        out = [f"{known.left_out[flag]} {name}" for flag, name in NAMES if known.left_out.get(flag)]
        out += [f"{known.young} too young to judge"] if known.young else []
        said += [f"Left out: {', '.join(out)}."] if out else []
    if one.n >= FEW:
        said.append(
            f"The hour seems to move this account's numbers by about {math.expm1(one.curve.spread):.0%}."
        )
    return said


def _cautions(one: Asked, tz: str) -> list[str]:
    said: list[str] = []
    known = one.known
    if known is None or not known.sums.n:
        said.append("No data yet: this is not learned from you.")
    elif known.same:
        what = f"None of the {known.sums.n} posts has any engagement"
        if not known.empty:
            what = f"All {known.sums.n} posts have the same count"
        said.append(f"{what}, so nothing can be learned about hours yet.")
    elif known.sums.n < FEW:
        said.append(f"Only {_posts(known.sums.n)} so far: too few to say what an hour brings.")
    if known is not None:
        said += _about_rows(one, tz)
    return [*said, *one.expected.notes]


def _about_rows(one: Asked, tz: str) -> list[str]:
    known, said = one.known, list[str]()
    assert known is not None
    n = known.sums.n
    slot, part = known.favourite
    if n >= FEW and part >= CROWDED:
        where = f"{DAYS[slot // 24]} {slot % 24:02d}:00"
        said.append(
            f"{part:.0%} of the posts went out around {where}, "
            "so the hour cannot be told from what is posted then."
        )
    if n and not known.same and known.empty > n / 2:
        said.append(f"{known.empty} of {n} posts have no engagement, so hours can hardly be told apart.")
    if known.jumped is not None:
        day, factor = known.jumped
        way = f"{factor:.1f} times as high" if factor > 1 else f"at {factor:.0%}"
        said.append(
            f"Since {day.day} {day:%b %Y} the numbers stand {way}; what is counted may have changed. "
            "Posts before and after are not compared with each other."
        )
    if known.fell:
        what = "1 post" if known.fell == 1 else f"{known.fell} posts"
        said.append(f"The count of {what} fell between readings; the newest is used.")
    if known.faulty:
        what = "1 reading makes" if known.faulty == 1 else f"{known.faulty} readings make"
        said.append(f"{what} no sense (not a number, negative, or dated wrongly) and went unused.")
    if n and not known.zoned:
        said.append("Nobody said which time zone this account's audience lives in; hours are learned in UTC.")
    elif n and known.zone != tz:
        said.append(f"Hours are learned in {known.zone} and shown in {tz}.")
    return said
