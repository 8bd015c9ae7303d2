"""The report as people ask for it at a terminal, in a program of its own with its simulated platforms."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIG = """
[brand.acme]
timezone = "Europe/Lisbon"
channels = ["console:main"]
approval = { mode = "none" }
[brand.acme.report]
at = "fri 16:30"
"""


def run(folder: Path, lines: str, *more: str) -> tuple[int, str]:
    """Start it, give it the lines, wait until it ends: its exit code and what it printed, on one line."""
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR", "LANG")}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run", "--config", str(folder / "acme.toml"), "--wait", "25", *more],
        input=lines,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=folder,
    )
    whole = f"{done.stdout}\n{done.stderr}" if done.returncode else done.stdout
    return done.returncode, re.sub(r"[\s│]+", " ", whole)


def test_a_report_with_its_picture_numbers_and_reasons(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(CONFIG)
    code, said = run(tmp_path, 'as alice\n/post "Launch day" --to acme-x --at now\n')
    assert (code, "LIVE" in said) == (0, True)
    code, said = run(tmp_path, "as alice\n/report month --for this\n/stats P1\n/why P1\n")
    assert code == 0
    assert "1 post live, none unconfirmed." in said
    assert "X 1 of 1 (100 %)." in said
    assert "P1 in numbers" in said
    assert "X · acme-x — nothing has been read about it yet." in said
    assert "Numbers — nothing has been read about it yet" in said
    pictures = list((tmp_path / "figures").glob("*.png"))
    assert len(pictures) == 1
    assert 0 < pictures[0].stat().st_size <= 150_000
    assert pictures[0].stem in said.replace(" ", "")


def test_a_report_time_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(CONFIG.replace("fri 16:30", "fryday at four"))
    code, said = run(tmp_path, "")
    assert code == 2
    assert "acme.toml: brand.acme.report.at: 'fryday at four' is not a weekday and a time, like" in said
