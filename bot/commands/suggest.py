"""What could be meant by what somebody is typing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from bot.commands.context import brand_here
from bot.commands.spec import Command, Kind, Option
from bot.domain.best import BEST
from bot.domain.delivery import State
from bot.domain.message import Invocation
from bot.domain.people import Brand, Role
from bot.domain.slots import DAYS
from bot.domain.when import NEXT_SLOT, NOW
from bot.errors import UserError
from bot.ports import Tx
from bot.services.context import Services
from bot.services.people import member_of
from bot.services.plan import calendar_of

MOST = 25
"""Discord's bound on what autocomplete may answer (its API reference), the smallest of all chats."""

LOOKED_AT, FINISHED, NAME = 200, 50, 90
"""Unfinished deliveries and finished posts that are offered, and characters of a suggestion; Discord
takes 100."""

ALIKE = 0.6
"""How much of a name has to be there for it to be meant (`difflib`'s ratio)."""


async def suggestions(
    svc: Services, commands: Mapping[str, Command], command: str, option: str, typed: str, said: Invocation
) -> Sequence[str]:
    """At most 25 values for an option, those that fit best first. Nothing for who is no member.

    What is offered for a post or an account of several can be given as it is: `P42`, `acme-x,acme-li`.
    """
    found = commands.get(command.casefold())
    if not option:
        return _fitting(typed, commands)
    known = next((o for o in found.options if o.name == option), None) if found else None
    if known is None:
        return ()
    try:
        brand = brand_here(svc, said.target)
    except UserError:
        return ()
    if brand.role_of(await member_of(svc, brand, said.target.chat, said.user)) is Role.NONE:
        return ()
    return await _values(svc, commands, brand, known, typed)


async def _values(
    svc: Services, commands: Mapping[str, Command], brand: Brand, option: Option, typed: str
) -> Sequence[str]:
    match option.kind:
        case Kind.POST | Kind.SUBJECT:
            return await svc.store.read(lambda tx: _posts(tx, brand, typed))
        case Kind.ACCOUNTS:
            *chosen, last = typed.split(",")
            before = ",".join(name.strip() for name in chosen)
            left = [a.name for a in svc.accounts_of(brand.name) if a.name not in before.split(",")]
            names = _fitting(last.strip(), left)
            return tuple(f"{before},{name}" if before else name for name in names)
        case Kind.WHEN:
            slots = await svc.store.read(lambda tx: calendar_of(tx, brand).slots)
            times = [f"{DAYS[s.weekday]} {s.time:%H:%M}" for s in slots]
            usual = [NOW, *([NEXT_SLOT] if times else []), *dict.fromkeys(times)]
            usual += [BEST, "in 1h", "tomorrow 9:00"]
            found = _fitting(typed, usual)
            return found if typed in found or not typed.strip() else (typed.strip()[:NAME], *found)[:MOST]
        case Kind.USER:
            return _fitting(typed, brand.members(Role.VIEW))
        case Kind.CHOICE:
            return _fitting(typed, option.choices)
        case _ if option.name == "about":
            return _fitting(typed.removeprefix("/"), commands)
    return ()


def _posts(tx: Tx, brand: Brand, typed: str) -> tuple[str, ...]:
    """``"P42 · in review · Launch day …"``, unfinished ones first, the newest of each first."""
    unfinished = tx.deliveries.unfinished(brand.name, limit=LOOKED_AT)
    states: dict[int, State] = {}
    for delivery in unfinished:
        states.setdefault(delivery.post_id, delivery.state)
    newest = tx.posts.latest(brand.name)
    last = newest.id if newest else 0
    over = [n for n in range(last, max(0, last - FINISHED), -1) if n not in states]
    lines: list[str] = []
    for number in (*sorted(states, reverse=True), *over):
        post = tx.posts.get(number)
        if post is None or post.brand != brand.name:
            continue
        state = states.get(number) or next((d.state for d in tx.deliveries.of_post(number)), None)
        word = state.value.replace("_", " ") if state else "over"
        brief = " ".join(post.brief.split())
        line = f"{post.name} · {word} · {brief}"
        lines.append(line if len(line) <= NAME else f"{line[: NAME - 1]}…")
    return _fitting(typed, lines)


def _fitting(typed: str, known: Iterable[str]) -> tuple[str, ...]:
    """What begins with it, then what has a word that does, then what holds it; else what is nearly it."""
    wanted = " ".join(typed.casefold().split())
    names = tuple(dict.fromkeys(known))
    if not wanted:
        return names[:MOST]
    ranked = [(rank, place, name) for place, name in enumerate(names) if (rank := _rank(wanted, name)) < 3]
    if not ranked:
        near = ((_likeness(wanted, name), place, name) for place, name in enumerate(names))
        ranked = [(1 - share, place, name) for share, place, name in near if share >= ALIKE]
    return tuple(name for _, _, name in sorted(ranked)[:MOST])


def _rank(wanted: str, name: str) -> float:
    folded = name.casefold()
    if folded.startswith(wanted):
        return 0
    if any(word.startswith(wanted) for word in folded.replace("-", " ").split()):
        return 1
    return 2 if wanted in folded else 3


def _likeness(wanted: str, name: str) -> float:
    folded = name.casefold()
    parts = (folded[:50], *folded.replace("-", " ").split()[:12])
    return max(SequenceMatcher(None, wanted[:50], part).ratio() for part in parts)
