"""How a publisher behaves as a guest in somebody else's process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar
from unittest import SkipTest

from bot.domain.platform import Call, Checkpoint, Ref
from bot.domain.post import Part
from bot.errors import AuthExpired, PublishError
from bot.testing.contract.bench import Bench
from bot.testing.contract.checking import Grade, check
from bot.testing.contract.verdict import Broken, expect, outcome, raised, told
from bot.testing.guards import open_descriptors
from bot.testing.simulator import Failure

AT_MOST = 0.25
"""Seconds for which nothing else could run; the fastest of three tries counts, so that a busy machine
is not taken for a blocking publisher."""

AT_ONCE = 2.0
"""Real seconds in which a cancelled call must have ended."""


class Manners:
    """Secrets, time, cancellation, leftovers."""

    blocks: ClassVar[float] = AT_MOST

    @check(Grade.BRONZE)
    async def test_no_secret_shows(self, bench: Bench) -> None:
        """Not in a repr, an error, a link, a checkpoint or the log, also when everything is refused."""
        if not bench.secrets:
            raise SkipTest(f"{bench.platform.title}'s simulated account has no secret")
        part = bench.part("Keep it to yourself")
        checkpoint = await bench.staged(part)
        receipt = await bench.publish("A link without a secret")
        shown = [repr(bench.settings), repr(bench.publisher), repr(checkpoint), repr(receipt)]
        for failure in (Failure(status=403, body={"message": "no"}), Failure(status=401), Failure(drop=True)):
            bench.simulator.heal()
            bench.simulator.fail("*", failure, times=0)
            call = bench.call(part)
            for work in _everything(bench, part, checkpoint, receipt.ref, call).values():
                found = await outcome(work())
                shown += [repr(found), str(found), getattr(found, "detail", "")]
        shown += bench.log.lines
        leaks = [text for text in shown for secret in bench.secrets.values() if secret in text]
        expect(not leaks, "A secret shows in an error, a repr, a link, a checkpoint or the log.")

    @check(Grade.BRONZE)
    async def test_two_accounts_share_nothing(self, bench: Bench) -> None:
        """Another account's token is used for that account only, also side by side."""
        if not bench.secrets:
            raise SkipTest(f"{bench.platform.title}'s simulated account has no secret")
        other = bench.connect(**{name: f"{value}-foreign" for name, value in bench.secrets.items()})
        await bench.publisher.check()
        say = "A foreign token must be refused as AuthExpired."
        await raised(other.check(), AuthExpired, say)
        await bench.publisher.check()

    @check(Grade.SILVER)
    async def test_a_silent_platform_is_given_up_in_time(self, bench: Bench) -> None:
        """Within ``commit_timeout``, all requests and waits of one commit together."""
        part = bench.part("Is anybody there?")
        checkpoint, call = await bench.staged(part), bench.call(part)
        bench.http.stalled = True
        began = bench.clock.monotonic()
        found = await outcome(bench.hurried(bench.publisher.commit(part, checkpoint, call)))
        took = bench.clock.monotonic() - began
        most = bench.platform.commit_timeout.total_seconds()
        expect(
            took <= most,
            f"commit waited {took:.0f} s for an answer; its commit_timeout is {most:.0f} s. Pass `timeout`.",
        )
        ours = isinstance(found, PublishError) or not isinstance(found, BaseException)
        expect(ours or not isinstance(found, Broken), f"commit {told(found)}: {found}")

    @check(Grade.SILVER)
    async def test_cancelling_is_obeyed(self, bench: Bench) -> None:
        """Who is cancelled ends at once, as cancelled, and sends nothing more."""
        part = bench.part("Never mind")
        checkpoint = await bench.staged(part)
        receipt = await bench.publish("Something to look at")
        for name in ("check", "commit", "confirm", "remove"):
            bench.simulator.heal()
            bench.simulator.fail("*", Failure(delay=86_400, drop=True), times=0)
            call = bench.call(part)
            before, creates = len(bench.simulator.calls), bench.creates
            task = asyncio.ensure_future(_everything(bench, part, checkpoint, receipt.ref, call)[name]())
            await _arrived(bench, task, before)
            if task.done():
                await outcome(task)
                continue  # this one asks nobody
            task.cancel()
            await asyncio.wait({task}, timeout=AT_ONCE)
            expect(task.done(), f"{name} went on after it was cancelled.")
            expect(task.cancelled(), f"{name} swallowed its cancellation.")
            expect(bench.creates - creates <= 1, f"{name} sent the create again when it was cancelled.")
            bench.clock.advance(86_400)  # the server need not wait either

    @check(Grade.SILVER)
    async def test_nothing_else_has_to_wait(self, bench: Bench) -> None:
        """No call blocks the loop: no sleeping, no synchronous request, no long computing."""
        worst: list[float] = []
        for number in range(3):
            part = bench.part(f"Let the others work, number {number}")
            longest = 0.0
            for work in (bench.publisher.check(), bench.publisher.facts(), bench.commit(part)):
                longest = max(longest, await _longest_block(work))
            worst.append(longest)
            if longest < self.blocks:
                return
        raise Broken(f"Nothing else could run for {min(worst):.2f} s.")

    @check(Grade.SILVER)
    async def test_nothing_is_left_open(self, bench: Bench) -> None:
        """After ``aclose``: no task, no socket, no file, and closing twice does no harm."""
        before, running = open_descriptors(), asyncio.all_tasks()
        other = bench.connect()
        await other.check()
        part = bench.part("And leave it as you found it")
        await other.commit(part, await bench.staged(part, other), bench.call(part))
        await other.aclose()
        await other.aclose()
        for _ in range(5):
            await asyncio.sleep(0)
        left = [t for t in asyncio.all_tasks() - running if not _serving(t)]
        expect(not left, f"{len(left)} tasks still run after aclose.")
        await bench.http.aclose()
        await bench.simulator.aclose()
        await asyncio.sleep(0)
        opened = {k: v for k, v in open_descriptors().items() if before.get(k) != v}
        expect(not opened, f"Still open after aclose: {', '.join(sorted(opened.values()))}.")


def _everything(
    bench: Bench, part: Part, checkpoint: Checkpoint, ref: Ref, call: Call
) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """Calls a publisher can be asked to make, by name."""
    publisher = bench.publisher
    return {
        "check": publisher.check,
        "commit": lambda: publisher.commit(part, checkpoint, call),
        "confirm": lambda: publisher.confirm(part, checkpoint, call),
        "remove": lambda: publisher.remove(ref),
    }


async def _arrived(bench: Bench, task: asyncio.Future[object], before: int) -> None:
    """Return once the platform has a new call, or the task is done without one."""
    while len(bench.simulator.calls) == before:
        done, _ = await asyncio.wait({task}, timeout=0.001)
        if done:
            return


async def _longest_block(work: Awaitable[object]) -> float:
    """The longest time in seconds in which the loop ran nothing but ``work``."""
    loop, beats = asyncio.get_running_loop(), [0.0]
    last = loop.time()

    def beat() -> None:
        nonlocal last
        beats.append(loop.time() - last)
        last = loop.time()
        again[0] = loop.call_later(0.01, beat)

    again = [loop.call_soon(beat)]
    try:
        await outcome(work)
        beats.append(loop.time() - last)
    finally:
        again[0].cancel()
    return max(beats)


def _serving(task: asyncio.Task[object]) -> bool:
    """Whether it is the simulator's own: a connection it serves."""
    module = getattr(getattr(task.get_coro(), "cr_frame", None), "f_globals", {}).get("__name__", "")
    return str(module).startswith("aiohttp.")
