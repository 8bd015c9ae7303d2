"""Votes: cast by command, button or reaction; one person, one vote; compare-and-set on rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.approval import Choice, Decision, Verdict, Via, Vote
from bot.domain.delivery import Delivery, State
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.when import DAYS, NOW, say
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.compose import due_for, first_wake, review_ends
from bot.services.context import Services
from bot.services.reviewers import objections, reviews_of
from bot.services.signed import standing
from bot.services.tell import audit, event, move


async def decide(
    svc: Services,
    post_id: int,
    member: str,
    choice: Choice,
    *,
    via: Via,
    reason: str = "",
    version: int | None = None,
    accounts: Sequence[str] = (),
) -> str:
    """Cast a vote on everything of the post that waits, or on ``accounts`` only.

    ``version`` is the one the person saw; None for the newest. Raises `NotAllowed` for
    somebody who may not decide, `Conflict` when it was decided or changed before,
    `BadInput` for a refusal without a reason.
    """
    said = await svc.store.write(
        lambda tx: _decide(svc, tx, post_id, member, choice, via, reason.strip(), version, accounts)
    )
    svc.wake()
    return said


def _decide(
    svc: Services,
    tx: Tx,
    post_id: int,
    member: str,
    choice: Choice,
    via: Via,
    reason: str,
    version: int | None,
    accounts: Sequence[str],
) -> str:
    tx.posts.lock(post_id)
    post = tx.posts.get(post_id)
    if post is None:
        raise NotFound(f"There is no P{post_id} here.")
    brand = svc.brands[post.brand]
    check_may_decide(brand, post, member, choice)
    if version is not None and version != post.version:
        raise Conflict(
            f"{post.name} changed since this card (v{version} → v{post.version}). Look at the new one."
        )
    rows = tx.deliveries.of_post(post_id)
    votable = _votable(choice)
    chosen = [d for d in rows if d.state in votable and (not accounts or d.account in accounts)]
    if not chosen:
        raise Conflict(_already(svc, tx, brand, post, rows))
    if choice is not Choice.YES and not reason and via is not Via.REACTION:
        raise BadInput("Say why, so that it can be put right: add a reason.")
    against = objections(reviews_of(tx, post.id, post.version))
    if choice is Choice.YES and against and brand.role_of(member) < Role.ADMIN:
        admins = _either(brand.members(Role.ADMIN)) or "an admin, and this brand has none"
        raise NotAllowed(f"A reviewer objects: {against[0]} Only {admins} may approve it all the same.")
    now = svc.clock.now()
    standing = [v for v in tx.votes.of_post(post_id) if v.member == member and v.choice is choice]
    if choice is Choice.YES and all(_covers(standing, d) for d in chosen):
        raise Conflict(f"Your ✅ on v{post.version} already counts; it waits for others.")
    for delivery in chosen:
        tx.votes.put(
            Vote(
                delivery_id=delivery.id,
                member=member,
                choice=choice,
                fingerprint=delivery.fingerprint,
                version=post.version,
                via=via,
                at=now,
                reason=reason,
            )
        )
    audit(svc, tx, brand.name, member, choice.value, post=post, facts={"via": via.value, "reason": reason})
    tx.cards.touch(post_id)
    verdicts = [_settle(svc, tx, brand, post, d, now) for d in chosen]
    return _words(svc, tx, brand, post, member, choice, reason, verdicts)


def _votable(choice: Choice) -> frozenset[State]:
    if choice is Choice.YES:
        return frozenset({State.IN_REVIEW})
    return frozenset({State.IN_REVIEW, State.SCHEDULED, State.HELD})


def _covers(votes: Iterable[Vote], delivery: Delivery) -> bool:
    return any(v.delivery_id == delivery.id and v.fingerprint == delivery.fingerprint for v in votes)


def check_may_decide(brand: Brand, post: Post, member: str, choice: Choice) -> None:
    """Whether this person may cast this vote at all; raises `NotAllowed` with who can."""
    others = [m for m in brand.members(Role.APPROVE) if m != post.author or brand.policy.author_may_approve]
    who = _either(others) or "somebody with the role `approve` in the configuration"
    if member == post.author and choice is Choice.YES and not brand.policy.author_may_approve:
        raise NotAllowed(f"You wrote {post.name}, so someone else has to approve it: {who}.")
    if brand.role_of(member) < Role.APPROVE and not (member == post.author and choice is not Choice.YES):
        raise NotAllowed(f"Approving is for {who}. I told nobody that you tried.")


def _either(names: Sequence[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _already(svc: Services, tx: Tx, brand: Brand, post: Post, rows: Sequence[Delivery]) -> str:
    """The sentence for a vote that comes too late, or on nothing."""
    drafts = [d for d in rows if d.state is State.DRAFT]
    if drafts and all(d.state in (State.DRAFT, State.CANCELLED) for d in rows):
        names = ", ".join(d.account for d in drafts)
        return f"{post.name} is not ready for approval: {names} cannot go out as it is. The card says why."
    votes = [v for v in tx.votes.of_post(post.id) if any(_covers([v], d) for d in rows)]
    if votes:
        last = max(votes, key=lambda v: v.at)
        verb = {Choice.YES: "approved", Choice.NO: "rejected", Choice.CHANGES: "sent back"}[last.choice]
        at = say(last.at, brand.timezone, now=svc.clock.now())
        return f"{last.member} already {verb} v{last.version} at {at}. Nothing changed."
    return f"{post.name} does not wait for a decision. Nothing changed."


def _settle(svc: Services, tx: Tx, brand: Brand, post: Post, delivery: Delivery, now: datetime) -> Verdict:
    """Recount, and move the delivery if the votes decide it."""
    found = standing(tx, brand, post, delivery)
    match found.decision:
        case Decision.APPROVED if delivery.state is State.IN_REVIEW:
            _schedule(svc, tx, brand, post, delivery, now)
        case Decision.REJECTED:
            why = f"rejected by {_either(found.by)}" + (f": {found.reason}" if found.reason else "")
            move(tx, delivery, State.PARTIAL if delivery.begun else State.CANCELLED, wake_at=None, reason=why)
        case Decision.CHANGES:
            why = f"{_either(found.by)} asks for changes: {found.reason}"
            after = State.PARTIAL if delivery.begun else State.CHANGES_REQUESTED
            move(tx, delivery, after, wake_at=None, reason=why)
        case _:
            return found
    event(svc, tx, "post_decided", delivery.post_id, delivery)
    return found


def _schedule(svc: Services, tx: Tx, brand: Brand, post: Post, delivery: Delivery, now: datetime) -> None:
    try:
        due = _due(svc, tx, brand, post, delivery, now)
    except BadInput as error:
        raise Conflict(f'{error} /schedule {post.name} "…" gives it another.') from None
    approved = move(tx, delivery, State.APPROVED)
    connected = svc.accounts[delivery.account]
    wake = first_wake(connected, delivery.variant, due)
    move(tx, approved, State.SCHEDULED, due=due, wake_at=max(wake, now), reason="")


def _due(svc: Services, tx: Tx, brand: Brand, post: Post, delivery: Delivery, now: datetime) -> datetime:
    """What the card showed holds, as long as it is still to come."""
    if post.wish == NOW:
        return now
    weekly = post.wish.split(" ")[0] in DAYS
    if delivery.due is not None and (weekly or delivery.due > now):
        return delivery.due
    return due_for(svc, tx, brand, delivery.account, post.wish, now, own=delivery.due)


def _words(
    svc: Services,
    tx: Tx,
    brand: Brand,
    post: Post,
    member: str,
    choice: Choice,
    reason: str,
    verdicts: Sequence[Verdict],
) -> str:
    if choice is Choice.NO:
        return f"{post.name} is rejected. /edit {post.name} brings it back into review."
    if choice is Choice.CHANGES:
        return f"{post.author} is asked to change {post.name}: {reason}"
    if all(v.decision is Decision.APPROVED for v in verdicts):
        later = [d for d in tx.deliveries.of_post(post.id) if d.state is State.SCHEDULED]
        when = (
            "goes out now"
            if post.wish == NOW
            else "goes out "
            + ", ".join(sorted({say(d.due, brand.timezone, now=svc.clock.now()) for d in later if d.due}))
        )
        left = [d.account for d in tx.deliveries.of_post(post.id) if d.state is State.DRAFT]
        stay = f" {', '.join(left)} stays behind: it cannot go out as it is." if left else ""
        return f"{post.name} v{post.version} is approved and {when}.{stay}"
    best = verdicts[0]
    return f"Your ✅ on {post.name} v{post.version} counts: {best.yes} of {best.needed}."


async def withdraw(svc: Services, post_id: int, member: str) -> str:
    """Take one's vote back. After the decision this stops what has not been sent and asks again."""
    said = await svc.store.write(lambda tx: _withdraw(svc, tx, post_id, member))
    svc.wake()
    return said


def _withdraw(svc: Services, tx: Tx, post_id: int, member: str) -> str:
    tx.posts.lock(post_id)
    post = tx.posts.get(post_id)
    mine = [v for v in tx.votes.of_post(post_id) if v.member == member]
    if post is None or not mine:
        raise NotFound("You have no vote there to take back.")
    brand, now = svc.brands[post.brand], svc.clock.now()
    rows = {d.id: d for d in tx.deliveries.of_post(post_id)}
    gone = [
        rows[v.delivery_id]
        for v in mine
        if rows[v.delivery_id].state in (State.PUBLISHING, State.LIVE, State.UNCONFIRMED)
    ]
    open_ = [v for v in mine if rows[v.delivery_id] not in gone]
    if not open_:
        raise Conflict(f"{post.name} is already on its way. /delete {post.name} takes it down.")
    again = False
    for vote in open_:
        delivery = rows[vote.delivery_id]
        tx.votes.drop(delivery.id, member)
        if delivery.state is not State.SCHEDULED or vote.choice is not Choice.YES:
            continue
        if standing(tx, brand, post, delivery).decision is Decision.APPROVED:
            continue
        if delivery.begun:
            why = f"{member} took the approval back"
            move(tx, delivery, State.PARTIAL, wake_at=None, reason=why)
            continue
        ends = review_ends(brand, post.wish, delivery.due or now, now)
        move(tx, delivery, State.IN_REVIEW, wake_at=ends, reason="")
        again = True
    audit(svc, tx, brand.name, member, "withdrew", post=post, facts={"at": now.isoformat()})
    tx.cards.touch(post_id)
    return f"Your vote on {post.name} is withdrawn." + (" It needs approval again." if again else "")
