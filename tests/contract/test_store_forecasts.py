"""The ledger of claims about times, on both databases: one row a delivery, closed once and for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given as any_of
from hypothesis import strategies as st

from bot.domain.forecast import Forecast, Origin, Stage, advice_from_json, advice_to_json
from bot.domain.outcomes import Interval, SlotAdvice
from bot.ports import Tx
from bot.store import SqlStore
from tests.contract.store_rows import at

ADVICE = SlotAdvice(
    starts_at=at(600),
    local="Tue 18:30 Berlin",
    lift=Interval(0.23, 0.08, 0.41),
    shown=Interval(0.17, 0.06, 0.3),
    p_better=0.97,
    basis="own",
    n_posts=64,
    explore=False,
    because=("64 posts in 12 weeks",),
    warnings=("3 paid posts are left out",),
)
LATER = replace(ADVICE, starts_at=at(1200), lift=None, shown=None, basis="chart")


def claim(delivery_id: int = 1, minutes: float = 600, account: str = "acme-x", **changes: object) -> Forecast:
    whole = Forecast(
        id=0,
        delivery_id=delivery_id,
        post_id=7,
        brand="acme",
        account=account,
        platform="demo",
        content_type="text",
        slot=at(minutes),
        made_at=at(0),
        origin=Origin.BEST,
        advice=replace(ADVICE, starts_at=at(minutes)),
        method="best_time/1",
        seed=2**47 + 1,
        propensity=6 / 7,
        later=(LATER,),
        rows=(3, 5, 8),
        facts={"window": ["a", "b"], "k": 24},
    )
    return replace(whole, **changes)  # type: ignore[arg-type]  # fields of Forecast


def writing(*claims: Forecast) -> Callable[[Tx], tuple[Forecast, ...]]:
    return lambda tx: tuple(tx.forecasts.put(one) for one in claims)


async def test_a_claim_comes_back_as_it_was(store: SqlStore) -> None:
    (kept,) = await store.write(writing(claim()))
    assert await store.read(lambda tx: tx.forecasts.of_delivery(1)) == replace(claim(), id=kept.id)
    assert await store.read(lambda tx: tx.forecasts.of_post(7)) == (kept,)
    assert await store.read(lambda tx: tx.forecasts.of_delivery(2)) is None
    assert await store.read(lambda tx: tx.forecasts.of_post(8)) == ()


async def test_an_open_claim_gives_way_and_a_closed_one_stays(store: SqlStore) -> None:
    await store.write(writing(claim()))
    (moved,) = await store.write(writing(claim(minutes=900)))
    assert moved.slot == at(900)
    assert await store.read(lambda tx: tx.forecasts.count("acme-x")) == 1
    assert await store.write(lambda tx: tx.forecasts.close(moved.id, at=at(9000), realised=0.1, compared=12))
    assert not await store.write(lambda tx: tx.forecasts.close(moved.id, at=at(9001), realised=0.9))
    (stays,) = await store.write(writing(claim(minutes=700)))
    assert (stays.slot, stays.stage, stays.realised, stays.compared) == (at(900), Stage.REALISED, 0.1, 12)
    await store.write(lambda tx: tx.forecasts.drop(1))
    assert await store.read(lambda tx: tx.forecasts.of_delivery(1)) == stays


async def test_what_cannot_be_compared_is_void_and_says_why(store: SqlStore) -> None:
    (kept,) = await store.write(writing(claim()))
    await store.write(lambda tx: tx.forecasts.close(kept.id, at=at(900), why="it went out at another time"))
    found = await store.read(lambda tx: tx.forecasts.of_delivery(1))
    assert found is not None
    assert (found.stage, found.realised, found.why) == (Stage.VOID, None, "it went out at another time")
    assert await store.read(lambda tx: tx.forecasts.realised("acme")) == ()


async def test_open_ones_are_found_by_their_time_and_account(store: SqlStore) -> None:
    rows = (claim(1, 600), claim(2, 300), claim(3, 600, "acme-li"), claim(4, 600, brand="beta"))
    await store.write(writing(*rows))

    def numbers(tx: Tx, minutes: float) -> list[int]:
        return [one.delivery_id for one in tx.forecasts.open("acme", before=at(minutes))]

    assert await store.read(lambda tx: numbers(tx, 300)) == []
    assert await store.read(lambda tx: numbers(tx, 600)) == [2]
    assert await store.read(lambda tx: numbers(tx, 601)) == [2, 1, 3]
    assert await store.read(lambda tx: tx.forecasts.brands_open(before=at(601))) == ("acme", "beta")
    assert await store.read(lambda tx: tx.forecasts.brands_open(before=at(600))) == ("acme",)
    found = await store.read(lambda tx: tx.forecasts.at("acme-li", at(600)))
    assert found is not None
    assert found.delivery_id == 3
    assert await store.read(lambda tx: tx.forecasts.at("acme-li", at(601))) is None
    await store.write(lambda tx: tx.forecasts.drop(3))
    assert await store.read(lambda tx: tx.forecasts.at("acme-li", at(600))) is None


async def test_the_record_is_read_oldest_first_and_by_account(store: SqlStore) -> None:
    kept = await store.write(writing(*(claim(n, n, "acme-x" if n % 2 else "acme-li") for n in range(1, 7))))

    def close(tx: Tx) -> None:
        for one in kept[:5]:
            tx.forecasts.close(one.id, at=at(9000), realised=one.delivery_id / 10, compared=9)

    await store.write(close)
    whole = await store.read(lambda tx: tx.forecasts.realised("acme"))
    assert [one.realised for one in whole] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert {(one.advice.lift, one.later, one.rows) for one in whole} == {(ADVICE.lift, (), ())}
    last = await store.read(lambda tx: tx.forecasts.realised("acme", account="acme-x", limit=2))
    assert [one.delivery_id for one in last] == [3, 5]
    newest = await store.read(lambda tx: tx.forecasts.recent("acme", limit=2))
    assert [one.delivery_id for one in newest] == [6, 5]


async def test_hours_that_were_tried_are_told_apart(store: SqlStore) -> None:
    tried = replace(ADVICE, explore=True)
    await store.write(writing(claim(1), claim(2, advice=tried), claim(3, 800, advice=tried)))
    many = range(1, 1200)
    assert await store.read(lambda tx: tx.forecasts.explored(many)) == {2, 3}
    assert await store.read(lambda tx: tx.forecasts.explored([])) == frozenset()
    assert await store.read(lambda tx: tx.forecasts.slots(many)) == {1: at(600), 2: at(600), 3: at(800)}


shares = st.floats(min_value=-0.99, max_value=50, allow_nan=False)
spans = st.none() | st.builds(Interval, shares, shares, shares)
advice = st.builds(
    SlotAdvice,
    starts_at=st.integers(0, 10_000).map(lambda m: at(0) + timedelta(minutes=m)),
    local=st.text(max_size=20),
    lift=spans,
    shown=spans,
    p_better=st.floats(0, 1),
    basis=st.sampled_from(["own", "shared", "chart", "audience"]),
    n_posts=st.integers(0, 10**6),
    explore=st.booleans(),
    because=st.lists(st.text(max_size=20), max_size=3).map(tuple),
    warnings=st.lists(st.text(max_size=20), max_size=3).map(tuple),
)


@any_of(advice)
def test_advice_survives_its_json(one: SlotAdvice) -> None:
    assert advice_from_json(advice_to_json(one)) == one
