"""The questions asked all the time are answered from an index, however much is stored.

SQLite is asked how it would run each statement; nothing is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.delivery import State
from bot.domain.proposal import Standing
from bot.domain.report import Report
from bot.ports import Tx
from bot.store.tables import metadata
from bot.store.tx import SqlTx
from bot.store.upserts import upserts
from bot.testing.clock import START

Plans = Callable[[Callable[[Tx], object]], list[str]]


@pytest.fixture
def plans() -> Iterator[Plans]:
    """How SQLite runs each statement of a unit, one text for each."""
    engine = sa.create_engine("sqlite+pysqlite://")
    found: list[str] = []

    def explain(conn: sa.Connection, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        found.append("\n".join(row[-1] for row in rows))

    with engine.connect() as connection:
        metadata.create_all(connection)
        sa.event.listen(engine, "before_cursor_execute", explain)

        def run(unit: Callable[[Tx], object]) -> list[str]:
            found.clear()
            unit(SqlTx(connection, upserts(insert, row_locks=False)))
            return list(found)

        yield run
    engine.dispose()


def test_a_claim_walks_the_queue_of_one_account_in_its_order(plans: Plans) -> None:
    due, early = plans(
        lambda tx: tx.deliveries.claim("a", now=START, owner="me", lease=timedelta(seconds=9), limit=5)
    )
    assert "ix_deliveries_queue (account=? AND state=? AND due<?)" in due
    assert "TEMP B-TREE" not in due
    assert "ix_deliveries_ready (account=? AND state=? AND wake_at<?)" in early
    for plan in (due, early):
        assert "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)" in plan
        assert "SCAN deliveries" not in plan


QUESTIONS: dict[str, tuple[Callable[[Tx], object], str]] = {
    "waiting": (
        lambda tx: tx.deliveries.waiting_accounts(START),
        "COVERING INDEX ix_deliveries_wake (wake_at<?)",
    ),
    "waking": (
        lambda tx: tx.deliveries.waking("a", START, [State.UNCONFIRMED]),
        "ix_deliveries_ready (account=? AND state=? AND wake_at<?)",
    ),
    "late": (lambda tx: tx.deliveries.late(START, before=START), "ix_deliveries_due (state=? AND due<?)"),
    "pressing": (
        lambda tx: tx.deliveries.pressing(START),
        "COVERING INDEX ix_deliveries_due (state=? AND due<?)",
    ),
    "dues": (lambda tx: tx.deliveries.dues("a"), "COVERING INDEX ix_deliveries_queue (account=? AND state=?"),
    "leases": (lambda tx: tx.deliveries.leased_by_others("me"), "ix_deliveries_lease"),
    "of a post": (lambda tx: tx.deliveries.of_post(1), "ix_deliveries_post (post_id=?)"),
    "latest": (lambda tx: tx.posts.latest("b"), "ix_posts_brand (brand=?)"),
    "latest in a state": (
        lambda tx: tx.posts.latest("b", [State.IN_REVIEW]),
        "COVERING INDEX ix_deliveries_state (state=? AND brand=?)",
    ),
    "push": (
        lambda tx: tx.deliveries.set_wakes("a", before=START, until=START, reason=""),
        "ix_deliveries_ready (account=? AND state=? AND wake_at<?)",
    ),
    "pull": (lambda tx: tx.deliveries.pull_wakes("a", START), "(account=? AND state=? AND "),
    "attempts": (lambda tx: tx.attempts.of_delivery(1), "ix_attempts_delivery (delivery_id=?)"),
    "votes": (lambda tx: tx.votes.of_post(1), "ix_deliveries_post (post_id=?)"),
    "rules to look at": (lambda tx: tx.rules.due(START, 5), "ix_rules_look (look_at<?)"),
    "the next rule": (lambda tx: tx.rules.next_look(), "COVERING INDEX ix_rules_look"),
    "planned in a span": (
        lambda tx: tx.deliveries.between(START, START),
        "ix_deliveries_due (state=? AND due>? AND due<?)",
    ),
    "stale cards": (lambda tx: tx.cards.stale(START), "ix_cards_stale (not_before<?)"),
    "cards": (lambda tx: tx.cards.of_post(1), "ix_cards_post (post_id=?)"),
    "touched cards": (lambda tx: tx.cards.touch(1), "ix_cards_post (post_id=?)"),
    "card": (lambda tx: tx.cards.by_ref("c", "m", "r"), "ix_cards_ref (chat=? AND channel=? AND ref=?)"),
    "an arriving card": (lambda tx: tx.cards.arriving("c", "m"), "ix_cards_ref (chat=? AND channel=?"),
    "unsaid": (lambda tx: tx.notices.due(START), "ix_notices_due (not_before<?)"),
    "notice": (
        lambda tx: tx.notices.by_ref("c", "m", "r"),
        "ix_notices_ref (chat=? AND channel=? AND ref=?)",
    ),
    "forgotten": (lambda tx: tx.notices.forget("k"), "(key>? AND key<?)"),
    "spent by a brand": (
        lambda tx: tx.budgets.spent(since=START, until=START, brand="b"),
        "ix_spending_brand (brand=? AND day>? AND day<?)",
    ),
    "spent by an account": (
        lambda tx: tx.budgets.spent(since=START, until=START, account="a"),
        "sqlite_autoindex_spending_1 (account=? AND day>? AND day<?)",
    ),
    "reserved": (lambda tx: tx.budgets.reserved(brand="b"), "ix_attempts_delivery (delivery_id=?)"),
    "bucket": (lambda tx: tx.budgets.bucket("k"), "sqlite_autoindex_buckets_1 (key=?)"),
    "echoes": (
        lambda tx: tx.echoes.near("a", since=START, until=START, states=(State.LIVE,), limit=9),
        "ix_deliveries_queue (account=? AND state=? AND due>? AND due<?)",
    ),
    "audit": (lambda tx: tx.audit.of_post(1), "ix_audit_post (post_id=?)"),
    "trail": (lambda tx: tx.audit.chain("b", after=0, limit=9), "ux_audit_chain (brand=? AND seq>?)"),
    "newest of the trail": (lambda tx: tx.audit.recent("b", 9), "ux_audit_chain (brand=?)"),
    "waiting for approval": (
        lambda tx: tx.reminders.open(START),
        "SEARCH versions USING INDEX sqlite_autoindex_versions_1 (post_id=? AND number=?)",
    ),
    "proposals of a post": (lambda tx: tx.proposals.of_source(1), "ix_proposals_source (source_post=?)"),
    "a proposal by its key": (
        lambda tx: tx.proposals.of_key("b", "k"),
        "ux_proposals_key (brand=? AND key=?)",
    ),
    "open proposals": (
        lambda tx: tx.proposals.of_brand("b", [Standing.OPEN]),
        "ix_proposals_brand (brand=? AND standing=?)",
    ),
    "proposals that lapse": (lambda tx: tx.proposals.due(START), "ix_proposals_open (expires_at<?)"),
    "tests with something to do": (
        lambda tx: tx.experiments.due(START),
        "ix_experiments_due (wake_at>? AND wake_at<?)",
    ),
    "tests of a delivery": (
        lambda tx: tx.experiments.of_delivery(1),
        "ix_experiments_delivery (delivery_id=?)",
    ),
    "tests of a brand": (lambda tx: tx.experiments.of_brand("b"), "ix_experiments_brand (brand=?)"),
    "posts made of proposals": (
        lambda tx: tx.proposals.made("b", "crosspost"),
        "ix_proposals_made (brand=? AND kind=? AND post_id>?)",
    ),
    "reminders": (lambda tx: tx.reminders.of_post(1), "sqlite_autoindex_reminders_1 (post_id=?)"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_nothing_is_searched_from_end_to_end(plans: Plans, name: str) -> None:
    ask, index = QUESTIONS[name]
    (plan,) = plans(ask)
    assert index in plan
    scanned = [
        line
        for line in plan.splitlines()
        if line.startswith("SCAN deliveries") and "ix_deliveries_lease" not in line
    ]
    assert scanned == []


def test_a_list_of_a_brand_ends_where_it_is_asked_to(plans: Plans) -> None:
    """An index has it in its order, so that what is beyond the limit is not looked at."""
    for plan in plans(lambda tx: tx.deliveries.unfinished("b", limit=100)):
        assert "SEARCH deliveries USING INDEX ix_deliveries_unfinished (brand=? AND due" in plan
        assert "TEMP B-TREE" not in plan
        assert "SCAN deliveries" not in plan


def test_counting_what_is_unfinished_reads_no_row_of_it(plans: Plans) -> None:
    upcoming, counts, asked = plans(lambda tx: tx.queue.backlog("b"))
    assert "ix_deliveries_unfinished (brand=? AND due>?)" in upcoming
    assert "TEMP B-TREE" not in upcoming
    assert "COVERING INDEX ix_deliveries_state (state=? AND brand=?)" in counts
    assert "COVERING INDEX ix_deliveries_due (state=?)" in asked


def test_what_only_waits_for_its_time_is_not_looked_at(plans: Plans) -> None:
    (plan,) = plans(lambda tx: tx.queue.open("b", since=START, until=START))
    assert "COVERING INDEX ix_deliveries_state (state=? AND brand=?)" in plan
    assert "COVERING INDEX ix_deliveries_unfinished (brand=? AND due>? AND due<?)" in plan
    assert "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)" in plan
    assert "SCAN deliveries" not in plan


def test_the_next_wake_is_the_first_entry_of_an_index(plans: Plans) -> None:
    (plan,) = plans(lambda tx: tx.deliveries.next_wake())
    assert plan in (
        "SCAN deliveries USING COVERING INDEX ix_deliveries_wake",
        "SEARCH deliveries USING COVERING INDEX ix_deliveries_wake (wake_at>?)",
    )


def test_unfinished_of_all_brands_reads_no_finished_row(plans: Plans) -> None:
    (plan,) = plans(lambda tx: tx.deliveries.unfinished())
    assert "SCAN deliveries USING COVERING INDEX ix_deliveries_unfinished" in plan


def test_what_is_to_be_made_is_found_without_reading_what_was(plans: Plans) -> None:
    due, count, left = plans(
        lambda tx: (
            tx.preparations.next_due(START),
            tx.preparations.under_way(),
            tx.preparations.left_by("me"),
        )
    )
    for plan in (due, count, left):
        assert "ix_preparations_open" in plan
    (of_post,) = plans(lambda tx: tx.preparations.of_post(1))
    assert "ix_preparations_post (post_id=?)" in of_post


def test_a_report_is_claimed_by_its_brand_and_period(plans: Plans) -> None:
    week = Report(brand="acme", period="2026-W47", since=START, until=START)
    _, claimed = plans(
        lambda tx: tx.reports.claim(week, owner="me", now=START, lease=timedelta(minutes=5), most=3)
    )
    (known,) = plans(lambda tx: tx.reports.of_period("acme", "2026-W47"))
    (latest,) = plans(lambda tx: tx.reports.latest("acme"))
    for plan in (claimed, known):
        assert "ux_reports_period (brand=? AND period=?)" in plan
    assert "ix_reports_made (brand=?" in latest
    assert "TEMP B-TREE FOR ORDER BY" not in latest
