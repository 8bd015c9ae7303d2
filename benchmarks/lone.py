"""What one post costs that goes out alone."""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.server import running
from benchmarks.stored import account_names, bot_on, put, store_many
from benchmarks.table import Figure, spread
from bot.http import HttpClient

STORED, ACCOUNTS, POSTS = 100_000, 200, 30
ANSWER = 0.020


async def measure() -> list[Figure]:
    """CPU of one post at a time, each beside one bare request."""
    names = account_names(ACCOUNTS)
    bare, bot = [], []
    with tempfile.TemporaryDirectory() as folder, running(ANSWER) as url:
        client = HttpClient()
        async with bot_on(Path(folder), names, url) as app:
            await store_many(app.services.store, Path(folder) / "clarion.db", names, STORED)
            for number in range(POSTS + 1):
                text = f"{number} alone"
                body: dict[str, object] = {
                    "account": names[number],
                    "text": text,
                    "media": [],
                    "parent": None,
                }
                headers = {"idempotency-key": f"0123456789abcdef-{number}-0"}
                before = time.process_time()
                reply = await client.request("POST", f"{url}/posts", json=body, headers=headers, timeout=10.0)
                assert reply.json()["id"]
                bare.append((time.process_time() - before) * 1000)
                await put(app.services.store, [(names[number], text, datetime.now(UTC))])
                before = time.process_time()
                await app.settle()
                bot.append((time.process_time() - before) * 1000)
        await client.aclose()
    # the first of each opens a connection and compiles statements
    return [
        Figure(
            name="a lone post: CPU",
            bar="told",
            measured=f"{spread(bot[1:], '.1f')} ms",
            limit=f"{statistics.median(bare[1:]):.1f} ms",
            notes=(
                f"lone post: {POSTS} one by one with {STORED:,} stored, each from the moment it is due until "
                "the pump has looked again and found nothing",
            ),
        )
    ]
