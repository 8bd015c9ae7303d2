"""What is found before anything is sent, and whether the platform agrees."""

from __future__ import annotations

import builtins
import inspect
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.domain.platform import Feature, Finding, Level
from bot.domain.post import Part, variant_to_json
from bot.testing.contract.bench import Bench
from bot.testing.contract.checking import Grade, check
from bot.testing.contract.verdict import Broken, expect

LONGEST = 70_000
"""Characters; no platform takes a longer text in one part."""


class Rules:
    """``inspect``: pure, and as strict as the platform."""

    @check(Grade.BRONZE)
    async def test_too_long_is_found_before_any_call(self, bench: Bench) -> None:
        """A text that no platform takes is a BLOCK with the code ``too_long`` and a way out."""
        facts = await bench.publisher.facts()
        before = len(bench.simulator.calls)
        found = bench.publisher.inspect(bench.variant(bench.part("word " * (LONGEST // 5))), facts)
        blocks = [f for f in found if f.level is Level.BLOCK]
        expect([f.code for f in blocks] == ["too_long"], "A text too long must be one BLOCK, `too_long`.")
        expect(all(f.text for f in blocks), "A finding needs a sentence.")
        expect(len(bench.simulator.calls) == before, "inspect asked the platform.")

    @check(Grade.BRONZE)
    async def test_inspect_touches_neither_network_nor_files(self, bench: Bench) -> None:
        """Pure: the same answer twice, no socket, no file, no coroutine."""
        facts = await bench.publisher.facts()
        media = (await bench.picture(),) if Feature.IMAGE in bench.platform.features else ()
        variant = bench.variant(bench.part("Look twice", media=media))
        asked = len(bench.http.asked)
        with nothing_opened():
            first = bench.publisher.inspect(variant, facts)
            second = bench.publisher.inspect(variant, facts)
        expect(not inspect.isawaitable(first), "inspect must answer at once, not a coroutine.")
        wrong = [f for f in first if not isinstance(f, Finding)]
        expect(not wrong, "inspect must answer with findings.")
        expect(list(first) == list(second), "inspect answered differently the second time.")
        expect(len(bench.http.asked) == asked, "inspect asked the platform.")

    @check(Grade.BRONZE)
    async def test_what_was_signed_stays_as_it_was(self, bench: Bench) -> None:
        """No method changes the variant, the checkpoint or the call it is given."""
        media = (await bench.picture(),) if Feature.IMAGE in bench.platform.features else ()
        options: dict[str, Any] = {"note": {"kept": ["as", "it", "is"]}}
        part = bench.part("Signed as it stands", media=media, options=options)
        variant, call = bench.variant(part), bench.call(part)
        signed = variant_to_json(variant)
        bench.publisher.inspect(variant, await bench.publisher.facts())
        checkpoint = await bench.staged(part)
        held = repr(checkpoint)
        await bench.publisher.commit(part, checkpoint, call)
        await bench.publisher.confirm(part, checkpoint, call)
        expect(variant_to_json(variant) == signed, "The variant was changed after people had signed it.")
        expect(repr(checkpoint) == held, "The saved checkpoint was changed in place; answer with a new one.")

    @check(Grade.GOLD)
    async def test_what_inspect_lets_through_the_platform_takes(self, bench: Bench) -> None:
        """The longest text that ``inspect`` allows, with the facts as they are, is not refused."""
        facts = await bench.publisher.facts()
        low, high = 1, LONGEST
        while low < high:
            middle = (low + high + 1) // 2
            found = bench.publisher.inspect(bench.variant(bench.part(prose(middle))), facts)
            low, high = (low, middle - 1) if any(f.level is Level.BLOCK for f in found) else (middle, high)
        expect(low > 1, "inspect blocks even a text of two letters.")
        await bench.publish(prose(low))

    @check(Grade.GOLD)
    async def test_an_empty_post_is_found_before_any_call(self, bench: Bench) -> None:
        """Neither text nor media is a BLOCK."""
        found = bench.publisher.inspect(bench.variant(Part(text="")), await bench.publisher.facts())
        expect(any(f.level is Level.BLOCK for f in found), "An empty post must be blocked.")


def prose(length: int) -> str:
    """That many letters, in words."""
    words = "lorem ipsum dolor sit amet " * (length // 27 + 1)
    return words[: length - 1] + "."


@contextmanager
def nothing_opened() -> Iterator[None]:
    """Raises `Broken` in whoever opens a connection or a file inside."""

    def refuse(*args: Any, **more: Any) -> Any:
        raise Broken("inspect opened a connection or a file; it must be pure.")

    was, was_io = builtins.open, io.open
    builtins.open, io.open = refuse, refuse
    socket.socket.connect = socket.socket.connect_ex = refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        builtins.open, io.open = was, was_io
        del socket.socket.connect, socket.socket.connect_ex
