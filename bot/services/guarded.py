"""A plugin's publisher, kept from doing harm: every call is watched, limited and checked.

One process has no walls: a plugin is trusted code. What can be kept from everybody else is
kept here. An exception that is none of ours, an answer of the wrong kind, a call that never
ends becomes one of the answers the core knows, and the log names the plugin.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from bot.domain.platform import (
    AccountInfo,
    Call,
    Checkpoint,
    Confirmed,
    Facts,
    Finding,
    Gone,
    Level,
    Live,
    Metrics,
    More,
    Pending,
    Proof,
    Ready,
    Receipt,
    Ref,
    Refused,
    Staged,
    Unclear,
    Wait,
)
from bot.domain.post import Media, Part, Variant
from bot.domain.revising import DayCount
from bot.errors import (
    AppMisconfigured,
    ConfigError,
    PluginError,
    PublishError,
    Rejected,
    Transient,
    Uncertain,
    Unsupported,
)
from bot.ports import Clock, Deps, Log, Platform, Publisher, Revising, RunningSimulator
from bot.registry import Registry, Watch
from bot.services.isolated import broke, isolated

LIMITS: Mapping[str, float] = MappingProxyType(
    {
        "simulate": 30.0,
        "check": 60.0,
        "facts": 30.0,
        "stage": 600.0,
        "confirm": 120.0,
        "measure": 120.0,
        "remove": 60.0,
        "revise": 120.0,
        "shown": 60.0,
        "days": 120.0,
        "aclose": 10.0,
    }
)
"""Seconds a call may take; ``commit`` has the platform's own limit, which the core keeps."""

STAGED, CONFIRMED = Ready | More | Wait, Confirmed


class GuardedPublisher:
    """Implements `bot.ports.Publisher` around a plugin's; ``clean`` takes secrets out of its words."""

    def __init__(
        self,
        inner: Publisher,
        plugin: str,
        watch: Watch,
        log: Log,
        clean: Callable[[str], str] = str,
    ) -> None:
        self._clean = clean
        self._inner = inner
        self._plugin = plugin
        self._watch = watch
        self._log = log

    async def check(self) -> AccountInfo:
        found = await self._ask("check", self._inner.check)
        answer: AccountInfo = self._expected("check", found, AccountInfo, Transient)
        return answer

    async def facts(self) -> Facts:
        found = await self._ask("facts", self._inner.facts)
        answer: Facts = self._expected("facts", found, Facts, Transient)
        return answer

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        try:
            with self._watch.step(self._plugin, "inspect"):
                found = tuple(self._inner.inspect(variant, facts))
            if all(isinstance(f, Finding) for f in found):
                return found
            raise TypeError("inspect answers with findings")
        except BaseException as error:
            broke(self._log, self._plugin, "inspect", error)
        text = f"The plugin {self._plugin} could not look at this, so nobody knows whether it would be taken."
        return (Finding(level=Level.BLOCK, code="plugin", text=text, fix="Its author has to mend it."),)

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        found = await self._ask("stage", self._inner.stage, part, checkpoint)
        fine = isinstance(found, STAGED) and _is_plain(found.checkpoint)
        answer: Staged = self._expected("stage", found, STAGED if fine else (), Transient)
        return answer

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt | Pending:
        found = await self._ask("commit", self._inner.commit, part, checkpoint, call, broken=Uncertain)
        # a receipt that names nothing is no receipt
        fine = isinstance(found, Pending) or (isinstance(found, Receipt) and bool(found.ref))
        answer: Receipt | Pending = self._expected("commit", found, object if fine else (), Uncertain)
        return answer

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        try:
            found = await self._ask("confirm", self._inner.confirm, part, checkpoint, call, broken=Uncertain)
            unproven = isinstance(found, Live) and not (found.ref or found.proof is Proof.HUMAN)
            answer: Confirmed = self._expected("confirm", found, () if unproven else CONFIRMED, Uncertain)
            if isinstance(answer, Refused):
                return replace(answer, reason=self._clean(answer.reason))
            return replace(answer, why=self._clean(answer.why)) if isinstance(answer, Unclear) else answer
        except Uncertain:
            return Unclear(why="looking for it failed")

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        found = await self._ask("measure", self._inner.measure, refs)
        answer: Mapping[str, Metrics | Gone] = self._expected("measure", found, Mapping, Transient)
        return answer

    async def remove(self, ref: Ref) -> None:
        await self._ask("remove", self._inner.remove, ref)

    async def revise(self, ref: Ref, changes: Mapping[str, str | Media]) -> None:
        await self._ask("revise", self._revising.revise, ref, changes)

    async def shown(self, ref: Ref) -> Mapping[str, str]:
        found = await self._ask("shown", self._revising.shown, ref)
        answer: Mapping[str, str] = self._expected("shown", found, Mapping, Transient)
        return answer

    async def days(self, ref: Ref, since: date, until: date) -> Mapping[date, DayCount]:
        found = await self._ask("days", self._revising.days, ref, since, until)
        answer: Mapping[date, DayCount] = self._expected("days", found, Mapping, Transient)
        return answer

    @property
    def _revising(self) -> Revising:
        if not isinstance(self._inner, Revising):
            raise Unsupported("This platform does not let me change what is out.")
        return self._inner

    async def aclose(self) -> None:
        try:
            await self._ask("aclose", self._inner.aclose)
        except PublishError as error:
            self._log.warning("plugin_not_closed", plugin=self._plugin, error=type(error).__name__)

    async def _ask(
        self,
        name: str,
        method: Callable[..., Awaitable[Any]],
        *facts: Any,
        broken: type[PublishError] = Transient,
    ) -> Any:
        """The plugin's answer; ``broken`` is raised for whatever should never leave a publisher."""
        try:
            return await isolated(
                self._plugin,
                name,
                partial(method, *facts),
                watch=self._watch,
                log=self._log,
                ours=PublishError,
                limit=LIMITS.get(name),
            )
        except PluginError:
            raise broken(f"The plugin {self._plugin} broke.", detail=name) from None
        except PublishError as error:
            self._tidy(error)
            raise

    def _tidy(self, error: PublishError) -> None:
        """A platform may quote what it was sent; rows, cards and the chat must not."""
        error.args = (self._clean(str(error)),)
        error.detail = self._clean(error.detail)
        if isinstance(error, Rejected):
            error.fix = self._clean(error.fix)

    def _expected(self, name: str, found: Any, kind: Any, otherwise: type[PublishError]) -> Any:
        if isinstance(found, kind):
            return found
        broke(self._log, self._plugin, name, TypeError(f"{name} answered {type(found).__name__}"))
        raise otherwise(f"The plugin {self._plugin} gave an answer that means nothing.", detail=name)


def _is_plain(checkpoint: object) -> bool:
    return isinstance(checkpoint, Checkpoint) and isinstance(checkpoint.data, Mapping)


class Unconnected:
    """Stands for an account whose plugin could not connect it: it waits, and says why."""

    def __init__(self, why: str) -> None:
        self._why = why

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        return (Finding(level=Level.BLOCK, code="plugin", text=self._why),)

    async def aclose(self) -> None:
        """Nothing was opened."""

    async def _refuse(self, *facts: Any) -> Any:
        raise AppMisconfigured(self._why)

    check = facts = stage = commit = confirm = measure = remove = _refuse


async def simulate_guarded(
    registry: Registry, platform: Platform[Any], clock: Clock, log: Log
) -> RunningSimulator:
    """Start a platform's simulator; raises `ConfigError` that names the plugin which cannot."""
    plugin = registry.owner_of(platform.name) or platform.name
    assert platform.simulate is not None
    try:
        found: RunningSimulator = await isolated(
            plugin,
            "simulate",
            partial(platform.simulate, clock),
            watch=registry.watch,
            log=log,
            ours=ConfigError,
            limit=LIMITS.get("simulate"),
        )
    except PluginError:
        way = f'Mend it, or leave it out: [plugins] disabled = ["{plugin}"]'
        raise ConfigError([f"The simulator of the plugin {plugin} does not start. {way}"]) from None
    return found


def connect_guarded(
    registry: Registry,
    platform: Platform[Any],
    settings: Any,
    deps: Deps,
    *,
    clean: Callable[[str], str] = str,
) -> Publisher:
    """The publisher of an account, guarded; one whose plugin cannot connect it is left waiting."""
    plugin = registry.owner_of(platform.name) or platform.name
    try:
        with registry.watch.step(plugin, "connect"):
            inner = platform.connect(settings, deps)
    except BaseException as error:
        why = f"The plugin {plugin} could not connect this account. Mend it, or disable it and start again."
        broke(deps.log, plugin, "connect", error)
        inner = Unconnected(why)
    return GuardedPublisher(inner, plugin, registry.watch, deps.log, clean)
