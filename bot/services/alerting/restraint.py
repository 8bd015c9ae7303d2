"""What runs by itself halts itself when it goes badly or repeats itself, and asks; a person lets it go on."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.alarms import Alert, Kind
from bot.domain.evidence import Evidence
from bot.domain.people import Brand, Role
from bot.domain.restraint import Try, restraint
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.alerting.announce import announce
from bot.services.context import Services


def restrained(
    svc: Services, tx: Tx, brand: Brand, account: str, *, what: str, planned: str, tries: Sequence[Try]
) -> str:
    """Why nothing may go to ``account`` by itself now, empty when it may.

    ``what`` names what runs by itself ("cross-posting"), ``tries`` are its earlier ones on this account
    since it was last let go on, oldest first. The first time it asks in the brand's channels, and it stays
    halted until somebody presses *Let it go on*: what went wrong before that is not held against it
    again (`since_released`).
    """
    going = [a for a in tx.alerts.open(brand.name, {Kind.AUTONOMY}) if a.account == account]
    if going:
        return f"halted ({going[0].name}): {going[0].text}"
    released = since_released(tx, brand, account)
    found = restraint([one for one in tries if one.name not in released], planned)
    if found is None:
        return ""
    now, connected = svc.clock.now(), svc.accounts.get(account)
    text = (
        f"I stopped {what} to {account} by myself: {found.why}. Nothing more goes there unasked until "
        f"{listed(brand.who(Role.APPROVE), 'or')} lets it go on; proposals still come."
    )
    announce(
        svc,
        tx,
        Alert(
            key=f"autonomy:{brand.name}:{account}:{now.isoformat()}",
            brand=brand.name,
            kind=Kind.AUTONOMY,
            text=text,
            opened_at=now,
            account=account,
            platform=connected.platform.name if connected is not None else "",
            evidence=Evidence(
                method="restraint/1",
                at=now,
                n=len(found.because),
                kind="post",
                facts={"because": list(found.because), "why": found.why},
            ),
        ),
    )
    return f"halted: {found.why}"


def since_released(tx: Tx, brand: Brand, account: str) -> frozenset[str]:
    """Names of the tries that a person has already forgiven."""
    forgiven: set[str] = set()
    for alert in tx.alerts.recent(brand.name, 200):
        if alert.kind is Kind.AUTONOMY and alert.account == account and alert.closed_at is not None:
            whole = tx.alerts.get(alert.id)
            if whole is not None and whole.evidence is not None:
                forgiven |= set(whole.evidence.facts.get("because", ()))
    return frozenset(forgiven)


def spike_open(tx: Tx, delivery_id: int) -> bool:
    """Whether a post takes off right now, so that nothing about it should be changed."""
    delivery = tx.deliveries.get(delivery_id)
    if delivery is None:
        return False
    return any(a.delivery_id == delivery_id for a in tx.alerts.open(delivery.brand, {Kind.SPIKE}))
