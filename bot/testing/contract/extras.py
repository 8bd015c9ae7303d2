"""What not every platform offers, and must be true where it is offered."""

from __future__ import annotations

import base64
from urllib.parse import unquote

from bot.domain.platform import Feature, Gone, Metrics, Receipt
from bot.domain.post import Link, Part, PartRole
from bot.errors import Unsupported
from bot.testing.contract.bench import Bench
from bot.testing.contract.checking import Grade, check
from bot.testing.contract.verdict import expect, outcome, raised, told


class Extras:
    """Threads, links, taking down, numbers."""

    @check(Grade.GOLD, needs=Feature.THREAD)
    async def test_a_thread_hangs_together(self, bench: Bench) -> None:
        """The second part goes out below the first, as a post of its own."""
        first = await bench.publish("1/2 the first")
        part = bench.part("2/2 the second")
        call = bench.call(part, parents=(first.ref,))
        checkpoint = await bench.staged(part)
        answer = await bench.publisher.commit(part, checkpoint, call)
        second = await bench.received(part, checkpoint, call, answer)
        expect(second.ref != first.ref, "Both parts have the same ref.")
        expect(len(bench.simulator.visible()) == 2, "A thread of two parts must be two posts.")
        said = [str(first.ref) in f"{c.body!r} {c.path}" for c in bench.simulator.calls]
        expect(any(said), "The second part does not say whose answer it is.")

    @check(Grade.GOLD, needs=Feature.IMAGE | Feature.MULTI_IMAGE)
    async def test_several_pictures_go_out_together(self, bench: Bench) -> None:
        """Every picture reaches the platform, and all of them make one post."""
        media = [await bench.picture(f"number {n}", width=64 + n) for n in range(2)]
        part = bench.part("Two of them", media=tuple(media))
        call, checkpoint = bench.call(part), await bench.staged(part)
        answer = await bench.publisher.commit(part, checkpoint, call)
        await bench.received(part, checkpoint, call, answer)
        bodies = [c.body for c in bench.simulator.calls]
        for number, each in enumerate(media, 1):
            content = await bench.media.read(each)
            forms = (content, base64.b64encode(content))
            arrived = each.sha256 in bench.links.fetched
            arrived = arrived or any(form in body for body in bodies for form in forms)
            expect(arrived, f"Picture {number} never reached the platform.")

    @check(Grade.GOLD, needs=Feature.COMMENT)
    async def test_a_comment_goes_below_the_post(self, bench: Bench) -> None:
        """A part with the role COMMENT names the post it belongs to, and has a ref of its own."""
        first = await bench.publish("Something to talk about")
        before = len(bench.simulator.calls)
        part = Part(text="The first word on it", role=PartRole.COMMENT)
        call, checkpoint = bench.call(part, parents=(first.ref,)), await bench.staged(part)
        answer = await bench.publisher.commit(part, checkpoint, call)
        second = await bench.received(part, checkpoint, call, answer)
        expect(second.ref != first.ref, "The comment has the ref of the post.")
        said = [f"{unquote(c.path)} {c.body!r}" for c in bench.simulator.calls[before:]]
        expect(any(str(first.ref) in text for text in said), "The comment does not say where it belongs.")

    @check(Grade.GOLD, needs=Feature.ARTICLE)
    async def test_a_link_card_carries_what_was_approved(self, bench: Bench) -> None:
        """The title and the address that people saw, not what the page says by now."""
        link = Link(url="https://example.com/why", title="Why we built it", description="And what it cost")
        part = bench.part("Read this", link=link)
        call, checkpoint = bench.call(part), await bench.staged(part)
        answer = await bench.publisher.commit(part, checkpoint, call)
        await bench.received(part, checkpoint, call, answer)
        said = " ".join(c.body.decode("utf-8", "replace") for c in bench.simulator.calls)
        expect(link.title in said and link.url in said, "The card's title or address was not sent.")

    @check(Grade.GOLD)
    async def test_a_pasted_link_gives_the_ref_back(self, bench: Bench) -> None:
        """``ref_of`` reads our own links, and no others."""
        receipt = await bench.publish("Copy my address")
        read = bench.platform.ref_of
        expect(read is not None, "Without `ref_of` nobody can say “it's live” with a link.")
        assert read is not None
        found = read(receipt.url) if receipt.url else None
        if found is not None and found != receipt.ref and Feature.METRICS in bench.platform.features:
            # a link may name the post otherwise than the API does: then the publisher must know both
            known = await bench.publisher.measure([found, receipt.ref])
            same = known.get(str(found))
            found = receipt.ref if same is not None and same == known.get(str(receipt.ref)) else None
        expect(found == receipt.ref and found is not None, "ref_of does not know its own link.")
        expect(read("https://example.com/somewhere/else") is None, "ref_of takes any link for its own.")

    @check(Grade.PLATINUM, needs=Feature.REMOVE)
    async def test_taken_down_is_gone(self, bench: Bench) -> None:
        """What was removed nobody can see."""
        receipt = await bench.publish("Only for a moment")
        await bench.publisher.remove(receipt.ref)
        expect(str(receipt.ref) not in bench.simulator.visible(), "It was removed and is still there.")

    @check(Grade.SILVER, needs=Feature.REMOVE)
    async def test_taking_down_may_be_repeated(self, bench: Bench) -> None:
        """Already gone is success: the first answer may have been lost."""
        receipt = await bench.publish("Twice")
        await bench.publisher.remove(receipt.ref)
        again = await outcome(bench.publisher.remove(receipt.ref))
        expect(again is None, f"What is gone already must count as removed. It {told(again)}.")

    @check(Grade.PLATINUM, needs=Feature.METRICS)
    async def test_numbers_are_counted_or_left_out(self, bench: Bench) -> None:
        """By ``str(ref)``; unknown is left out or None, never a made-up zero."""
        receipt = await bench.publish("Count me")
        found = await bench.publisher.measure([receipt.ref])
        expect(set(found) <= {str(receipt.ref)}, "measure answers what was not asked.")
        expect(all(isinstance(v, Metrics | Gone) for v in found.values()), "measure must answer Metrics.")
        if Feature.REMOVE in bench.platform.features:
            await bench.publisher.remove(receipt.ref)
            found = await bench.publisher.measure([receipt.ref])
            made_up = [v for v in found.values() if isinstance(v, Metrics)]
            expect(not made_up, "measure counts a post that is gone.")

    @check(Grade.SILVER)
    async def test_what_is_not_offered_is_refused_plainly(self, bench: Bench) -> None:
        """A feature that is not declared raises `Unsupported` and asks nobody."""
        receipt = await bench.publish("No more than I promised")
        assert isinstance(receipt, Receipt)
        before = len(bench.simulator.calls)
        if Feature.REMOVE not in bench.platform.features:
            await raised(bench.publisher.remove(receipt.ref), Unsupported, "REMOVE is not declared.")
        if Feature.METRICS not in bench.platform.features:
            await raised(bench.publisher.measure([receipt.ref]), Unsupported, "METRICS is not declared.")
        expect(len(bench.simulator.calls) == before, "What is not offered asked the platform.")
