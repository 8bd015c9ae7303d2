"""``approval = { … }``: how the posts of a brand, or of one account, are approved."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.config.people import Known, settle_policy
from bot.domain.approval import Asked
from bot.domain.people import ApprovalLevel, Brand, Policy, Role
from bot.domain.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.config.table import Table, Tell

MODES = ("any", "all", "levels", "none")
SPAN = re.compile(r"([1-9][0-9]{0,5})([mhd])")
SECONDS: Mapping[str, int] = MappingProxyType({"m": 60, "h": 3600, "d": 86400})
LONGEST = 366 * 86400
LEVEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}")
MOST_REMINDERS = 5


def read_policy(table: Table) -> Policy:
    """The policy as far as it can be understood; a key that is left out has its usual value."""
    usual = Policy()
    mode = table.take("mode", str, usual.mode)
    if mode not in MODES:
        hint = did_you_mean(mode, MODES) or '; write "any", "all", "levels" or "none"'
        table.wrong("mode", f"{mode!r} is not a mode{hint}")
        mode = usual.mode
    if "needed" in table and mode in ("all", "levels"):
        way_out = "everybody is needed" if mode == "all" else "write it into each of the levels"
        table.wrong("needed", f'is for mode = "any"; with "{mode}" {way_out}')
    needed = table.take("needed", int, usual.needed)
    if needed < 1:
        table.wrong("needed", 'must be at least 1; mode = "none" asks nobody')
    levels = _levels(table, mode)
    expires = read_span(table, "expires", usual.expires_s)
    own = "remind" in table
    remind = tuple(sorted({_seconds(table, "remind", t) or expires for t in table.words("remind")}))
    late = [s for s in remind if s > expires]
    if late:
        table.wrong("remind", "names a time after the request has expired; make expires longer")
    if len(remind) > MOST_REMINDERS:
        table.wrong("remind", f"has more than {MOST_REMINDERS} times; people would stop reading them")
    after, to = _escalate(table.table("escalate"), expires)
    policy = Policy(
        mode=mode,
        needed=max(1, needed),
        author_may_approve=table.take("author_may_approve", bool, usual.author_may_approve),
        expires_s=expires,
        levels=levels,
        remind_s=remind if own else usual.remind_s,
        escalate_s=after,
        escalate_to=to,
        valid_s=read_span(table, "valid", usual.valid_s),
    )
    table.finish()
    return policy


def read_span(table: Table, key: str, usual: int) -> int:
    """Seconds in a text like ``"48h"``; ``usual`` where it is absent or wrong."""
    if key not in table:
        table.raw(key)
        return usual
    text = table.take(key, str, "")
    return (_seconds(table, key, text) if text else 0) or usual


def _seconds(table: Table, key: str, text: str) -> int:
    match = SPAN.fullmatch(text)
    seconds = int(match[1]) * SECONDS[match[2]] if match else 0
    if not 0 < seconds <= LONGEST:
        table.wrong(key, f'{text!r} is not a time; write it like "30m", "48h" or "7d", at most a year')
        return 0
    return seconds


def _levels(table: Table, mode: str) -> tuple[ApprovalLevel, ...]:
    rows = table.rows("levels")
    if mode != "levels":
        if rows:
            table.wrong("levels", 'are for mode = "levels"')
        return ()
    if not rows and table.sound:
        table.wrong("levels", 'has no level; write [{ name = "legal", who = ["bob"] }]')
    found: list[ApprovalLevel] = []
    for row in rows:
        name = row.take("name", str, "")
        if LEVEL.fullmatch(name) is None:
            row.wrong("name", "a level has a name of at most 40 letters, digits, spaces, - and _")
        elif name.casefold() in {level.name.casefold() for level in found}:
            row.wrong("name", f"two levels are called {name!r}")
        who, needed = row.words("who"), row.take("needed", int, 1)
        if not who:
            row.wrong("who", "names nobody, so nobody could ever pass this level")
        elif not 1 <= needed <= len(who) and not _group(who):
            row.wrong("needed", f"must be at least 1 and at most {len(who)}, as many as it names")
        row.finish()
        found.append(ApprovalLevel(name=name, who=who, needed=max(1, needed)))
    return tuple(found)


def _escalate(table: Table, expires: int) -> tuple[int | None, tuple[str, ...]]:
    asked = bool(table.rest())
    after, to = read_span(table, "after", 0), table.words("to")
    if asked and table.sound:
        if not to:
            table.wrong("to", "names nobody to call")
        if not after:
            table.wrong("after", 'is missing; write it like "24h"')
        elif after >= expires:
            table.wrong("after", "comes when the request has expired already; make expires longer")
    table.finish()
    return (after, to) if after and to else (None, ())


def check_approvers(brand: Brand, table: Table) -> None:
    """Tell when the brand's policy could never be met."""
    for problem in unreachable(brand, brand.policy):
        table.wrong("approval", problem)


def with_policies(
    brands: Sequence[Brand], own: Mapping[tuple[str, str], Policy], tell: Tell, known: Known
) -> tuple[Brand, ...]:
    """The brands, told which accounts have a policy of their own; (brand, account) → policy."""
    own = dict(own)
    for brand in brands:
        for (name, account), policy in own.items():
            if name == brand.name:
                wrong = list[str]()
                own[name, account] = settle_policy(policy, known, wrong.append)
                for problem in wrong or unreachable(brand, own[name, account]):
                    tell(f"accounts.{account}.approval", problem)
    return tuple(
        replace(brand, policies={account: p for (name, account), p in own.items() if name == brand.name})
        for brand in brands
    )


def unreachable(brand: Brand, policy: Policy) -> Iterator[str]:
    """Why posts could never be approved by this policy: one sentence each."""
    if policy.mode == "none":
        return
    members = tuple(dict.fromkeys(map(brand.spelled, brand.members(Role.APPROVE))))
    named = [name for level in policy.levels for name in level.who]
    known = [name for names in brand.roles.values() for name in names]
    strangers = False
    for name in dict.fromkeys((*named, *policy.escalate_to)):
        role = brand.role_of(name)
        if _group([name]) or role >= Role.APPROVE or (role > Role.NONE and name not in named):
            continue
        strangers = True
        hint = did_you_mean(name, known) or "; add the name to roles.approve"
        yield (
            f"{name!r} may not approve; add the name to roles.approve"
            if role
            else f"{name!r} is no member{hint}"
        )
    # how many people stand behind a group's name is known only to the chat
    if strangers or _group(members) or _group(named):
        return
    if any(level.needed > len(level.who) for level in policy.levels):
        return
    if policy.mode == "any" and len(members) < policy.needed:
        few = f"only {len(members)} may approve" if members else "nobody may approve"
        yield f"needs {policy.needed} but {few}; add names to roles.approve"
    elif not members:
        yield "needs everybody but nobody may approve; add names to roles.approve"
    elif not Asked(brand=brand, policy=policy, author="").reachable:
        yield "one person counts in one level only, and too few are named for all levels; name more people"
    elif not any(_can(brand, policy, author) for author in brand.members(Role.CREATE)):
        yield (
            "could never be met, because nobody approves their own posts and too few others may approve; "
            "add names to roles.approve, or set author_may_approve = true"
        )


def _can(brand: Brand, policy: Policy, author: str) -> bool:
    return Asked(brand=brand, policy=policy, author=author).reachable


def _group(names: Sequence[str]) -> bool:
    return any(name.startswith("@") for name in names)
