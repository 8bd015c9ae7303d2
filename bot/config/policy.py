"""``approval = { … }``: how a brand's posts are approved."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.domain.people import Brand, Policy, Role
from bot.domain.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.config.table import Table

LATER_MODES = ("all", "levels")
EXPIRES = re.compile(r"([1-9][0-9]{0,5})([mhd])")
SECONDS: Mapping[str, int] = MappingProxyType({"m": 60, "h": 3600, "d": 86400})
LONGEST_EXPIRY = 366 * 86400


def read_policy(table: Table) -> Policy:
    """The policy as far as it can be understood."""
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


def check_approvers(brand: Brand, table: Table) -> None:
    """Tell when more people are needed than may approve."""
    members = {name.casefold() for name in brand.members(Role.APPROVE)}
    # how many people stand behind a group's name is known only to the chat
    if brand.policy.mode == "none" or any(name.startswith("@") for name in members):
        return
    if len(members) < brand.policy.needed:
        few = f"only {len(members)} may approve" if members else "nobody may approve"
        table.wrong("approval", f"needs {brand.policy.needed} but {few}; add names to roles.approve")
