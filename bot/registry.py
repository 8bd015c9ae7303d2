"""Finds plugins, collects what they offer, tells them what happened.

A plugin can do no harm here: one that cannot be loaded is left out and named in
`Registry.problems`; one that fails or dawdles over an event is logged once and counted.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pluggy

from bot import hookspecs
from bot.domain.platform import Finding, Level
from bot.domain.words import did_you_mean
from bot.errors import PluginError
from bot.ports import ChatSpec, GeneratorSpec, Log, Optimizer, Platform, Renderer, ReportSection

if TYPE_CHECKING:
    from pathlib import Path

    from bot.commands.spec import Command
    from bot.domain.delivery import Delivery
    from bot.domain.post import Post

BUILTINS = "plugins"
"""The package whose members are the built-in plugins; found by name, so that nothing here knows them."""

OFFERS: Mapping[str, tuple[str, type]] = MappingProxyType(
    {
        "register_platforms": ("platform", Platform),
        "register_optimizers": ("optimizer", object),
        "register_generators": ("generator", GeneratorSpec),
        "register_renderers": ("renderer", object),
        "register_chats": ("chat", ChatSpec),
        "register_commands": ("command", object),
        "register_report_sections": ("report section", ReportSection),
    }
)
"""What each register hook hands over: what people call it, and its type where that is ours."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a plugin may come from; ``load`` imports it."""

    name: str
    origin: str
    load: Callable[[], object]


class Registry:
    """The plugins of one bot; made by `load`.

    ``plugins`` is name → where it came from, in load order; ``problems`` is what was left
    out and why; ``failures`` counts by (plugin, hook).
    """

    def __init__(self, log: Log, timeout: float) -> None:
        self.plugins: dict[str, str] = {}
        self.problems: list[PluginError] = []
        self.failures: Counter[tuple[str, str]] = Counter()
        self.platforms: dict[str, Platform[Any]] = {}
        self.optimizers: dict[str, Optimizer] = {}
        self.generators: dict[str, GeneratorSpec[Any]] = {}
        self.renderers: dict[str, Renderer] = {}
        self.chats: dict[str, ChatSpec[Any]] = {}
        self.commands: dict[str, Command] = {}
        self.report_sections: dict[str, ReportSection] = {}
        self._log = log
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
        try:
            answer = impl.function(*(facts[name] for name in impl.argnames))
            if inspect.isawaitable(answer):
                async with asyncio.timeout(self._timeout):
                    answer = await answer
            return read(answer)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            self._failed(impl.plugin_name, hook, error)
        except (Exception, SystemExit) as error:
            self._failed(impl.plugin_name, hook, error)
        return None

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
            self._manager.register(plugin, name)
            self._check(name, plugin)
            offered = list(self._offered(name, plugin))
        except PluginError as error:
            self.problems.append(error)
        except (Exception, SystemExit) as error:
            problem = PluginError(name, f"could not be loaded ({_told(error)})")
            problem.__cause__ = error
            self.problems.append(problem)
        else:
            self.plugins[name] = source.origin
            for hook, value in offered:
                self._accept(name, hook, value)
            return
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)

    def _check(self, name: str, plugin: object) -> None:
        known = [hook for hook, value in vars(hookspecs).items() if hasattr(value, f"{hookspecs.NAME}_spec")]
        for caller in self._manager.get_hookcallers(plugin) or ():
            for impl in [impl for impl in caller.get_hookimpls() if impl.plugin is plugin]:
                if not caller.has_spec() and not impl.optionalhook:
                    raise PluginError(
                        name, f"{caller.name!r} is not a hook{did_you_mean(caller.name, known)}"
                    )
                if impl.wrapper or impl.hookwrapper:
                    raise PluginError(name, f"{caller.name} wraps other plugins; that is not allowed")
                if caller.name in OFFERS and (
                    inspect.iscoroutinefunction(impl.function) or inspect.isasyncgenfunction(impl.function)
                ):
                    raise PluginError(name, f"{caller.name} is async; it must be a plain function")

    def _offered(self, name: str, plugin: object) -> Iterator[tuple[str, Any]]:
        for hook, (word, kind) in OFFERS.items():
            for impl in getattr(self._manager.hook, hook).get_hookimpls():
                for value in (impl.function() or ()) if impl.plugin is plugin else ():
                    if not isinstance(value, kind) or not isinstance(getattr(value, "name", None), str):
                        raise PluginError(name, f"{hook} gave a {type(value).__name__}, not a {word}")
                    yield hook, value

    def _accept(self, plugin: str, hook: str, value: Any) -> None:
        owner = self._owners.setdefault((hook, value.name), f"plugin {plugin!r}")
        shelf: dict[str, Any] = getattr(self, hook.removeprefix("register_"))
        if value.name in shelf or owner != f"plugin {plugin!r}":
            why = f"its {OFFERS[hook][0]} {value.name!r} is left out: {owner} already has one of that name"
            self.problems.append(PluginError(plugin, why))
        else:
            shelf[value.name] = value


def load(
    *,
    log: Log,
    disabled: Iterable[str] = (),
    files: Iterable[Path] = (),
    taken: Mapping[str, Iterable[str]] = MappingProxyType({}),
    timeout: float = 10.0,
    builtins: str = BUILTINS,
    entry_points: Iterable[importlib.metadata.EntryPoint] | None = None,
) -> Registry:
    """Every plugin there is: built-ins by name, then entry points, then ``files``.

    ``disabled`` plugins are not even imported. ``taken`` are names Clarion itself uses, by
    register hook (``{"register_commands": ["post"]}``); a plugin cannot have them.
    ``timeout`` is what an event or a review may take, seconds. ``entry_points`` replaces
    those of the installed packages. Never raises for a plugin: see `Registry.problems`.
    """
    registry = Registry(log, timeout)
    registry._owners |= {(hook, name): "Clarion itself" for hook, names in taken.items() for name in names}
    if entry_points is None:
        entry_points = importlib.metadata.entry_points(group=hookspecs.NAME)
    sources = [*_builtins(builtins), *_entry_points(entry_points), *_files(files)]
    off = set(disabled)
    for name in off:
        registry._manager.set_blocked(name)
    for source in sources:
        if source.name not in off:
            registry._admit(source)
    names = [source.name for source in sources]
    for name in sorted(off.difference(names)):
        hint = did_you_mean(name, names) or "."
        registry.problems.append(PluginError(name, f"is disabled, but there is no such plugin{hint}"))
    return registry


def _builtins(package: str) -> Iterator[Source]:
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    for name in sorted(module.name for module in pkgutil.iter_modules(places or ())):
        if not name.startswith("_"):
            path = f"{package}.{name}"
            yield Source(name=name, origin=path, load=partial(importlib.import_module, path))


def _entry_points(found: Iterable[importlib.metadata.EntryPoint]) -> Iterator[Source]:
    for point in sorted(found, key=lambda point: point.name):
        yield Source(name=point.name, origin=f"{point.value} (an installed package)", load=point.load)


def _files(paths: Iterable[Path]) -> Iterator[Source]:
    for path in paths:
        yield Source(name=path.stem, origin=str(path), load=partial(_import_file, path))


def _import_file(path: Path) -> object:
    """The module in a file or in a folder with an ``__init__.py``."""
    file = path / "__init__.py" if path.is_dir() else path
    name = f"clarion_plugin_{path.stem}"
    folders = [str(path)] if path.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=folders)
    if spec is None or spec.loader is None or not file.is_file():
        raise FileNotFoundError(f"there is no Python file {file}")
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up by name while it is still being executed
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _nothing(answer: object) -> None:
    """An event's answer does not matter."""


def _findings(answer: Iterable[Finding] | None) -> list[Finding]:
    found = list(answer or ())
    if not all(isinstance(finding, Finding) for finding in found):
        raise TypeError("a reviewer answers with findings")
    return found
