"""Saying in good time that an account's consent runs out: at 14, 7 and 1 days, once each."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.grant import Grant, GrantState
from bot.domain.message import Message
from bot.domain.people import Role
from bot.domain.when import say
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.chores import Chore
from bot.services.context import Connected, Services
from bot.services.health import days
from bot.services.pause import reconnect_button
from bot.services.tell import tell_brand

WARNINGS = (1, 7, 14)
"""Days before the end, the most pressing first."""


async def warn_expiring(svc: Services) -> None:
    """Tell each brand which of its accounts has to be connected again soon."""
    now = svc.clock.now()
    soon = [
        (svc.accounts[g.account], g)
        for g in await svc.store.read(lambda tx: tx.grants.all())
        if g.account in svc.accounts and svc.accounts[g.account].granted and _warning(g, now) is not None
    ]

    def unit(tx: Tx) -> None:
        for connected, grant in soon:
            _tell(svc, tx, connected, grant, now)

    if soon:
        await svc.store.write(unit)


def _warning(grant: Grant, now: datetime) -> int | None:
    """The warning whose time has come; one that was slept through is not made up for."""
    if grant.ends_at is None or grant.ends_at <= now or grant.state is GrantState.LOST:
        return None
    left = grant.ends_at - now
    return next((n for n in WARNINGS if left <= timedelta(days=n)), None)


def _tell(svc: Services, tx: Tx, connected: Connected, grant: Grant, now: datetime) -> None:
    assert grant.ends_at is not None
    brand = svc.brands[connected.brand]
    admins = brand.who(Role.ADMIN)
    who = f"{listed(admins, 'or')} can" if admins else "An admin can"
    text = (
        f"{connected.platform.title}'s consent for {connected.name} ends in {days(grant.ends_at - now)}, "
        f"{say(grant.ends_at, brand.timezone, now=now)}. {who} renew it before; nothing is paused until then."
    )
    # The pair's number is part of the key: connected again, the next end is news.
    key = f"ends:{connected.name}:{grant.serial}:{_warning(grant, now)}"
    message = Message(text=text, buttons=(reconnect_button(connected.name),))
    tell_brand(svc, tx, connected.brand, key, message)


EXPIRY = Chore(name="expiry", every=timedelta(hours=1), run=warn_expiring)
