"""One ``[brand.NAME]``: zone, channels, people, approval, slots."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.people import Brand, Policy, Role
from bot.domain.slots import parse_quiet, parse_slots
from bot.domain.words import did_you_mean
from bot.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.config.table import Table

LATER_MODES = ("all", "levels")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
EXPIRES = re.compile(r"([1-9][0-9]{0,5})([mhd])")
SECONDS: Mapping[str, int] = MappingProxyType({"m": 60, "h": 3600, "d": 86400})
LONGEST_EXPIRY = 366 * 86400
DEFAULT_CHANNELS = ("console:main",)
DEFAULT_ROLES: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {Role.CREATE: ("alice",), Role.APPROVE: ("bob", "carol"), Role.ADMIN: ("dana",)}
)
DEFAULT_BRAND = Brand(name="acme", channels=DEFAULT_CHANNELS, roles=DEFAULT_ROLES)


def check_name(name: str, table: Table) -> None:
    """Names of brands and accounts are typed in commands, in lists with commas."""
    if NAME.fullmatch(name) is None:
        table.wrong("", "a name has at most 40 letters, digits, - and _")


def read_brand(name: str, table: Table, *, alone: bool) -> Brand:
    """The brand as far as it can be understood; ``alone``: it is the only one in the file.

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
    for key, texts in (("slots", slots), ("quiet", (quiet,) if quiet else ())):
        for text in texts:
            try:
                parse_slots([text]) if key == "slots" else parse_quiet(text)
            except BadInput as error:
                table.wrong(key, str(error))
    on_console = all(channel.startswith("console:") for channel in channels)
    known_roles = "roles" in table
    role_table = table.table("roles")
    roles = _roles(role_table) if known_roles or not on_console else DEFAULT_ROLES
    policy = _policy(table.table("approval"))
    brand = Brand(
        name=name, timezone=timezone, channels=channels, roles=roles, policy=policy, slots=slots, quiet=quiet
    )
    table.finish()
    if role_table.sound:
        _check_approvers(brand, table)
    return brand


def _roles(roles: Table) -> Mapping[Role, tuple[str, ...]]:
    found = {role: roles.words(role.name.lower()) for role in Role if role is not Role.NONE}
    roles.finish()
    return {role: names for role, names in found.items() if names}


def _policy(table: Table) -> Policy:
    usual = Policy()
    mode = table.take("mode", str, usual.mode)
    if mode in LATER_MODES:
        table.wrong("mode", f'{mode!r} is not there yet; write "any" or "none"')
    elif mode not in ("any", "none"):
        hint = did_you_mean(mode, ("any", "none")) or '; write "any" or "none"'
        table.wrong("mode", f"{mode!r} is not a mode{hint}")
    needed = table.take("needed", int, usual.needed)
    if needed < 1:
        table.wrong("needed", 'must be at least 1; mode = "none" asks nobody')
    expires = table.take("expires", str, "48h")
    match = EXPIRES.fullmatch(expires)
    seconds = int(match[1]) * SECONDS[match[2]] if match else 0
    if not 0 < seconds <= LONGEST_EXPIRY:
        table.wrong(
            "expires", f'{expires!r} is not a time; write it like "30m", "48h" or "7d", at most a year'
        )
        seconds = usual.expires_s
    policy = Policy(
        mode="none" if mode == "none" else "any",
        needed=max(1, needed),
        author_may_approve=table.take("author_may_approve", bool, usual.author_may_approve),
        expires_s=seconds,
    )
    table.finish()
    return policy


def _check_approvers(brand: Brand, table: Table) -> None:
    members = {name.casefold() for name in brand.members(Role.APPROVE)}
    # how many people stand behind a group's name is known only to the chat
    if brand.policy.mode == "none" or any(name.startswith("@") for name in members):
        return
    if len(members) < brand.policy.needed:
        few = f"only {len(members)} may approve" if members else "nobody may approve"
        table.wrong("approval", f"needs {brand.policy.needed} but {few}; add names to roles.approve")
