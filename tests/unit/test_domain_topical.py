"""Texts that are about their own day are not news elsewhere later."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.topical import topical

WRITTEN, LATER = date(2026, 11, 21), date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("We launch today!", "“today”"),
        ("Only 3 days left to join", "“Only 3 days left”"),
        ("Heute um acht", "“Heute”"),
        ("Amanhã há mais", "“Amanhã”"),
        ("See you on Friday", "“on Friday”"),
        ("Doors open 2026-11-24, 18:00", "the 24 November 2026"),
        ("Join us Nov 24", "the 24 November 2026"),
        ("on the 24th of November", "the 24 November 2026"),
        ("Am 24.11. in Berlin", "the 24 November 2026"),
        ("Nov 20, 2026 was the day", "the 20 November 2026"),
    ],
)
def test_what_leans_on_its_day_is_found(text: str, word: str) -> None:
    assert topical(text, written=WRITTEN, until=LATER) == word


@pytest.mark.parametrize(
    "text",
    [
        "Why our card has three previews.",
        "Good morning is what we say to coffee",
        "founded on 2019-01-01",
        "version 1.2.3 is out",
        "we may need 5 of them",
        "marching 12 miles",
        "the fair is on 30 November",
        "31.02. is no day",
        "",
    ],
)
def test_what_does_not_is_left_alone(text: str) -> None:
    assert topical(text, written=WRITTEN, until=LATER) is None


def test_a_day_without_a_year_is_the_nearest_one() -> None:
    assert topical("Jan 3 is the day", written=date(2026, 12, 28), until=date(2027, 1, 2)) is None
    assert (
        topical("Jan 3 is the day", written=date(2026, 12, 28), until=date(2027, 1, 3))
        == "the 3 January 2027"
    )
