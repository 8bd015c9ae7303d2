"""The judge itself: each thing that must not be is found, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.chaos.judge import ASKED, DELIVERIES, HELD, LATE, PARTS, judge
from tests.e2e.chaos.order import Finding

LIVE = (1, "acc0", "live", None, "", json.dumps({"parts": [{"text": "one"}]}))
OUT = (1, 0, "out", '"d1"', "receipt")
THERE = {"id": "d1", "account": "acc0", "text": "one"}


class Book:
    """A ledger that says what the test wrote."""

    url = ""

    def __init__(self, deliveries: list[Any], parts: list[Any], asked: list[Any], held: int = 0) -> None:
        self._said = {DELIVERIES: deliveries, PARTS: parts, ASKED: asked, HELD: [(held,)], LATE: [(0,)]}

    def rows(self, sql: str) -> list[Any]:
        return self._said[sql]

    def close(self) -> None:
        return None


def verdict(book: Book, *posts: dict[str, Any], cut: int = 0) -> Finding:
    found = Finding(store="sqlite", mode="lookup", seed=1, cut=cut)
    judge(found, book, {"posts": list(posts), "broken": 0})
    return found


def state(name: str, *, wake_at: int | None = None) -> tuple[Any, ...]:
    return (1, "acc0", name, wake_at, "", LIVE[5])


def test_all_is_well() -> None:
    found = verdict(Book([LIVE], [OUT], []), THERE)
    assert (found.live, found.posts, found.faults) == (1, 1, [])


@pytest.mark.parametrize(
    ("book", "posts", "fault"),
    [
        (Book([LIVE], [OUT], []), [THERE, {**THERE, "id": "d2"}], "DOUBLE"),
        (Book([LIVE], [OUT], []), [THERE, {**THERE, "id": "d2", "text": "two"}], "DOUBLE"),
        (Book([LIVE], [OUT], []), [THERE, {**THERE, "id": "d2", "account": "acc1"}], "DOUBLE"),
        (Book([LIVE], [OUT], []), [], "LOST"),
        (Book([LIVE], [], []), [THERE], "UNPROVED"),
        (Book([LIVE], [(*OUT[:4], None)], []), [THERE], "UNPROVED"),
        (Book([LIVE], [(1, 0, "out", '"d9"', "receipt")], []), [THERE], "UNPROVED"),
        (Book([LIVE], [(1, 0, "staged", None, None)], []), [THERE], "UNPROVED"),
        (Book([state("publishing", wake_at=5)], [], []), [], "STUCK"),
        (Book([state("unconfirmed", wake_at=5)], [], [(1, "ask:1@x")]), [], "STUCK"),
        (Book([state("unconfirmed")], [], []), [THERE], "STUCK"),
        (Book([state("held")], [], []), [], "STUCK"),
        (Book([state("unconfirmed")], [], [(1, "ask:1@x")]), [THERE], "1 people asked for 0 calls cut"),
    ],
)
def test_what_must_not_be_is_found(book: Book, posts: list[dict[str, Any]], fault: str) -> None:
    assert any(line.startswith(fault) for line in verdict(book, *posts).faults)


def test_a_question_is_no_fault_where_a_call_was_cut() -> None:
    found = verdict(Book([state("unconfirmed")], [], [(1, "ask:1@x")]), THERE, cut=1)
    assert (found.asked, found.cards, found.faults) == (1, 1, [])


def test_held_with_a_question_is_no_fault() -> None:
    assert verdict(Book([state("held")], [], [], held=1)).faults == []
