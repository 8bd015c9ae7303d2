"""Parking a post without touching its approval, and letting it go on."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from bot.domain.approval import Decision
from bot.domain.delivery import PARKED, Delivery, State, parked, part_due, too_late
from bot.domain.message import fold_emoji
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.when import say
from bot.domain.words import listed
from bot.errors import Conflict, NotAllowed, UserError
from bot.ports import Tx
from bot.services.context import Services
from bot.services.plan import first_wake, review_ends
from bot.services.recur import follow
from bot.services.schedule import post_of
from bot.services.signed import asked_about, standing
from bot.services.tell import audit, move

HOLDABLE = frozenset({State.IN_REVIEW, State.APPROVED, State.SCHEDULED})
"""States in which nothing is under way and something is to come."""

PAUSES = frozenset({"⏸", "pause_button", "double_vertical_bar"})


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

    def unit(tx: Tx) -> str:
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
        audit(
            svc, tx, brand.name, member, "hold", post=post, facts={"reason": reason, "to": names, "via": via}
        )
        follow(svc, tx, post)
        left = [d.account for d in rows if d.state in (State.PUBLISHING, State.UNCONFIRMED)]
        stays = f" {listed(left)} is on its way already and is not stopped." if left else ""
        return (
            f"{post.name} is on hold: nothing of it goes out until /unhold {post.name}. "
            f"Its approval stays as it is.{stays}"
        )

    return await svc.store.write(unit)


async def unhold(
    svc: Services, brand: Brand, post_id: int, member: str, accounts: Collection[str] = ()
) -> str:
    """Put back what somebody parked; what has become too late meanwhile is asked about instead."""

    def unit(tx: Tx) -> str:
        tx.posts.lock(post_id)
        post = post_of(tx, brand, post_id)
        _check(tx, brand, post, member)
        rows = tx.deliveries.of_post(post_id)
        mine = [d for d in rows if parked(d) and (not accounts or d.account in accounts)]
        if not mine:
            raise Conflict(f"Nothing of {post.name} is on hold.")
        words = [_put_back(svc, tx, brand, post, delivery) for delivery in mine]
        audit(svc, tx, brand.name, member, "unhold", post=post, facts={"to": [d.account for d in mine]})
        follow(svc, tx, post)
        return " ".join(dict.fromkeys(words))

    said = await svc.store.write(unit)
    svc.wake()
    return said


def _check(tx: Tx, brand: Brand, post: Post, member: str) -> None:
    if member == post.author or brand.role_of(member) >= Role.APPROVE:
        return
    if any(asked_about(tx, brand, post, d).may_sign(member) for d in tx.deliveries.of_post(post.id)):
        return
    who = listed([post.author, *(m for m in brand.members(Role.APPROVE) if m != post.author)], "or")
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


def is_pause(emoji: str) -> bool:
    """Whether an emoji asks for a hold; variation selectors do not matter."""
    return fold_emoji(emoji) in PAUSES


async def read_pauses(
    svc: Services, brand: Brand, post_id: int, standing_now: Collection[str], by: str
) -> str | None:
    """⏸ on a card: who has put one since the card was last read holds the post, who took it away
    lets it go on if the hold was theirs.

    Which marks are known is kept, so that an event that is repeated or late does nothing
    twice, not even after somebody has resumed the post by other means. Returns what to tell
    ``by``.
    """
    known = await svc.store.read(lambda tx: _known(tx, post_id))
    said: str | None = None
    for user in [*sorted(set(standing_now) - known), *sorted(known - set(standing_now))]:
        try:
            if user in standing_now:
                words = await hold(svc, brand, post_id, user, via="reaction")
            elif await svc.store.read(lambda tx, user=user: _holds(tx, post_id, user)):  # type: ignore[misc]  # mypy infers no lambda with a default
                words = await unhold(svc, brand, post_id, user)
            else:
                continue
        except UserError as error:
            words = str(error)
        if user == by:
            said = words
    if set(standing_now) != known:
        text = json.dumps(sorted(standing_now), ensure_ascii=False)
        await svc.store.write(lambda tx: tx.meta.put(_key(post_id), text))
    return said


async def known_pauses(svc: Services, post_id: int) -> frozenset[str]:
    """Whose ⏸ stood on the post's card when it was last read."""
    return await svc.store.read(lambda tx: _known(tx, post_id))


def _known(tx: Tx, post_id: int) -> frozenset[str]:
    return frozenset(json.loads(tx.meta.get(_key(post_id)) or "[]"))


def _holds(tx: Tx, post_id: int, user: str) -> bool:
    mine = f"{PARKED} {user}"
    return any(parked(d) and d.reason.split(":")[0] == mine for d in tx.deliveries.of_post(post_id))


def _key(post_id: int) -> str:
    return f"pauses:{post_id}"
