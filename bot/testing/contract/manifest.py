"""What a platform says of itself, before and at its first call."""

from __future__ import annotations

import asyncio
import inspect
import json
from dataclasses import fields

from bot.domain.platform import Facts
from bot.errors import AuthExpired, Transient
from bot.testing.contract.bench import Bench
from bot.testing.contract.checking import Grade, check
from bot.testing.contract.verdict import expect, outcome, raised, told
from bot.testing.simulator import Failure

METHODS = ("check", "facts", "stage", "commit", "confirm", "measure", "remove", "aclose")


class Manifest:
    """The manifest, the settings, the first calls."""

    @check(Grade.BRONZE)
    async def test_the_manifest_tells_what_there_is(self, bench: Bench) -> None:
        """Title, dated limits with sources, settle times in order, secrets that are settings."""
        platform = bench.platform
        expect(platform.title, "The platform has no title.")
        expect(platform.limits, "The platform declares no limits.")
        for limit in platform.limits:
            whole = limit.source and (limit.unit or isinstance(limit.value, tuple))
            expect(whole, f"The limit {limit.name!r} lacks its unit or its source.")
        settle = list(platform.settle)
        expect(settle and settle == sorted(settle), "`settle` must hold times in rising order.")
        expect(platform.commit_timeout.total_seconds() > 0, "`commit_timeout` must be more than nothing.")
        unknown = set(platform.secrets) - {f.name for f in fields(platform.settings)}
        expect(not unknown, f"`secrets` names what the settings do not have: {sorted(unknown)}.")
        routes = bench.simulator.routes()
        expect(bench.simulator.publishes in routes, "The simulator's `publishes` is none of its routes.")

    @check(Grade.BRONZE)
    async def test_every_method_is_there(self, bench: Bench) -> None:
        """All of `Publisher`; everything but ``inspect`` is a coroutine function."""
        for name in METHODS:
            method = getattr(bench.publisher, name, None)
            expect(method is not None, f"The publisher has no {name}.")
            expect(inspect.iscoroutinefunction(method), f"{name} must be declared with `async def`.")
        plain = getattr(bench.publisher, "inspect", None)
        expect(plain is not None, "The publisher has no inspect.")
        expect(not inspect.iscoroutinefunction(plain), "inspect is pure: a plain function, not `async def`.")

    @check(Grade.BRONZE)
    async def test_connecting_asks_nobody(self, bench: Bench) -> None:
        """``connect`` makes a publisher and sends nothing."""
        bench.connect()
        for _ in range(5):
            await asyncio.sleep(0.002)
        expect(not bench.simulator.calls, "Connecting sent something; only the methods may.")

    @check(Grade.BRONZE)
    async def test_check_asks_the_platform_and_names_the_account(self, bench: Bench) -> None:
        """A real call that proves the access, and creates nothing."""
        info = await bench.publisher.check()
        expect(info.id, "check must answer the platform's own id of the account.")
        expect(bench.simulator.calls, "check must ask the platform, or it proves nothing.")
        expect(not bench.simulator.visible(), "check left something visible on the platform.")

    @check(Grade.SILVER)
    async def test_check_notices_a_refused_token(self, bench: Bench) -> None:
        """A 401 is `AuthExpired`, so that a person is asked to connect again."""
        bench.simulator.fail("*", Failure(status=401, body={"status": 401, "title": "Unauthorized"}), times=0)
        await raised(bench.publisher.check(), AuthExpired, "A 401 must become AuthExpired.")

    @check(Grade.SILVER)
    async def test_reads_that_break_are_only_tried_again(self, bench: Bench) -> None:
        """A read that is cut off is `Transient`: nothing was to be created."""
        bench.simulator.fail("*", Failure(drop=True), times=0)
        await raised(bench.publisher.check(), Transient, "A read without an answer must become Transient.")

    @check(Grade.SILVER)
    async def test_facts_can_be_kept(self, bench: Bench) -> None:
        """Plain JSON, and an end that lies ahead and knows its zone."""
        found = await outcome(bench.publisher.facts())
        expect(isinstance(found, Facts), f"facts must answer Facts. It {told(found)}.")
        assert isinstance(found, Facts)
        try:
            same = json.loads(json.dumps(dict(found.values))) == dict(found.values)
        except (TypeError, ValueError):
            same = False
        expect(same, "Facts must be plain JSON, so that they can be kept.")
        if found.expires_at is not None:
            expect(found.expires_at.utcoffset() is not None, "`expires_at` must be an aware time.")
            expect(found.expires_at > bench.clock.now(), "Facts must not be stale when they are new.")
        expect(not bench.simulator.visible(), "facts left something visible on the platform.")
