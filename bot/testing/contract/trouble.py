"""What a refusal, a silence or a broken answer becomes."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from bot.errors import AuthExpired, PublishError, RateLimited, Rejected, Transient, Uncertain
from bot.testing.contract.bench import Bench
from bot.testing.contract.checking import Grade, check
from bot.testing.contract.verdict import Broken, expect, outcome, raised, told
from bot.testing.simulator import CUT, LOST_REPLY, Failure

BROKEN_BODIES: tuple[Any, ...] = (b"", b"<html>Bad Gateway</html>", {"title": "Service Unavailable"})
STRANGE: tuple[Any, ...] = (
    b"", b"<html>", b"\xff\xfe\x00", b"null", b"[]", b"42", b'{"data":', {}, {"data": None}, {"id": None},
    {"errors": [{}]}, [{"id": 5}],
)  # fmt: skip
"""What every gateway sends one day."""


class Trouble:
    """Plugins classify; the core decides. ``strange`` are bodies that no documentation mentions."""

    strange: ClassVar[tuple[Any, ...]] = STRANGE

    @check(Grade.BRONZE)
    async def test_a_missing_answer_is_uncertain(self, bench: Bench) -> None:
        """Lost after the work was done, cut before it, cut off in the middle: it may be out."""
        bad = {"lost": LOST_REPLY, "cut": CUT, "cut off": Failure(effect=True, truncate=True)}
        for word, failure in bad.items():
            bench.simulator.heal()
            bench.simulator.fail(bench.simulator.publishes, failure, times=0)
            say = f"A create whose answer was {word} must become Uncertain."
            await raised(bench.commit(bench.part(f"Is this one out? {word}")), Uncertain, say)

    @check(Grade.BRONZE)
    async def test_a_create_is_sent_once_whatever_comes_back(self, bench: Bench) -> None:
        """No answer, no error and no status makes a publisher repeat the one call."""
        bad: tuple[Failure, ...] = (LOST_REPLY, CUT, Failure(effect=True, truncate=True))
        bad += tuple(Failure(status=s) for s in (200, 401, 403, 408, 409, 429, 500, 502, 503, 504))
        for number, failure in enumerate(bad):
            bench.simulator.heal()
            bench.simulator.fail(bench.simulator.publishes, failure)
            before = bench.creates
            await outcome(bench.hurried(bench.commit(bench.part(f"Once, number {number}"))))
            sent = bench.creates - before
            expect(sent <= 1, f"commit sent the create {sent} times; nobody may repeat it.")

    @check(Grade.BRONZE)
    async def test_a_broken_backend_is_uncertain_on_the_create(self, bench: Bench) -> None:
        """A 5xx may come from a gateway in front of a server that did the work."""
        for number, status in enumerate((500, 502, 503, 504)):
            for body in BROKEN_BODIES:
                bench.simulator.heal()
                bench.simulator.fail(bench.simulator.publishes, Failure(status=status, body=body), times=0)
                text = f"A gateway in between, {number} {BROKEN_BODIES.index(body)}"
                say = f"A {status} to a create must become Uncertain."
                await raised(bench.commit(bench.part(text)), Uncertain, say)

    @check(Grade.BRONZE)
    async def test_an_answer_without_an_id_is_uncertain(self, bench: Bench) -> None:
        """A 2xx that does not name the post is no receipt."""
        for number, body in enumerate(self.strange):
            for status in (200, 201):
                bench.simulator.heal()
                bench.simulator.fail(bench.simulator.publishes, Failure(status=status, body=body), times=0)
                found = await outcome(bench.commit(bench.part(f"Nameless {number} {status}")))
                if isinstance(found, BaseException) and not isinstance(found, PublishError):
                    continue  # a foreign exception has a check of its own
                if not isinstance(found, Uncertain):
                    raise Broken(
                        f"A {status} without an id must become Uncertain; body {body!r}. It {told(found)}."
                    )

    @check(Grade.SILVER)
    async def test_no_connection_is_transient(self, bench: Bench) -> None:
        """Nothing was sent, so nothing came into being and it can simply be tried again."""
        part = bench.part("Nobody is there")
        checkpoint = await bench.staged(part)
        nowhere = bench.connect(base_url="http://127.0.0.1:9")
        say = "A refused connection must become Transient."
        await raised(nowhere.commit(part, checkpoint, bench.call(part)), Transient, say)

    @check(Grade.SILVER)
    async def test_a_rate_limit_says_until_when(self, bench: Bench) -> None:
        """From the platform's headers, as an instant."""
        bench.simulator.fail(bench.simulator.publishes, Failure(status=429, headers={"retry-after": "30"}))
        say = "A 429 must become RateLimited."
        error = await raised(bench.commit(bench.part("Too fast")), RateLimited, say)
        wait = (error.until - bench.clock.now()).total_seconds()
        expect(29 <= wait <= 31, f"The platform said 30 seconds, RateLimited says {wait:.0f}.")

    @check(Grade.SILVER)
    async def test_a_refused_token_pauses_the_account(self, bench: Bench) -> None:
        """A 401 at the create is `AuthExpired`."""
        bench.simulator.fail(
            bench.simulator.publishes, Failure(status=401, body={"status": 401, "title": "Unauthorized"})
        )
        await raised(bench.commit(bench.part("Who am I?")), AuthExpired, "A 401 must become AuthExpired.")

    @check(Grade.SILVER)
    async def test_a_refusal_has_words(self, bench: Bench) -> None:
        """A 400 or 422 is `Rejected` with a sentence for people, and the post is not out."""
        for status in (400, 422):
            bench.simulator.heal()
            failure = Failure(status=status, body={"status": status, "title": "Invalid", "message": "no"})
            bench.simulator.fail(bench.simulator.publishes, failure)
            say = f"A {status} must become Rejected."
            error = await raised(bench.commit(bench.part(f"Refuse me, {status}")), Rejected, say)
            expect(len(str(error)) > 3, "A refusal needs words.")

    @check(Grade.BRONZE)
    async def test_only_our_errors_come_out(self, bench: Bench) -> None:
        """Whatever a server sends, a publisher raises only `PublishError` and its kin."""
        part = bench.part("Strange answers")
        checkpoint = await bench.staged(part)
        receipt = await bench.publish("Something to look at")
        call, known = bench.call(part), bench.call(part, ref=receipt.ref)
        publisher = bench.publisher
        answers = [(200, body) for body in self.strange] + [(201, body) for body in self.strange[::3]]
        answers += [(status, body) for status in (302, 400, 404, 429, 500) for body in self.strange[::4]]
        for status, body in answers:
            bench.simulator.heal()
            bench.simulator.fail("*", Failure(status=status, body=body), times=0)
            for name, work in {
                "check": publisher.check,
                "facts": publisher.facts,
                "commit": partial(publisher.commit, part, checkpoint, call),
                "confirm": partial(publisher.confirm, part, checkpoint, call),
                "confirm with a ref": partial(publisher.confirm, part, checkpoint, known),
                "measure": partial(publisher.measure, [receipt.ref]),
                "remove": partial(publisher.remove, receipt.ref),
            }.items():
                found: object = await outcome(work())  # type: ignore[operator]  # of many signatures
                if isinstance(found, BaseException) and not isinstance(found, PublishError):
                    raise Broken(
                        f"{name} raised {type(found).__name__} for a {status} with body {body!r}; "
                        "only PublishError and its kin may leave a publisher."
                    )
