"""One part carried to its end as the core would, by a process that dies after every step."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from bot.domain.platform import (
    Absent,
    Call,
    Checkpoint,
    Confirmed,
    HandedOver,
    Live,
    Pending,
    Ready,
    Receipt,
    Ref,
    Unclear,
    Wait,
)
from bot.domain.post import Part
from bot.errors import PublishError, RateLimited, Transient, Uncertain
from bot.testing.contract.bench import STEPS, Bench, saved
from bot.testing.contract.verdict import Broken

T = TypeVar("T")

TRIES = 6
"""How often something that surely did nothing is tried again."""

PAUSE = timedelta(seconds=30)


class Said(StrEnum):
    """What people would be told in the end."""

    LIVE = "live"
    NOT_OUT = "not out"
    ASKED = "asked about"
    HANDED_OVER = "handed over"


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What came of it; ``steps`` are the calls that staging took."""

    said: Said
    ref: Ref | None = None
    steps: int = 0
    handed: HandedOver | None = None


async def carry(bench: Bench, part: Part) -> Carried:
    """Stage, commit and confirm; each call is made by a publisher of its own, with what was saved.

    What is uncertain is looked for. It is sent again only where `Absent` is said.
    """
    checkpoint, steps = Checkpoint(), 0
    call = bench.call(part)
    for _ in range(TRIES):
        ready = await _stage(bench, part, checkpoint)
        if ready is None:
            return Carried(said=Said.NOT_OUT, steps=steps)
        checkpoint, taken = ready
        steps += taken
        answer: Receipt | Confirmed
        try:
            sent = await bench.connect().commit(part, saved(checkpoint), call)
            answer = await _end(bench, part, checkpoint, call, sent)
        except (Transient, RateLimited) as error:
            _wait(bench, error)
            continue
        except Uncertain:
            bench.clock.advance(bench.platform.settle[0].total_seconds())
            answer = await _end(bench, part, checkpoint, call, None)
        except PublishError:
            return Carried(said=Said.NOT_OUT, steps=steps)
        match answer:
            case Receipt(ref=ref) | Live(ref=ref):
                return Carried(said=Said.LIVE, ref=ref, steps=steps)
            case HandedOver():
                return Carried(said=Said.HANDED_OVER, handed=answer, steps=steps)
            case Absent(keep_checkpoint=keep):
                checkpoint = checkpoint if keep else Checkpoint()
            case Unclear() | Pending():
                return Carried(said=Said.ASKED, steps=steps)
            case _:
                return Carried(said=Said.NOT_OUT, steps=steps)
    return Carried(said=Said.ASKED, steps=steps)


async def _stage(bench: Bench, part: Part, checkpoint: Checkpoint) -> tuple[Checkpoint, int] | None:
    """The checkpoint that is ready, and how many calls it took; None when it was refused."""
    failed = 0
    for step in range(1, STEPS + 1):
        if checkpoint.expires_at is not None and checkpoint.expires_at <= bench.clock.now():
            checkpoint = Checkpoint()
        try:
            staged = await bench.connect().stage(part, saved(checkpoint))
        except (Transient, RateLimited, Uncertain) as error:
            failed += 1
            if failed > TRIES:
                return None
            _wait(bench, error)
            continue
        except PublishError:
            return None
        checkpoint = staged.checkpoint
        if isinstance(staged, Ready):
            return checkpoint, step
        if isinstance(staged, Wait):
            _until(bench, staged.until)
    raise Broken(f"Staging one part was not done after {STEPS} steps.")


async def _end(
    bench: Bench, part: Part, checkpoint: Checkpoint, call: Call, answer: Receipt | Pending | None
) -> Receipt | Confirmed:
    """What `confirm` says in the end; trouble while asking decides nothing."""
    found: Receipt | Confirmed | None = answer
    for _ in range(STEPS):
        match found:
            case Pending(check_at=check_at, ref=ref):
                _until(bench, check_at)
                call = replace(call, ref=ref if ref is not None else call.ref)
            case None:
                pass
            case _:
                return found
        try:
            found = await bench.connect().confirm(part, saved(checkpoint), call)
        except PublishError as error:
            _wait(bench, error)
    return Unclear(why="nobody could tell")


def _wait(bench: Bench, error: PublishError) -> None:
    _until(bench, error.until if isinstance(error, RateLimited) else bench.clock.now() + PAUSE)


def _until(bench: Bench, at: datetime) -> None:
    bench.clock.advance(max((at - bench.clock.now()).total_seconds(), 1.0))


async def unbroken(work: Awaitable[T]) -> T:
    """The value; raises `Broken` for a refusal where there was no reason for one."""
    try:
        return await work
    except PublishError as error:
        raise Broken(f"Without any trouble it raised {type(error).__name__} ({error}).") from None
