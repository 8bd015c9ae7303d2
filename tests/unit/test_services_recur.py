"""Recurring posts in a running bot: made from the rule, inheriting the approval, following every change."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.delivery import State
from bot.domain.people import Policy
from bot.domain.when import wall_at
from bot.ports import Tx
from bot.services.recur import HORIZON
from tests.unit.demo_world import BRAND, KEY, LOOK, World, open_world

FRIDAYS = '/post "Weekly" --to acme-look --at every fri 17:30 until 2027-03-01'
LISBON = ZoneInfo("Europe/Lisbon")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


def rows(world: World, post: int = 1) -> list[tuple[str, str]]:
    """Wall time and state of everything there is of a post, in order."""
    found = world.sql("SELECT wall, state FROM deliveries WHERE post_id = ? ORDER BY due, id", post)
    return [(wall[5:16], state) for wall, state in found]


async def weekly(world: World, line: str = FRIDAYS) -> None:
    await world.say("alice", line)
    await world.say("bob", "/approve latest")


async def test_t8_posts_made_in_one_minute_keep_their_own_slots_over_both_changes(tmp_path: Path) -> None:
    """T8: 18 weekly posts, created within a minute, for 52 weeks."""
    start = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
    clocks = ("01:30", "07:05", "09:00", "12:45", "17:30", "23:59")
    slots = [(day, clock) for day in ("tue", "thu", "sun") for clock in clocks]
    alone = replace(BRAND, policy=Policy(mode="none"), channels=())
    async with open_world(tmp_path, start=start, brand=alone) as world:
        for number, (day, clock) in enumerate(slots):
            to = KEY if number % 2 else LOOK
            line = f'/post "Slot {number}" --to {to} --brand acme --at every {day} {clock} 52 times'
            await world.say("alice", line.replace(" --brand acme", "") + " --brand acme")
            world.clock.advance(timedelta(seconds=3))
        assert world.clock.now() - start < timedelta(minutes=1)
        await world.wait(timedelta(days=53 * 7))
        assert len(world.sims[KEY].posts) + len(world.sims[LOOK].posts) == 18 * 52
        outs = await world.app.services.store.read(all_outs)
        for number, (day, clock) in enumerate(slots):
            found = outs[number + 1]
            times = [at.astimezone(LISBON) for at in found]
            assert len(times) == world.created(KEY if number % 2 else LOOK, f"Slot {number}") == 52
            assert {(at.date() - times[0].date()).days for at in times} == {7 * n for n in range(52)}
            odd = [at for at in times if (f"{at:%a}".casefold(), f"{at:%H:%M}") != (day, clock)]
            # On 28 March 2027 there is no 01:30 in Lisbon: the first minute after the gap.
            missing = ["2027-03-28 02:00"] if (day, clock) == ("sun", "01:30") else []
            assert [f"{at:%Y-%m-%d %H:%M}" for at in odd] == missing


MANY = 10_000
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= ?) "


def copy_rows(world: World, table: str, key: str, **changed: str) -> None:
    """`MANY` copies of the first post's row of a table; ``changed``: column → SQL."""
    columns = [row[1] for row in world.sql(f"PRAGMA table_info({table})")]
    if "id" in columns and key != "id":
        columns.remove("id")
    values = ", ".join(changed.get(c, "i" if c == key else c) for c in columns)
    source = f"{NUMBERS} SELECT {values} FROM n, {table} WHERE {table}.{key} = 1"
    world.sql(f"INSERT INTO {table} ({', '.join(columns)}) {source}", MANY)


async def test_ten_thousand_rules_at_rest_are_left_alone(tmp_path: Path) -> None:
    alone = replace(BRAND, policy=Policy(mode="none"), channels=())
    async with open_world(tmp_path, brand=alone) as world:
        await world.say("alice", FRIDAYS + " --brand acme")
        far = "due + 100 * 86400000000"
        for table in ("posts", "versions"):
            copy_rows(world, table, "id" if table == "posts" else "post_id")
        copy_rows(world, "rules", "post_id", look_at=far.replace("due", "look_at"))
        world.sql("DELETE FROM deliveries WHERE post_id = 1 AND id > (SELECT min(id) FROM deliveries)")
        copy_rows(world, "deliveries", "post_id", due=far, wake_at=far)
        others = "SELECT count(*), min(due), max(due), max(fence) FROM deliveries WHERE post_id > 1"
        before = world.sql(others)
        await world.wait(timedelta(days=21))
        assert world.sql(others) == before
        assert [state for _, state in rows(world)] == ["live", "live", "live", "scheduled", "scheduled"]
        assert world.sql("SELECT count(*) FROM rules") == [(MANY + 1,)]


def all_outs(tx: Tx) -> dict[int, list[datetime]]:
    """When each occurrence of each post came out."""
    found: dict[int, list[datetime]] = {}
    for delivery in tx.deliveries.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)):
        found.setdefault(delivery.post_id, []).extend(p.out_at for p in delivery.parts if p.out_at)
    return found


async def test_the_first_is_approved_and_the_others_inherit_it(world: World) -> None:
    await world.say("alice", FRIDAYS)
    assert rows(world) == [("11-27 17:30", "in_review")]
    card = await world.card()
    (repeats,) = [f.value for f in card.fields if f.name == "Repeats"]
    assert repeats == "then Fri 4 Dec 17:30 Lisbon, Fri 11 Dec 17:30 Lisbon … · ends 2027-02-26 (13 more)"
    await world.say("bob", "/approve latest")
    assert rows(world) == [("11-27 17:30", "scheduled"), ("12-04 17:30", "scheduled")]
    await world.wait(timedelta(days=30))
    states = [state for _, state in rows(world)]
    assert states == ["live"] * 4 + ["scheduled"] * 2
    keys = world.sql("SELECT DISTINCT key FROM attempts")
    assert len(keys) == 4, "each occurrence is a call of its own"
    assert world.created(LOOK, "Weekly") == 4
    assert {v.member for v in await world.votes()} == {"bob"}


async def test_nothing_is_made_further_ahead_than_the_horizon_nor_twice(world: World) -> None:
    await weekly(world, '/post "Daily" --to acme-look --at every day 10:00 until 2027-01-31')
    for _ in range(20):
        await world.wait(timedelta(hours=13))
        walls = [wall for wall, _ in rows(world)]
        assert len(walls) == len(set(walls))
        ahead = world.sql("SELECT max(due) FROM deliveries")[0][0] / 1e6 - world.clock.now().timestamp()
        assert timedelta(days=13) < timedelta(seconds=ahead) <= HORIZON


async def test_a_wish_that_never_ends_is_refused_with_the_way_out(world: World) -> None:
    said = await world.say("alice", '/post "Weekly" --to acme-look --at every fri 17:30')
    assert "would never end" in said
    assert "every fri 17:30 until 2027-05-20" in said
    assert world.sql("SELECT count(*) FROM posts") == [(0,)]


@pytest.mark.parametrize("hours", [0, 1, 12 * 24])
@pytest.mark.parametrize("change", ["text", "time", "cancel", "withdraw", "reject", "once", "changes"])
async def test_t9_the_series_follows_its_post_at_any_instant(tmp_path: Path, change: str, hours: int) -> None:
    """T9: after a change nothing goes out as it was planned before it."""
    async with open_world(tmp_path) as world:
        await weekly(world)
        first = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
        world.clock.advance(first - world.clock.now() - timedelta(hours=1))
        await world.wait(timedelta(hours=hours))
        before = world.created(LOOK)
        line = {
            "text": '/edit P1 "Other"',
            "time": "/schedule P1 every thu 09:00 3 times",
            "cancel": "/cancel P1",
            "withdraw": "/withdraw P1",
            "reject": "/reject P1 no more",
            "once": "/schedule P1 in 30 days",
            "changes": "/changes P1 say it better",
        }[change]
        await world.say("alice" if line.startswith(("/edit", "/sch")) else "bob", line)
        anew = change in ("text", "time", "once")
        if anew:
            await world.say("bob", "/approve P1")
        now = world.clock.now()
        await world.wait(timedelta(days=31))
        made = [p.text for p in world.sims[LOOK].posts][before:]
        fridays = sum(now < first + timedelta(weeks=n) <= now + timedelta(days=31) for n in range(9))
        assert made == {"text": ["Other"] * fridays, "time": ["Weekly"] * 3, "once": ["Weekly"]}.get(
            change, []
        )
        if not anew:
            assert "scheduled" not in {state for _, state in rows(world)}


async def test_an_edit_of_one_account_leaves_the_others_series_alone(world: World) -> None:
    await weekly(world, f'/post "Weekly" --to {LOOK},{KEY} --at every fri 17:30 until 2027-03-01')
    said = await world.say("alice", f'/edit P1 --for {KEY} "Other"')
    assert "stays approved" in said
    found = world.sql("SELECT account, state, count(*) FROM deliveries GROUP BY 1, 2 ORDER BY 1")
    assert found == [(KEY, "in_review", 1), (LOOK, "scheduled", 2)]
    await world.say("bob", "/approve P1")
    await world.wait(timedelta(days=14))
    assert (world.created(LOOK, "Weekly"), world.created(KEY, "Other")) == (2, 2)


async def test_a_whole_year_behind_it_does_not_make_a_card_slow(world: World) -> None:
    await weekly(world, '/post "Daily" --to acme-look --at every day 10:00 until 2028-01-31')
    world.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700) "
        "INSERT INTO deliveries (post_id, brand, account, platform, variant, fingerprint, version, state, "
        "due, fence, tries, checks, platform_wait, reason, rule, wall, zone) "
        "SELECT post_id, brand, account, platform, variant, fingerprint, version, 'live', "
        "due - i * 86400000000, "
        "0, 0, 0, 0, '', rule, datetime(wall, '-' || i || ' days'), zone FROM deliveries, n WHERE id = 1"
    )
    assert world.sql("SELECT count(*) FROM deliveries WHERE state = 'live'") == [(700,)]
    found = await world.app.services.store.read(lambda tx: tx.deliveries.series(1))
    assert len(found) <= HORIZON.days + 1
    assert (await world.row()).state is State.SCHEDULED


async def test_days_off_are_skipped_and_told_and_quiet_hours_wait(tmp_path: Path) -> None:
    brand = replace(BRAND, blackout=("2026-12-04",), quiet="17:00-18:15")
    async with open_world(tmp_path, brand=brand) as world:
        await weekly(world)
        await world.wait(timedelta(days=24))
        assert rows(world)[:3] == [
            ("11-27 17:30", "live"),
            ("12-04 17:30", "cancelled"),
            ("12-11 17:30", "live"),
        ]
        dues = [
            d.due for d in await world.app.services.store.read(lambda tx: tx.deliveries.series(1)) if d.due
        ]
        assert all(f"{wall_at(due, brand.timezone):%H:%M}" == "18:15" for due in dues)
        assert "P1 skips Fri 4 Dec 17:30 Lisbon: a day off." in " ".join(world.room.texts())


async def test_the_day_of_review_is_told_and_nothing_is_made_after_it(world: World) -> None:
    await weekly(world, '/post "Weekly" --to acme-look --at every fri 17:30 review 2026-12-20')
    await world.wait(timedelta(days=60))
    assert [state for _, state in rows(world)] == ["live"] * 4
    (told,) = [text for text in world.room.texts() if "the day to look at it again" in text]
    assert '/schedule P1 "every fri 17:30 until …"' in told
    await world.say("alice", "/schedule P1 every fri 17:30 until 2027-02-15")
    await world.say("bob", "/approve P1")
    await world.wait(timedelta(days=14))
    assert world.created(LOOK) == 6


async def test_skip_leaves_one_out(world: World) -> None:
    await weekly(world)
    assert (
        await world.say("alice", "/skip P1 2026-12-04")
        == "P1 skips Fri 4 Dec 17:30 Lisbon. What comes after it stays."
    )
    assert "nothing planned on 2026-12-05" in await world.say("alice", "/skip P1 2026-12-05")
    assert (
        await world.say("alice", "/skip P1") == "P1 skips Fri 27 Nov 17:30 Lisbon. What comes after it stays."
    )
    for _ in range(22):
        await world.wait(timedelta(days=1))
    assert rows(world)[:3] == [
        ("11-27 17:30", "cancelled"),
        ("12-04 17:30", "cancelled"),
        ("12-11 17:30", "live"),
    ]


async def test_what_was_missed_while_nobody_looked_is_asked_about_not_lost(world: World) -> None:
    await weekly(world, '/post "Daily" --to acme-look --at every day 10:00 until 2027-01-31')
    world.clock.advance(timedelta(days=20))
    await world.app.settle()
    states = Counter(state for _, state in rows(world))
    assert states["live"] == 0
    assert states["held"] == 20
    (digest,) = [m for m in world.room.said if "I could not send in time" in m.text]
    assert digest.text.startswith("20 posts came due")


async def test_an_approver_who_leaves_stops_what_is_planned_visibly(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await weekly(world)
        clock, room = world.clock, world.room
    roles = {role: tuple(n for n in names if n != "bob") for role, names in BRAND.roles.items()}
    async with open_world(tmp_path, brand=replace(BRAND, roles=roles), clock=clock, room=room) as world:
        await world.wait(timedelta(days=21))
        assert world.created(LOOK) == 0
        assert rows(world)[0] == ("11-27 17:30", "held")
        assert len(rows(world)) == 1, "nothing more is planned without an approval"
        await world.say("carol", "/retry P1")
        assert world.created(LOOK) == 1
        await world.wait(timedelta(days=14))
        assert world.created(LOOK) == 3
