"""`clarion simulate`: the real scheduler on a copy. The original stays as it is, and nobody is asked."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.app import make_log
from bot.app.forecast import Forecast, foresee
from bot.cli.simulate import report
from bot.config import AccountConfig, Config
from bot.domain.delivery import State
from bot.domain.marks import plain
from bot.domain.people import Policy
from bot.registry import load
from bot.testing.clock import FakeClock
from bot.testing.picture import png
from tests.unit.demo_world import BRAND, KEY, LOOK, MODES, World, open_world


def digests(folder: Path) -> Mapping[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


async def ahead(world: World, tmp_path: Path, days: int = 14) -> Forecast:
    """Foresee on simulators of its own; fails if anything of the original changed or anybody was asked."""
    folder, log = world.file.parent, make_log(io.StringIO())
    config = Config(
        path=folder / "config.toml",
        brands=tuple(world.app.services.brands.values()),
        accounts=tuple(
            AccountConfig(name=n, brand="acme", platform=f"demo-{m.replace('_', '-')}", table={})
            for n, m in MODES.items()
        ),
        store_url="sqlite+aiosqlite:///world.db",
    )
    (place := tmp_path / "copy").mkdir()
    before, calls = digests(folder), [len(sim.calls) for sim in world.sims.values()]
    seen = await foresee(
        config,
        days=days,
        clock=FakeClock(world.clock.now()),
        folder=place,
        log=log,
        registry=load(log=log, builtins="bot.testing.platforms", entry_points=()),
    )
    assert digests(folder) == before
    assert [len(sim.calls) for sim in world.sims.values()] == calls
    return seen


async def test_what_would_go_out_and_what_would_break(tmp_path: Path) -> None:
    brand = replace(BRAND, blackout=("2026-12-02",), burst=1)
    (home := tmp_path / "home").mkdir()
    picture = tmp_path / "picture.png"
    picture.write_bytes(png())
    async with open_world(home, brand=brand) as world:
        for line in (
            f'/post "Wednesdays" --to {LOOK} --at every wed 12:00 3 times',
            f'/post "Pictured" --to {KEY} --at "tue 10:00" --media {picture} --alt "a picture"',
            f'/post "One" --to {LOOK} --at "thu 10:00"',
            f'/post "Two" --to {LOOK} --at "thu 10:10"',
        ):
            await world.say("alice", line)
            await world.say("bob", "/approve latest")
        await world.say("alice", f'/post "Nobody asked" --to {KEY} --at "mon 09:00"')
        for file in (home / "media").iterdir():
            file.unlink()
        seen = await ahead(world, tmp_path)
    words = plain("\n".join(report(seen, brand, 14)))
    assert words.startswith("acme: 14 days from Sat 21 Nov 09:00 Lisbon, times of Lisbon. Nothing was sent.")
    assert "Wed 25 Nov\n  12:00  P1 acme-look  “Wednesdays”\n" in words
    assert "Fri 27 Nov  —" in words
    wrong = words.partition("What would go wrong:")[2]
    assert "P5 on acme-key (Mon 23 Nov 09:00 Lisbon): expired: nobody approved it by 09:00" in wrong
    assert "P1 on acme-look (Wed 2 Dec 12:00 Lisbon): skipped: a day off" in wrong
    assert "P2 on acme-key (Tue 24 Nov 10:00 Lisbon): refused" in wrong, "its picture is gone"
    assert "acme-look posts more than 1 times within an hour from Thu 26 Nov 10:00 on" in wrong
    assert "repeats no more" not in wrong, "its last time is on 9 December"


async def test_what_is_in_doubt_or_stopped_is_said_and_left_alone(tmp_path: Path) -> None:
    (home := tmp_path / "home").mkdir()
    async with open_world(home, brand=replace(BRAND, policy=Policy(mode="none"))) as world:
        await world.say("alice", f'/post "Weekly" --to {LOOK} --at every tue 10:00 1 times')
        await world.say("alice", f'/post "Later" --to {KEY} --at "wed 10:00"')
        with closing(sqlite3.connect(world.file)) as connection, connection:
            connection.execute(
                "UPDATE deliveries SET state = 'unconfirmed', wake_at = NULL WHERE post_id = 2"
            )
        await world.say("dana", "/halt")
        seen = await ahead(world, tmp_path)
    words = plain("\n".join(report(seen, BRAND, 14)))
    assert "acme is stopped by dana: nothing goes out until /resume." in words
    assert "P2 on acme-key is on its way or in doubt now; that is left as it is." in words
    assert "P1 repeats no more after Tue 24 Nov 10:00 Lisbon. /schedule P1 gives it another end." in words
    assert [d.state for d in seen.after if d.account == KEY] == [State.UNCONFIRMED]


async def test_a_thousand_deliveries_are_foreseen_as_they_are_planned(tmp_path: Path) -> None:
    """56 here; 1,008 take 9 seconds of a processor (docs/time.md)."""
    (home := tmp_path / "home").mkdir()
    async with open_world(home, brand=replace(BRAND, policy=Policy(mode="none"))) as world:
        for number in range(4):
            to = KEY if number % 2 else LOOK
            await world.say(
                "alice", f'/post "N{number}" --to {to} --at every day {number:02}:30 until 2027-02-01'
            )
        planned = world.sql("SELECT id, due FROM deliveries ORDER BY id")
        seen = await ahead(world, tmp_path)
    assert len(planned) == 56
    live = {d.id: d for d in seen.after if d.state is State.LIVE}
    assert {i for i, _ in planned} <= set(live)
    assert all(d.parts[0].out_at == d.due for d in live.values())
    assert max(d.due for d in live.values() if d.due) <= world.clock.now() + timedelta(days=14)


def test_without_a_database_there_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[brand.acme]\ntimezone = "Europe/Lisbon"\n')
    assert main(["simulate", "--config", str(config)]) == 2
    assert "so nothing is planned" in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["config.toml"]


@pytest.mark.parametrize("days", ["0", "61", "-1", "many"])
def test_days_that_are_none(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", f"--days={days}"])
    assert ended.value.code == 2
    assert "is not a number of days from 1 to 60" in capsys.readouterr().err


def test_the_command_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[brand.acme]\ntimezone = "Europe/Lisbon"\nslots = ["daily 09:00"]\n')
    typed = '/post "Hello" --to acme-x\nas bob\n/approve latest\n'
    command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    subprocess.run(command, input=typed, text=True, check=True, capture_output=True, timeout=120)
    assert main(["simulate", "--config", str(config), "--days", "3"]) == 0
    said = capsys.readouterr().out
    assert "1 would go out." in said
    assert "09:00  P1 acme-x  “Hello”" in said
    assert "Nothing would go wrong." in said
