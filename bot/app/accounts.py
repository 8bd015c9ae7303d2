"""Accounts of the configuration, or simulated ones, checked first and then connected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from bot.config import AccountConfig, Config, Secret, read_settings
from bot.domain.people import Brand
from bot.domain.words import listed
from bot.http import HttpClient, make_tls
from bot.ports import Clock, Deps, Log, MediaStore, Platform, RunningSimulator
from bot.registry import Registry
from bot.services.context import Connected


@dataclass(frozen=True, kw_only=True)
class Planned:
    """An account whose settings are known to be right; None until its simulator has an address."""

    account: AccountConfig
    platform: Platform[Any]
    settings: Any | None


def plan(
    config: Config, registry: Registry, *, env: Mapping[str, str], simulated: bool
) -> tuple[list[Planned], list[str]]:
    """Which accounts there will be, and every problem of theirs; no I/O, nothing is opened."""
    wanted = list(config.accounts) or simulated_accounts(config.brands, registry)
    planned: list[Planned] = []
    problems: list[str] = []
    for account in wanted:
        key = f"accounts.{account.name}"
        platform = registry.platforms.get(account.platform)
        if platform is None:
            known = listed(sorted(registry.platforms))
            problems.append(
                config.problem(f"{key}.platform: no plugin knows {account.platform!r}; there are {known}")
            )
        elif simulated and platform.simulated is None:
            problems.append(
                config.problem(f"{key}: {platform.title} cannot be simulated; take it out of this run")
            )
        elif simulated:
            planned.append(Planned(account=account, platform=platform, settings=None))
        else:
            found = read_settings(
                platform.settings,
                account.table,
                where=key,
                env=env,
                fallback=platform.secrets,
                folder=config.folder,
            )
            if isinstance(found, tuple):
                problems += [config.problem(p) for p in found]
            else:
                planned.append(Planned(account=account, platform=platform, settings=found))
    return planned, problems


def simulated_accounts(brands: Sequence[Brand], registry: Registry) -> list[AccountConfig]:
    """One account of every platform for every brand, when none is configured."""
    return [
        AccountConfig(
            name=f"{brand.name}-{platform.simulated.suffix}", brand=brand.name, platform=platform.name
        )
        for brand in brands
        for platform in registry.platforms.values()
        if platform.simulated is not None
    ]


async def connect(
    planned: Sequence[Planned],
    stack: AsyncExitStack,
    *,
    clock: Clock,
    media: MediaStore,
    log: Log,
    wrap: Callable[[Any], Any] | None = None,
) -> tuple[dict[str, Connected], dict[str, RunningSimulator]]:
    """Give every account its publisher; one HTTP client and one simulator for each platform."""
    simulators: dict[str, RunningSimulator] = {}
    clients: dict[str, HttpClient] = {}
    tls = make_tls()
    connected: dict[str, Connected] = {}
    for item in planned:
        platform, account = item.platform, item.account
        settings = item.settings
        if settings is None:
            settings = await _simulated_settings(platform, account, stack, simulators, clock)
        if platform.name not in clients:
            clients[platform.name] = HttpClient(wrap=wrap, tls=tls)
            stack.push_async_callback(clients[platform.name].aclose)
        deps = Deps(http=clients[platform.name], clock=clock, media=media, log=log)
        publisher = platform.connect(settings, deps)
        stack.push_async_callback(publisher.aclose)
        connected[account.name] = Connected(
            name=account.name, brand=account.brand, platform=platform, publisher=publisher
        )
    return connected, simulators


async def _simulated_settings(
    platform: Platform[Any],
    account: AccountConfig,
    stack: AsyncExitStack,
    simulators: dict[str, RunningSimulator],
    clock: Clock,
) -> Any:
    """The account as its simulator knows it; nothing of the real one is used."""
    assert platform.simulated is not None
    table: dict[str, Any] = {**platform.simulated.settings}
    table |= {name: Secret(value) for name, value in platform.simulated.secrets.items()}
    if platform.simulate is not None:
        if platform.name not in simulators:
            simulators[platform.name] = await platform.simulate(clock)
            stack.push_async_callback(simulators[platform.name].aclose)
        table["base_url"] = simulators[platform.name].url
    found = read_settings(platform.settings, table, where=f"accounts.{account.name}", env={}, fallback={})
    if isinstance(found, tuple):
        raise TypeError(f"{platform.name}: its simulated account does not fit its settings: {found}")
    return found
