"""Cross-posting by policy halts itself: asked before each post that nobody has said yes to."""

from __future__ import annotations

from bot.domain.people import Brand
from bot.domain.proposal import Proposal
from bot.domain.restraint import Try
from bot.services.alerting.restraint import restrained
from bot.services.context import Services
from bot.services.proposing.deciding import CLARION
from bot.services.proposing.pairs import pairs_of


async def halted(svc: Services, brand: Brand, proposal: Proposal) -> str:
    """Why the policy may not say yes to a proposal, empty when it may.

    Its earlier ones on the same account count, each against what is usual there at its age, as soon as
    its numbers have stopped growing fast.
    """
    pairs = await pairs_of(svc, brand)
    tries = [
        Try(
            name=f"P{pair.proposal.post_id}" if pair.proposal.post_id else pair.proposal.name,
            text=str(pair.proposal.body.get("brief", "")),
            ratio=pair.ratio if pair.age_ok else None,
        )
        for pair in pairs
        if pair.proposal.account == proposal.account and pair.proposal.decided_by == CLARION
    ]
    planned = str(proposal.body.get("brief", ""))
    return await svc.store.write(
        lambda tx: restrained(
            svc, tx, brand, proposal.account, what="cross-posting", planned=planned, tries=tries
        )
    )
