"""An account that its platform no longer accepts: paused, told about once, with the way back."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

from bot.domain.delivery import State
from bot.domain.message import Action, Button, Message
from bot.domain.people import Brand, Role
from bot.domain.records import AccountState, Health
from bot.domain.when import say
from bot.domain.words import listed
from bot.errors import AuthExpired, KeyLost, NotAllowed, NotFound, PublishError
from bot.ports import Seal, Tx
from bot.services.context import Connected, Services
from bot.services.tell import tell_brand
from bot.services.tokens import cannot_open

RECONNECT, ACCOUNT = "reconnect", "account"
"""Verb and kind of the button."""


def pause(svc: Services, tx: Tx, connected: Connected, error: PublishError) -> None:
    """Nothing is sent on the account until somebody puts it right; its brand hears it once."""
    health = Health.EXPIRED if isinstance(error, AuthExpired) else Health.MISCONFIGURED
    known = tx.accounts.get(connected.name)
    base = known or AccountState(name=connected.name, brand=connected.brand, platform=connected.platform.name)
    tx.accounts.save(replace(base, health=health, why=str(error)))
    key = f"account:{connected.name}:{health.value}"
    tell_brand(svc, tx, connected.brand, key, _paused(svc, tx, connected, error, health))


def _paused(svc: Services, tx: Tx, connected: Connected, error: PublishError, health: Health) -> Message:
    admins = svc.brands[connected.brand].who(Role.ADMIN)
    who = f" {listed(admins, 'or')} can fix it: " if admins else " "
    again = health is Health.EXPIRED and connected.platform.oauth is not None
    button = (reconnect_button(connected.name),) if again else ()
    return Message(
        text=f"{connected.platform.title} is paused for {connected.name}: {error}{who}"
        "put it right and start me again, or /accounts --check. "
        f"Nothing is lost; what waits goes out then.{_waiting(svc, tx, connected)}",
        buttons=button,
    )


def _waiting(svc: Services, tx: Tx, connected: Connected) -> str:
    """How many posts wait, and for when the first was meant."""
    rows = [
        d
        for d in tx.deliveries.unfinished(connected.brand)
        if d.account == connected.name and d.state in (State.SCHEDULED, State.PUBLISHING)
    ]
    if not rows:
        return ""
    dues = [d.due for d in rows if d.due is not None]
    zone, now = svc.brands[connected.brand].timezone, svc.clock.now()
    first = f", the first {say(min(dues), zone, now=now)}" if dues else ""
    return f" {len(rows)} {'post is' if len(rows) == 1 else 'posts are'} waiting{first}."


def reconnect_button(account: str) -> Button:
    """Survives restarts: it names the account by a checksum, as a button holds numbers only."""
    action = Action(verb=RECONNECT, kind=ACCOUNT, id=crc32(account.encode()))
    return Button(label="Reconnect", action=action)


def way_back(svc: Services, brand: Brand, user: str, action: Action) -> str:
    """What an admin who pressed *Reconnect* has to type; raises `NotAllowed` or `NotFound`."""
    connected = next((a for a in svc.accounts_of(brand.name) if crc32(a.name.encode()) == action.id), None)
    if connected is None or action.verb != RECONNECT:
        raise NotFound("That account is not here any more. /accounts lists those that are.")
    if brand.role_of(user) < Role.ADMIN:
        admins = brand.who(Role.ADMIN)
        raise NotAllowed(f"Reconnecting is for {listed(admins, 'or') if admins else 'an admin'}.")
    command = f"clarion connect {connected.platform.name} --account {connected.name}"
    own = "" if connected.granted else " Its own keys win over that, so take them out and start me again."
    return (
        f"On the machine where I run, type `{command}` and sign in to {connected.platform.title} as the "
        f"account's owner. I go on by myself as soon as it is done.{own}"
    )


async def pause_unopened(svc: Services, seal: Seal) -> None:
    """At the start: accounts whose grant no key opens are paused with one sentence; nothing is deleted."""
    grants = await svc.store.read(lambda tx: tx.grants.all())
    for grant in grants:
        connected = svc.accounts.get(grant.account)
        if connected is None or not connected.granted:
            continue
        try:
            ours = seal.unseal(grant.sealed).get("account") == grant.account
        except KeyLost:
            ours = False
        if not ours:
            way = f"clarion connect {connected.platform.name} --account {connected.name}"
            error = AuthExpired(cannot_open(connected.platform.title, way))
            await svc.store.write(lambda tx, c=connected, e=error: pause(svc, tx, c, e))  # type: ignore[misc]  # mypy infers no lambda with a default
