"""One ``[brand.NAME]``: zone, channels, people, approval, slots."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from bot.config.alerts import read_alerts
from bot.config.audience import read_audience
from bot.config.budget import read_budget
from bot.config.crosspost import read_crosspost
from bot.config.experiments import read_experiments
from bot.config.metrics import read_metric
from bot.config.people import Known, settle_names
from bot.config.policy import check_approvers, read_policy
from bot.config.report import read_report
from bot.domain.people import Brand, Role
from bot.domain.slots import parse_days_off, parse_quiet, parse_slots, parse_spacing
from bot.domain.words import clean, did_you_mean
from bot.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.config.table import Table

T = TypeVar("T")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
DEFAULT_CHANNELS = ("console:main",)
DEFAULT_ROLES: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {Role.CREATE: ("alice",), Role.APPROVE: ("bob", "carol"), Role.ADMIN: ("dana",)}
)
DEFAULT_BRAND = Brand(name="acme", channels=DEFAULT_CHANNELS, roles=DEFAULT_ROLES)


def check_name(name: str, table: Table) -> None:
    """Names of brands and accounts are typed in commands, in lists with commas."""
    if NAME.fullmatch(name) is None:
        table.wrong("", "a name has at most 40 letters, digits, - and _")


def read_brand(name: str, table: Table, *, alone: bool, known: Known) -> Brand:
    """The brand as far as it can be understood; ``alone``: it is the only one in the file; ``known``
    is what its people are found by.

    A lone brand without channels is the console's. Where everybody sits at the console,
    ``as NAME`` makes anybody anybody, so the members may be left out too.
    """
    check_name(name, table)
    timezone = table.take("timezone", str, "UTC")
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean(timezone, available_timezones()) or ' (like "Europe/Lisbon")'
        table.wrong("timezone", f"{timezone!r} is not an IANA time zone{hint}")
        timezone = "UTC"
    channels = table.words("channels", DEFAULT_CHANNELS if alone else ())
    slots, quiet = table.words("slots"), table.take("quiet", str, "")
    blackout, spacing = table.words("blackout"), table.take("spacing", str, "")
    _check(table, "slots", slots, lambda text: parse_slots([text]))
    _check(table, "quiet", (quiet,) if quiet else (), parse_quiet)
    _check(table, "blackout", blackout, parse_days_off)
    spacing_s = _check(table, "spacing", (spacing,) if spacing else (), parse_spacing)
    burst = table.take("burst", int, 0)
    if burst < 0:
        table.wrong("burst", "is how many posts an account makes within an hour; 0 is no bound")
    on_console = all(channel.startswith("console:") for channel in channels)
    known_roles = "roles" in table
    role_table = table.table("roles")
    roles = _roles(role_table) if known_roles or not on_console else DEFAULT_ROLES
    policy = read_policy(table.table("approval"))
    budget, dry_run = read_budget(table.table("budget")), table.take("dry_run", bool, False)
    brand = Brand(
        name=name,
        timezone=timezone,
        channels=channels,
        roles=roles,
        policy=policy,
        slots=slots,
        quiet=quiet,
        blackout=blackout,
        spacing_s=next(iter(spacing_s), 0),
        burst=max(0, burst),
        budget=budget,
        dry_run=dry_run,
        audience=read_audience(table.table("audience"), timezone),
        crosspost=read_crosspost(table.table("crosspost")),
        experiments=read_experiments(table.table("experiments")),
        metric=read_metric(table),
        alerts=read_alerts(table.table("alerts")),
        report=read_report(table.table("report")),
    )
    sound = role_table.sound

    def wrong(key: str, what: str) -> None:
        nonlocal sound
        sound = False
        outer, _, role = key.partition(".")
        (role_table if role else table).wrong(role or outer, what)

    brand = settle_names(brand, known, wrong)
    table.finish()
    if sound:
        check_approvers(brand, table)
    return brand


def _check(table: Table, key: str, texts: tuple[str, ...], parse: Callable[[str], T]) -> list[T]:
    """Every text as it is understood; what is not is told."""
    found = []
    for text in texts:
        try:
            found.append(parse(text))
        except BadInput as error:
            table.wrong(key, " ".join(clean(str(error)).split()))
    return found


def _roles(roles: Table) -> Mapping[Role, tuple[str, ...]]:
    found = {role: roles.words(role.name.lower()) for role in Role if role is not Role.NONE}
    roles.finish()
    return {role: names for role, names in found.items() if names}
