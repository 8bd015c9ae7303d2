"""Claims about times are found from an index, however many there are."""

from __future__ import annotations

from bot.testing.clock import START
from tests.unit.test_store_plans import Plans, plans

__all__ = ["plans"]


def test_what_is_asked_for_each_card_and_each_hour_walks_no_table(plans: Plans) -> None:
    (of_delivery,) = plans(lambda tx: tx.forecasts.of_delivery(1))
    (of_post,) = plans(lambda tx: tx.forecasts.of_post(1))
    (at,) = plans(lambda tx: tx.forecasts.at("a", START))
    (open_,) = plans(lambda tx: tx.forecasts.open("b", before=START))
    (brands,) = plans(lambda tx: tx.forecasts.brands_open(before=START))
    (count,) = plans(lambda tx: tx.forecasts.count("a"))
    (realised,) = plans(lambda tx: tx.forecasts.realised("b"))
    assert "ux_forecasts_delivery (delivery_id=?)" in of_delivery
    assert "ix_forecasts_post (post_id=?)" in of_post
    assert "ix_forecasts_account (account=? AND slot=?)" in at
    assert "ix_forecasts_open (brand=? AND slot<?)" in open_
    assert "ix_forecasts_open" in brands
    assert "COVERING INDEX ix_forecasts_account (account=?)" in count
    assert "ix_forecasts_brand (brand=?)" in realised
    for plan in (of_delivery, of_post, at, open_, count, realised):
        assert "SCAN forecasts" not in plan
