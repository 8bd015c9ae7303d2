"""A random brand with random wishes around a change of the clocks: foreseen, then lived through.

The same database is first simulated and then executed by real pump ticks, which come late and
at other moments than in the simulation. What a rule should have named is worked out again here,
day by day and minute by minute, without the code under test.
"""

from __future__ import annotations

import io
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app import make_log
from bot.app.forecast import foresee
from bot.config import AccountConfig, Config
from bot.domain.delivery import Delivery, State
from bot.domain.people import Brand, Policy
from bot.registry import load
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import DemoSimulator
from tests.unit.demo_world import BRAND, KEY, LOOK, MODES, Room, World, open_world

ZONES = ("Europe/Lisbon", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago")
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = 8
LATEST = timedelta(minutes=9)
"""How late a tick may come; far from the quarter of an hour after which people are asked."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One rule: ``days`` of the week, or every day, or days of the month."""

    text: str
    account: str
    words: str
    clock: time
    weekdays: frozenset[int] = frozenset()
    monthdays: frozenset[int] = frozenset()

    def on(self, day: date) -> bool:
        return day.weekday() in self.weekdays or day.day in self.monthdays


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A world to be: its brand, when it begins, and what is asked of it."""

    brand: Brand
    start: datetime
    rules: tuple[Wanted, ...]
    others: tuple[str, ...]


def changes(zone: str) -> Iterator[datetime]:
    """The hours of 2026 and 2027 in which the zone's clocks change."""
    tz, at = ZoneInfo(zone), datetime(2026, 1, 2, tzinfo=UTC)
    while at.year < 2028:
        if at.astimezone(tz).utcoffset() != (at + timedelta(hours=1)).astimezone(tz).utcoffset():
            yield at + timedelta(hours=1)
        at += timedelta(hours=1)


def draw(rng: random.Random) -> Plan:
    """A plan from a seed; times of day are drawn so that many fall into the changing hour."""
    zone = rng.choice(ZONES)
    change = rng.choice(list(changes(zone)))
    start = (change - timedelta(days=rng.randint(0, SPAN - 2), hours=rng.randint(1, 20))).replace(second=0)
    near = change.astimezone(ZoneInfo(zone))

    def clock() -> time:
        if rng.random() < 0.6:
            minutes = near.hour * 60 + rng.choice([-90, -60, -45, -30, -30, -15, 0, 15, 30]) + near.minute
            return time(minutes // 60 % 24, minutes % 60)
        return time(rng.randint(0, 23), rng.choice([0, 5, 10, 15, 30, 45, 59]))

    days_off = [str(start.date() + timedelta(days=rng.randint(0, SPAN))) for _ in range(rng.randint(0, 2))]
    begin = rng.randint(0, 23)
    brand = replace(
        BRAND,
        timezone=zone,
        policy=Policy(mode=rng.choice(["none", "any"])),
        slots=tuple(f"{rng.choice(['daily', *NAMES])} {clock():%H:%M}" for _ in range(rng.randint(1, 4))),
        quiet=rng.choice(["", f"{begin:02}:00-{(begin + rng.randint(1, 9)) % 24:02}:30"]),
        blackout=tuple(dict.fromkeys(days_off)),
        spacing_s=rng.choice([0, 0, 0, 900, 2700]),
        burst=rng.choice([0, 0, 0, 1, 2]),
    )
    rules = [wanted(rng, number, clock()) for number in range(rng.randint(1, 4))]
    others = [other(rng, number, start) for number in range(rng.randint(0, 3))]
    return Plan(brand=brand, start=start, rules=tuple(rules), others=tuple(others))


def wanted(rng: random.Random, number: int, clock: time) -> Wanted:
    account, text = rng.choice([KEY, LOOK]), f"Rule {number}"
    end = rng.choice(["until 2028-06-01", "300 times", "review 2028-05-01"])
    kind = rng.randint(0, 3)
    if kind == 0:
        words, days, months = "every day", frozenset(range(7)), frozenset[int]()
    elif kind == 1:
        words, days, months = "every weekday", frozenset(range(5)), frozenset[int]()
    elif kind == 2:
        chosen = sorted(rng.sample(range(7), rng.randint(1, 3)))
        words, days, months = f"every {','.join(NAMES[d] for d in chosen)}", frozenset(chosen), frozenset()
    else:
        numbers = sorted(rng.sample(range(1, 32), 6))
        words, days, months = (
            f"every month on the {','.join(map(str, numbers))}",
            frozenset(),
            frozenset(numbers),
        )
    return Wanted(
        text=text,
        account=account,
        words=f"{words} {clock:%H:%M} {end}",
        clock=clock,
        weekdays=days,
        monthdays=months,
    )


def other(rng: random.Random, number: int, start: datetime) -> str:
    at = rng.choice(["next slot", "next slot", f"in {rng.randint(1, SPAN * 24 - 1)}h"])
    return f'/post "Other {number}" --to {rng.choice([KEY, LOOK])} --at "{at}"'


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What was foreseen and what came about: deliveries due in the span, or just behind it."""

    plan: Plan
    foreseen: tuple[Delivery, ...]
    real: tuple[Delivery, ...]
    made: Counter[tuple[str, str]]


async def live(plan: Plan, rng: random.Random) -> Lived:
    """Set the world up, foresee it, then let the real one run with ticks of its own."""
    clock, room = FakeClock(plan.start), Room()
    end = plan.start + timedelta(days=SPAN)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clarion-world-")))
        sims = {n: await stack.enter_async_context(DemoSimulator(clock).running()) for n in (KEY, LOOK)}
        sims |= {name: sims[KEY] for name in MODES if name not in sims}
        async with open_world(folder, brand=plan.brand, sims=sims, clock=clock, room=room) as world:
            for rule in plan.rules:
                await ask(world, f'/post "{rule.text}" --to {rule.account} --at {rule.words}')
            for line in plan.others:
                await ask(world, line)
            foreseen = await look_ahead(plan, folder)
            if rng.random() < 0.5:
                await tick(world, clock, rng, plan.start + timedelta(days=rng.randint(1, SPAN - 1)))
        async with open_world(folder, brand=plan.brand, sims=sims, clock=clock, room=room) as world:
            await tick(world, clock, rng, end)
            clock.advance(LATEST)
            await world.app.settle()
            real = await world.app.services.store.read(
                lambda tx: tx.deliveries.between(plan.start, end + LATEST)
            )
        made = Counter((p.account, p.text) for sim in (sims[KEY], sims[LOOK]) for p in sim.posts)
    return Lived(plan=plan, foreseen=foreseen, real=real, made=made)


async def ask(world: World, line: str) -> None:
    await world.say("alice", line)
    if world.app.services.brands["acme"].policy.mode != "none":
        await world.say("bob", "/approve latest")


async def look_ahead(plan: Plan, folder: Path) -> tuple[Delivery, ...]:
    """What `clarion simulate` would say, on simulators of its own."""
    log = make_log(io.StringIO())
    accounts = tuple(
        AccountConfig(name=name, brand="acme", platform=f"demo-{mode.replace('_', '-')}", table={})
        for name, mode in MODES.items()
    )
    config = Config(
        path=folder / "config.toml",
        brands=(plan.brand,),
        accounts=accounts,
        store_url="sqlite+aiosqlite:///world.db",
    )
    with tempfile.TemporaryDirectory(prefix="clarion-ahead-") as copy:
        seen = await foresee(
            config,
            days=SPAN,
            clock=FakeClock(plan.start),
            folder=Path(copy),
            log=log,
            registry=load(log=log, builtins="bot.testing.platforms", entry_points=()),
        )
    return seen.after


async def tick(world: World, clock: FakeClock, rng: random.Random, end: datetime) -> None:
    """Look at the tables now and then: late after what is due, and sometimes for nothing."""
    while clock.now() < end:
        wake = await world.app.next_wake()
        now = clock.now()
        if wake is None or wake <= now or rng.random() < 0.2:
            then = now + timedelta(minutes=rng.randint(1, 600))
            then = then if wake is None or wake <= now else min(then, wake + LATEST)
        else:
            then = wake + timedelta(seconds=rng.randint(0, int(LATEST.total_seconds())))
        clock.advance(min(then, end) - now)
        await world.app.settle()


def verdict(lived: Lived) -> list[str]:
    """Everything that is wrong with a world; nothing, it is to be hoped."""
    plan, wrong = lived.plan, list[str]()
    end = plan.start + timedelta(days=SPAN)
    ours = sorted(map(told, lived.foreseen))
    theirs = sorted(told(d) for d in lived.real if d.due is not None and d.due <= end)
    if ours != theirs:
        wrong.append(
            f"foreseen {sorted(set(ours) - set(theirs))}, came about {sorted(set(theirs) - set(ours))}"
        )
    live_ = [d for d in lived.real if d.state is State.LIVE]
    texts = Counter((d.account, d.variant.text) for d in live_)
    if texts != lived.made:
        wrong.append(f"twice or unseen: {(lived.made - texts) | (texts - lived.made)}")
    for rule in plan.rules:
        wrong += holes(plan, rule, [d for d in lived.real if d.variant.text == rule.text])
    for account in (KEY, LOOK):
        chosen = sorted(
            d.due
            for d in lived.real
            if d.account == account and d.state is not State.CANCELLED and d.due and automatic(d)
        )
        wrong += crowded(plan.brand, account, chosen)
    return wrong


def told(delivery: Delivery) -> tuple[str, str, str, str, str]:
    return (
        delivery.variant.text,
        delivery.account,
        str(delivery.wall),
        str(delivery.due),
        delivery.state.value,
    )


def automatic(delivery: Delivery) -> bool:
    """Whether Clarion chose the instant, or shifted it."""
    return delivery.rule is not None


def holes(plan: Plan, rule: Wanted, rows: Sequence[Delivery]) -> Iterator[str]:
    """Compare with every day of the span, worked out the slow way."""
    brand, tz = plan.brand, ZoneInfo(plan.brand.timezone)
    by_wall = {d.wall: d for d in rows}
    first = min((w for w in by_wall if w is not None), default=datetime.max)  # noqa: DTZ901 - wall times
    if len(by_wall) != len(rows):
        yield f"{rule.text}: one wall time twice"
    end = plan.start + timedelta(days=SPAN - 2)
    day = plan.start.astimezone(tz).date()
    while day <= end.astimezone(tz).date():
        wall = datetime.combine(day, rule.clock)
        due = first_instant(wall, tz)
        day += timedelta(days=1)
        if not rule.on(wall.date()) or due <= plan.start or due > end:
            continue
        found = by_wall.pop(wall, None)
        due_at = earliest(brand, due, tz)
        off = [n for n in range(3) if str(wall.date() + timedelta(days=n)) in brand.blackout]
        if found is None and off and wall < first:
            continue  # the first occurrence is looked for behind the days off
        if found is None:
            yield f"{rule.text}: nothing for {wall}"
        elif 0 in off:
            if found.state is not State.CANCELLED:
                yield f"{rule.text}: {wall} is a day off, and {found.state}"
        elif found.state is State.CANCELLED:
            if due_at is not None and not (off and (brand.spacing_s or brand.burst)):
                yield f"{rule.text}: {wall} was left out"
        elif found.state is not State.LIVE or found.due is None:
            yield f"{rule.text}: {wall} is {found.state} ({found.reason})"
        elif due_at is None:
            yield f"{rule.text}: {wall} went out at {found.due}, although its quiet hours end on a day off"
        elif found.due < due_at or earliest(brand, found.due, tz) != found.due:
            yield f"{rule.text}: {wall} went out too early, or in quiet hours, {found.due}"
        elif not (brand.spacing_s or brand.burst) and found.due != due_at:
            yield f"{rule.text}: {wall} went out at {found.due} and not at {due_at}"
    strange = [w for w in by_wall if w is None or not rule.on(w.date()) or w.time() != rule.clock]
    if strange:
        yield f"{rule.text}: never asked for {strange}"


def earliest(brand: Brand, at: datetime, tz: ZoneInfo) -> datetime | None:
    """The first minute from ``at`` on that is in no quiet hours; None where that is on a day off."""
    if brand.quiet:
        first, last = (int(t[:2]) * 60 + int(t[3:]) for t in brand.quiet.split("-"))
        length = (last - first) % 1440
        while True:
            wall = at.astimezone(tz)
            if (wall.hour * 60 + wall.minute - first) % 1440 >= length:
                break
            at += timedelta(minutes=1)
    return None if str(at.astimezone(tz).date()) in brand.blackout else at


def first_instant(wall: datetime, tz: ZoneInfo) -> datetime:
    """The first minute of UTC at which the clocks show the wall time, or have jumped over it."""
    at = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    while at.astimezone(tz).replace(tzinfo=None) < wall:
        at += timedelta(minutes=1)
    return at


def crowded(brand: Brand, account: str, dues: Sequence[datetime]) -> Iterator[str]:
    """What we chose ourselves keeps its distance from the rest of what we chose."""
    spacing = timedelta(seconds=brand.spacing_s)
    for before, after in pairwise(dues):
        if after - before < spacing:
            yield f"{account}: {before} and {after} are too near"
    if brand.burst:
        for first, last in zip(dues, dues[brand.burst :], strict=False):
            if last - first < timedelta(hours=1):
                yield f"{account}: more than {brand.burst} within an hour from {first}"
