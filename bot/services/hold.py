"""Parking a post without touching its approval, and letting it go on."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.domain.approval import Decision
from bot.domain.delivery import PARKED, Delivery, State, parked, part_due, too_late
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.when import say
from bot.domain.words import listed
from bot.errors import Conflict, NotAllowed
from bot.ports import Tx
from bot.services.context import Services
from bot.services.history import happened
from bot.services.plan import first_wake, review_ends
from bot.services.recur import follow
from bot.services.schedule import post_of
from bot.services.signed import asked_about, standing
from bot.services.tell import audit, move

HOLDABLE = frozenset({State.IN_REVIEW, State.APPROVED, State.SCHEDULED})
"""States in which nothing is under way and something is to come."""


async def hold(
    svc: Services,
    brand: Brand,
    post_id: int,
    member: str,
    reason: str = "",
    accounts: Collection[str] = (),
    *,
    via: str = "command",
) -> str:
    """Park what has not gone out. Raises `NotAllowed` for who may not, `Conflict` when nothing can be."""
    return await svc.store.write(
        lambda tx: hold_in(svc, tx, brand, post_id, member, reason, accounts, via=via)
    )


def hold_in(
    svc: Services,
    tx: Tx,
    brand: Brand,
    post_id: int,
    member: str,
    reason: str = "",
    accounts: Collection[str] = (),
    *,
    via: str,
) -> str:
    """As `hold`, in a transaction that is already open."""
    tx.posts.lock(post_id)
    post = post_of(tx, brand, post_id)
    _check(tx, brand, post, member)
    rows = [d for d in tx.deliveries.of_post(post_id) if not accounts or d.account in accounts]
    waiting = [d for d in rows if d.state in HOLDABLE]
    if not waiting:
        raise Conflict(_nothing(post, rows))
    why = f"{PARKED} {member}" + (f": {reason.strip()}" if reason.strip() else "")
    for delivery in waiting:
        after = State.PARTIAL if delivery.begun else State.HELD
        move(tx, delivery, after, wake_at=None, reason=why)
    names = [d.account for d in waiting]
    audit(svc, tx, brand.name, member, "hold", post=post, facts={"reason": reason, "to": names, "via": via})
    why = f": {reason.strip()}" if reason.strip() else ". Resume lets it go on."
    happened(svc, tx, post, "hold", f"{member} put it on hold{why}")
    follow(svc, tx, post)
    left = [d.account for d in rows if d.state in (State.PUBLISHING, State.UNCONFIRMED)]
    stays = f" {listed(left)} is on its way already and is not stopped." if left else ""
    return (
        f"{post.name} is on hold: nothing of it goes out until /unhold {post.name}. "
        f"Its approval stays as it is.{stays}"
    )


async def unhold(
    svc: Services, brand: Brand, post_id: int, member: str, accounts: Collection[str] = ()
) -> str:
    """Put back what somebody parked; what has become too late meanwhile is asked about instead."""
    said = await svc.store.write(lambda tx: unhold_in(svc, tx, brand, post_id, member, accounts))
    svc.wake()
    return said


def unhold_in(
    svc: Services, tx: Tx, brand: Brand, post_id: int, member: str, accounts: Collection[str] = ()
) -> str:
    """As `unhold`, in a transaction that is already open."""
    tx.posts.lock(post_id)
    post = post_of(tx, brand, post_id)
    _check(tx, brand, post, member)
    rows = tx.deliveries.of_post(post_id)
    mine = [d for d in rows if parked(d) and (not accounts or d.account in accounts)]
    if not mine:
        raise Conflict(f"Nothing of {post.name} is on hold.")
    words = [_put_back(svc, tx, brand, post, delivery) for delivery in mine]
    audit(svc, tx, brand.name, member, "unhold", post=post, facts={"to": [d.account for d in mine]})
    said = " ".join(dict.fromkeys(words))
    happened(svc, tx, post, "unhold", f"{member} resumed it. {said}")
    follow(svc, tx, post)
    return said


def _may_hold(tx: Tx, brand: Brand, post: Post, member: str) -> bool:
    if member == post.author or brand.role_of(member) >= Role.APPROVE:
        return True
    return any(asked_about(tx, brand, post, d).may_sign(member) for d in tx.deliveries.of_post(post.id))


def _check(tx: Tx, brand: Brand, post: Post, member: str) -> None:
    if _may_hold(tx, brand, post, member):
        return
    who = listed([post.author, *(m for m in brand.who(Role.APPROVE) if m != post.author)], "or")
    raise NotAllowed(f"Holding {post.name} is for {who}. I told nobody that you tried.")


def _nothing(post: Post, rows: Sequence[Delivery]) -> str:
    held = next((d for d in rows if parked(d)), None)
    if held is not None:
        return f"{post.name} is on hold already ({held.reason}). /unhold {post.name} lets it go on."
    states = listed(sorted({d.state.value.replace("_", " ") for d in rows})) or "not there"
    return f"Nothing of {post.name} can be put on hold: it is {states}."


def _put_back(svc: Services, tx: Tx, brand: Brand, post: Post, delivery: Delivery) -> str:
    now, zone = svc.clock.now(), brand.timezone
    policy = brand.policy_for(delivery.account)
    signed = policy.mode == "none" or (
        standing(tx, brand, post, delivery, now=now).decision is Decision.APPROVED
    )
    if not signed and not delivery.begun:
        ends = review_ends(policy, post.wish, delivery.due or now, now)
        move(tx, delivery, State.IN_REVIEW, wake_at=ends, reason="")
        return f"{post.name} waits for approval again."
    due = part_due(delivery) or now
    if too_late(delivery, now):
        was = f"was due {say(due, zone, now=now)}"
        move(tx, delivery, delivery.state, wake_at=None, reason=f"{was}; not sent unasked that late")
        return (
            f"{post.name} {was}, while it was on hold. /retry {post.name} sends it now, "
            f'/schedule {post.name} "…" gives it another time.'
        )
    connected = svc.accounts.get(delivery.account)
    wake = first_wake(connected, delivery.variant, due) if connected and not delivery.begun else due
    move(tx, delivery, State.SCHEDULED, wake_at=max(wake, now), reason="")
    return f"{post.name} goes on: {'now' if due <= now else say(due, zone, now=now)}."


def holds(tx: Tx, post_id: int, member: str) -> bool:
    """Whether it was this person who put the post on hold."""
    return any(_by(delivery, member) for delivery in tx.deliveries.of_post(post_id))


def hand_over(tx: Tx, brand: Brand, post_id: int, member: str, others: Collection[str]) -> str:
    """Somebody who holds a post lets go, while the ⏸ of others stands: the first of them who may
    holds it now. Returns who that is, or nothing."""
    post = post_of(tx, brand, post_id)
    heir = next((name for name in others if _may_hold(tx, brand, post, name)), "")
    for delivery in tx.deliveries.of_post(post_id) if heir else ():
        if _by(delivery, member):
            move(tx, delivery, delivery.state, reason=f"{PARKED} {heir}")
    return heir


def _by(delivery: Delivery, member: str) -> bool:
    words = f"{PARKED} {member}"
    return parked(delivery) and (delivery.reason == words or delivery.reason.startswith(f"{words}: "))
