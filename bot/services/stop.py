"""The big red button, and letting go of it."""

from __future__ import annotations

from bot.domain.delivery import State
from bot.domain.message import Message
from bot.domain.people import Brand
from bot.domain.records import Halt
from bot.domain.when import say
from bot.errors import Conflict
from bot.ports import Tx
from bot.services.context import Services
from bot.services.tell import audit, note_brand


async def halt(svc: Services, brand: Brand, member: str, reason: str) -> str:
    """Nothing new is sent for the brand from the commit of this on. Tells what is in flight."""

    def unit(tx: Tx) -> str:
        now = svc.clock.now()
        known = tx.halts.active(brand.name)
        if known is not None:
            raise Conflict(
                f"{known.by} stopped {brand.name} at {say(known.at, brand.timezone, now=now, seconds=True)}."
            )
        tx.halts.put(Halt(brand=brand.name, by=member, at=now, reason=reason))
        audit(svc, tx, brand.name, member, "halted", facts={"reason": reason})
        rows = tx.deliveries.unfinished(brand.name, limit=1000)
        for delivery in rows:
            tx.cards.touch(delivery.post_id)
        flying = [d for d in rows if d.state is State.PUBLISHING]
        waiting = sum(1 for d in rows if d.state is State.SCHEDULED)
        air = (
            f"In flight: {', '.join(f'P{d.post_id} on {d.account}' for d in flying)}."
            if flying
            else "Nothing is in flight."
        )
        at = say(now, brand.timezone, now=now, seconds=True)
        wait = f" {waiting} scheduled {'post waits' if waiting == 1 else 'posts wait'}." if waiting else ""
        words = f"Nothing new is sent. {air}{wait} /resume when ready."
        because = f" ({reason.strip()})" if reason.strip() else ""
        told = Message(text=f"{member} stopped {brand.name} at {at}{because}. {words}")
        note_brand(svc, tx, brand.name, f"halt:{brand.name}:{now.isoformat()}", told)
        return f"Stopped at {at} for {brand.name}. {words}"

    return await svc.store.write(unit)


async def resume(svc: Services, brand: Brand, member: str) -> str:
    """Send again. What is too late by then is held and asked about, never burst out."""

    def unit(tx: Tx) -> str:
        if not tx.halts.lift(brand.name):
            raise Conflict(f"{brand.name} is not stopped.")
        audit(svc, tx, brand.name, member, "resumed")
        rows = tx.deliveries.unfinished(brand.name, limit=1000)
        for delivery in rows:
            tx.cards.touch(delivery.post_id)
        waiting = sum(1 for d in rows if d.state is State.SCHEDULED)
        words = f"{brand.name} sends again. {waiting} scheduled; what is too late by now, I ask about first."
        told = Message(text=f"{member} resumed. {words}")
        note_brand(svc, tx, brand.name, f"resume:{brand.name}:{svc.clock.now().isoformat()}", told)
        return words

    said = await svc.store.write(unit)
    svc.wake()
    return said
