"""Everything breaks once, at every call: what people are told in the end must be true."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.domain.platform import Feature
from bot.domain.post import Part
from bot.testing.contract.bench import Bench
from bot.testing.contract.carrying import Carried, Said, carry
from bot.testing.contract.checking import Grade, check
from bot.testing.contract.verdict import Broken, expect
from bot.testing.simulator import CUT, LOST_REPLY, Failure

MOST = 40
"""More calls than any small post takes."""


class Crashes:
    """Each call in turn is cut before it did anything, and after; a new process goes on every time."""

    @check(Grade.BRONZE)
    async def test_nothing_doubles_and_nothing_is_claimed_whatever_breaks(self, bench: Bench) -> None:
        """A plain post, a picture, a video: broken at each call, it is out at most once, and what is
        said of it is so."""
        async for kind, part in _kinds(bench):
            total = await _undisturbed(bench, kind, part)
            for number in range(1, total + 1):
                for word, failure in (("cut", CUT), ("lost", LOST_REPLY)):
                    await _broken_once(bench, f"{kind}, call {number} {word}", part, number, failure)


async def _kinds(bench: Bench) -> AsyncIterator[tuple[str, Part]]:
    features, needed = bench.platform.features, bench.needed
    if not needed:
        yield "text", Part(text="")
    if Feature.IMAGE in features and (bench.takes_pictures or not needed):
        yield "picture", Part(text="", media=(await bench.picture(),))
    if Feature.VIDEO in features:
        yield "video", Part(text="", media=(await bench.clip(),))


async def _undisturbed(bench: Bench, kind: str, part: Part) -> int:
    """How many calls it takes; raises `Broken` when it does not get out."""
    bench.simulator.heal()
    before, seen = len(bench.simulator.calls), set(bench.simulator.visible())
    done = await carry(bench, _named(bench, part, f"{kind}, undisturbed"))
    _judge(bench, f"{kind}, undisturbed", done, seen)
    expect(done.said in (Said.LIVE, Said.HANDED_OVER), f"A {kind} in peace ended as {done.said}.")
    total = len(bench.simulator.calls) - before
    expect(total <= MOST, f"A small {kind} took {total} calls.")
    return total


async def _broken_once(bench: Bench, what: str, part: Part, number: int, failure: Failure) -> None:
    bench.simulator.heal()
    seen = set(bench.simulator.visible())
    bench.simulator.fail("*", failure, nth=number)
    done = await carry(bench, _named(bench, part, what))
    _judge(bench, what, done, seen)


def _named(bench: Bench, part: Part, what: str) -> Part:
    return bench.part(f"Whatever breaks: {what}", media=part.media)


def _judge(bench: Bench, what: str, done: Carried, seen: set[str]) -> None:
    new = set(bench.simulator.visible()) - seen
    if len(new) > 1:
        raise Broken(f"{what}: it is out {len(new)} times.")
    if done.said is Said.LIVE and (not new or (done.ref is not None and str(done.ref) not in new)):
        raise Broken(f"{what}: it is said to be live as {done.ref!r}, and that is not there.")
    if done.said is Said.NOT_OUT and new:
        raise Broken(f"{what}: it is said not to be out, and it is.")
