"""What people do not want to hear for a while, and what they can say about what is told."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.alarms import WORDS, Alert, Kind, Mute
from bot.domain.people import Brand, Role
from bot.domain.when import say
from bot.domain.words import did_you_mean, listed
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.alerting.announce import close
from bot.services.context import Services
from bot.services.tell import audit

WEEK = timedelta(days=7)
ALL = "all"


def alert_of(tx: Tx, brand: Brand, number: int) -> Alert:
    """The alert with that number; raises `NotFound`."""
    found = tx.alerts.get(number)
    if found is None or found.brand != brand.name:
        raise NotFound(f"There is no A{number} in {brand.name}. /alerts lists what there is.")
    return found


async def mute(svc: Services, brand: Brand, member: str, what: str, account: str, days: int) -> str:
    """Say nothing of a kind of alerts, of all or one account, for some days.

    Raises `BadInput` and `NotAllowed`.
    """
    may(brand, member)
    kind, known = kind_of(what), [a.name for a in svc.accounts_of(brand.name)]
    if account and account not in known:
        raise BadInput(f"{brand.name} has no account “{account}”{did_you_mean(account, known) or '.'}")
    if not 1 <= days <= 90:
        raise BadInput("An alert can be muted for 1 to 90 days.")
    return await svc.store.write(
        lambda tx: _mute(svc, tx, brand, member, kind=kind, account=account, time=timedelta(days=days))
    )


async def mute_like(svc: Services, brand: Brand, member: str, number: int) -> str:
    """The button: nothing like this alert for a week."""
    may(brand, member)

    def unit(tx: Tx) -> str:
        alert = alert_of(tx, brand, number)
        account = alert.account if alert.account in svc.accounts else ""
        return _mute(svc, tx, brand, member, kind=alert.kind.value, account=account, time=WEEK)

    return await svc.store.write(unit)


def _mute(
    svc: Services, tx: Tx, brand: Brand, member: str, *, kind: str, account: str, time: timedelta
) -> str:
    now = svc.clock.now()
    until = now + time
    tx.alerts.mute(Mute(brand=brand.name, account=account, kind=kind, until=until, by=member))
    audit(svc, tx, brand.name, member, "muted", facts={"kind": kind or ALL, "account": account or ALL})
    way_back = " ".join(["/alerts unmute", kind or ALL, *([f"--account {account}"] if account else [])])
    return (
        f"{member} muted {words(kind, account)} until {say(until, brand.timezone, now=now)}. "
        f"I go on watching; {way_back} ends it."
    )


async def unmute(svc: Services, brand: Brand, member: str, what: str, account: str) -> str:
    """Hear of it again. Raises `Conflict` when it was not muted."""
    may(brand, member)
    kind = kind_of(what)

    def unit(tx: Tx) -> str:
        if not tx.alerts.unmute(brand.name, account, kind):
            raise Conflict(f"Nothing is muted for {words(kind, account)}. /alerts shows what is.")
        audit(svc, tx, brand.name, member, "unmuted", facts={"kind": kind or ALL, "account": account or ALL})
        return f"You hear of {words(kind, account)} again. What happened meanwhile is in /alerts."

    return await svc.store.write(unit)


async def go_on(svc: Services, brand: Brand, member: str, number: int) -> str:
    """What halted by itself may go on. Raises `NotAllowed`, `NotFound`, `Conflict`."""
    if brand.role_of(member) < Role.APPROVE:
        raise NotAllowed(f"That is for {listed(brand.who(Role.APPROVE), 'or')}.")

    def unit(tx: Tx) -> str:
        alert = alert_of(tx, brand, number)
        if alert.closed_at is not None or alert.kind is not Kind.AUTONOMY:
            raise Conflict(f"{alert.name} is over already.")
        close(svc, tx, alert)
        audit(svc, tx, brand.name, member, "autonomy_resumed", facts={"alert": alert.name})
        return f"{member} lets it go on ({alert.name}). It halts again when as many go badly as before."

    return await svc.store.write(unit)


def may(brand: Brand, member: str) -> None:
    """Muting is for whoever may make posts; raises `NotAllowed`."""
    if brand.role_of(member) < Role.CREATE:
        raise NotAllowed(f"Muting is for {listed(brand.who(Role.CREATE), 'or')}.")


def kind_of(what: str) -> str:
    """The kind that a word means, empty for all; raises `BadInput`."""
    word = what.strip().casefold()
    if word in ("", ALL):
        return ""
    kinds = [kind.value for kind in Kind]
    if word in kinds:
        return word
    hint = did_you_mean(word, kinds) or f"; there are {listed([*kinds, ALL])}."
    raise BadInput(f"“{what}” is no kind of alert{hint}")


def words(kind: str, account: str) -> str:
    """ "posts that take off on acme-x", "all alerts"."""
    return (WORDS[Kind(kind)] if kind else "all alerts") + (f" on {account}" if account else "")
