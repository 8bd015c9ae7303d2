"""``[people]``, and the names of people everywhere else: names, users of a chat, groups of a chat."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.domain.roster import group_parts, is_group
from bot.domain.words import did_you_mean, listed, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bot.config.table import Table
    from bot.domain.people import Brand, Policy

CONSOLE = "console"
USER = re.compile(r"([a-z][a-z0-9_-]*):(.*)", re.S)
ID = re.compile(r"(?=.*[0-9])[A-Za-z0-9]{5,40}")
"""A user's id, whatever the service: letters and digits, at least one digit. People's names are refused
where an id is meant, as anybody may call themselves anything."""

GROUP = re.compile(r"\S(?:.{0,98}\S)?")
HOW = 'an id is like "U024BE7LH" or "80351110224678912", never a name somebody gave themselves'
MOST_IDS = 20


@dataclass(frozen=True, kw_only=True)
class Known:
    """What names are read against: the chats in use, and user (``chat:id``) → member from ``[people]``."""

    use: tuple[str, ...] = (CONSOLE,)
    declared: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def teams(self) -> tuple[str, ...]:
        """The chats where users have ids and groups."""
        return tuple(chat for chat in self.use if chat != CONSOLE)

    def name(self, written: str) -> str | None:
        """A name as the rest of the program knows it; None for what `problem` has a sentence about."""
        if is_group(written):
            chat, group = group_parts(written)
            if not chat and len(self.teams) == 1:
                return f"@{self.teams[0]}:{group}"
        return None if self.problem(written) else self.declared.get(written, written)

    def problem(self, written: str) -> str | None:
        """What is wrong with a name, or None."""
        if is_group(written):
            return self._group_problem(written)
        match = USER.fullmatch(written)
        return self.user_problem(match[1], match[2]) if match else None

    def user_problem(self, chat: str, user: str) -> str | None:
        """What is wrong with ``chat:user``, or None."""
        if chat == CONSOLE:
            return f"'{chat}:{user}': at the console people are whom they say; write the name alone"
        if chat not in self.teams:
            return f"'{chat}:{user}' is in a chat that is not in use{self._meant(chat)}"
        return None if ID.fullmatch(user) else f"'{chat}:{user}' names no user: {HOW}"

    def _group_problem(self, written: str) -> str | None:
        chat, group = group_parts(written)
        if chat and chat not in self.teams:
            return f"{written!r} is a group of a chat that is not in use{self._meant(chat)}"
        if GROUP.fullmatch(group) is None:
            return f'{written!r} is no group; write it like "@slack:marketing-leads"'
        if not chat and not self.teams:
            return f"{written!r} is a group of a chat, and only the console is in use; name the people"
        if not chat and len(self.teams) > 1:
            either = listed([f'"@{team}:{group}"' for team in self.teams], "or")
            return f"{written!r} is a group of which chat? Write {either}"
        return None

    def _meant(self, chat: str) -> str:
        return did_you_mean(chat, self.teams) or "; add it to chat.use"


def read_people(table: Table, use: tuple[str, ...]) -> Mapping[str, str]:
    """``[people]``: user → member, as far as it can be understood."""
    known, found = Known(use=use), dict[str, str]()
    for name in table.rest():
        users = table.words(name)
        if is_group(name) or USER.fullmatch(name) or not name.strip():
            table.wrong(name, 'is no name of a person; write it like bob = ["slack:U024BE7LH"]')
            continue
        if len(users) > MOST_IDS:
            table.wrong(name, f"has more than {MOST_IDS} users; is that one person?")
        for user in users:
            match = USER.fullmatch(user)
            if match is None:
                table.wrong(name, f'{user!r} needs its chat, like "slack:U024BE7LH"')
            elif problem := known.user_problem(match[1], match[2]):
                table.wrong(name, problem)
            elif found.setdefault(user, name) != name:
                table.wrong(name, f"{user!r} is {found[user]} already; a user is one person")
    return found


def check_people(
    declared: Mapping[str, str], brands: Sequence[Brand], tell: Callable[[str, str], None]
) -> None:
    """Tell of a name that is nearly a member's: it would be a person of its own."""
    members = [n for brand in brands for names in brand.roles.values() for n in names if not is_group(n)]
    spelled = {name.casefold() for name in members}
    for name in dict.fromkeys(declared.values()):
        if name.casefold() not in spelled and nearest(name, members):
            tell(f"people.{name}", f"is no member of any brand{did_you_mean(name, members)}")


def settle_names(brand: Brand, known: Known, wrong: Callable[[str, str], None]) -> Brand:
    """The brand with every name as the rest of the program knows it; ``wrong`` takes key and sentence."""
    roles = {
        role: _names(names, known, lambda what, role=role: wrong(f"roles.{role.name.lower()}", what))  # type: ignore[misc]  # mypy infers no lambda with a default
        for role, names in brand.roles.items()
    }
    policy = settle_policy(brand.policy, known, lambda what: wrong("approval", what))
    return replace(brand, roles={r: names for r, names in roles.items() if names}, policy=policy)


def settle_policy(policy: Policy, known: Known, wrong: Callable[[str], None]) -> Policy:
    """The policy with every name as the rest of the program knows it."""
    levels = []
    for level in policy.levels:
        who = _names(level.who, known, wrong)
        if len(who) < level.needed <= len(level.who) and not any(map(is_group, who)):
            wrong(f"level {level.name!r} needs {level.needed}, but its names are fewer people")
        levels.append(replace(level, who=who))
    return replace(policy, levels=tuple(levels), escalate_to=_names(policy.escalate_to, known, wrong))


def _names(names: Iterable[str], known: Known, wrong: Callable[[str], None]) -> tuple[str, ...]:
    found: list[str] = []
    for written in names:
        name = known.name(written)
        if name is None:
            wrong(known.problem(written) or "")
        else:
            found.append(name)
    return tuple(dict.fromkeys(found))
