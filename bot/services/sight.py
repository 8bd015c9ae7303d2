"""Groups that cannot be seen: what waits for them, what does not, and who hears of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.approval import Asked
from bot.domain.message import Message
from bot.domain.people import Role
from bot.domain.roster import group_parts, groups_of, spoken
from bot.domain.when import say
from bot.domain.words import listed
from bot.errors import Conflict
from bot.ports import Tx
from bot.services.context import Services
from bot.services.seating import brands_with, group_rows, roster_of, users_of
from bot.services.tell import audit, tell_brand


class OutOfSight(Conflict):
    """Nobody knows at the moment whether this person may; in a while it is known."""


FRESH, RETRY = timedelta(seconds=15), timedelta(seconds=10)
"""How old a reading may be when something is decided by it; how long after a failure it is tried again."""

UNSEEN = timedelta(minutes=10)
"""After how long people are told that a group cannot be read."""


def unseen(svc: Services, tx: Tx, brand: str, role: Role = Role.NONE) -> Mapping[str, datetime | None]:
    """The groups that cannot be seen at the moment, of those that matter for ``role`` in a brand → when
    they were read last."""
    configured = svc.census.configured.get(brand)
    names = groups_of(configured, role) if configured is not None else ()
    if not names:
        return {}
    now, rows = svc.clock.now(), group_rows(tx)
    found: dict[str, datetime | None] = {}
    for name in names:
        row = rows.get(name)
        limit = FRESH if name in svc.census.failed else UNSEEN
        if row is None or now - row.read_at > limit:
            found[name] = row.read_at if row else None
    return found


def never_seen(svc: Services, tx: Tx, brand: str) -> str | None:
    """Why nothing that the brand's people signed can be counted yet, or None."""
    missing = [spoken(name) for name, at in unseen(svc, tx, brand, Role.APPROVE).items() if at is None]
    return f"I cannot see yet who is in {listed(missing)}" if missing else None


def check_sight(svc: Services, tx: Tx, asked: Mapping[str, Asked], member: str) -> None:
    """Raise `Conflict` when it takes a group to know whether a person may sign, and it cannot be seen.

    ``asked``: account → who is asked about it. Who may sign by name, or of whom the service itself has
    just told where they are, need not wait.
    """
    for account, one in asked.items():
        blind = unseen(svc, tx, one.brand.name, Role.APPROVE)
        everybody = one.policy.mode == "all" and None in blind.values()  # nobody can tell who that is
        if not everybody and (
            not blind or _by_name(svc, tx, account, one).may_sign(member) or _vouched(svc, tx, blind, member)
        ):
            return
        groups = listed([spoken(name) for name in blind], "or")
        raise OutOfSight(f"I cannot see who is in {groups} at the moment; try again in a minute.")


def cannot_see(svc: Services, tx: Tx, brand: str, member: str, role: Role) -> str | None:
    """The sentence for somebody who may have ``role`` by a group that cannot be seen, or None."""
    blind = unseen(svc, tx, brand, role)
    if not blind or _vouched(svc, tx, blind, member):
        return None
    groups = listed([spoken(name) for name in blind], "or")
    return f"I cannot see who is in {groups} at the moment; try again in a minute."


def _by_name(svc: Services, tx: Tx, account: str, asked: Asked) -> Asked:
    """Who would be asked if there were no groups."""
    bare = replace(roster_of(svc, tx), groups={}).expand(svc.census.configured[asked.brand.name])
    return replace(asked, brand=bare, policy=bare.policy_for(account))


def _vouched(svc: Services, tx: Tx, blind: Collection[str], member: str) -> bool:
    """Whether the service has just said of this person whether it is in each of the groups."""
    now, vouched = svc.clock.now(), svc.census.vouched
    for name in blind:
        times = [vouched.get((name, user)) for user in users_of(svc, tx, member, group_parts(name)[0])]
        if not any(at is not None and at <= now <= at + FRESH for at in times):
            return False
    return True


def tell_unseen(svc: Services, tx: Tx, named: Collection[str]) -> None:
    """Say once, each time that a group goes out of sight for long."""
    now, rows = svc.clock.now(), group_rows(tx)
    for name in sorted({*named} & svc.census.failed):
        row = rows.get(name)
        if row is not None and now - row.read_at <= UNSEEN:
            continue
        since = row.read_at if row else None
        stamp = since.isoformat() if since else "never"
        for brand in brands_with(svc, name):
            if tx.meta.get(f"unseen:{brand}:{name}") == stamp:
                continue
            tx.meta.put(f"unseen:{brand}:{name}", stamp)
            text = f"{unseen_words(svc, brand, name, since)} What is signed stays signed."
            tell_brand(svc, tx, brand, f"group:{brand}:{name}:{stamp}", Message(text=text))
            audit(svc, tx, brand, "clarion", "group_unreadable", facts={"group": name, "since": stamp})


def unseen_words(svc: Services, brand: str, name: str, since: datetime | None) -> str:
    """``"I could not see who is in @leads since 10:04; …"``."""
    if since is None:
        return f"I could never see who is in {spoken(name)}; decisions that need it wait."
    when = say(since, svc.brands[brand].timezone, now=svc.clock.now())
    return f"I could not see who is in {spoken(name)} since {when}; decisions that need it wait."
