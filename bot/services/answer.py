"""A person's word about a post whose outcome nobody could find out."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.delivery import AttemptState, Delivery, State
from bot.domain.people import Role
from bot.domain.platform import Proof
from bot.domain.post import Post
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.context import Services
from bot.services.handing import handed_key
from bot.services.ledger import open_attempt
from bot.services.outcome import part_out, under_fence
from bot.services.tell import audit, move, settled

WAITING = frozenset({State.UNCONFIRMED, State.HANDED_OVER})
"""States that a person's word can end."""


async def answer(
    svc: Services, post_id: int, member: str, word: str, *, link: str = "", account: str | None = None
) -> str:
    """A person's word about a delivery that is unconfirmed or handed over: ``live``, ``not`` or ``leave``.

    ``not`` sends an unconfirmed one again; one that was handed over will not be, and is cancelled.

    Raises `NotFound` when nothing of the post waits for it, `NotAllowed` for sending again
    without the APPROVE role, `BadInput` for a link that is none.
    """
    if link and not link.startswith(("https://", "http://")):
        raise BadInput(f"“{link}” is not a link. Paste the post's address, or leave it out.")
    said = await svc.store.write(lambda tx: _answer(svc, tx, post_id, member, word, link, account))
    svc.wake()
    return said


def _answer(
    svc: Services, tx: Tx, post_id: int, member: str, word: str, link: str, account: str | None
) -> str:
    tx.posts.lock(post_id)
    post = tx.posts.get(post_id)
    waiting = [
        d for d in tx.deliveries.of_post(post_id) if d.state in WAITING and account in (None, d.account)
    ]
    if post is None or not waiting:
        raise NotFound("Nothing here waits for your word.")
    if len(waiting) > 1 and word == "live" and link:
        raise BadInput(f"Which one? Add --to {' or --to '.join(d.account for d in waiting)}.")
    return " ".join(_answer_one(svc, tx, post, d, member, word, link) for d in waiting)


def _answer_one(
    svc: Services, tx: Tx, post: Post, delivery: Delivery, member: str, word: str, link: str
) -> str:
    now = svc.clock.now()
    attempt = open_attempt(tx, delivery)
    if attempt is None:
        raise Conflict("The answer has just arrived; look at the card.")
    if (
        delivery.lease_owner is not None
        and delivery.wake_at is not None
        and delivery.lease_until
        and delivery.lease_until > now
    ):
        raise Conflict("I am looking for it at this moment; the card tells in a few seconds.")
    title = (
        svc.accounts[delivery.account].platform.title
        if delivery.account in svc.accounts
        else delivery.platform
    )
    audit(svc, tx, post.brand, member, f"said_{word}", delivery=delivery, facts={"link": link})
    words = {"live": "says it is live", "not": "says it is not there and sends it"}.get(
        word, "leaves it as it is"
    )
    if delivery.state is State.HANDED_OVER:
        words = {"live": "says it is live", "not": "says it will not be"}.get(word, words)
        settled(svc, tx, post.brand, handed_key(attempt), f"{member} {words}.")
    settled(svc, tx, post.brand, f"ask:{attempt.id}", f"{member} {words}.")
    taken = tx.deliveries.take_over(
        delivery.id, fence=delivery.fence, now=now, owner=svc.owner, lease=timedelta(seconds=30)
    )
    if taken is None:
        raise Conflict(
            "Something else changed this post at the same moment. Look at the new card and try again."
        )
    match word:
        case "live":
            platform = svc.accounts[delivery.account].platform if delivery.account in svc.accounts else None
            ref = (
                platform.ref_of(link)
                if link and platform is not None and platform.ref_of is not None
                else None
            )
            if ref is None and attempt.part + 1 < len(delivery.variant.parts):
                raise BadInput("More of the thread has to follow it: paste its link, --link https://…")
            tx.attempts.close(attempt.id, AttemptState.OK, ref=ref, error=f"{member} says it is live")
            on = part_out(
                svc,
                tx,
                taken,
                attempt.part,
                ref=ref,
                url=link or None,
                proof=Proof.HUMAN,
                at=attempt.started_at,
            )
            if on is not None:
                under_fence(tx, on, State.SCHEDULED, wake_at=now, due=now, reason="", checks=0)
            return f"{post.name} on {title} counts as live, on {member}'s word."
        case "not" if delivery.state is State.HANDED_OVER:
            if member != post.author and svc.brands[post.brand].role_of(member) < Role.APPROVE:
                raise NotAllowed(f"{post.name} is {post.author}'s; they or an approver can say that.")
            tx.attempts.close(attempt.id, AttemptState.ABSENT, error=f"{member} says it will not be")
            over = State.PARTIAL if taken.begun else State.CANCELLED
            under_fence(tx, taken, over, wake_at=None, reason=f"not finished in {title}, says {member}")
            return f"{post.name} is not published on {title}, on {member}'s word."
        case "not":
            if svc.brands[post.brand].role_of(member) < Role.APPROVE:
                people = ", ".join(svc.brands[post.brand].who(Role.APPROVE))
                raise NotAllowed(f"Sending it again is for people who may approve: {people}.")
            tx.attempts.close(attempt.id, AttemptState.ABSENT, error=f"{member} says it is not there")
            under_fence(tx, taken, State.SCHEDULED, wake_at=now, due=now, reason="", checks=0)
            return f"{post.name} goes out again on {title}, on {member}'s word."
        case _:
            if delivery.state is State.HANDED_OVER:
                under_fence(tx, taken, State.HANDED_OVER, wake_at=delivery.wake_at)
                return f"{post.name} on {title} still waits for somebody to finish it there."
            move(
                tx,
                taken,
                State.UNCONFIRMED,
                wake_at=None,
                lease_until=None,
                lease_owner=None,
                reason=f"left as it is by {member}",
            )
            return f"{post.name} on {title} stays unconfirmed. /confirm {post.name} when you know more."
