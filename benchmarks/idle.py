"""What the bot costs while nothing is due."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.stored import account_names, bot_on, store_many
from benchmarks.table import Figure

STORED, ACCOUNTS = 100_000, 200
SECONDS = 10.0


async def measure() -> list[Figure]:
    """CPU time of the whole process over some seconds of the pump, nothing being due."""
    names = account_names(ACCOUNTS)
    with tempfile.TemporaryDirectory() as folder:
        async with bot_on(Path(folder), names, "http://127.0.0.1:9") as app:
            await store_many(app.services.store, Path(folder) / "clarion.db", names, STORED)
            pump = asyncio.get_running_loop().create_task(app.serve())
            await asyncio.sleep(1.5)
            began, before = time.perf_counter(), time.process_time()
            await asyncio.sleep(SECONDS)
            share = (time.process_time() - before) / (time.perf_counter() - began)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
    return [
        Figure(
            name=f"idle: CPU with {STORED:,} stored",
            bar="≤ 1 %",
            measured=f"{share:.2%}",
            met=share <= 0.01,
            notes=(f"idle: over {SECONDS:g} s of the pump as it runs in production, {ACCOUNTS} accounts",),
        )
    ]
