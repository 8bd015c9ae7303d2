"""What must hold before anything is sent: no halt, a well account, a fresh time, a valid approval."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.approval import Decision, Verdict
from bot.domain.buttons import of_delivery
from bot.domain.delivery import Delivery, too_late
from bot.domain.post import Post, fingerprint
from bot.domain.records import Health
from bot.domain.when import say
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.history import CALLED
from bot.services.outcome import make_wait, waits
from bot.services.seating import brand_now
from bot.services.sight import never_seen
from bot.services.signed import standing, why_unsigned
from bot.services.tally import still_needed
from bot.services.tell import audit, tell


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


def unsure_of(svc: Services, tx: Tx, post: Post, delivery: Delivery, now: datetime) -> str | None:
    """Why nobody can tell yet whether its approval holds, or None: a group that was never read may hold
    its signers, or people who are still to sign."""
    why = never_seen(svc, tx, post.brand)
    if why is None:
        return None
    brand = brand_now(svc, tx, post.brand)
    mode = brand.policy_for(delivery.account).mode
    signed = standing(tx, brand, post, delivery, now=now).decision is Decision.APPROVED
    return None if mode == "none" or (signed and mode != "all") else why


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
    brand = brand_now(svc, tx, post.brand)
    if brand.policy_for(delivery.account).mode == "none":
        return None
    found = standing(tx, brand, post, delivery, now=now)
    return None if found.decision is Decision.APPROVED else _unsigned(svc, tx, post, delivery, found, now)


def _unsigned(svc: Services, tx: Tx, post: Post, delivery: Delivery, found: Verdict, now: datetime) -> str:
    """Why its approval no longer holds; those who can sign it again hear of it once."""
    brand = svc.brands[post.brand]
    why = why_unsigned(tx, brand, post, delivery, found, now)
    tell(
        svc,
        tx,
        post,
        f"unsigned:{delivery.id}:{delivery.fence}",
        f"{post.name} is held on {delivery.account}: its approval no longer holds, because {why}. "
        f"It needs {still_needed(found)}: /retry {post.name} signs and sends it.",
        fixes=(of_delivery(delivery.id, delivery.fence, "retry", "Sign and send"),),
        delivery=delivery,
        mentions=found.waiting[:CALLED],
    )
    audit(svc, tx, brand.name, "clarion", "unsigned", delivery=delivery, facts={"reason": why})
    return f"its approval no longer holds: {why}; /retry signs and sends it"
