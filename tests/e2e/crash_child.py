"""The processes of the crash test: a small warm one that forks, and what its children do.

``python -m tests.e2e.crash_child`` reads a job a line (JSON), forks, and answers how the child
ended. A child publishes a post, or takes up what another has left; `Points` counts every store
commit and every socket event as it happens, and behind the wanted one the child kills itself.
(Between two events nothing changes that outlives the process: dying behind one and dying
before the next is the same crash, so each gap is tried once.)

Points are derived, not listed: commits from a connection class that SQLAlchemy's ``do_connect``
event puts in, socket events from httpcore's trace of each request. The bot is not changed.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import json
import os
import signal
import sqlite3
import ssl
import sys
import traceback
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import sqlalchemy as sa

from bot.testing.clock import START, FakeClock
from tests.e2e.desk import Desk, config, desk, dump, same

PARTS = {"text": ("Hello from the road",), "thread": ("First half", "second half")}
DONE, BROKEN = 0, 1


@dataclass
class Points:
    """Counts what happens while ``counting``; ``kill_at`` is the number of the last thing that happens."""

    kill_at: int
    trace: Path
    counting: bool = False
    seen: list[str] = field(default_factory=list)

    def reach(self, name: str) -> None:
        if not self.counting:
            return
        self.seen.append(name)
        if len(self.seen) == self.kill_at:
            self.trace.write_text("\n".join(self.seen))
            os.kill(os.getpid(), signal.SIGKILL)


Jobs: TypeAlias = Mapping[str, Callable[[Mapping[str, Any], Points], Coroutine[Any, Any, Any]]]


@contextmanager
def watched_commits(points: Points) -> Iterator[None]:
    """Every COMMIT of any SQLite connection opened meanwhile.

    They do not wait for the disk: what SQLite has handed to the system survives a killed process.
    """

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            if sql != "COMMIT":
                return super().execute(sql.replace("synchronous = FULL", "synchronous = OFF"), *args)
            cursor = super().execute(sql, *args)
            points.reach("commit")
            return cursor

    def connect(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
        parameters["factory"] = Watched

    sa.event.listen(sa.Engine, "do_connect", connect)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "do_connect", connect)


class WatchedSocket(httpx.AsyncBaseTransport):
    """Every step of every request that httpcore tells of: connected, sent, received, closed."""

    def __init__(self, inner: httpx.AsyncBaseTransport, points: Points) -> None:
        self._inner = inner
        self._points = points

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {request.url.path.rstrip('0123456789')}"

        async def trace(name: str, _facts: Mapping[str, Any]) -> None:
            if name.endswith(".complete"):
                self._points.reach(f"{call}: {name.removesuffix('.complete')}")

        request.extensions = {**request.extensions, "trace": trace}
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def run(job: Mapping[str, Any], jobs: Jobs) -> None:
    """One job in this process; ``do`` names which."""
    folder = Path(job["folder"])
    points = Points(kill_at=job["kill_at"], trace=folder / f"{job['do']}.trace")
    with watched_commits(points):
        outcome = asyncio.run(jobs[job["do"]](job, points))
    points.trace.write_text("\n".join(points.seen))
    (folder / f"{job['do']}.json").write_text(json.dumps(outcome))


async def publish(job: Mapping[str, Any], points: Points) -> None:
    """The road of one post, in one undisturbed process."""
    async with opened(job, points, FakeClock()) as bot:
        points.counting = True
        await bot.post(what(job))


async def recover(job: Mapping[str, Any], points: Points) -> dict[str, Any]:
    """A new process finds what is left, and people go on where they were; then it is done once more."""
    database = Path(job["folder"]) / "clarion.db"
    clock = FakeClock(START + timedelta(seconds=job["later"]))
    points.counting = True
    async with opened(job, points, clock) as bot:
        await bot.app.settle()
        await go_on(bot, what(job))
        await bot.pass_time()
    points.counting = False
    first = dump(database)
    clock.advance(600)
    async with opened(job, points, clock) as bot:
        await bot.pass_time()
        again = same(first, dump(database))
        asked = [row for row in first["deliveries"] if row["state"] == "unconfirmed"]
        for _ in asked:
            await bot.say("bob", f"/confirm P1 {await truth(job, bot)}")
            await bot.pass_time()
    return {
        "first": first,
        "again": again,
        "last": dump(database),
        "said": bot.said,
    }


async def go_on(bot: Desk, line: str) -> None:
    """What people do who were cut off: look, and type again what has not happened."""
    rows = await bot.deliveries(1)
    if not rows:
        await bot.say("alice", f"/post {line}")
    if any(row.state.value == "in_review" for row in await bot.deliveries(1)):
        await bot.say("bob", "/approve P1")


async def truth(job: Mapping[str, Any], bot: Desk) -> str:
    """What a person sees who looks at the platform for the part that is asked about."""
    (row,) = await bot.deliveries(1)
    text = row.variant.parts[row.next_part].text
    async with httpx.AsyncClient(trust_env=False) as client:
        shown = (await client.get(f"{job['url']}/posts", params={"account": job["name"]})).json()
    ids = [post["id"] for post in shown["posts"] if post["text"] == text]
    return f"live --link https://demo.example/{ids[0]}" if ids else "not"


def what(job: Mapping[str, Any]) -> str:
    image = f" --media {job['image']} --alt bread --thread" if job["variant"] == "thread" else ""
    return f'"{" // ".join(PARTS[job["variant"]])}" --at now{image}'


def opened(job: Mapping[str, Any], points: Points, clock: FakeClock) -> Any:
    table = {"base_url": job["url"], "mode": job["mode"], "name": job["name"]}
    wrap = lambda inner: WatchedSocket(inner, points)  # noqa: E731
    return desk(config(Path(job["folder"]), {"acme-demo": table}), clock=clock, wrap_http=wrap)


def serve(jobs: Jobs) -> None:
    """Fork for each line; the parent of the children has no thread, no loop and no open database.

    The first job runs here, so that nothing is imported or made ready again in each child.
    """
    # reading the system's certificates takes longer than all the rest of a start; no child needs them
    ssl.create_default_context = functools.cache(ssl.create_default_context)  # type: ignore[assignment]
    run(json.loads(sys.stdin.readline()), jobs)
    gc.collect()
    gc.freeze()
    print(json.dumps(DONE), flush=True)
    for line in sys.stdin:
        print(json.dumps(in_a_child(json.loads(line), jobs)), flush=True)


def in_a_child(job: Mapping[str, Any], jobs: Jobs) -> int:
    """Run the job in a fork; its exit code, −9 when it was killed."""
    pid = os.fork()
    if pid == 0:
        code = BROKEN
        try:
            run(job, jobs)
            code = DONE
        except BaseException:
            Path(job["folder"], "error.txt").write_text(traceback.format_exc())
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    serve({"publish": publish, "recover": recover})
