"""The button below a post that takes off: what it could be elsewhere, as a proposal."""

from __future__ import annotations

from bot.domain.people import Brand
from bot.domain.proposal import CROSSPOST, Proposal, Standing
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.alerting.muting import alert_of
from bot.services.context import Services
from bot.services.proposing.crossposts import propose_crossposts


async def cross_post(svc: Services, brand: Brand, number: int) -> str:
    """What is proposed of the post that A``number`` is about; looked for at once where nothing is."""
    alert = await svc.store.read(lambda tx: alert_of(tx, brand, number))

    def unit(tx: Tx) -> tuple[Proposal, ...]:
        return tuple(p for p in tx.proposals.of_source(alert.post_id) if p.kind == CROSSPOST)

    found = await svc.store.read(unit)
    if not found:
        await propose_crossposts(svc, brand.name)
        found = await svc.store.read(unit)
    open_ = [f"{p.name} for {p.account}" for p in found if p.standing is Standing.OPEN]
    if open_:
        return f"Proposed in the thread of P{alert.post_id}: {listed(open_)}. *Make the post* there does it."
    if found:
        told = listed([f"{p.name} for {p.account} ({p.standing.value})" for p in found])
        return f"P{alert.post_id} was proposed before: {told}. /proposals lists them all."
    return (
        f"I propose nothing of P{alert.post_id} yet: it is not that far above its usual at its age, it is "
        "too fresh, it is there already, or its rights are reserved. I look again with every reading; "
        "/post makes it by hand."
    )
