"""A post at the best hour: what is shown, what is signed, when it goes out, and what is written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import State
from bot.domain.forecast import Forecast, Origin, Stage
from bot.domain.outcomes import EXPLORE, Interval, SlotAdvice
from bot.domain.platform import Metrics
from bot.domain.snapshot import Snapshot
from bot.ports import Tx
from bot.services.advising.times import best_times
from bot.services.hours import best_occasion
from bot.services.measuring.outcomes import outcomes
from bot.services.plan import calendar_of
from tests.unit.advice_world import HourByHour, advise, past
from tests.unit.demo_world import BRAND, KEY, LOOK, World, open_world

SATURDAY = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
"""The first of the advised hours after the clock's start (Sat 21 Nov 09:00; Lisbon is at UTC then)."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        advise(made, HourByHour())
        yield made


async def claim(world: World, post_id: int = 1) -> Forecast | None:
    found = await world.app.services.store.read(lambda tx: tx.forecasts.of_post(post_id))
    return found[0] if found else None


async def when(world: World, post_id: int = 1) -> str:
    card = await world.card(post_id)
    (row,) = [f.value for f in card.fields if f.name == "When"]
    return row


async def test_a_post_goes_out_at_the_best_hour_and_is_compared_later(world: World) -> None:
    await past(world, 64)
    said = await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    assert said == "P1 waits for approval (best → Sat 21 Nov 18:00 Lisbon)."
    line = "best → Sat 21 Nov 18:00 Lisbon · +17 % [6, 30] against your usual hour, 64 posts"
    assert await when(world) == line
    made = await claim(world)
    assert made is not None
    assert (made.slot, made.origin, made.stage, made.advice.n_posts) == (
        SATURDAY,
        Origin.BEST,
        Stage.OPEN,
        64,
    )
    assert made.propensity == pytest.approx(6 / 7)
    assert len(made.rows) == 64
    assert await world.say("bob", "/approve latest") == "P1 v1 is approved and goes out 18:00."
    await world.wait(timedelta(hours=9, minutes=1))
    row = await world.row()
    assert row.state is State.LIVE
    assert row.parts[0].out_at == SATURDAY
    await world.wait(timedelta(days=2))
    found = await claim(world)
    assert found is not None
    assert found.stage is Stage.OPEN
    await liked(world, row.id, 200, SATURDAY + timedelta(days=4))
    await world.wait(timedelta(days=3))
    found = await claim(world)
    assert found is not None
    assert (found.stage, found.compared) == (Stage.REALISED, 64)
    assert found.realised == pytest.approx(201 / 104 - 1)


async def liked(world: World, delivery_id: int, likes: int, at: datetime) -> None:
    snapshot = Snapshot(delivery_id=delivery_id, account=LOOK, at=at, metrics=Metrics(likes=likes))
    assert await world.app.services.store.write(lambda tx: tx.snapshots.put([snapshot]))


async def test_what_is_signed_is_the_wish_so_a_new_hour_inside_it_keeps_the_approval(world: World) -> None:
    await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    before = (await world.row()).fingerprint
    world.clock.advance(timedelta(hours=20))
    await world.app.settle()
    assert await world.say("bob", "/approve latest") == "P1 v1 is approved and goes out 18:00."
    row, made = await world.row(), await claim(world)
    assert (row.due, row.fingerprint) == (SATURDAY + timedelta(days=1), before)
    assert made is not None
    assert made.slot == row.due
    await world.wait(timedelta(hours=14))
    assert (await world.row()).state is State.LIVE


async def test_another_text_keeps_the_hour_and_another_wish_does_not(world: World) -> None:
    await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    await world.say("alice", '/edit latest "Ho"')
    assert (await world.row()).due == SATURDAY
    await world.say("alice", '/schedule latest "best tue"')
    row, made = await world.row(), await claim(world)
    assert row.due == SATURDAY + timedelta(days=3)
    assert made is not None
    assert made.slot == row.due
    await world.say("alice", '/schedule latest "mon 11:30"')
    assert await claim(world) is None
    assert (await world.row()).due == datetime(2026, 11, 23, 11, 30, tzinfo=UTC)


async def test_each_account_has_its_own_hour_and_two_posts_do_not_share_one(world: World) -> None:
    await past(world, 10, account=KEY)
    await world.say("alice", f'/post "Same" --to {LOOK} --at "sat 18:00"')
    said = await world.say("alice", f'/post "One" --to {LOOK},{KEY} --at best')
    assert said == "P2 waits for approval (best, each account at its own hour)."
    assert {d.account: d.due for d in (await world.rows(2)).values()} == {
        LOOK: SATURDAY + timedelta(days=1),
        KEY: SATURDAY,
    }
    assert (await when(world, 2)).startswith("best, each account its own → ")
    assert "not learned from you" in await when(world, 2)
    assert "+17 % [6, 30]" in await when(world, 2)
    await world.say("alice", f'/post "Two" --to {LOOK} --at best')
    assert (await world.row(3)).due == SATURDAY + timedelta(days=2)


async def test_quiet_hours_days_off_and_spacing_are_kept(tmp_path: Path) -> None:
    brand = replace(
        BRAND, quiet="17:00-11:00", blackout=("2026-11-21..2026-11-22",), spacing_s=7200, slots=()
    )
    async with open_world(tmp_path, brand=brand) as world:
        advise(world, HourByHour())
        await world.say("alice", f'/post "One" --to {LOOK} --at best')
        assert (await world.row()).due == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


async def test_where_no_hour_is_free_it_says_so(tmp_path: Path) -> None:
    brand = replace(BRAND, quiet="00:00-23:59", slots=())
    async with open_world(tmp_path, brand=brand) as world:
        advise(world, HourByHour())
        said = await world.say("alice", f'/post "One" --to {LOOK} --at best')
        assert said == (
            f"I found no time for {LOOK} in “best”: no hour is free, or none can be advised. "
            "Name a time, like fri 17:30."
        )
        assert "I cannot advise a time" in await world.say("alice", f"/besttime {LOOK}")


@dataclass
class Broken(HourByHour):
    """Fails in the way that ``how`` says."""

    how: str = "raises"

    def recommend(self, *args: object, **options: object) -> list[SlotAdvice]:
        if self.how == "raises":
            raise ZeroDivisionError("inside the plugin")
        found = super().recommend(*args, **options)  # type: ignore[arg-type]
        if self.how == "empty":
            return []
        if self.how == "naive":
            return [replace(one, starts_at=one.starts_at.replace(tzinfo=None)) for one in found]
        if self.how == "past":
            return [replace(one, starts_at=datetime(2020, 1, 1, tzinfo=UTC)) for one in found]
        nothing = Interval(float("nan"), 0.1, 0.2)
        return [replace(one, lift=nothing) for one in found]


@pytest.mark.parametrize("how", ["raises", "nan", "naive", "past", "empty"])
async def test_a_plugin_that_breaks_leaves_the_next_slot_and_an_honest_sentence(
    world: World, how: str
) -> None:
    advise(world, Broken(how=how))
    assert "I cannot advise a time" in await world.say("alice", f"/besttime {LOOK}")
    await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    assert await when(world) == ("best → Mon 23 Nov 09:00 Lisbon · the next slot: no hour can be advised yet")
    assert await claim(world) is None
    await world.say("bob", "/approve latest")
    await world.wait(timedelta(days=2))
    assert (await world.row()).state is State.LIVE


async def test_without_any_optimizer_best_is_the_next_slot(world: World) -> None:
    world.app.services.registry.optimizers.clear()
    await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    assert (await world.row()).due == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert "the next slot" in await when(world)


async def test_what_repeats_cannot_be_left_to_us(world: World) -> None:
    said = await world.say("alice", f'/post "Hi" --to {LOOK} --at "every fri best"')
    assert said == (
        "What repeats needs a time of day of its own: every fri 17:30. /besttime names good ones."
    )


async def test_a_dry_run_shows_the_hour_and_writes_nothing(world: World) -> None:
    await world.say("alice", f'/post "Hi" --to {LOOK} --at best --dry-run')
    (shown,) = [m for m in world.room.said if m.title == "Dry run of a new post"]
    assert any("Sat 21 Nov 18:00" in f.value for f in shown.fields)
    assert world.sql("SELECT count(*) FROM forecasts") == [(0,)]


async def test_one_choice_in_seven_tries_another_hour_and_says_so(world: World) -> None:
    advise(world, HourByHour(explores=True))
    object.__setattr__(world.app.services, "instance", "the dice lie the same way in every run")
    for n in range(30):
        await world.say("alice", f'/post "Post {n}" --to {LOOK} --at "best 2026-11-23..2026-12-20"')
    rows = world.sql("SELECT post_id, explore, propensity FROM forecasts ORDER BY post_id")
    tried = [number for number, explore, _ in rows if explore]
    assert 1 <= len(tried) <= 9
    assert all((propensity < 0.1) == bool(explore) for _, explore, propensity in rows)
    assert "tried on purpose, 1 in 7, to learn about this hour" in await when(world, tried[0])
    svc = world.app.services
    ids = [d.id for n in range(1, 31) for d in (await world.rows(n)).values()]
    found = await svc.store.read(lambda tx: tx.forecasts.explored(ids))
    assert len(found) == len(tried)


@dataclass
class Curious(HourByHour):
    """Its last advice is always one that is tried."""

    def recommend(self, *args: object, **options: object) -> list[SlotAdvice]:
        found = super().recommend(*args, **options)  # type: ignore[arg-type]
        return [*found[:-1], replace(found[-1], explore=True)] if options["explore"] else found


async def test_what_was_tried_is_marked_so_and_never_where_a_person_named_the_hour(world: World) -> None:
    advise(world, Curious())
    svc = world.app.services
    await world.say("alice", f'/post "Tried" --to {LOOK} --at "best sun"')
    await world.say("alice", f'/post "Named" --to {LOOK} --at "sun 13:00"')
    await world.say("bob", f"/besttime {LOOK} --explore off")
    await world.say("alice", f'/post "Best" --to {LOOK} --at "best sun"')
    for number in (1, 2, 3):
        await world.say("bob", f"/approve P{number}")
    await world.wait(timedelta(days=1, hours=14))
    ids = {n: (await world.row(n)).id for n in (1, 2, 3)}
    assert [(await world.row(n)).state for n in (1, 2, 3)] == [State.LIVE] * 3
    for id_ in ids.values():
        await liked(world, id_, 50, world.clock.now())
    flags = {int(one.post_id): one.flags for one in await outcomes(svc, "acme")}
    assert {n: EXPLORE in flags[ids[n]] for n in (1, 2, 3)} == {1: True, 2: False, 3: False}


async def test_a_claim_about_a_post_that_went_out_at_another_time_is_void(world: World) -> None:
    await past(world, 20)
    await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    await world.say("bob", "/approve latest")
    await world.say("bob", "/cancel latest")
    await world.wait(timedelta(days=1))
    found = await claim(world)
    assert found is not None
    assert (found.stage, found.why) == (Stage.VOID, "it was cancelled")


async def test_best_hours_in_a_week_in_which_clocks_change_exist_once(tmp_path: Path) -> None:
    brand = replace(BRAND, timezone="America/New_York", slots=())
    start = datetime(2027, 3, 12, 9, 0, tzinfo=UTC)
    async with open_world(tmp_path, brand=brand, start=start) as world:
        advise(world, HourByHour())
        found = await best_times(world.app.services, "acme", LOOK, k=20)
    assert len({one.starts_at for one in found}) == len(found) > 10
    offsets = {one.starts_at.hour for one in found if one.local.endswith("18:00")}
    assert offsets == {22, 23}


async def test_the_model_is_fitted_once_an_hour_and_again_when_claims_are_settled(world: World) -> None:
    rules = HourByHour()
    advise(world, rules)
    await past(world, 8)
    for _ in range(5):
        assert await best_times(world.app.services, "acme", LOOK)
    assert rules.fits == 1
    world.clock.advance(timedelta(hours=1))
    assert await best_times(world.app.services, "acme", LOOK)
    assert rules.fits == 2


async def test_the_hour_is_chosen_again_where_somebody_took_it_meanwhile(world: World) -> None:
    svc = world.app.services

    def unit(tx: Tx) -> datetime:
        calendar = calendar_of(tx, svc.brands["acme"])
        now, own = world.clock.now(), SATURDAY
        return best_occasion(tx, calendar, LOOK, "best", now, taken=[SATURDAY], own=own).due

    await world.say("alice", f'/post "Hi" --to {LOOK} --at best')
    assert await svc.store.read(unit) == SATURDAY + timedelta(days=1)
