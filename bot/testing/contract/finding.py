"""What became of a call: found, asked about, never invented."""

from __future__ import annotations

from typing import Any

from bot.domain.platform import Absent, Call, Checkpoint, Confirmed, Feature, Live, Pending, Refused, Unclear
from bot.domain.post import Part
from bot.errors import PublishError
from bot.testing.contract.bench import Bench
from bot.testing.contract.checking import Grade, check
from bot.testing.contract.verdict import expect, outcome, raised, told
from bot.testing.simulator import CUT, LOST_REPLY, Failure

ANSWERS = (Live, Pending, Refused, Absent, Unclear)


class Finding:
    """``confirm`` may be asked at any time, by any process, as often as one likes."""

    @check(Grade.BRONZE)
    async def test_what_is_out_is_never_called_absent(self, bench: Bench) -> None:
        """The answer was lost, the post is there: `Live` or `Unclear`, never `Absent` or `Refused`."""
        part, checkpoint, call = await _lost(bench, "Found again, or not, but never denied", LOST_REPLY)
        found = await _confirmed(bench, part, checkpoint, call)
        expect(isinstance(found, Live | Unclear), f"The post is out, and confirm {told(found)}.")

    @check(Grade.PLATINUM, needs=Feature.READ_BACK)
    async def test_a_lost_post_is_found(self, bench: Bench) -> None:
        """A platform that reads back finds the post whose answer was lost, with its ref."""
        part, checkpoint, call = await _lost(bench, "Look for me", LOST_REPLY)
        found = await _confirmed(bench, part, checkpoint, call)
        if len(bench.simulator.visible()) > 1:
            return  # that one call makes one post has a check of its own
        expect(isinstance(found, Live), f"READ_BACK is declared, and confirm {told(found)}.")
        assert isinstance(found, Live)
        expect(str(found.ref) in bench.simulator.visible(), "The platform knows no post of that ref.")

    @check(Grade.BRONZE)
    async def test_what_is_not_out_is_never_called_live(self, bench: Bench) -> None:
        """Nothing came into being: whatever else is there is not this post."""
        await bench.publish("Somebody else's words")
        part, checkpoint, call = await _lost(bench, "These words never arrived", CUT)
        found = await _confirmed(bench, part, checkpoint, call)
        expect(not isinstance(found, Live), "confirm says live, and the post is not there.")

    @check(Grade.BRONZE, needs=Feature.READ_BACK)
    async def test_an_older_post_with_the_same_words_is_not_this_one(self, bench: Bench) -> None:
        """Last week's post reads the same; it is no proof for today's."""
        words = "Every Monday the same"
        await bench.publish(words)
        bench.clock.advance(7 * 86_400)
        part, checkpoint, call = await _lost(bench, words, CUT)
        found = await _confirmed(bench, part, checkpoint, call)
        expect(not isinstance(found, Live), "confirm takes an older post for this one.")

    @check(Grade.BRONZE)
    async def test_absent_is_said_only_where_a_second_call_cannot_double(self, bench: Bench) -> None:
        """`Absent` sends the post again. Without a key of ours that is a guess, and answers `Unclear`."""
        part, checkpoint, call = await _lost(bench, "Was never here", CUT)
        found = await _confirmed(bench, part, checkpoint, call)
        if not isinstance(found, Absent):
            return
        await outcome(bench.publisher.commit(part, checkpoint, call))
        await outcome(bench.publisher.commit(part, checkpoint, call))
        seen = sum(text == part.text for text in bench.simulator.visible().values())
        expect(seen <= 1, "Absent was said, and sending it again made two posts: not finding is no proof.")

    @check(Grade.BRONZE)
    async def test_confirming_creates_nothing(self, bench: Bench) -> None:
        """Asked three times, also of another process: nothing new, and the same answer."""
        part, checkpoint, call = await _lost(bench, "Asked again and again", LOST_REPLY)
        seen, creates = len(bench.simulator.visible()), bench.creates
        kinds = [type(await bench.publisher.confirm(part, checkpoint, call)) for _ in range(2)]
        kinds.append(type(await bench.connect().confirm(part, checkpoint, call)))
        expect(len(set(kinds)) == 1, "confirm answers the same question differently each time.")
        expect(bench.creates == creates, "confirm made the call that publishes.")
        expect(len(bench.simulator.visible()) == seen, "confirm left something on the platform.")

    @check(Grade.BRONZE)
    async def test_a_broken_answer_decides_nothing(self, bench: Bench) -> None:
        """While the platform cannot be read, ``confirm`` says neither live nor absent nor refused."""
        part, checkpoint, call = await _lost(bench, "Nobody can tell", LOST_REPLY)
        bad: tuple[Failure, ...] = (
            Failure(drop=True),
            Failure(status=500),
            Failure(status=502, body=b"<h1>"),
        )
        for failure in (*bad, Failure(status=200, body=b""), Failure(status=200, body=b"<html>")):
            bench.simulator.heal()
            bench.simulator.fail("*", failure, times=0)
            found = await outcome(bench.publisher.confirm(part, checkpoint, call))
            fair = isinstance(found, BaseException | Unclear | Pending)
            expect(fair, f"From a broken answer confirm {told(found)}.")


async def _lost(bench: Bench, text: str, failure: Failure, **more: Any) -> tuple[Part, Checkpoint, Call]:
    """A call whose answer never came; the platform is well again."""
    part = bench.part(text)
    checkpoint, call = await bench.staged(part), bench.call(part, **more)
    bench.simulator.fail(bench.simulator.publishes, failure, times=0)
    await raised(
        bench.publisher.commit(part, checkpoint, call), PublishError, "A create without an answer must raise."
    )
    bench.simulator.heal()
    bench.clock.advance(10)
    return part, checkpoint, call


async def _confirmed(bench: Bench, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
    """What ``confirm`` says in the end, asked by a publisher that knows nothing."""
    found = await outcome(bench.connect().confirm(part, checkpoint, call))
    expect(isinstance(found, ANSWERS), f"confirm {told(found)}; it must answer Live, Pending, Refused, …")
    return found  # type: ignore[return-value]  # just looked at
