"""The benchmark of numbers measures what it says, in small."""

from __future__ import annotations

from datetime import timedelta

from benchmarks.learn_metrics import ages, measure


async def test_a_small_store_of_numbers_is_measured() -> None:
    figures = await measure(posts=60, each=9, written=200)
    assert [bool(figure.measured) for figure in figures] == [True] * 4
    assert "540 readings of 60 posts" in figures[0].name


def test_the_ages_are_those_at_which_a_post_is_read() -> None:
    found = ages(62)
    assert (len(found), found[0]) == (62, timedelta(minutes=15))
    assert found == sorted(set(found))
