"""Which hour a wish comes to: always inside it, never against the calendar, never on top of another post."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.best import span_of
from bot.domain.calendar import SLOT_GAP, Calendar
from bot.domain.forecast import Offers
from bot.domain.outcomes import Audience, PostOutcome, SlotAdvice
from bot.domain.slots import parse_days_off, parse_slots
from bot.errors import BadInput
from bot.ports import Tx
from bot.services.advising.times import best_times, seed_of
from bot.services.hours import best_occasion
from tests.unit.advice_world import HourByHour, advise, past
from tests.unit.demo_world import BRAND, KEY, LOOK, open_world

NOW = datetime(2027, 3, 24, 9, 0, tzinfo=UTC)
"""A Wednesday; on the Sunday that follows clocks go forward in Europe."""

UNUSED = cast("Tx", None)
"""No transaction is asked where a delivery has no hour yet."""


def advice(at: datetime, *, explore: bool = False) -> SlotAdvice:
    return SlotAdvice(
        starts_at=at,
        local="",
        lift=None,
        shown=None,
        p_better=0.5,
        basis="chart",
        n_posts=0,
        explore=explore,
        because=(),
        warnings=(),
    )


def offered(*advices: SlotAdvice) -> Offers:
    return Offers(
        advice=advices,
        account="a",
        content_type="text",
        method="rules/1",
        seed=1,
        at=NOW,
        until=NOW + timedelta(days=7),
    )


instants = st.integers(0, 10 * 24 * 4).map(lambda q: NOW + timedelta(minutes=15 * q))


@given(
    st.lists(instants, max_size=12),
    st.lists(instants, max_size=8).map(sorted),
    st.sampled_from(["best", "best fri", "best 2027-03-27..2027-03-29", "best 2027-03-28"]),
    st.sampled_from([None, (time(22), time(7)), (time(0), time(12)), (time(1), time(3))]),
    st.booleans(),
    st.sampled_from([timedelta(0), timedelta(hours=2)]),
)
def test_the_hour_keeps_every_rule(
    offers: list[datetime],
    taken: list[datetime],
    wish: str,
    quiet: tuple[time, time] | None,
    off: bool,
    spacing: timedelta,
) -> None:
    calendar = Calendar(
        zone="Europe/Lisbon",
        slots=parse_slots(["daily 17:30"]),
        quiet=quiet,
        days_off=(parse_days_off("2027-03-26"),) if off else (),
        spacing=spacing,
        burst=2,
    )
    begins, ends = span_of(wish, now=NOW, zone=calendar.zone)
    given_ = offered(*map(advice, offers))
    try:
        due = best_occasion(UNUSED, calendar, "a", wish, NOW, taken=taken, offered=given_).due
    except BadInput:
        return  # nothing is free; the sentence is tested below
    assert begins <= due
    assert due < ends or wish == "best"
    assert not calendar.warnings(due, taken)
    assert all(abs(due - other) >= SLOT_GAP for other in taken)


def test_what_is_to_be_tried_comes_before_what_is_best() -> None:
    calendar = Calendar(zone="UTC")
    best, tried = NOW + timedelta(hours=3), NOW + timedelta(hours=9)
    given_ = offered(advice(best), advice(tried, explore=True))
    found = best_occasion(UNUSED, calendar, "a", "best", NOW, taken=[], offered=given_)
    assert (found.due, found.wall) == (tried, None)
    found = best_occasion(UNUSED, calendar, "a", "best", NOW, taken=[tried], offered=given_)
    assert found.due == best


def test_nothing_free_inside_the_wish_is_a_sentence_with_a_way_out() -> None:
    calendar = Calendar(zone="UTC", slots=parse_slots(["mon 17:30"]))
    with pytest.raises(BadInput, match=r"No hour of “best fri” is free for a\. Name a time"):
        best_occasion(UNUSED, calendar, "a", "best fri", NOW, taken=[])
    with pytest.raises(BadInput, match=r"I found no time for a in “best fri”: .* Name a time"):
        best_occasion(UNUSED, Calendar(zone="UTC"), "a", "best fri", NOW, taken=[])


def test_a_wish_that_is_over_says_so() -> None:
    with pytest.raises(BadInput, match=r"has passed\. Name another day"):
        best_occasion(UNUSED, Calendar(zone="UTC"), "a", "best 2027-03-20", NOW, taken=[])


def test_the_chance_of_a_choice_is_its_own_and_comes_again() -> None:
    seeds = {seed_of("i", "acme-x", "text", number) for number in range(1000)}
    assert len(seeds) == 1000
    assert all(0 <= seed < 2**48 for seed in seeds)
    assert seed_of("i", "acme-x", "text", 7) == seed_of("i", "acme-x", "text", 7)


@dataclass
class Zoned(HourByHour):
    """Keeps the zones it was fitted with."""

    zones: dict[str, str] = field(default_factory=dict)

    def fit(self, posts: object, *, zones: object, now: datetime) -> object:
        self.zones = dict(cast("dict[str, str]", zones))
        return super().fit(cast("list[PostOutcome]", posts), zones=self.zones, now=now)


async def test_each_account_is_counted_in_the_zone_of_its_audience(tmp_path: Path) -> None:
    berlin, tokyo = Audience(tz="Europe/Berlin"), Audience(tz="Asia/Tokyo", peak_days=(1,))
    brand = replace(BRAND, audience=berlin, audiences={KEY: tokyo})
    rules = Zoned()
    async with open_world(tmp_path, brand=brand) as world:
        advise(world, rules)
        await past(world, 6)
        await past(world, 6, account="gone", first=2000)
        assert await best_times(world.app.services, "acme", KEY)
    assert rules.zones[KEY] == "Asia/Tokyo"
    assert rules.zones[LOOK] == rules.zones["gone"] == "Europe/Berlin"
    assert rules.asked[-1]["audience"] == tokyo
