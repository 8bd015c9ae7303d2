"""What a bot in a process with another TZ says and stores; run as ``python -m tests.e2e.tz_probe FOLDER``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.testing.clock import FakeClock
from tests.e2e.desk import OPEN_HOUSE, config, desk, dump

ROOT = Path(__file__).parents[2]


async def probe_in_zone(zone: str | None, folder: Path) -> dict[str, Any]:
    """Run `probe` in a process of its own whose TZ is ``zone``, or unset."""
    env = {name: value for name, value in os.environ.items() if name != "TZ"}
    env |= {} if zone is None else {"TZ": zone}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, str(folder), cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(out)
    return found


async def probe(folder: Path) -> dict[str, Any]:
    """A post for an evening in Lisbon, and one for the night on which its clocks go forward."""
    table = {"acme-demo": {"base_url": "http://127.0.0.1:9", "mode": "lookup"}}
    brand = replace(OPEN_HOUSE, timezone="Europe/Lisbon")
    async with desk(config(folder, table, brands=[brand]), clock=FakeClock()) as bot:
        await bot.say("alice", '/post "Evening" --at "mon 17:30"')
        await bot.say("alice", '/post "Night" --at "2027-03-28 02:15"')
        due = [(await bot.deliveries(number))[0].due.isoformat() for number in (1, 2)]
        said = await bot.say("alice", "/queue")
    rows = dump(folder / "clarion.db")["deliveries"]
    return {"due": due, "microseconds": [row["due"] for row in rows], "said": said}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(probe(Path(sys.argv[1])))))
