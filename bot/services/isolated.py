"""Running a plugin's code so that nothing but its answer, or an error of ours, comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bot.domain.platform import Facts
from bot.domain.post import Variant
from bot.errors import BotError, PluginError
from bot.ports import Log, Platform
from bot.registry import Watch


async def isolated(
    plugin: str,
    what: str,
    work: Callable[[], Awaitable[Any]],
    *,
    watch: Watch,
    log: Log,
    ours: type[BotError],
    limit: float | None = None,
) -> Any:
    """What ``work`` answers, within ``limit`` seconds; each of its steps is watched.

    Raises errors of the kind ``ours`` as they are, and `PluginError` for everything else,
    which is logged under the plugin's name. A cancellation from outside goes through.
    """
    try:
        with watch.step(plugin, what):
            begun = work()
        async with asyncio.timeout(limit):
            return await _watched(plugin, what, begun, watch)
    except ours:
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        broke(log, plugin, what, error)
        raise PluginError(plugin, f"{what} was given up by the plugin itself") from None
    except BaseException as error:
        # Ctrl-C cancels the main task (asyncio.Runner): a KeyboardInterrupt in here is the plugin's own
        broke(log, plugin, what, error)
        raise PluginError(plugin, f"{what} broke ({type(error).__name__})") from error


def broke(log: Log, plugin: str, what: str, error: BaseException) -> None:
    """Write down that a plugin did what it may not."""
    log.error("plugin_broke", plugin=plugin, what=what, error=type(error).__name__, exc_info=error)


def guarded_manifest(platform: Platform[Any], plugin: str, *, watch: Watch, log: Log) -> Platform[Any]:
    """The manifest with its own code kept from doing harm: what breaks says nothing about files or looks."""

    def guarded(what: str, work: Callable[[Variant, Facts], Any]) -> Callable[[Variant, Facts], Any]:
        def asked(variant: Variant, facts: Facts) -> Any:
            try:
                with watch.step(plugin, what):
                    return work(variant, facts)
            except BaseException as error:
                broke(log, plugin, what, error)
                return None

        return asked

    return replace(
        platform,
        media=guarded("media", platform.media) if platform.media is not None else None,
        look=guarded("look", platform.look) if platform.look is not None else None,
    )


async def _watched(plugin: str, what: str, work: Awaitable[Any], watch: Watch) -> Any:
    return await watch.run(plugin, what, work)
