"""The frame of what is learned: parts are found by name, and bars are judged as they are written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import learn_best_time
from benchmarks.learn import at_least, at_most, parts, shared, told
from benchmarks.worlds import HOUR, NOW, PLATFORMS, worlds

ROOT = Path(__file__).parents[2]


def test_every_module_of_that_name_is_a_part() -> None:
    named = {path.stem.removeprefix("learn_") for path in (ROOT / "benchmarks").glob("learn_*.py")}
    assert named == set(parts())
    assert "best_time" in named


def test_bars_are_judged_as_they_are_written() -> None:
    assert at_most("a", 0.1151, 0.115).met
    assert not at_most("a", 0.117, 0.115).met
    assert at_least("a", 0.78, 0.78).met
    assert not at_least("a", 0.77, 0.78).met
    assert not at_least("a", float("nan"), 0.78).met
    assert told("a", "3").met is None


def test_a_part_that_does_not_exist_is_named() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.learn", "weather"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "there is no part 'weather'" in ran.stderr


def test_real_data_is_found_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLARION_SHARED", str(tmp_path))
    assert shared("x.csv") is None
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").touch()
    assert shared("x.csv") == tmp_path / "data" / "x.csv"


def test_a_world_is_what_it_says() -> None:
    found = worlds(1, 40, 60, 0.2)
    again = worlds(1, 40, 60, 0.2)
    assert [one.posts for one in found] == [one.posts for one in again]
    assert {one.platform for one in found} == set(PLATFORMS)
    for one in found:
        assert len(one.posts) == 60
        assert one.truth.std() == pytest.approx(0.2)
        assert np.exp(one.truth).mean() == pytest.approx(1)
        assert one.regret(int(np.argmax(one.truth))) == 0
        assert all(post.published_at <= post.observed_at <= NOW for post in one.posts)
    night = np.mean([one.truth[HOUR == 3].mean() for one in found])
    day = np.mean([one.truth[HOUR == 15].mean() for one in found])
    assert day > night + 0.2, "the platform's pattern is in every account"


@pytest.mark.bench
def test_small_cells_keep_their_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn_best_time, "ACCOUNTS", 100)
    assert [figure.name for figure in learn_best_time.cells() if figure.met is False] == []
