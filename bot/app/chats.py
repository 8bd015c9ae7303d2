"""The chats that the configuration uses, checked first and then connected; the console is not one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

from bot.app.accounts import Lent, secrets_in
from bot.config import Config, read_settings
from bot.domain.words import did_you_mean, listed
from bot.http import HttpClient
from bot.ports import Chat, ChatSpec, Deps, TeamChat
from bot.registry import Registry

CONSOLE = "console"

BUILT_IN: Mapping[str, str] = MappingProxyType({"slack": "bot.chat.slack", "discord": "bot.chat.discord"})
"""Where each built-in chat's ``spec()`` is; its library is imported only when the chat is used."""


@dataclass(frozen=True, kw_only=True)
class PlannedChat:
    """A chat whose settings are known to be right."""

    spec: ChatSpec[Any]
    settings: Any


def plan_chats(
    config: Config, registry: Registry, *, env: Mapping[str, str]
) -> tuple[tuple[PlannedChat, ...], tuple[str, ...]]:
    """The chats of ``chat.use`` without the console, and every problem of theirs; no I/O."""
    known = (CONSOLE, *BUILT_IN, *registry.chats)
    planned, problems = list[PlannedChat](), list[str]()
    for name in dict.fromkeys(config.chat_use):
        if name == CONSOLE:
            continue
        if name not in known:
            hint = did_you_mean(name, known) or f"; there are {listed(known)}"
            problems.append(config.problem(f"chat.use: there is no chat {name!r}{hint}"))
            continue
        spec = _spec(name, registry)
        found = read_settings(
            spec.settings,
            config.chat_tables.get(name, {}),
            where=f"chat.{name}",
            env=env,
            fallback=spec.variables,
            folder=config.folder,
        )
        if isinstance(found, tuple):
            problems += map(config.problem, found)
        else:
            planned.append(PlannedChat(spec=spec, settings=found))
    for name in config.chat_tables:
        if name not in known:
            hint = did_you_mean(name, known) or f"; there are {listed(known)}"
            problems.append(config.problem(f"chat.{name}: there is no such chat{hint}"))
    return tuple(planned), tuple(problems)


def _spec(name: str, registry: Registry) -> ChatSpec[Any]:
    if name not in BUILT_IN:
        return registry.chats[name]
    spec: ChatSpec[Any] = import_module(BUILT_IN[name]).spec()
    return spec


def connect_chats(planned: Sequence[PlannedChat], stack: AsyncExitStack, lent: Lent) -> list[Chat]:
    """Build every chat, to be closed with ``stack``; their secrets are kept out of the log from now on."""
    chats = list[Chat]()
    for item in planned:
        for secret in secrets_in(item.settings):
            lent.redaction.learn(secret)
        http = HttpClient(wrap=lent.wrap, tls=lent.tls)
        stack.push_async_callback(http.aclose)
        deps = Deps(http=http, clock=lent.clock, media=lent.media, log=lent.log)
        chat = item.spec.connect(item.settings, deps)
        if isinstance(chat, TeamChat):
            stack.push_async_callback(chat.aclose)
        chats.append(chat)
    return chats
