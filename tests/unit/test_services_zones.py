"""New rules for a zone: wall times stay what people meant, the instants follow, and people are told."""

from __future__ import annotations

import shutil
import zoneinfo
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from tests.unit.demo_world import LOOK, open_world

LISBON, MOSCOW = "Europe/Lisbon", "Europe/Moscow"


@pytest.fixture
def other_lisbon(tmp_path: Path) -> Iterator[Path]:
    """A folder of zones in which Lisbon's clocks go like Moscow's; call `use` to switch to it."""
    folder = tmp_path / "zones"
    (folder / "Europe").mkdir(parents=True)
    with resources.as_file(resources.files("tzdata.zoneinfo.Europe").joinpath("Moscow")) as moscow:
        shutil.copy(moscow, folder / LISBON)
    was = zoneinfo.TZPATH
    yield folder
    zoneinfo.reset_tzpath(to=was)
    zoneinfo.ZoneInfo.clear_cache()


def use(folder: Path) -> None:
    zoneinfo.reset_tzpath(to=[str(folder)])
    zoneinfo.ZoneInfo.clear_cache()


async def test_a_new_tzdata_moves_instants_and_keeps_wall_times(tmp_path: Path, other_lisbon: Path) -> None:
    lines = (
        f'/post "Fixed" --to {LOOK} --at "fri 12:00"',
        f'/post "Slot" --to {LOOK} --at "next slot"',
        f'/post "Weekly" --to {LOOK} --at every thu 17:30 3 times',
        f'/post "Waiting" --to {LOOK} --at "tue 10:00"',
    )
    async with open_world(tmp_path) as world:
        for line in lines:
            await world.say("alice", line)
            if "Waiting" not in line:
                await world.say("bob", "/approve latest")
        before = world.sql("SELECT id, wall, due FROM deliveries ORDER BY id")
        clock, room = world.clock, world.room
    use(other_lisbon)
    async with open_world(tmp_path, clock=clock, room=room) as world:
        await world.app.settle()
        after = world.sql("SELECT id, wall, due FROM deliveries ORDER BY id")
        assert [(i, w) for i, w, _ in after] == [(i, w) for i, w, _ in before]
        assert {a[2] - b[2] for a, b in zip(after, before, strict=True)} == {-3 * 3_600_000_000}
        (told,) = [text for text in room.texts() if "follow new rules" in text]
        assert told.startswith("The clocks of Lisbon follow new rules. These keep their time of day")
        assert "P1 (Fri 27 Nov 12:00 Lisbon)" in told
        waking = world.sql("SELECT count(*) FROM deliveries WHERE state = 'scheduled' AND wake_at <> due")
        assert waking == [(0,)]
    async with open_world(tmp_path, clock=clock, room=room) as world:
        await world.app.settle()
        assert sum("follow new rules" in text for text in room.texts()) == 1


async def test_nothing_is_told_where_nothing_has_changed(tmp_path: Path) -> None:
    for _ in range(2):
        async with open_world(tmp_path) as world:
            await world.say("alice", f'/post "Fixed" --to {LOOK} --at "fri 12:00"')
            await world.app.settle()
            assert not any("new rules" in text for text in world.room.texts())
