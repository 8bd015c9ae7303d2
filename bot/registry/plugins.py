"""Finds plugins, collects what they offer, tells them what happened.

A plugin can do no harm here: one that cannot be loaded is left out and named in
`Registry.problems`; one that fails or dawdles over an event is logged once and counted.
"""

from __future__ import annotations

import asyncio
import copy
import importlib.metadata
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pluggy

from bot import hookspecs
from bot.domain.platform import Finding, Level
from bot.domain.words import did_you_mean
from bot.errors import PluginError
from bot.ports import ChatSpec, GeneratorSpec, Log, Optimizer, Platform, Renderer, ReportSection
from bot.registry import sources
from bot.registry.admission import OFFERS, check_hooks, check_offer, check_version
from bot.registry.sources import Source
from bot.registry.watch import Watch

if TYPE_CHECKING:
    from pathlib import Path

    from bot.commands.spec import Command
    from bot.domain.delivery import Delivery
    from bot.domain.post import Post

BUILTINS = "plugins"
"""The package whose members are the built-in plugins; found by name, so that nothing here knows them."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A plugin that was let in: where from, which version, and what it offers by what people call it."""

    origin: str
    version: str = ""
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Registry:
    """The plugins of one bot; made by `load`.

    ``plugins`` is name → where it came from, in load order, and ``loaded`` says more of each;
    ``problems`` is what was left out and why; ``failures`` counts by (plugin, hook); ``watch``
    knows who held everybody up.
    """

    def __init__(self, log: Log, timeout: float, kinds: Mapping[str, type] = MappingProxyType({})) -> None:
        self.plugins: dict[str, str] = {}
        self.loaded: dict[str, Loaded] = {}
        self.problems: list[PluginError] = []
        self.failures: Counter[tuple[str, str]] = Counter()
        self.platforms: dict[str, Platform[Any]] = {}
        self.optimizers: dict[str, Optimizer] = {}
        self.generators: dict[str, GeneratorSpec[Any]] = {}
        self.renderers: dict[str, Renderer] = {}
        self.chats: dict[str, ChatSpec[Any]] = {}
        self.commands: dict[str, Command] = {}
        self.report_sections: dict[str, ReportSection] = {}
        self.watch = Watch(log)
        self._log = log
        self._kinds = kinds
        self._timeout = timeout
        self._manager = pluggy.PluginManager(hookspecs.NAME)
        self._manager.add_hookspecs(hookspecs)
        self._owners: dict[tuple[str, str], str] = {}

    def listens(self, hook: str) -> bool:
        """Whether any plugin implements the hook; events nobody hears are not queued."""
        return bool(getattr(self._manager.hook, hook).get_hookimpls())

    async def emit(self, hook: str, /, **facts: Any) -> None:
        """Tell every plugin, all at once, each within the time limit.

        A plugin that fails is logged once per hook and counted; nothing is raised for it.
        Raises TypeError only for a call that the hook does not allow, which is our mistake.
        """
        await asyncio.gather(
            *(self._attempt(impl, hook, facts, _nothing) for impl in self._impls(hook, facts))
        )

    async def review(self, post: Post, deliveries: tuple[Delivery, ...]) -> list[Finding]:
        """What all reviewers found; one that fails or is too slow is itself a WARN."""
        facts = {"post": post, "deliveries": deliveries}
        impls = self._impls("review_post", facts)
        answers = await asyncio.gather(
            *(self._attempt(impl, "review_post", facts, _findings) for impl in impls)
        )
        found: list[Finding] = []
        for impl, answer in zip(impls, answers, strict=True):
            silence = Finding(
                level=Level.WARN,
                code="reviewer",
                text=f"The reviewer {impl.plugin_name} could not look at this.",
                fix="Nobody knows what it would have said; look twice before you approve.",
            )
            found += [silence] if answer is None else answer
        return found

    def _impls(self, hook: str, facts: Mapping[str, Any]) -> list[pluggy.HookImpl]:
        caller: pluggy.HookCaller | None = getattr(self._manager.hook, hook, None)
        if caller is None or caller.spec is None or set(facts) != set(caller.spec.argnames):
            raise TypeError(f"no hook {hook} takes {sorted(facts)}")
        return caller.get_hookimpls()

    async def _attempt(
        self, impl: pluggy.HookImpl, hook: str, facts: Mapping[str, Any], read: Callable[[Any], Any]
    ) -> Any:
        """What ``read`` makes of the plugin's answer, or None when it failed."""
        plugin = impl.plugin_name
        # a copy for each: what one plugin changes, nobody else sees
        mine = [copy.deepcopy(facts[name]) for name in impl.argnames]
        try:
            with self.watch.hook_step(plugin, hook):
                answer = impl.function(*mine)
            if inspect.isawaitable(answer):
                async with asyncio.timeout(self._timeout):
                    answer = await self._in_steps(plugin, hook, answer)
            with self.watch.step(plugin, hook):
                return read(answer)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            self._failed(plugin, hook, error)
        except BaseException as error:
            # Ctrl-C cancels the main task (asyncio.Runner): a KeyboardInterrupt in here is the plugin's own
            self._failed(plugin, hook, error)
        return None

    async def _in_steps(self, plugin: str, hook: str, answer: Awaitable[Any]) -> Any:
        return await self.watch.run(plugin, hook, answer, hook=True)

    def _failed(self, plugin: str, hook: str, error: BaseException) -> None:
        self.failures[plugin, hook] += 1
        if self.failures[plugin, hook] == 1:
            told = (
                f"took longer than {self._timeout:g} s" if isinstance(error, TimeoutError) else _told(error)
            )
            self._log.warning("plugin_failed", plugin=plugin, hook=hook, error=told, exc_info=error)

    def _admit(self, source: Source) -> None:
        """Load one plugin, wholly or not at all; but a single offer with a taken name is only left out."""
        name = source.name
        if name in self.plugins:
            why = f"{source.origin} has the same name as {self.plugins[name]} and is left out"
            self.problems.append(PluginError(name, why))
            return
        try:
            plugin = source.load()
            check_version(name, plugin)
            self._manager.register(plugin, name)
            check_hooks(name, plugin, self._manager)
            offered = list(self._offered(name, plugin))
        except PluginError as error:
            self.problems.append(error)
        except BaseException as error:
            problem = PluginError(name, f"could not be loaded ({_told(error)}){_newer(error)}")
            problem.__cause__ = error
            self.problems.append(problem)
        else:
            self.plugins[name] = source.origin
            kept = [
                (OFFERS[hook][0], value.name) for hook, value in offered if self._accept(name, hook, value)
            ]
            offers = {word: tuple(n for w, n in kept if w == word) for word, _ in kept}
            self.loaded[name] = Loaded(origin=source.origin, version=source.version, offers=offers)
            return
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)

    def _offered(self, name: str, plugin: object) -> Iterator[tuple[str, Any]]:
        for hook, (_, kind) in OFFERS.items():
            for impl in getattr(self._manager.hook, hook).get_hookimpls():
                for value in (impl.function() or ()) if impl.plugin is plugin else ():
                    check_offer(name, hook, value, self._kinds.get(hook, kind))
                    yield hook, value

    def owner_of(self, name: str, word: str = "platform") -> str | None:
        """The plugin that a platform, or another offer, came from; None when it came from no plugin."""
        return next((p for p, one in self.loaded.items() if name in one.offers.get(word, ())), None)

    def _accept(self, plugin: str, hook: str, value: Any) -> bool:
        owner = self._owners.setdefault((hook, value.name), f"plugin {plugin!r}")
        shelf: dict[str, Any] = getattr(self, hook.removeprefix("register_"))
        if value.name in shelf or owner != f"plugin {plugin!r}":
            why = f"its {OFFERS[hook][0]} {value.name!r} is left out: {owner} already has one of that name"
            self.problems.append(PluginError(plugin, why))
            return False
        shelf[value.name] = value
        return True


def load(
    *,
    log: Log,
    disabled: Iterable[str] = (),
    files: Iterable[Path] = (),
    given: Mapping[str, object] = MappingProxyType({}),
    taken: Mapping[str, Iterable[str]] = MappingProxyType({}),
    kinds: Mapping[str, type] = MappingProxyType({}),
    timeout: float = 10.0,
    builtins: str = BUILTINS,
    entry_points: Iterable[importlib.metadata.EntryPoint] | None = None,
) -> Registry:
    """Every plugin there is: built-ins by name, then entry points, then ``files``, then those ``given``.

    ``disabled`` plugins are not even imported. ``taken`` are names Clarion itself uses, by
    register hook (``{"register_commands": ["post"]}``); a plugin cannot have them.
    ``kinds`` are types of offers that only the caller knows. ``timeout`` is what an event or
    a review may take, seconds. ``entry_points`` replaces those of the installed packages.
    Never raises for a plugin: see `Registry.problems`.
    """
    registry = Registry(log, timeout, kinds)
    registry._owners |= {(hook, name): "Clarion itself" for hook, names in taken.items() for name in names}
    if entry_points is None:
        entry_points = importlib.metadata.entry_points(group=hookspecs.NAME)
    found = [
        *sources.builtins(builtins),
        *sources.entry_points(entry_points),
        *sources.files(files),
        *sources.given(given),
    ]
    off = set(disabled)
    for name in off:
        registry._manager.set_blocked(name)
    for source in found:
        if source.name not in off:
            registry._admit(source)
    names = [source.name for source in found]
    for name in sorted(off.difference(names)):
        hint = did_you_mean(name, names) or "."
        registry.problems.append(PluginError(name, f"is disabled, but there is no such plugin{hint}"))
    return registry


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _newer(error: BaseException) -> str:
    """What it means when a plugin asks for something that `bot.api` does not have."""
    if isinstance(error, ImportError) and error.name == "bot.api":
        return ". It is written for another version of Clarion; install one that fits"
    return ""


def _nothing(answer: object) -> None:
    """An event's answer does not matter."""


def _findings(answer: Iterable[Finding] | None) -> list[Finding]:
    found = list(answer or ())
    if not all(isinstance(finding, Finding) for finding in found):
        raise TypeError("a reviewer answers with findings")
    return found
