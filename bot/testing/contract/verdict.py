"""How a check says what is wrong, and sees in which way something failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from bot.errors import PublishError

T = TypeVar("T")


class Broken(AssertionError):
    """The publisher, or its simulator, does not keep the contract."""


def expect(fact: object, otherwise: str) -> None:
    """Raises `Broken` with the sentence unless ``fact`` is true."""
    if not fact:
        raise Broken(otherwise)


async def outcome(work: Awaitable[T]) -> T | BaseException:
    """What came of it: a value, or whatever was raised."""
    (found,) = await asyncio.gather(work, return_exceptions=True)
    return found


async def raised(work: Awaitable[Any], kind: type[T], otherwise: str) -> T:
    """The error of that kind which the call must end in."""
    found = await outcome(work)
    if not isinstance(found, kind):
        raise Broken(f"{otherwise} It {told(found)}.")
    return found


def told(found: object) -> str:
    """An outcome in words."""
    if isinstance(found, PublishError):
        return f"raised {type(found).__name__} ({found})"
    if isinstance(found, BaseException):
        return f"raised {type(found).__name__}"
    return f"answered {type(found).__name__}"
