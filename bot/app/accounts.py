"""Accounts of the configuration, or simulated ones, checked first and then connected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, fields
from functools import cached_property
from ssl import SSLContext
from typing import Any

from bot.config import AccountConfig, Config, Secret, read_settings
from bot.domain.people import Brand
from bot.domain.words import listed
from bot.http import HttpClient, make_tls
from bot.ports import (
    Clock,
    Deps,
    Log,
    MediaLinks,
    MediaStore,
    Platform,
    Publisher,
    Renewal,
    RunningSimulator,
    Seal,
    Store,
)
from bot.redaction import Redaction
from bot.registry import Registry
from bot.services.budget import app_name
from bot.services.context import Connected
from bot.services.exchange import exchange_for
from bot.services.tokens import GrantTokens


@dataclass(frozen=True, kw_only=True)
class Planned:
    """An account whose settings are known to be right; None until its simulator has an address.

    ``granted``: it speaks with what its owner allowed in ``clarion connect``.
    """

    account: AccountConfig
    platform: Platform[Any]
    settings: Any | None
    granted: bool = False


@dataclass(kw_only=True)
class Plan:
    """Which accounts there will be. ``lacking``: those that could go on if they were connected,
    and the problem they are otherwise."""

    accounts: list[Planned] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)


def plan(
    config: Config,
    registry: Registry,
    *,
    env: Mapping[str, str],
    simulated: bool,
    granted: Collection[str] = (),
) -> Plan:
    """Which accounts there will be, and every problem of theirs; no I/O, nothing is opened.

    ``granted``: names of accounts that somebody has connected.
    """
    made = Plan()
    for account in list(config.accounts) or simulated_accounts(config.brands, registry):
        key = f"accounts.{account.name}"
        platform = registry.platforms.get(account.platform)
        if platform is None:
            known = listed(sorted(registry.platforms))
            made.problems.append(
                config.problem(f"{key}.platform: no plugin knows {account.platform!r}; there are {known}")
            )
        elif simulated and platform.simulated is None:
            made.problems.append(
                config.problem(f"{key}: {platform.title} cannot be simulated; take it out of this run")
            )
        elif simulated:
            made.accounts.append(Planned(account=account, platform=platform, settings=None))
        else:
            _plan_real(made, config, account, platform, env, connected=account.name in granted)
    return made


def _plan_real(
    made: Plan,
    config: Config,
    account: AccountConfig,
    platform: Platform[Any],
    env: Mapping[str, str],
    *,
    connected: bool,
) -> None:
    """An account's own keys win; what its owner granted is for those that have none."""
    oauth = platform.oauth
    needed = oauth.replaces if oauth else ()
    found = settings_of(config, account, platform, env, needed=needed)
    by_grant = False
    if isinstance(found, tuple) and oauth is not None:
        app = () if oauth.renewal is Renewal.NONE else (oauth.client_id,)
        without = settings_of(config, account, platform, env, needed=app if connected else ())
        if connected:
            found, by_grant = without, True
        elif not isinstance(without, tuple):
            made.lacking[account.name] = "\n".join(config.problem(p) for p in found)
            return
    if isinstance(found, tuple):
        made.problems += [config.problem(p) for p in found]
    else:
        made.accounts.append(Planned(account=account, platform=platform, settings=found, granted=by_grant))


def settings_of(
    config: Config,
    account: AccountConfig,
    platform: Platform[Any],
    env: Mapping[str, str],
    *,
    needed: Collection[str] = (),
) -> Any:
    """The platform's settings for an account, or a tuple of problems; ``needed`` as in `read_settings`."""
    oauth = platform.oauth
    return read_settings(
        platform.settings,
        account.table,
        where=f"accounts.{account.name}",
        env=env,
        fallback=platform.secrets,
        folder=config.folder,
        needed=needed,
        instead=way_in(platform, account.name) if oauth and set(needed) >= set(oauth.replaces) else "",
    )


def way_in(platform: Platform[Any], account: str) -> str:
    """What a person types to connect an account."""
    return f"clarion connect {platform.name} --account {account}"


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


@dataclass(frozen=True, kw_only=True)
class Lent:
    """What the accounts of a process share. ``owner`` is the process in leases. ``store``: None where
    there is no database yet, so that nobody can be connected."""

    clock: Clock
    media: MediaStore
    log: Log
    store: Store | None
    vault: Seal
    redaction: Redaction
    owner: str
    guard: Callable[[Platform[Any], Any, Deps], Publisher]
    simulate: Callable[[Platform[Any], Clock, Log], Awaitable[RunningSimulator]]
    wrap: Callable[[Any], Any] | None = None
    links: MediaLinks | None = None

    @cached_property
    def tls(self) -> SSLContext:
        """One for all clients: the certificates are read once, and only if somebody needs them."""
        return make_tls()


async def connect(
    planned: Sequence[Planned], stack: AsyncExitStack, lent: Lent
) -> tuple[dict[str, Connected], dict[str, RunningSimulator]]:
    """Give every account its publisher; one HTTP client and one simulator for each platform."""
    simulators: dict[str, RunningSimulator] = {}
    clients: dict[str, HttpClient] = {}
    connected: dict[str, Connected] = {}
    for item in planned:
        platform, account = item.platform, item.account
        settings = item.settings
        if settings is None:
            settings = await _simulated_settings(platform, account, stack, simulators, lent)
        for secret in secrets_in(settings):
            lent.redaction.learn(secret)
        if platform.name not in clients:
            clients[platform.name] = HttpClient(wrap=lent.wrap, tls=lent.tls)
            stack.push_async_callback(clients[platform.name].aclose)
        http = clients[platform.name]
        tokens = tokens_for(item, http, lent) if item.granted else None
        if tokens is not None:
            stack.push_async_callback(tokens.aclose)
        deps = Deps(
            http=http, clock=lent.clock, media=lent.media, log=lent.log, tokens=tokens, links=lent.links
        )
        publisher = lent.guard(platform, settings, deps)
        stack.push_async_callback(publisher.aclose)
        connected[account.name] = Connected(
            name=account.name,
            brand=account.brand,
            platform=platform,
            publisher=publisher,
            granted=item.granted,
            app=app_name(platform, settings),
            budget=account.budget,
            meter=deps.meter,
            tokens=tokens,
        )
    return connected, simulators


def tokens_for(item: Planned, http: HttpClient, lent: Lent) -> GrantTokens:
    """The tokens of an account that was connected."""
    assert item.platform.oauth is not None
    assert lent.store is not None
    return GrantTokens(
        item.account.name,
        title=item.platform.title,
        way_out=way_in(item.platform, item.account.name),
        oauth=item.platform.oauth,
        exchange=exchange_for(item.platform, item.settings, http, lent.clock),
        store=lent.store,
        clock=lent.clock,
        vault=lent.vault,
        log=lent.log,
        owner=lent.owner,
        keep=lent.redaction.learn,
    )


def secrets_in(settings: Any) -> Iterator[Secret]:
    """Every secret among the fields of an account's settings."""
    for declared in fields(settings):
        value = getattr(settings, declared.name)
        if isinstance(value, Secret) and value:
            yield value


async def _simulated_settings(
    platform: Platform[Any],
    account: AccountConfig,
    stack: AsyncExitStack,
    simulators: dict[str, RunningSimulator],
    lent: Lent,
) -> Any:
    """The account as its simulator knows it; nothing of the real one is used."""
    assert platform.simulated is not None
    table: dict[str, Any] = {**platform.simulated.settings}
    table |= {name: Secret(value) for name, value in platform.simulated.secrets.items()}
    if platform.simulate is not None:
        if platform.name not in simulators:
            simulators[platform.name] = await lent.simulate(platform, lent.clock, lent.log)
            stack.push_async_callback(simulators[platform.name].aclose)
        table["base_url"] = simulators[platform.name].url
    found = read_settings(platform.settings, table, where=f"accounts.{account.name}", env={}, fallback={})
    if isinstance(found, tuple):
        raise TypeError(f"{platform.name}: its simulated account does not fit its settings: {found}")
    return found
