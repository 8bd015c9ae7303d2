"""Changing what is out: only what was asked, as often as one likes, and never a new post."""

from __future__ import annotations

from bot.domain.platform import Feature
from bot.domain.revising import TITLE
from bot.errors import PublishError, Rejected, Transient, Uncertain, Unsupported
from bot.ports import Revising
from bot.testing.contract.bench import Bench
from bot.testing.contract.checking import Grade, check
from bot.testing.contract.verdict import expect, raised
from bot.testing.simulator import CUT, LOST_REPLY

OTHER = "Another title"
MOST = 12
"""More calls than any change takes."""


class Changing:
    """For a platform with `Feature.REVISE`; titles stand for everything that can be changed."""

    @check(Grade.GOLD, needs=Feature.REVISE)
    async def test_what_is_out_can_be_changed_and_read_back(self, bench: Bench) -> None:
        """The title is the new one, everything else stays, and no second post comes into being."""
        publisher = _revising(bench)
        receipt = await bench.publish("The first title\nand what stands below it")
        before = dict(bench.simulator.visible())
        was = (await publisher.shown(receipt.ref)).get(TITLE, "")
        await publisher.revise(receipt.ref, {TITLE: OTHER})
        shown = await publisher.shown(receipt.ref)
        expect(shown.get(TITLE) == OTHER, f"It was to be {OTHER!r} and reads {shown.get(TITLE)!r}.")
        after = dict(bench.simulator.visible())
        expect(set(after) == set(before), "Changing a post made another one, or took one away.")
        text = before[str(receipt.ref)].replace(was, OTHER, 1)
        expect(after[str(receipt.ref)] == text, "Something else than the title changed.")

    @check(Grade.SILVER, needs=Feature.REVISE)
    async def test_a_change_may_be_repeated_whatever_breaks(self, bench: Bench) -> None:
        """Cut before or after the work at each call in turn: reading tells which, and again makes it so."""
        publisher = _revising(bench)
        receipt = await bench.publish("The first title")
        first = (await publisher.shown(receipt.ref))[TITLE]
        for failure in (CUT, LOST_REPLY):
            for number in range(1, MOST):
                bench.simulator.heal()
                await publisher.revise(receipt.ref, {TITLE: first})
                calls = len(bench.simulator.calls)
                bench.simulator.fail("*", failure, nth=number)
                try:
                    await publisher.revise(receipt.ref, {TITLE: OTHER})
                except (Transient, Uncertain):
                    bench.simulator.heal()
                    seen = (await publisher.shown(receipt.ref))[TITLE]
                    expect(seen in (first, OTHER), f"After a broken call it reads {seen!r}.")
                    await publisher.revise(receipt.ref, {TITLE: OTHER})
                    made = len(bench.simulator.calls)
                    await publisher.revise(receipt.ref, {TITLE: OTHER})
                    writes = [c for c in bench.simulator.calls[made:] if not c.endpoint.startswith("GET")]
                    expect(not writes, "What is so already was written again.")
                used = len(bench.simulator.calls) - calls
                bench.simulator.heal()
                expect((await publisher.shown(receipt.ref))[TITLE] == OTHER, "The change did not hold.")
                if used < number:
                    break
        expect(len(bench.simulator.visible()) == 1, "Changing a post made another one.")

    @check(Grade.SILVER, needs=Feature.REVISE | Feature.REMOVE)
    async def test_what_is_gone_is_told_apart_from_trouble(self, bench: Bench) -> None:
        """Neither read nor changed, with a refusal that says why."""
        publisher = _revising(bench)
        receipt = await bench.publish("Only for a moment")
        await bench.publisher.remove(receipt.ref)
        await raised(publisher.shown(receipt.ref), Rejected, "What is gone cannot be read.")
        await raised(
            publisher.revise(receipt.ref, {TITLE: OTHER}), PublishError, "What is gone cannot change."
        )

    @check(Grade.SILVER, needs=Feature.REVISE)
    async def test_what_cannot_be_changed_is_refused(self, bench: Bench) -> None:
        """Before anything is sent."""
        publisher = _revising(bench)
        receipt = await bench.publish("As it was")
        before = len(bench.simulator.calls)
        await raised(publisher.revise(receipt.ref, {"colour": "red"}), Unsupported, "Nobody has a colour.")
        expect(len(bench.simulator.calls) == before, "What is not offered asked the platform.")


def _revising(bench: Bench) -> Revising:
    publisher = bench.publisher
    expect(isinstance(publisher, Revising), "REVISE needs the methods of bot.ports.Revising.")
    expect(bench.platform.revises is not None, "REVISE needs `revises` in the manifest.")
    assert isinstance(publisher, Revising)
    return publisher
