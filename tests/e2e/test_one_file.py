"""One film dropped into the chat: every platform gets what it takes, and only what is needed is made."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from bot.config import Config
from bot.domain.fitting import Step, judge
from bot.log import make_log
from bot.registry import load
from bot.testing.clock import FakeClock
from tests.e2e.desk import ACME, desk

SOURCE = "testsrc=s=1920x1080:r=30:d=4"
CHOICES = "--set acme-tt.privacy=everyone --set acme-yt.made_for_kids=no"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of 1080p, 16:9, with a tone."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-f", "lavfi", "-i", SOURCE]
    command += ["-f", "lavfi", "-i", "sine=f=440:r=48000:d=4", "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-pix_fmt", "yuv420p", "-g", "60", "-c:a", "aac", "-ac", "2", "-movflags", "+faststart"]
    subprocess.run([*command, str(path)], check=True)
    return path


def opened(folder: Path) -> Any:
    registry = load(log=make_log(), builtins="plugins", entry_points=())
    config = Config(path=folder / "config.toml", store_url="sqlite+aiosqlite:///clarion.db", brands=(ACME,))
    return desk(config, clock=FakeClock(), registry=registry)


async def test_one_film_for_all_six(tmp_path: Path, film: Path) -> None:
    async with opened(tmp_path) as bot:
        await bot.say("alice", f'/post "A minute of bread" --media {film} --alt dough --at now {CHOICES}')
        await bot.pass_time()
        rows = await bot.deliveries()
        assert len(rows) == 6
        assert {row.platform for row in rows} == {*bot.app.simulators}
        assert {row.state.value for row in rows} == {"in_review"}, bot.said[-1500:]
        made = {row.platform: row.variant.media[0] for row in rows if row.variant.media[0].origin}
        assert len(made) < 6, "what fits is not touched"
        for row in rows:
            connected = bot.app.services.accounts[row.account]
            rules = connected.rules(row.variant)
            assert rules is not None
            verdict = judge(row.variant.media[0], rules)
            assert verdict.plan is not None
            assert verdict.plan.step is Step.KEEP, f"{row.platform}: {verdict.faults}"
        await bot.say("bob", "/approve latest")
        await bot.pass_time()
        assert set(await bot.states()) == {"live"}, bot.said[-1500:]
        for name, simulator in bot.app.simulators.items():
            assert len(simulator.visible()) == 1, name


async def test_a_restart_in_the_middle_of_preparing_loses_nothing(tmp_path: Path, film: Path) -> None:
    async with opened(tmp_path) as bot:
        await bot.say("alice", f'/post "Cut short" --to acme-x --media {film} --alt dough --at now')
    async with opened(tmp_path) as bot:
        await bot.pass_time()
        (row,) = await bot.deliveries()
        assert row.state.value == "in_review", bot.said[-800:]
        media = row.variant.media[0]
        assert media.origin
        assert media.height <= 1024
        assert bot.app.services.media.path(media).is_file()
