"""A short campaign with each check-in; long ones by name: ``-m chaos``, or ``python -m tests.e2e.chaos``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]

needs_postgres = pytest.mark.postgres


def campaign(*words: str, seconds: int) -> dict[str, Any]:
    """Run it in a process of its own: it forks, and must have no threads."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.e2e.chaos", *words]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ended:
        try:
            said, complaint = ended.communicate(timeout=seconds)
        except BaseException:
            ended.terminate()  # it stops everything that it has started
            raise
    assert said, complaint
    found: dict[str, Any] = json.loads(said)
    print(found)
    assert found["faults"] == [], "\n".join(found["faults"])
    assert ended.returncode == 0
    assert (found["double"], found["lost"], found["unproved"]) == (0, 0, 0)
    assert found["cards"] <= found["cut"] + found["late"]
    assert found["live"] + found["asked"] + found["held"] >= 0.95 * found["posts"]
    return found


@pytest.mark.parametrize(
    ("store", "mode", "troubles"),
    [
        ("sqlite", "lookup", ("full_disk", "lock")),
        pytest.param("postgres", "neither", ("freeze_long", "restart"), marks=needs_postgres),
    ],
)
def test_killed_in_the_middle_a_few_times(store: str, mode: str, troubles: tuple[str, ...]) -> None:
    words = ("--store", store, "--mode", mode, "--posts", "40", "--kills", "3", "--seed", "11")
    found = campaign(*words, "--call", "0.8", "--troubles", *troubles, seconds=600)
    assert found["cut"] >= 2
    assert found["inside"] >= 1
    assert found["live"] > 0
    assert set(found["storms"]) == set(troubles)


@pytest.mark.chaos
def test_a_bot_that_sends_again_without_looking_is_found_out() -> None:
    words = ("--mode", "lookup", "--posts", "60", "--kills", "5", "--seed", "3", "--troubles", "--blind")
    with pytest.raises(AssertionError, match="DOUBLE"):
        campaign(*words, seconds=200)


@pytest.mark.chaos
@pytest.mark.parametrize("mode", ["own_key", "lookup", "lookup_resend", "neither"])
@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgres", marks=needs_postgres)])
def test_600_posts_and_20_kills_inside_a_call(store: str, mode: str) -> None:
    found = campaign("--store", store, "--mode", mode, "--posts", "600", "--kills", "22", seconds=900)
    assert found["cut"] >= 2
    assert found["inside"] >= 10
