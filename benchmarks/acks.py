"""How soon a chat service hears that its command arrived, while the bot publishes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.chats import Service, bot_in, slack
from benchmarks.server import running
from benchmarks.stored import account_names, put, store_many
from benchmarks.table import Figure
from bot.app.running import run
from bot.http import HttpClient

RATE, SECONDS, SHORT = 50, 60.0, 10.0
POSTS = 5
"""Posts a second that are published meanwhile."""
STORED, ACCOUNTS, ANSWER = 200, 50, 0.020
TEXTS = ("queue", "status P1", "help post", "calendar", "whoami")
P99, LATEST = 0.300, 1.0


async def measure(seconds: float = SECONDS) -> list[Figure]:
    """Slack over Socket Mode: an echo that touches nothing, then the bot."""
    async with slack() as service:
        async with echo(service):
            bare = await storm(service, seconds)
        busy, published, planned = await _bot(service, seconds)
        report = await service.ask("report")
    notes = (
        f"acks: {RATE} commands/s ({', '.join(TEXTS)}) for {seconds:g} s by {len(service.users)} people in "
        f"{len(service.channels)} channels, {STORED:,} posts stored, the service and the platform in "
        "processes of their own; seconds from the envelope's way out until its acknowledgement is back; "
        "client limit: the same for a bolt app that only acknowledges",
    )
    low, high = percentile(busy["latencies"], 0.99), max(busy["latencies"], default=float("inf"))
    return [
        Figure(
            name="slack: ack p50",
            bar="told",
            measured=f"{percentile(busy['latencies'], 0.5) * 1000:.0f} ms",
            limit=f"{percentile(bare['latencies'], 0.5) * 1000:.0f} ms",
            notes=notes,
        ),
        Figure(
            name="slack: ack p99",
            bar=f"≤ {P99 * 1000:.0f} ms",
            measured=f"{low * 1000:.0f} ms",
            limit=f"{percentile(bare['latencies'], 0.99) * 1000:.0f} ms",
            met=low <= P99,
        ),
        Figure(
            name="slack: slowest ack",
            bar=f"≤ {LATEST:g} s",
            measured=f"{high * 1000:.0f} ms",
            limit=f"{max(bare['latencies'], default=float('inf')) * 1000:.0f} ms",
            met=high <= LATEST,
        ),
        Figure(
            name="slack: commands without an ack",
            bar="0",
            measured=f"{busy['lost']} of {int(RATE * seconds)}",
            limit=str(bare["lost"]),
            met=busy["lost"] == 0,
        ),
        Figure(
            name="slack: posts published meanwhile",
            bar=f"{POSTS}/s",
            measured=f"{published} of {planned}",
            met=published == planned,
        ),
        Figure(
            name="slack: calls over Slack's rates",
            bar="0",
            measured=str(len(report["breaches"])),
            met=not report["breaches"],
        ),
    ]


async def measure_short() -> list[Figure]:
    """The same for a few seconds."""
    return await measure(SHORT)


async def _bot(service: Service, seconds: float) -> tuple[Any, int, int]:
    names = account_names(ACCOUNTS)
    count = int(POSTS * seconds)
    observer = HttpClient()
    with tempfile.TemporaryDirectory() as folder, running(ANSWER) as url:
        async with bot_in(Path(folder), names, url, service) as app:
            await store_many(app.services.store, Path(folder) / "clarion.db", names, STORED)
            serving = asyncio.ensure_future(run(app, linger=None))
            try:
                await _connected(service)
                begin = datetime.now(UTC) + timedelta(seconds=1)
                dues = [
                    (names[n % ACCOUNTS], f"{n} meanwhile", begin + timedelta(seconds=n / POSTS))
                    for n in range(count)
                ]
                await put(app.services.store, dues)
                result = await storm(service, seconds)
                await asyncio.sleep(1.0 + len(dues) / POSTS - seconds + 1.0)
                seen = (await observer.request("GET", f"{url}/seen")).json()
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)
                await observer.aclose()
    return result, len({text for _, _, _, text in seen}), count


async def _connected(service: Service) -> None:
    while not (await service.ask("report"))["connections"]:  # noqa: ASYNC110 - it is elsewhere
        await asyncio.sleep(0.05)


async def storm(service: Service, seconds: float) -> Any:
    """Commands at a steady rate; the latencies of their acks and how many had none."""
    await service.ask("forget", {})
    asked = {"rate": RATE, "seconds": seconds, "users": service.users, "channels": service.channels}
    return await service.ask("storm", {**asked, "texts": TEXTS}, timeout=seconds + 60)


@asynccontextmanager
async def echo(service: Service) -> AsyncIterator[None]:
    """A bolt app that acknowledges and does nothing else, in this process."""
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
    from slack_bolt.app.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    app = AsyncApp(client=AsyncWebClient(service.told["bot_token"], base_url=service.told["base_url"]))

    async def acknowledge(ack: Any) -> None:
        await ack()

    app.command("/clarion")(acknowledge)
    handler = AsyncSocketModeHandler(app, service.told["app_token"])
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await _connected(service)
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that ``part`` of all values do not exceed; infinite when there are none."""
    if not values:
        return float("inf")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-part * len(ordered) // 1) - 1))]
