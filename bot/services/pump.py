"""Looks at the tables, level-triggered, and wakes up whatever has something to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.delivery import State
from bot.ports import Tx
from bot.services import learning
from bot.services.access import KEEP_ACCESS
from bot.services.blockades import BLOCKADES
from bot.services.chores import Chore, do_chores
from bot.services.context import Services
from bot.services.expiry import EXPIRY
from bot.services.groups import refresh
from bot.services.hearing import FORGET
from bot.services.lapse import expire
from bot.services.late import hold_late
from bot.services.orphans import set_aside
from bot.services.preparing import PREPARE, to_prepare
from bot.services.publish import drain
from bot.services.reconcile import look
from bot.services.recur import recur
from bot.services.remind import remind
from bot.services.tidy import TIDY
from bot.services.zones import check_zones

ACCOUNT, COURIER = "account", "courier"

AT_ONCE, MINUTE, DAILY = timedelta(0), timedelta(minutes=1), timedelta(days=1)

CHORES: tuple[Chore, ...] = (
    Chore(name="zones", every=DAILY, run=check_zones),
    Chore(name="groups", every=MINUTE, run=refresh),
    Chore(name="recur", every=AT_ONCE, run=recur),
    Chore(name="remind", every=MINUTE, run=remind),
    BLOCKADES,
    EXPIRY,
    FORGET,
    KEEP_ACCESS,
    TIDY,
    *learning.CHORES,
)
"""Everything periodic, in the order in which it runs."""


async def pump(svc: Services) -> datetime | None:
    """Hand every account with something due to the engine; returns when to come again at the latest."""
    now = svc.clock.now()

    def unit(tx: Tx) -> tuple[tuple[str, ...], datetime | None, bool, bool]:
        said = bool(tx.cards.stale(now, limit=1) or tx.notices.due(now, limit=1))
        to_make = to_prepare(svc, tx)
        return tx.deliveries.waiting_accounts(now), tx.deliveries.next_wake(), said, to_make

    await do_chores(svc, CHORES)
    await hold_late(svc)
    accounts, wake, unsaid, to_make = await svc.store.read(unit)
    for name in accounts:
        if name in svc.serving:
            continue  # whoever serves it wakes us at the end
        connected = svc.accounts.get(name)
        queue = f"posting:{connected.platform.name}" if connected else "posting"
        await svc.engine.defer(ACCOUNT, name, key=f"acc:{name}", queue=queue)
    if to_make:
        await svc.engine.defer(PREPARE, key=PREPARE, queue="media")
    if unsaid:
        await svc.engine.defer(COURIER, key=COURIER, queue="chat")
    return wake


async def serve_account(svc: Services, account: str) -> None:
    """Everything one account has to do now: lapse requests, look for lost answers, publish."""
    if account not in svc.accounts:
        await set_aside(svc, account)
        return
    svc.serving.add(account)
    try:
        busy = await _serve(svc, account)
    finally:
        svc.serving.discard(account)
    if busy:
        svc.wake()


async def _serve(svc: Services, account: str) -> bool:
    """Whether there was anything to do; in a halt what is due stays, and must not keep us running."""
    now = svc.clock.now()
    states = (State.IN_REVIEW, State.PUBLISHING, State.UNCONFIRMED, State.HANDED_OVER)
    rows = await svc.store.read(lambda tx: tx.deliveries.waking(account, now, states))
    for row in rows:
        if row.state is State.IN_REVIEW:
            await expire(svc, row.id)
    if any(row.state is not State.IN_REVIEW for row in rows):
        await look(svc, account)
    return await drain(svc, account) or bool(rows)


async def recover(svc: Services) -> int:
    """At the start of the only process on a database: take over what the last one held, at once."""

    def unit(tx: Tx) -> int:
        now = svc.clock.now()
        left = tx.deliveries.leased_by_others(svc.owner)
        for delivery in left:
            taken = (
                tx.deliveries.take_over(
                    delivery.id,
                    fence=delivery.fence,
                    now=now,
                    owner=svc.owner,
                    lease=svc.accounts[delivery.account].lease,
                )
                if delivery.account in svc.accounts
                else None
            )
            if taken is not None:
                tx.deliveries.save(
                    replace(taken, lease_until=None, lease_owner=None, wake_at=now), fence=taken.fence
                )
        tx.preparations.put_back()
        return len(left)

    return await svc.store.write(unit)
