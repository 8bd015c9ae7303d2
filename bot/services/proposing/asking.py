"""Whoever tells winners, as this room asks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.ports import Winners
from bot.services.advised import advised, adviser
from bot.services.context import Services

R = TypeVar("R")


def judge_of(svc: Services) -> Winners | None:
    """The optimizer that knows winners, if there is one."""
    return adviser(svc, Winners)  # type: ignore[type-abstract]  # told apart by what it can be asked


async def asked(svc: Services, ask: Callable[[Winners], R], sound: Callable[[R], bool]) -> R | None:
    """Its answer, if it is ``sound``; None where there is none, it broke, or made no sense."""
    answer = await advised(svc, Winners, ask, sound=sound)  # type: ignore[type-abstract]  # as above
    return answer
