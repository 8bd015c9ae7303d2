"""Accounts of the configuration, or simulated ones, connected to their platforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from bot.config import AccountConfig, Config, Secret, read_settings
from bot.domain.people import Brand
from bot.errors import ConfigError
from bot.http import HttpClient
from bot.media.files import FileMedia
from bot.ports import Clock, Deps, Log, Platform, RunningSimulator
from bot.registry import Registry
from bot.services.context import Connected


async def connect(
    config: Config,
    registry: Registry,
    stack: AsyncExitStack,
    simulators: dict[str, RunningSimulator],
    *,
    clock: Clock,
    env: Mapping[str, str],
    media: FileMedia,
    log: Log,
    simulated: bool,
    wrap: Callable[[Any], Any] | None,
) -> dict[str, Connected]:
    wanted = [*config.accounts] if config.accounts else simulated_accounts(config.brands, registry)
    connected: dict[str, Connected] = {}
    problems: list[str] = []
    clients: dict[str, HttpClient] = {}
    for account in wanted:
        platform = registry.platforms.get(account.platform)
        if platform is None:
            known = ", ".join(sorted(registry.platforms))
            problems.append(
                config.problem(
                    f"accounts.{account.name}.platform: no plugin knows {account.platform!r}; "
                    f"there are {known}"
                )
            )
            continue
        table: Mapping[str, Any] = account.table
        if simulated:
            table = await _simulated_table(platform, account, stack, simulators, clock)
        settings = read_settings(
            platform.settings,
            table,
            where=f"accounts.{account.name}",
            env={} if simulated else env,
            fallback=platform.secrets,
            folder=config.folder,
        )
        if isinstance(settings, tuple):
            problems += [config.problem(p) for p in settings]
            continue
        if platform.name not in clients:
            clients[platform.name] = HttpClient(wrap=wrap)
            stack.push_async_callback(clients[platform.name].aclose)
        deps = Deps(http=clients[platform.name], clock=clock, media=media, log=log)
        publisher = platform.connect(settings, deps)
        stack.push_async_callback(publisher.aclose)
        connected[account.name] = Connected(
            name=account.name, brand=account.brand, platform=platform, publisher=publisher
        )
    if problems:
        raise ConfigError(problems)
    return connected


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


async def _simulated_table(
    platform: Platform[Any],
    account: AccountConfig,
    stack: AsyncExitStack,
    simulators: dict[str, RunningSimulator],
    clock: Clock,
) -> dict[str, Any]:
    """The account as its simulator knows it; nothing of the real one is used."""
    if platform.simulated is None:
        raise ConfigError(
            [f"accounts.{account.name}: {platform.title} cannot be simulated; take it out of this run."]
        )
    table: dict[str, Any] = {**platform.simulated.settings}
    table |= {name: Secret(value) for name, value in platform.simulated.secrets.items()}
    if platform.simulate is not None:
        if platform.name not in simulators:
            simulators[platform.name] = await platform.simulate(clock)
            stack.push_async_callback(simulators[platform.name].aclose)
        table["base_url"] = simulators[platform.name].url
    return table
