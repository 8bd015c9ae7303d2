"""Work in a process of its own: bounded, alone, gone afterwards; what breaks there is one error here."""

from __future__ import annotations

import asyncio
import io
import os
import time
from pathlib import Path

import pytest

from bot.app import make_log
from bot.domain.charts import Bar, PostsChart
from bot.errors import BadInput, FiguresFailed
from bot.figures.apart import Apart
from bot.figures.folder import FolderFigures
from tests.unit.apart_work import answer, crash, die, refuse, secrets, sleep


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def appears(sign: Path) -> None:
    """Wait, not on the loop, until the child has written its number."""
    for _ in range(2_000):
        if sign.exists() and sign.read_text():
            return
        time.sleep(0.01)
    raise AssertionError("the child never began")


@pytest.fixture
def apart(tmp_path: Path) -> Apart:
    return Apart(tmp_path / "cache")


async def test_it_runs_elsewhere_answers_and_ends(apart: Apart) -> None:
    value = {"a": [1, 2, None], "b": "é🚀"}
    pid, got = await apart.run(answer, value)
    assert got == value
    assert pid != os.getpid()
    assert not alive(pid)


async def test_what_it_says_to_people_arrives_word_for_word(apart: Apart) -> None:
    with pytest.raises(BadInput, match=r"^There is nothing to count\.$"):
        await apart.run(refuse)


@pytest.mark.parametrize(("work", "detail"), [(crash, "a fault of ours"), (die, "")])
async def test_whatever_breaks_there_is_one_error_here(apart: Apart, work: object, detail: str) -> None:
    with pytest.raises(FiguresFailed) as told:
        await apart.run(work)  # type: ignore[arg-type]  # a function of no arguments
    assert detail in told.value.detail
    assert (await apart.run(answer, 1))[1] == 1


async def test_what_takes_too_long_is_ended(apart: Apart, tmp_path: Path) -> None:
    sign = tmp_path / "pid"
    with pytest.raises(FiguresFailed, match="longer than 2 s"):
        await apart.run(sleep, 60.0, str(sign), seconds=2.0)
    assert not sign.exists() or not alive(int(sign.read_text()))


async def test_a_cancelled_wait_ends_the_child(apart: Apart, tmp_path: Path) -> None:
    sign = tmp_path / "pid"
    task = asyncio.ensure_future(apart.run(sleep, 60.0, str(sign)))
    await asyncio.to_thread(appears, sign)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(int(sign.read_text()))
    assert (await apart.run(answer, 2))[1] == 2


async def test_one_works_at_a_time(apart: Apart) -> None:
    got = await asyncio.gather(*(apart.run(answer, n) for n in range(2)))
    assert [value for _, value in got] == [0, 1]


async def test_no_secret_of_ours_goes_with_it(apart: Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    assert "SLACK_BOT_TOKEN" not in await apart.run(secrets)


async def test_charts_are_drawn_once_and_a_failure_is_told(tmp_path: Path) -> None:
    log = io.StringIO()
    figures = FolderFigures(tmp_path / "figures", make_log(log))
    chart = PostsChart(title="Posts", bars=(Bar(name="P1", ratio=2.0),))
    (path,) = await figures.draw([chart])
    stamp = path.stat().st_mtime_ns
    assert path.read_bytes().startswith(b"\x89PNG")
    assert list(await figures.draw([chart])) == [path]
    assert path.stat().st_mtime_ns == stamp
    assert not list((tmp_path / "figures").glob("*.part"))
    (tmp_path / "blocked").write_text("a file where the folder would be")
    with pytest.raises(FiguresFailed):
        await FolderFigures(tmp_path / "blocked", make_log(log)).draw([chart])
    assert "figures_failed" in log.getvalue()
