"""What a plugin has to be before it is let in: hooks that exist, our version, offers that make sense."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pluggy

from bot import __version__, hookspecs
from bot.config import Secret, read_settings
from bot.domain.platform import Feature, Limit
from bot.domain.words import did_you_mean
from bot.errors import PluginError
from bot.ports import ChatSpec, GeneratorSpec, Platform, ReportSection, SimulatedAccount

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

VERSION = "clarion_api"
"""The attribute in which a plugin says for which version of the plugin API it is written."""

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""Platforms are typed in the configuration and in commands."""


def check_version(name: str, plugin: object) -> None:
    """Raises `PluginError` for a plugin that is written for another version of the plugin API."""
    wanted = getattr(plugin, VERSION, hookspecs.API)
    if type(wanted) is not int:
        raise PluginError(name, f"{VERSION} must be a number, like {hookspecs.API}")
    if wanted == hookspecs.API:
        return
    way = "Update Clarion, or install an older" if wanted > hookspecs.API else "Install a newer"
    raise PluginError(
        name,
        f"it is written for version {wanted} of the plugin API, and Clarion {__version__} has version "
        f"{hookspecs.API}. {way} version of the plugin",
    )


def check_hooks(name: str, plugin: object, manager: pluggy.PluginManager) -> None:
    """Raises `PluginError` for a hook that does not exist, wraps others, or is async where it may not."""
    known = [hook for hook, value in vars(hookspecs).items() if hasattr(value, f"{hookspecs.NAME}_spec")]
    for caller in manager.get_hookcallers(plugin) or ():
        for impl in [impl for impl in caller.get_hookimpls() if impl.plugin is plugin]:
            if not caller.has_spec() and not impl.optionalhook:
                raise PluginError(name, f"{caller.name!r} is not a hook{did_you_mean(caller.name, known)}")
            if impl.wrapper or impl.hookwrapper:
                raise PluginError(name, f"{caller.name} wraps other plugins; that is not allowed")
            if caller.name in OFFERS and (
                inspect.iscoroutinefunction(impl.function) or inspect.isasyncgenfunction(impl.function)
            ):
                raise PluginError(name, f"{caller.name} is async; it must be a plain function")


def check_offer(plugin: str, hook: str, value: Any, kind: type) -> None:
    """Raises `PluginError` for something that is not what the hook is for."""
    if not isinstance(value, kind) or not isinstance(getattr(value, "name", None), str):
        raise PluginError(plugin, f"{hook} gave a {type(value).__name__}, not a {OFFERS[hook][0]}")
    if isinstance(value, Platform) and (wrong := _nonsense(value)):
        raise PluginError(plugin, f"its platform {value.name!r} makes no sense: {wrong}")


def _nonsense(platform: Platform[Any]) -> str:
    """What is wrong with a manifest; empty when nothing is."""
    if not NAME.fullmatch(platform.name):
        return "its name must be small letters, digits, hyphens"
    spans = (platform.commit_timeout, platform.stage_lead, *_several(platform.settle))
    callables = (platform.connect, platform.split, platform.ref_of, platform.simulate)
    wrong = {
        "title must be text": isinstance(platform.title, str) and platform.title,
        "features must be a Feature": isinstance(platform.features, Feature),
        "limits must be a tuple of Limit": all(isinstance(v, Limit) for v in _several(platform.limits)),
        "settings must be a dataclass": isinstance(platform.settings, type)
        and is_dataclass(platform.settings),
        "connect must be callable": callable(platform.connect),
        "split, ref_of and simulate must be callable": all(c is None or callable(c) for c in callables),
        "its times must be timedeltas": all(isinstance(v, timedelta) for v in spans),
        "commit_timeout must be more than nothing": isinstance(platform.commit_timeout, timedelta)
        and platform.commit_timeout > timedelta(0),
        "simulated must be a SimulatedAccount": platform.simulated is None
        or isinstance(platform.simulated, SimulatedAccount),
        "secrets must map settings to variables": isinstance(platform.secrets, Mapping),
    }
    for words, fine in wrong.items():
        if not fine:
            return words
    try:
        found = read_settings(platform.settings, _simulated(platform), where="", env={}, fallback={})
    except TypeError as error:
        return str(error)
    if platform.simulated is not None and isinstance(found, tuple):
        return f"its simulated account does not fit its settings ({'; '.join(found)})"
    return ""


def _simulated(platform: Platform[Any]) -> dict[str, Any]:
    """The table of the simulated account, as a start makes it."""
    if platform.simulated is None:
        return {}
    table: dict[str, Any] = {**platform.simulated.settings}
    table |= {name: Secret(value) for name, value in platform.simulated.secrets.items()}
    return table | ({"base_url": "http://127.0.0.1"} if platform.simulate is not None else {})


def _several(values: Any) -> tuple[Any, ...]:
    return tuple(values) if isinstance(values, tuple | list) else (values,)
