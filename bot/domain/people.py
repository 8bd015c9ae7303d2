"""Who may do what in a brand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Role(IntEnum):
    """Each level includes the ones before it."""

    NONE = 0
    VIEW = 1
    CREATE = 2
    APPROVE = 3
    ADMIN = 4


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a post is approved.

    ``mode`` is ``"none"`` (nobody is asked) or ``"any"`` (``needed`` different
    people who may approve). ``expires_s`` is how long a request stays open, seconds.
    """

    mode: str = "any"
    needed: int = 1
    author_may_approve: bool = False
    expires_s: int = 48 * 3600


@dataclass(frozen=True, kw_only=True)
class Brand:
    """The tenant: its members, policy, zone, slots and channels.

    ``timezone`` is an IANA name. ``slots`` and ``quiet`` are kept as written
    (``"mon-fri 09:00"``, ``"22:00-07:00"``); `bot.domain.when` reads them.
    """

    name: str
    timezone: str = "UTC"
    channels: tuple[str, ...] = ()
    roles: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    policy: Policy = Policy()
    slots: tuple[str, ...] = ()
    quiet: str = ""

    def role_of(self, user: str) -> Role:
        """The highest role that names ``user``; members are compared without case."""
        known = user.casefold()
        held = [role for role, names in self.roles.items() if known in {n.casefold() for n in names}]
        return max(held, default=Role.NONE)

    def spelled(self, user: str) -> str:
        """The name as the configuration spells it, so that one person is one member; else as given."""
        known = user.casefold()
        return next((n for names in self.roles.values() for n in names if n.casefold() == known), user)

    def members(self, role: Role) -> tuple[str, ...]:
        """Everybody with at least ``role``, in the order of the configuration."""
        seen = [n for held, names in sorted(self.roles.items()) if held >= role for n in names]
        return tuple(dict.fromkeys(seen))
