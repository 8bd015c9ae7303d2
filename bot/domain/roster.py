"""Who is who over several chats, and who is in which group: a brand's people put in their places. Pure.

Configuration names people in four ways: by a name, by a user of a chat (``"slack:U024BE7LH"``), by a
group of a chat (``"@slack:marketing-leads"``), and in ``[people]`` which users are one person. What
counts votes and compares names knows only the first, so everything else is turned into it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.domain.people import Brand, Policy, Role

LONGEST_CHAIN = 8
"""Steps from a user to the member it is; a user is bound to a user that is bound to a name."""


def is_group(name: str) -> bool:
    """Whether a name in the configuration means a group of a chat."""
    return name.startswith("@")


def group_parts(name: str) -> tuple[str, str]:
    """``"@slack:leads"`` → chat and group; no chat where none is named."""
    chat, colon, rest = name.removeprefix("@").partition(":")
    return (chat, rest) if colon else ("", chat)


def spoken(group: str) -> str:
    """The group as people say it: ``"@slack:leads"`` → ``"@leads"``."""
    return f"@{group_parts(group)[1]}"


@dataclass(frozen=True, kw_only=True)
class Roster:
    """What is known about people, all users written ``chat:id``.

    ``declared`` (configuration) wins over ``linked`` (rows); both lead from a user to a member, or to
    another user that is the same person. ``apart``: users that were taken away from a member and may
    sign nothing. ``groups``: a group as the configuration names it → its users.
    """

    declared: Mapping[str, str] = field(default_factory=dict)
    linked: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def member(self, name: str) -> str:
        """The member that a user is; a name that is no user's, or that nobody bound, stays."""
        for _ in range(LONGEST_CHAIN):
            further = self.declared.get(name) or self.linked.get(name)
            if not further or further == name:
                break
            name = further
        return name

    def people(self, names: Iterable[str]) -> tuple[str, ...]:
        """Everybody whom ``names`` mean, each once."""
        found: list[str] = []
        for name in names:
            users = self.groups.get(name, ()) if is_group(name) else (name,)
            found += [self.member(user) for user in users]
        return tuple(dict.fromkeys(found))

    def expand(self, brand: Brand) -> Brand:
        """The brand as it is configured → the same with people everywhere, spelled in one way."""
        spelling: dict[str, str] = {}
        for names in brand.roles.values():
            for name in names:
                if not is_group(name):
                    spelling.setdefault(self.member(name).casefold(), self.member(name))

        def people(names: Iterable[str]) -> tuple[str, ...]:
            met = (spelling.get(n.casefold(), n) for n in self.people(names))
            return tuple(dict.fromkeys(met))

        def signing(names: Iterable[str]) -> tuple[str, ...]:
            return tuple(n for n in people(names) if n not in self.apart)

        def policy(given: Policy) -> Policy:
            levels = tuple(replace(level, who=signing(level.who)) for level in given.levels)
            return replace(given, levels=levels, escalate_to=signing(given.escalate_to))

        roles = {r: signing(n) if r >= Role.APPROVE else people(n) for r, n in brand.roles.items()}
        lowered = [n for r, names in brand.roles.items() if r >= Role.APPROVE for n in people(names)]
        lowered = [n for n in dict.fromkeys(lowered) if n in self.apart]
        if lowered:
            roles[Role.CREATE] = tuple(dict.fromkeys((*roles.get(Role.CREATE, ()), *lowered)))
        return replace(
            brand,
            roles={role: names for role, names in roles.items() if names},
            policy=policy(brand.policy),
            policies={account: policy(own) for account, own in brand.policies.items()},
            groups={
                name: people(g for g in groups_of(brand) if spoken(g) == name)
                for name in dict.fromkeys(map(spoken, groups_of(brand)))
            },
        )


def groups_of(brand: Brand, role: Role = Role.NONE) -> tuple[str, ...]:
    """The groups by which a configured brand gives at least ``role``, the highest first, and those that
    its policies name."""
    return tuple(dict.fromkeys(name for name in _named(brand, role) if is_group(name)))


def _named(brand: Brand, role: Role) -> Iterator[str]:
    for held, names in sorted(brand.roles.items(), reverse=True):
        if held >= role:
            yield from names
    for policy in (brand.policy, *brand.policies.values()):
        for level in policy.levels:
            yield from level.who
        yield from policy.escalate_to
