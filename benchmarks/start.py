"""How long a start takes and what it weighs, seen from outside."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.table import Figure, spread

ROUNDS = 5
BRAND = """
[brand.acme]
timezone = "Europe/Lisbon"
channels = ["console:main"]
roles = { create = ["alice"], approve = ["bob"] }
"""
ACCOUNT = """
[accounts.acme-x]
brand = "acme"
platform = "twitter"
"""
SECRETS = {
    f"TWITTER_{name}": "for-the-benchmark"
    for name in ("API_KEY", "API_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")
}
BARE = "import sys; sys.stdin.readline(); print('ready', flush=True); sys.stdin.read()"


@dataclass(frozen=True, kw_only=True)
class Start:
    """Seconds to the first answer, CPU seconds of them, and megabytes of resident memory then."""

    seconds: float
    cpu: float
    megabytes: float


def _start(command: list[str], folder: Path) -> Start:
    """Start it, ask for the state of things, wait for the answer, weigh it, end its input."""
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"/status\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        seconds = time.perf_counter() - began
        assert answer, f"{command} ended without an answer"
        seen = psutil.Process(process.pid)
        megabytes, used = seen.memory_info().rss / 1e6, seen.cpu_times()
        process.stdin.close()
        process.stdout.read()
    return Start(seconds=seconds, cpu=used.user + used.system, megabytes=megabytes)


def _environment(folder: Path) -> dict[str, str]:
    """With a place for byte code, as an installed program has one, whatever our own settings are."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | SECRETS | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _several(command: list[str], folder: Path) -> list[Start]:
    """Without the first one, which compiles and makes the database."""
    return [_start(command, folder) for _ in range(ROUNDS + 1)][1:]


async def measure() -> list[Figure]:
    """A bot with one account, a bot with simulators, and a Python that only answers."""
    run = [str(Path(sys.executable).with_name("clarion")), "run", "--wait", "0", "--config"]
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        (folder / "account.toml").write_text(f'store.url = "sqlite+aiosqlite:///a.db"\n{BRAND}{ACCOUNT}')
        (folder / "simulated.toml").write_text(f'store.url = "sqlite+aiosqlite:///s.db"\n{BRAND}')
        bare = _several([sys.executable, "-c", BARE], folder)
        account = _several([*run, "account.toml"], folder)
        simulated = _several([*run, "simulated.toml"], folder)
    figures = []
    for name, starts, gated in (("one account", account, True), ("simulators", simulated, False)):
        seconds, megabytes = [s.seconds for s in starts], [s.megabytes for s in starts]
        figures += [
            Figure(
                name=f"start to first answer, {name}",
                bar="≤ 1.2 s" if gated else "told",
                measured=f"{spread(seconds, '.2f')} s, CPU {statistics.median(s.cpu for s in starts):.2f} s",
                limit=f"{statistics.median(s.seconds for s in bare):.2f} s",
                met=statistics.median(seconds) <= 1.2 if gated else None,
                notes=(
                    f"start: `clarion run` with lines piped in, console only, warm, median of {ROUNDS}; "
                    "client limit: a bare Python that answers",
                ),
            ),
            Figure(
                name=f"memory (RSS) then, {name}",
                bar="≤ 90 MB" if gated else "told",
                measured=f"{spread(megabytes, '.0f')} MB",
                limit=f"{statistics.median(s.megabytes for s in bare):.0f} MB",
                met=statistics.median(megabytes) <= 90 if gated else None,
            ),
        ]
    return figures
