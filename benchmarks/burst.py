"""A thousand posts due at once: how late, how fast, in which order, and what each costs in CPU."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.server import running
from benchmarks.stored import account_names, bot_on, put, store_many
from benchmarks.table import Figure, spread
from bot.app import App
from bot.engine.embedded import PER_QUEUE
from bot.http import HttpClient

POSTS, ACCOUNTS, STORED = 1_000, 200, 100_000
ANSWER = 0.020
"""Seconds the platform takes to answer."""
AHEAD = timedelta(seconds=2)
"""How long before they are due the posts are stored."""
ROUNDS = 3
NOTES = (
    f"burst: {POSTS:,} posts due at one instant over {ACCOUNTS} accounts, {STORED:,} stored, the platform "
    f"in a process of its own answering in {ANSWER * 1000:g} ms, SQLite with synchronous=FULL, no cards",
    f"client limit: bot.http.HttpClient alone sends the same requests in the same process, {PER_QUEUE} at a "
    "time as the engine does; bare and bot take turns, ratios are of neighbours",
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """Seconds until the first request and the last answer, CPU seconds, and accounts out of order."""

    first: float
    last: float
    cpu: float
    disordered: int


async def measure() -> list[Figure]:
    """Bare and bot in turns, `ROUNDS` of each."""
    names = account_names(ACCOUNTS)
    with tempfile.TemporaryDirectory() as folder, running(ANSWER) as url:
        async with bot_on(Path(folder), names, url) as app:
            await store_many(app.services.store, Path(folder) / "clarion.db", names, STORED)
            bare, bot = [], []
            client = HttpClient()
            for number in range(ROUNDS):
                posts = [(names[i % ACCOUNTS], f"{number}.{i:04} of the burst") for i in range(POSTS)]
                bare.append(await _bare(url, client, posts))
                bot.append(await _bot(url, app, posts))
            await client.aclose()
    slower = [b.last / a.last for a, b in zip(bare, bot, strict=True)]
    dearer = [b.cpu / a.cpu for a, b in zip(bare, bot, strict=True)]
    late = statistics.median(run.first for run in bot)
    disordered = sum(run.disordered for run in bot)
    return [
        Figure(
            name="burst: first request after due",
            bar="≤ 0.3 s",
            measured=f"{spread([run.first for run in bot], '.3f')} s",
            limit=f"{statistics.median(run.first for run in bare):.3f} s",
            met=late <= 0.3,
            notes=NOTES,
        ),
        Figure(
            name="burst: all out",
            bar="≤ 2.5 × client",
            measured=f"{spread(slower, '.2f')} ×, {statistics.median(run.last for run in bot):.2f} s",
            limit=f"{statistics.median(run.last for run in bare):.2f} s",
            met=statistics.median(slower) <= 2.5,
        ),
        Figure(
            name="burst: CPU per post",
            bar="≤ 2.5 × client",
            measured=f"{spread(dearer, '.2f')} ×, {_each(bot):.2f} ms",
            limit=f"{_each(bare):.2f} ms",
            met=statistics.median(dearer) <= 2.5,
        ),
        Figure(
            name="burst: accounts out of order",
            bar="0",
            measured=f"{disordered} of {ACCOUNTS * ROUNDS}",
            met=disordered == 0,
        ),
    ]


def _each(runs: Sequence[Run]) -> float:
    return statistics.median(run.cpu for run in runs) / POSTS * 1000


async def _bare(url: str, client: HttpClient, posts: Sequence[tuple[str, str]]) -> Run:
    """The client alone: the requests the demo publisher would send, without anything around them."""
    waiting = list(enumerate(posts))[::-1]

    async def send() -> None:
        while waiting:
            number, (account, text) = waiting.pop()
            body: dict[str, object] = {"account": account, "text": text, "media": [], "parent": None}
            headers = {"idempotency-key": f"0123456789abcdef-{number}-0"}
            reply = await client.request("POST", f"{url}/posts", json=body, headers=headers, timeout=10.0)
            assert reply.json()["id"]

    async def work() -> None:
        await asyncio.gather(*(send() for _ in range(PER_QUEUE)))

    return await _observed(url, posts, None, work)


async def _bot(url: str, app: App, posts: Sequence[tuple[str, str]]) -> Run:
    due = datetime.now(UTC) + AHEAD
    await put(app.services.store, [(account, text, due) for account, text in posts])
    async with asyncio.TaskGroup() as group:
        pump = group.create_task(app.serve())
        await asyncio.sleep((due - datetime.now(UTC)).total_seconds())

        async def work() -> None:
            while True:
                await asyncio.sleep(0.25)
                if await app.quiet():
                    return

        run = await _observed(url, posts, due.timestamp(), work)
        pump.cancel()
    return run


async def _observed(
    url: str, posts: Sequence[tuple[str, str]], due: float | None, work: Callable[[], Awaitable[None]]
) -> Run:
    """Do the work and ask the server what came of it; ``due`` by the system's wall clock, None is now."""
    observer = HttpClient()
    try:
        start = time.time() if due is None else due
        before = time.process_time()
        await work()
        cpu = time.process_time() - before
        seen: list[list[Any]] = (await observer.request("GET", f"{url}/seen")).json()
        await observer.request("DELETE", f"{url}/seen")
    finally:
        await observer.aclose()
    texts = [text for _, _, _, text in seen]
    assert sorted(texts) == sorted(text for _, text in posts), "not every post went out exactly once"
    came = defaultdict[str, list[str]](list)
    for _, _, account, text in seen:
        came[account].append(text)
    return Run(
        first=min(row[0] for row in seen) - start,
        last=max(row[1] for row in seen) - start,
        cpu=cpu,
        disordered=sum(texts != sorted(texts) for texts in came.values()),
    )
