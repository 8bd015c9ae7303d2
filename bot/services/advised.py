"""Asking an optimizer: off the loop, and whatever breaks in it is an answer that is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.errors import PluginError
from bot.services.context import Services
from bot.services.isolated import broke

K = TypeVar("K")
R = TypeVar("R")


def adviser(svc: Services, kind: type[K]) -> K | None:
    """The first optimizer that can be asked this kind of question; None where there is none."""
    return next((one for one in svc.registry.optimizers.values() if isinstance(one, kind)), None)


async def advised(
    svc: Services, kind: type[K], ask: Callable[[K], R], *, sound: Callable[[R], bool] = lambda _: True
) -> R | None:
    """What the optimizer of that kind answers to ``ask``, in a thread of its own.

    None where there is none, where it broke (logged under its name) and where its answer is not
    ``sound``, like a lift that is not a number: people are told that nothing is known.
    """
    one = adviser(svc, kind)
    if one is None:
        return None
    plugin, what = str(getattr(one, "name", kind.__name__)), kind.__name__

    def work() -> R | None:
        try:
            answer = ask(one)
            if sound(answer):
                return answer
            broke(svc.log, plugin, what, PluginError(plugin, "its answer makes no sense"))
        except Exception as error:
            # Advice is never worth a post: whatever goes wrong in it, people are told that nothing is known.
            broke(svc.log, plugin, what, error)
        return None

    return await asyncio.to_thread(work)
