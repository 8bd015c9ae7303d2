"""Who may do what in a brand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from bot.domain.alarms import AlertRules
from bot.domain.crosspost import CrosspostPolicy
from bot.domain.money import Budget
from bot.domain.outcomes import Audience
from bot.domain.periods import ReportTimes

DAY = 86400

METRICS = ("engagement", "views", "clicks", "watch")
"""What a brand may go by: likes, comments, shares and saves together; how often a post was seen; how often
it was clicked; how many seconds of it were watched."""


class Role(IntEnum):
    """Each level includes the ones before it."""

    NONE = 0
    VIEW = 1
    CREATE = 2
    APPROVE = 3
    ADMIN = 4


@dataclass(frozen=True, kw_only=True)
class ApprovalLevel:
    """One step of an approval in levels: ``needed`` of the people in ``who``."""

    name: str
    who: tuple[str, ...]
    needed: int = 1


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a post is approved.

    ``mode`` is ``"none"`` (nobody is asked), ``"any"`` (``needed`` different people who may
    approve), ``"all"`` (everybody who may approve) or ``"levels"`` (each of ``levels``).
    All times in seconds: ``expires_s`` is how long a request stays open, ``remind_s`` when
    those who are waited for are reminded of it, ``escalate_s`` when ``escalate_to`` may sign
    as well, ``valid_s`` how old a signature may be when the post goes out.
    """

    mode: str = "any"
    needed: int = 1
    author_may_approve: bool = False
    expires_s: int = 2 * DAY
    levels: tuple[ApprovalLevel, ...] = ()
    remind_s: tuple[int, ...] = (4 * 3600, DAY)
    escalate_s: int | None = None
    escalate_to: tuple[str, ...] = ()
    valid_s: int = 30 * DAY


@dataclass(frozen=True, kw_only=True)
class Brand:
    """The tenant: its members, policies, zone, slots and channels.

    ``timezone`` is an IANA name. ``slots`` and ``quiet`` are kept as written
    (``"mon-fri 09:00"``, ``"22:00-07:00"``); `bot.domain.slots` reads them. ``blackout`` are
    days on which nothing goes out by itself, ``spacing_s`` the least seconds between two
    posts of one account, ``burst`` the most posts of one account within an hour; 0 is no
    bound. ``policies``: account → the policy it has of its own. ``groups``: the groups that roles
    and policies name, as people say them, and the members in each; a brand as it is configured has
    them among its names instead (`bot.domain.roster` puts the people in their places). ``metric``: one
    of `METRICS`. ``audience``: when the people are there that its posts are for, ``audiences`` the same of
    accounts that have their own. ``experiments``: what becomes of a variant that won, "ask" or "auto".
    ``crosspost``: what is made of posts that did far better than usual.
    """

    name: str
    timezone: str = "UTC"
    channels: tuple[str, ...] = ()
    roles: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    policy: Policy = Policy()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    slots: tuple[str, ...] = ()
    quiet: str = ""
    blackout: tuple[str, ...] = ()
    spacing_s: int = 0
    burst: int = 0
    budget: Budget | None = None
    dry_run: bool = False
    crosspost: CrosspostPolicy = field(default_factory=CrosspostPolicy)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    metric: str = METRICS[0]
    experiments: str = "ask"
    report: ReportTimes = field(default_factory=ReportTimes)
    alerts: AlertRules = field(default_factory=AlertRules)
    audience: Audience | None = None
    audiences: Mapping[str, Audience] = field(default_factory=dict)

    def policy_for(self, account: str) -> Policy:
        """How what goes out on ``account`` is approved."""
        return self.policies.get(account, self.policy)

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

    def who(self, role: Role) -> tuple[str, ...]:
        """Everybody with at least ``role``, as others speak of them."""
        return self.called(self.members(role))

    def called(self, names: Collection[str], *, but: str = "") -> tuple[str, ...]:
        """The people as others speak of them: a whole group by its name. ``but`` is somebody in it
        who is left out on purpose, like the author of a post."""
        left, found = list(dict.fromkeys(names)), list[str]()
        for group, members in self.groups.items():
            inside = set(members) - {but}
            if inside and inside <= set(names):
                found.append(group)
                left = [name for name in left if name not in inside]
        return (*found, *left)
