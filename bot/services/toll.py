"""The last question before a call: do the rates and the money allow it? If not, it waits or is held."""

from __future__ import annotations

from datetime import datetime

from bot.domain.delivery import Delivery, State
from bot.ports import Tx
from bot.services.budget import Full, Spent, Toll, ask
from bot.services.context import Connected, Services
from bot.services.outcome import block, make_wait, put_back, under_fence, waits
from bot.services.tell import audit


def pass_toll(
    svc: Services, tx: Tx, connected: Connected, delivery: Delivery, price: int, now: datetime
) -> Toll | None:
    """What the call uses up. None: it cannot be made now, and the delivery knows why."""
    answer = ask(svc, tx, connected, price, now)
    match answer:
        case Full(until=until, why=scope):
            account = block(svc, tx, connected, until, scope)
            why = waits(svc, connected, account, now)
            make_wait(tx, connected.name, until, why, now)
            put_back(tx, delivery, until, why, platform_wait=True)
            return None
        case Spent(why=why):
            state = State.PARTIAL if delivery.begun else State.HELD
            under_fence(tx, delivery, state, wake_at=None, reason=why)
            audit(svc, tx, delivery.brand, "clarion", state.value, delivery=delivery, facts={"reason": why})
            return None
        case _:
            return answer
