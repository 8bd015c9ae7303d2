"""The same words twice: a post whose first copy may be out already is shown beside it."""

from __future__ import annotations

from bot.domain.delivery import Delivery, State
from bot.domain.platform import Finding, Level
from bot.ports import Tx

DOUBTFUL = frozenset({State.PUBLISHING, State.UNCONFIRMED, State.HANDED_OVER})


def twins_of(tx: Tx, brand: str, account: str, text: str, *, but: int = 0) -> tuple[Delivery, ...]:
    """Deliveries of other posts that say the same on the same account, and may be out unseen."""
    doubtful = [d for d in tx.deliveries.unfinished(brand, limit=500) if d.state in DOUBTFUL]
    return tuple(
        d
        for d in doubtful
        if d.account == account and d.post_id != but and d.variant.body.split() == text.split()
    )


def warning(twin: Delivery) -> Finding:
    """What the card of the second copy says."""
    return Finding(
        level=Level.WARN,
        code="twin",
        text=f"P{twin.post_id} says the same on {twin.account} and may be out already.",
        fix=f"Settle that first: /confirm P{twin.post_id} live, not or leave.",
    )
