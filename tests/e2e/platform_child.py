"""What a process of the platforms' crash test does: publish one post, or take up what another has left.

The points at which it kills itself are those of `tests.e2e.crash_child`: every commit of the store and
every step of every request.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.config import Config, Secret
from bot.config.load import AccountConfig
from bot.config.web import WebConfig
from bot.log import make_log
from bot.registry import load
from tests.e2e.crash_child import Points, WatchedSocket, serve
from tests.e2e.desk import ACME, desk, dump, same
from tests.e2e.shared_clock import LeadingClock

HOUR = timedelta(hours=1)


async def publish(job: Mapping[str, Any], points: Points) -> None:
    """The road of one post, in one process."""
    clock = LeadingClock(Path(job["clock"]))
    async with opened(job, points, clock) as bot:
        points.counting = True
        await bot.post(job["line"])
        await bot.pass_time()


async def recover(job: Mapping[str, Any], points: Points) -> dict[str, Any]:
    """A new process finds what is left, and people go on where they were; then it is done once more."""
    database, clock = Path(job["folder"]) / "clarion.db", LeadingClock(Path(job["clock"]))
    clock.advance(1)
    points.counting = True
    async with opened(job, points, clock) as bot:
        await bot.app.settle()
        await bot.pass_time()
        rows = await bot.deliveries(1)
        if not rows:
            await bot.say("alice", f"/post {job['line']}")
            await bot.pass_time()
        if any(row.state.value == "in_review" for row in await bot.deliveries(1)):
            await bot.say("bob", "/approve P1")
        await bot.pass_time()
        said = bot.said
    points.counting = False
    first = dump(database)
    clock.advance(600)
    async with opened(job, points, clock) as bot:
        await bot.pass_time()
        again = same(first, dump(database))
    return {"first": first, "again": again, "said": said}


def opened(job: Mapping[str, Any], points: Points, clock: LeadingClock) -> Any:
    """The bot over the one platform, whose account is the simulated one."""
    registry = load(log=make_log(), builtins="plugins", entry_points=())
    platform = registry.platforms[job["platform"]]
    assert platform.simulated is not None
    secrets = {name: Secret(value) for name, value in platform.simulated.secrets.items()}
    table = {**platform.simulated.settings, **secrets, "base_url": job["url"]}
    account = AccountConfig(name="acme", brand="acme", platform=job["platform"], table=table)
    config = Config(
        path=Path(job["folder"]) / "config.toml",
        store_url="sqlite+aiosqlite:///clarion.db",
        brands=(ACME,),
        accounts=(account,),
        web=WebConfig(public_url=f"http://127.0.0.1:{job['port']}", port=job["port"]),
    )
    wrap = lambda inner: WatchedSocket(inner, points)  # noqa: E731
    return desk(config, clock=clock, wrap_http=wrap, registry=registry)


if __name__ == "__main__":
    importlib.import_module("bot.web.server")  # once, not in every fork
    serve({"publish": publish, "recover": recover})
