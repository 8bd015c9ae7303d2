"""What must hold before anything is sent: no halt, a well account, a fresh time, a valid approval."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.approval import Decision
from bot.domain.delivery import Delivery, too_late
from bot.domain.post import Post, fingerprint
from bot.domain.records import Health
from bot.domain.when import say
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.outcome import make_wait, waits
from bot.services.signed import standing


def stopped(svc: Services, tx: Tx, connected: Connected, now: datetime) -> str | None:
    """Why nothing may be sent on this account at all, or None."""
    if not tx.accounts.stopped(connected.name, connected.brand, now):
        return None
    if tx.halts.active(connected.brand) is not None:
        return "halted"
    account = tx.accounts.get(connected.name)
    if account is None:
        return None
    if account.health is not Health.OK:
        make_wait(tx, connected.name, now + timedelta(minutes=10), f"waits: {account.why}", now)
        return account.why
    if account.blocked_until is not None and account.blocked_until > now:
        make_wait(tx, connected.name, account.blocked_until, waits(svc, connected, account, now), now)
        return account.why
    return None


def objection_to(svc: Services, tx: Tx, post: Post, delivery: Delivery, now: datetime) -> str | None:
    """Why this delivery may not go out although it is due, or None."""
    if too_late(delivery, now):
        was = say(delivery.due or now, svc.brands[post.brand].timezone, now=now)
        return f"was due {was}, too long ago to send unasked"
    if fingerprint(delivery.variant, post.wish) != delivery.fingerprint:
        return "it is not what was approved any more; /edit asks again"
    index = delivery.next_part
    if index and delivery.progress(index - 1).ref is None:
        return "I do not know where the part before it is, so the rest cannot follow; finish it by hand"
    brand = svc.brands[post.brand]
    if brand.policy.mode == "none" or standing(tx, brand, post, delivery).decision is Decision.APPROVED:
        return None
    return "its approval no longer holds; /retry signs and sends it"
