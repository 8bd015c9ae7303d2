"""The road out, when nothing goes wrong."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from bot.domain.platform import Feature, Level, Pending, Ready, Receipt
from bot.domain.post import Part
from bot.testing.contract.bench import Bench, saved
from bot.testing.contract.checking import Grade, check
from bot.testing.contract.verdict import expect

SIGNS = "Straße & <b> (50 %) #tag_1 “q” \\ [x] {y} 👩‍👩‍👧 — ok?\n\nSecond paragraph."
"""What protocols like to swallow: escapes, brackets, a joined emoji, an empty line."""


class Sending:
    """Staging is free, committing happens once, and the receipt is true."""

    samples: ClassVar[tuple[Part, ...]] = ()

    @check(Grade.BRONZE)
    async def test_staging_creates_nothing(self, bench: Bench) -> None:
        """Until ``commit`` nobody can see anything."""
        media = (await bench.picture(),) if Feature.IMAGE in bench.platform.features else ()
        await bench.staged(bench.part("Not out yet", media=media))
        expect(bench.creates == 0, "stage made the call that publishes; that is commit's.")
        expect(not bench.simulator.visible(), "Something is visible before commit.")

    @check(Grade.BRONZE)
    async def test_one_commit_leaves_one_post(self, bench: Bench) -> None:
        """One call, one post, one receipt with the ref of that post."""
        part = bench.part("Hello from the contract")
        answer = await bench.commit(part)
        expect(isinstance(answer, Receipt | Pending), "commit must answer Receipt or Pending.")
        expect(bench.creates == 1, f"commit made {bench.creates} calls that publish; it must make one.")
        if isinstance(answer, Pending):
            return
        seen = len(bench.simulator.visible())
        expect(seen == 1, f"One commit left {seen} posts on the platform.")

    @check(Grade.BRONZE)
    async def test_a_receipt_names_what_is_out(self, bench: Bench) -> None:
        """The ref is the platform's own, and the link can be opened."""
        receipt = await bench.publish("Name me")
        expect(receipt.ref not in (None, "", {}, ()), "A receipt without a ref proves nothing.")
        expect(str(receipt.ref) in bench.simulator.visible(), "The platform knows no post of that ref.")
        expect(receipt.url and receipt.url.startswith("https://"), "A receipt needs the post's https link.")

    @check(Grade.BRONZE)
    async def test_only_the_lent_client_talks_to_the_platform(self, bench: Bench) -> None:
        """Plugins build no clients of their own: the core's is watched, limited and never repeats."""
        await bench.publisher.check()
        await bench.publish("Through the front door")
        lent = sum(a.url.startswith(bench.simulator.url) for a in bench.http.asked)
        seen = len(bench.simulator.calls)
        expect(lent == seen, f"The platform saw {seen} calls, the lent client made {lent}.")

    @check(Grade.BRONZE)
    async def test_only_its_own_server_is_called(self, bench: Bench) -> None:
        """Every address begins with ``base_url``; a simulated account never reaches the real one."""
        await bench.publisher.check()
        await bench.publish("Stay at home")
        own = urlsplit(bench.simulator.url).netloc
        other = {urlsplit(a.url).netloc for a in bench.http.asked} - {own}
        expect(not other, f"It also calls {', '.join(sorted(other))}.")

    @check(Grade.GOLD)
    async def test_the_text_arrives_as_it_was_signed(self, bench: Bench) -> None:
        """Escapes, emoji and empty lines included; without the angle brackets, where they are not taken."""
        facts = await bench.publisher.facts()
        found = bench.publisher.inspect(bench.variant(bench.part(SIGNS)), facts)
        text = SIGNS
        if any(f.level is Level.BLOCK for f in found):
            text = SIGNS.replace("<", "").replace(">", "")
        await bench.publish(text)
        seen = list(bench.simulator.visible().values())
        expect(text in seen, f"People signed {text!r} and readers see {seen!r}.")

    @check(Grade.GOLD)
    async def test_every_sample_goes_out(self, bench: Bench) -> None:
        """The parts that the plugin's author named, in the order given."""
        for part in self.samples:
            checkpoint, call = await bench.staged(part), bench.call(part)
            answer = await bench.publisher.commit(part, checkpoint, call)
            await bench.received(part, checkpoint, call, answer)
        expect(bench.creates == len(self.samples), "Each sample must make one call that publishes.")

    @check(Grade.GOLD, needs=Feature.IMAGE)
    async def test_a_picture_is_staged_in_steps_that_can_be_saved(self, bench: Bench) -> None:
        """Another process goes on with the saved checkpoint and uploads nothing twice."""
        part = bench.part("With a picture", media=(await bench.picture(),))
        checkpoint = saved(await bench.staged(part))
        expect(checkpoint.data, "Nothing of the upload was put into the checkpoint.")
        before = len(bench.simulator.calls)
        other = bench.connect()
        again = await other.stage(part, checkpoint)
        expect(
            again == Ready(checkpoint=checkpoint), "What is staged must be Ready, with the checkpoint kept."
        )
        expect(len(bench.simulator.calls) <= before + 1, "What was staged already was staged again.")
        call = bench.call(part)
        answer = await other.commit(part, checkpoint, call)
        await bench.received(part, checkpoint, call, answer)
