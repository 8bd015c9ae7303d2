"""How soon a chat service hears that its command arrived, while the bot publishes."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.chats import RATE, Service, bot_in, connected, discord, discord_echo, slack, slack_echo
from benchmarks.server import running
from benchmarks.stored import account_names, put, store_many
from benchmarks.table import Figure
from bot.app.running import run
from bot.http import HttpClient

SECONDS, SHORT = 60.0, 10.0
POSTS = 5
"""Posts a second that are published meanwhile."""
STORED, ACCOUNTS, ANSWER = 10_000, 50, 0.020
P99, LATEST = 0.300, 1.0
PATIENCE = 15.0
"""Seconds until the last post has to be out after the last command."""


@dataclass(frozen=True, kw_only=True)
class Storm:
    """What came of one: seconds of every ack, commands without one, CPU seconds of this process, posts that
    went out, calls too many."""

    latencies: Sequence[float]
    lost: int
    cpu: float
    published: int = 0
    breaches: int = 0

    def at(self, part: float) -> float:
        """Milliseconds that ``part`` of all acks do not exceed; infinite when there are none."""
        ordered = sorted(self.latencies)
        return ordered[max(0, round(part * len(ordered)) - 1)] * 1000 if ordered else float("inf")


async def measure(seconds: float = SECONDS) -> list[Figure]:
    """Slack over Socket Mode, then Discord: each first with an echo that touches nothing, then the bot."""
    return [*await _service(slack(), seconds), *await _service(discord(), seconds)]


async def measure_short() -> list[Figure]:
    """The same for a few seconds each."""
    return await measure(SHORT)


async def _service(starting: AbstractAsyncContextManager[Service], seconds: float) -> list[Figure]:
    async with starting as service:
        async with slack_echo(service) if service.name == "slack" else discord_echo(service):
            bare = await storm(service, seconds)
        bot = await _bot(service, seconds)
    planned, sent = int(POSTS * seconds), int(RATE * seconds)
    notes = (
        f"acks: {RATE} commands/s for {seconds:g} s by {len(service.users)} people in "
        f"{len(service.channels)} channels, {STORED:,} posts stored, the service and the platform in "
        "processes of their own; from the moment a command leaves the service until its acknowledgement is "
        "back there; client limit: the same for slack-bolt or discord.py with a handler that only acks",
    )
    return [
        Figure(
            name=f"{service.name}: ack p50",
            bar="told",
            measured=f"{bot.at(0.5):.0f} ms",
            limit=f"{bare.at(0.5):.0f} ms",
            notes=notes,
        ),
        Figure(
            name=f"{service.name}: ack p99",
            bar=f"≤ {P99 * 1000:.0f} ms",
            measured=f"{bot.at(0.99):.0f} ms",
            limit=f"{bare.at(0.99):.0f} ms",
            met=bot.at(0.99) <= P99 * 1000,
        ),
        Figure(
            name=f"{service.name}: slowest ack",
            bar=f"≤ {LATEST:g} s",
            measured=f"{bot.at(1):.0f} ms",
            limit=f"{bare.at(1):.0f} ms",
            met=bot.at(1) <= LATEST * 1000,
        ),
        Figure(
            name=f"{service.name}: commands without an ack",
            bar="0",
            measured=f"{bot.lost} of {sent}",
            limit=str(bare.lost),
            met=bot.lost == 0,
        ),
        Figure(
            name=f"{service.name}: CPU per second",
            bar="told",
            measured=f"{bot.cpu / seconds * 1000:.0f} ms",
            limit=f"{bare.cpu / seconds * 1000:.0f} ms",
        ),
        Figure(
            name=f"{service.name}: published meanwhile",
            bar=f"{POSTS}/s",
            measured=f"{bot.published} of {planned}",
            met=bot.published == planned,
        ),
        Figure(
            name=f"{service.name}: calls over its rates",
            bar="0",
            measured=str(bot.breaches),
            met=bot.breaches == 0,
        ),
    ]


async def storm(service: Service, seconds: float) -> Storm:
    """Commands at a steady rate."""
    await service.ask("forget", {})
    before = time.process_time()
    asked = {"rate": RATE, "seconds": seconds, "users": service.users, "channels": service.channels}
    told = await service.ask("storm", {**asked, **service.typed}, timeout=seconds + 60)
    return Storm(latencies=told["latencies"], lost=told["lost"], cpu=time.process_time() - before)


async def _bot(service: Service, seconds: float) -> Storm:
    names, count = account_names(ACCOUNTS), int(POSTS * seconds)
    observer = HttpClient()
    with tempfile.TemporaryDirectory() as folder, running(ANSWER) as url:
        async with bot_in(Path(folder), names, url, service) as app:
            await store_many(app.services.store, Path(folder) / "clarion.db", names, STORED)
            serving = asyncio.ensure_future(run(app, linger=None))
            try:
                await connected(service)
                begin = datetime.now(UTC) + timedelta(seconds=1)
                dues = [
                    (names[n % ACCOUNTS], f"{n} meanwhile", begin + timedelta(seconds=n / POSTS))
                    for n in range(count)
                ]
                await put(app.services.store, dues)
                done = await storm(service, seconds)
                published = await _published(observer, url, count)
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)
                await observer.aclose()
    report = await service.ask("report")
    return replace(done, published=published, breaches=len(report["breaches"]))


async def _published(observer: HttpClient, url: str, count: int) -> int:
    """How many different posts the platform has, once all are there or `PATIENCE` is over."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while True:
        seen: list[list[Any]] = (await observer.request("GET", f"{url}/seen")).json()
        texts = [text for _, _, _, text in seen]
        assert len(set(texts)) == len(texts), "a post went out twice"
        if len(texts) >= count or loop.time() > end:
            return len(texts)
        await asyncio.sleep(0.25)
