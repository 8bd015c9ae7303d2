"""Amounts, periods and the line at which people are warned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import DOLLAR, dollars, parse_dollars, period_of, warns
from bot.errors import BadInput


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("20 USD", 20 * DOLLAR),
        ("$20", 20 * DOLLAR),
        ("0.015 USD", 15_000),
        ("0.2USD", 200_000),
        ("0 USD", 0),
        (" 1.5 usd ", 1_500_000),
    ],
)
def test_amounts_are_read(text: str, micros: int) -> None:
    assert parse_dollars(text) == micros


@pytest.mark.parametrize(
    "text", ["", "20", "20 EUR", "-5 USD", "1e9 USD", "0.0000001 USD", "ten USD", "∞ USD"]
)
def test_what_is_no_amount_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(BadInput, match='write it like "20 USD"'):
        parse_dollars(text)


@given(st.integers(0, 10**12))
def test_amounts_are_shown_as_they_are_read(micros: int) -> None:
    assert parse_dollars(dollars(micros).replace(",", "")) == micros


@pytest.mark.parametrize(
    ("micros", "text"),
    [(200_000, "$0.20"), (15_000, "$0.015"), (1_234_500_000, "$1,234.50"), (-5_000, "-$0.005"), (0, "$0.00")],
)
def test_amounts_in_words(micros: int, text: str) -> None:
    assert dollars(micros) == text


@given(
    st.sampled_from(["day", "week", "month"]),
    st.integers(0, 20 * 366 * 86_400).map(lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
)
def test_every_instant_lies_in_exactly_one_period(per: str, now: datetime) -> None:
    period = period_of(per, now)
    assert period.first <= now < period.after
    assert period_of(per, period.first) == period
    assert period_of(per, period.after - timedelta(microseconds=1)) == period
    assert period_of(per, period.after).first == period.after


def test_periods_are_utc_whatever_the_zone_of_the_clock() -> None:
    west = datetime(2026, 11, 30, 20, 0, tzinfo=timezone(timedelta(hours=-5)))
    assert period_of("month", west).label == "December"


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.integers(1, 500))
def test_the_warning_comes_at_exactly_one_step(prices: list[int], limit: int) -> None:
    total, warned = 0, 0
    for price in prices:
        warned += warns(total, total + price, limit)
        total += price
    assert warned == (total * 100 >= limit * 80)
