"""What is asked about numbers is answered from an index, however many were read; SQLite is asked how."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.ports import Tx
from bot.testing.clock import START
from tests.unit.test_store_plans import Plans, plans

__all__ = ["plans"]  # the fixture

Q = Callable[[Tx], object]
QUESTIONS: dict[str, tuple[Q, tuple[str, ...]]] = {
    "accounts with something due": (
        lambda tx: tx.snapshots.due_accounts(START),
        ("COVERING INDEX ix_watches_look (look_at<?)",),
    ),
    "what is due of one": (
        lambda tx: tx.snapshots.ready("a", START, 9),
        ("ix_watches_account (account=? AND look_at<?)",),
    ),
    "put off": (
        lambda tx: tx.snapshots.put_off("a", START),
        ("ix_watches_account (account=? AND look_at<?)",),
    ),
    "one delivery's series": (
        lambda tx: tx.snapshots.of(7),
        (
            "SEARCH watches USING INTEGER PRIMARY KEY (rowid=?)",
            "SEARCH snapshots USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        ),
    ),
    "newest of some": (
        lambda tx: tx.snapshots.latest([1, 2]),
        (
            "SEARCH watches USING INTEGER PRIMARY KEY (rowid=?)",
            "SEARCH snapshots USING INTEGER PRIMARY KEY (rowid=?)",
        ),
    ),
    "posts of a brand": (lambda tx: tx.snapshots.watches("b"), ("ix_watches_brand (brand=?)",)),
    "what is not looked at yet": (
        lambda tx: tx.snapshots.unwatched(5),
        ("SEARCH deliveries USING COVERING INDEX", "SEARCH watches USING INTEGER PRIMARY KEY (rowid=?)"),
    ),
    "followers": (
        lambda tx: tx.snapshots.account_counts("a", "2026-11-21"),
        ("sqlite_autoindex_account_counts_1 (account=? AND day>?)",),
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_numbers_are_found_through_an_index(plans: Plans, name: str) -> None:
    ask, used = QUESTIONS[name]
    (plan,) = plans(ask)
    for index in used:
        assert index in plan
    assert "SCAN snapshots" not in plan


def test_the_newest_of_a_brand_reads_one_row_for_each_post(plans: Plans) -> None:
    plan = plans(lambda tx: tx.snapshots.readings("b", since=START))[-1]
    assert "ix_watches_brand (brand=? AND out_at>?)" in plan
    assert "SEARCH snapshots USING INTEGER PRIMARY KEY (rowid=?)" in plan
