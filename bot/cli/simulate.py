"""``clarion simulate``: what the next days would bring, and what would go wrong."""

from __future__ import annotations

import argparse
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.exits import OK
from bot.cli.options import add_config, config_file
from bot.cli.screen import write

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app.forecast import Forecast
    from bot.cli.options import Commands
    from bot.domain.people import Brand

MOST_DAYS = 60
SHOWN = 40
"""Lines of one day, and things said, beyond which only the number is told."""


def add(commands: Commands) -> None:
    """``clarion simulate [--days 14] [--config FILE]``."""
    parser = commands.add_parser(
        "simulate",
        help="show what the next days would bring",
        description="Run the scheduler on a copy of the database, with simulated platforms and a clock "
        "of its own, and show what would go out and what would go wrong. Nothing is sent.",
    )
    add_config(parser)
    parser.add_argument("--days", type=_days, default=14, metavar="N", help="how many days, at most 60 (14)")
    parser.set_defaults(run=_simulate)


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to {MOST_DAYS}")
    return int(text)


async def _simulate(args: argparse.Namespace) -> int:
    from bot.app import make_log
    from bot.app.forecast import foresee
    from bot.clock import SystemClock
    from bot.config import load_config
    from bot.testing.clock import FakeClock

    config = load_config(config_file(args.config), env=os.environ)
    with tempfile.TemporaryDirectory(prefix="clarion-simulate-") as folder:
        seen = await foresee(
            config,
            days=args.days,
            clock=FakeClock(SystemClock().now()),
            folder=Path(folder),
            log=make_log(io.StringIO()),
        )
    for brand in config.brands:
        write("\n".join(report(seen, brand, args.days)) + "\n")
    return OK


def report(seen: Forecast, brand: Brand, days: int) -> Iterator[str]:
    """The days of one brand, and then what would go wrong."""
    from bot.domain.outlook import by_day, lines_of
    from bot.domain.when import place, say, wall_at

    zone = brand.timezone
    mine = [d for d in seen.after if d.brand == brand.name]
    lines = list(lines_of(mine, seen.start))
    good = sum(not line.trouble for line in lines)
    yield f"{brand.name}: {days} days from {say(seen.start, zone)}, times of {place(zone)}. Nothing was sent."
    yield f"{good} would go out" + (f", {len(lines) - good} would not." if good < len(lines) else ".")
    for day, rows in by_day(lines, zone, seen.start, days).items():
        yield ""
        yield f"{day:%a} {day.day} {day:%b}" + ("" if rows else "  —")
        for line in rows[:SHOWN]:
            words = " ".join(line.delivery.variant.text.split())
            brief = words if len(words) <= 50 else words[:49] + "…"
            mark = f"  ✗ {line.trouble}" if line.trouble else ""
            at = wall_at(line.at, zone)
            yield f"  {at:%H:%M}  P{line.delivery.post_id} {line.delivery.account}  “{brief}”{mark}"
        if len(rows) > SHOWN:
            yield f"  … and {len(rows) - SHOWN} more"
    troubles = list(_troubles(seen, brand))
    yield ""
    yield "What would go wrong:" if troubles else "Nothing would go wrong."
    yield from (f"  {words}" for words in troubles)


def _troubles(seen: Forecast, brand: Brand) -> Iterator[str]:
    """Everything somebody can do something about, with who or how."""
    from bot.domain.delivery import State
    from bot.domain.outlook import crowds, last_times, lines_of
    from bot.domain.when import say

    zone = brand.timezone
    mine = [d for d in seen.after if d.brand == brand.name]
    for halt in seen.halts:
        if halt.brand == brand.name:
            yield f"{brand.name} is stopped by {halt.by}: nothing goes out until /resume."
    for name in seen.unable:
        yield f"{name} cannot be simulated; what goes there is not shown."
    for delivery in seen.before:
        if delivery.brand == brand.name and delivery.state is State.UNCONFIRMED:
            name = f"P{delivery.post_id} on {delivery.account}"
            yield f"{name} is on its way or in doubt now; that is left as it is."
    for grant in seen.grants:
        ends = grant.ends_at
        if ends is None or ends > seen.end or not any(d.account == grant.account for d in mine):
            continue
        late = sum(d.account == grant.account and _after(d.due, ends) for d in mine)
        waits = f"; {late} {'posts wait' if late > 1 else 'post waits'} then" if late else ""
        yield f"{grant.account} has to be connected again by {say(ends, zone)}: `clarion connect`{waits}."
    for line in lines_of(mine, seen.start):
        if line.trouble:
            due = say(line.delivery.due or line.at, zone)
            yield f"P{line.delivery.post_id} on {line.delivery.account} ({due}): {line.trouble}"
    yield from crowds(mine, brand)
    for post_id, last in last_times(mine, seen.end).items():
        name = f"P{post_id}"
        yield f"{name} repeats no more after {say(last, zone)}. /schedule {name} gives it another end."
    said = [h for h in seen.heard if h.address in brand.channels and "budget" in h.text.casefold()]
    yield from (f"{say(h.at, zone)}: {h.text}" for h in said[:SHOWN])


def _after(due: datetime | None, ends: datetime) -> bool:
    return due is not None and due >= ends
