"""What news asks of the tables all the time is answered from an index."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.domain.alarms import Kind
from bot.ports import Tx
from bot.testing.clock import START
from tests.unit.test_store_plans import Plans, plans

QUESTIONS: dict[str, tuple[Callable[[Tx], object], str]] = {
    "due": (lambda tx: tx.alerts.due(START), "ix_alerts_due (due_at>? AND due_at<?)"),
    "told": (lambda tx: tx.alerts.told("b", START), "ix_alerts_told (brand=? AND told_at>?)"),
    "recent": (lambda tx: tx.alerts.recent("b", 9), "ix_alerts_brand (brand=?)"),
    "by key": (lambda tx: tx.alerts.of_key("k"), "ux_alerts_key (key=?)"),
    "open": (lambda tx: tx.alerts.open("b", {Kind.SPIKE, Kind.DROP}), "ux_alerts_open (brand=? AND kind=?)"),
    "on a platform": (
        lambda tx: tx.alerts.on_platform("p", {Kind.DROP}, START),
        "ix_alerts_platform (platform=? AND kind=? AND opened_at>?)",
    ),
    "peers": (
        lambda tx: tx.alerts.reached_by("a", "views", 1000),
        "ix_milestones_account (account=? AND metric=? AND level=?)",
    ),
    "of deliveries": (lambda tx: tx.alerts.reached([1, 2]), "sqlite_autoindex_milestones_1 (delivery_id=?)"),
    "unemitted": (lambda tx: tx.alerts.unemitted(), "ix_milestones_untold"),
    "looked": (lambda tx: tx.alerts.looked(1), "SEARCH looked USING INTEGER PRIMARY KEY (rowid=?)"),
    "unlooked": (lambda tx: tx.alerts.unlooked(), "SEARCH looked USING INTEGER PRIMARY KEY (rowid=?)"),
    "mutes": (lambda tx: tx.alerts.mutes("b", START), "sqlite_autoindex_mutes_1 (brand=?)"),
    "sent": (lambda tx: tx.alerts.sent("b", START, START), "ix_deliveries_due (state=? AND due>? AND due<?)"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_news_is_found_by_an_index(plans: Plans, name: str) -> None:
    ask, index = QUESTIONS[name]
    (plan,) = plans(ask)
    assert index in plan
    assert "SCAN deliveries" not in plan
    assert "SCAN alerts" not in plan or "ix_alerts" in plan


__all__ = ["plans"]
