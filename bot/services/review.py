"""Votes: cast by command, button or reaction; one person, one vote; compare-and-set on rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.approval import Asked, Choice, Decision, Verdict, Via, Vote
from bot.domain.best import is_best
from bot.domain.calendar import Occasion
from bot.domain.delivery import Delivery, State, parked
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.when import DAYS, NOW, say, wall_at
from bot.domain.words import listed
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.context import Services
from bot.services.history import happened, voted
from bot.services.hours import foresee
from bot.services.plan import first_wake, occasion, review_ends
from bot.services.preparing import being_prepared
from bot.services.recur import follow
from bot.services.reviewers import objections, reviews_of
from bot.services.seating import brand_now
from bot.services.sight import check_sight
from bot.services.signed import asked_about, standing
from bot.services.stale import changed_since
from bot.services.tally import counted, runs_out
from bot.services.tell import audit, event, move

GONE = frozenset({State.PUBLISHING, State.LIVE, State.UNCONFIRMED, State.HANDED_OVER})
"""What a vote taken back no longer stops."""


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
        lambda tx: decide_in(svc, tx, post_id, member, choice, via, reason.strip(), version, accounts)
    )
    svc.wake()
    return said


def decide_in(
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
    """As `decide`, in a transaction that is already open."""
    tx.posts.lock(post_id)
    parked_too = via is Via.REACTION and choice is Choice.YES
    found = votable(svc, tx, post_id, member, choice, version, accounts, parked_too=parked_too)
    post, open_, chosen = found.post, found.waiting, found.chosen
    brand, now = svc.brands[post.brand], svc.clock.now()
    if choice is not Choice.YES and not reason and via is not Via.REACTION:
        raise BadInput("Say why, so that it can be put right: add a reason.")
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
    verdicts = {d.account: _settle(svc, tx, brand, post, d, now) for d in chosen}
    follow(svc, tx, post)
    voted(svc, tx, post, brand.spelled(member), choice, reason, verdicts)
    if choice is Choice.YES and all(d.state is State.HELD for d in chosen):
        return f"Your ✅ on {post.name} counts; it is on hold until somebody resumes it."
    others = sorted({d.account for d in open_} - set(verdicts))
    return _words(svc, tx, brand, post, member, choice, reason, verdicts, others)


@dataclass(frozen=True, kw_only=True)
class Votable:
    """What a vote would be about: what waits for one, and what this person's counts for."""

    post: Post
    waiting: tuple[Delivery, ...]
    chosen: tuple[Delivery, ...]


def votable(
    svc: Services,
    tx: Tx,
    post_id: int,
    member: str,
    choice: Choice,
    version: int | None,
    accounts: Sequence[str] = (),
    *,
    parked_too: bool = False,
) -> Votable:
    """What this person's vote would count for now; raises as `decide` does.

    ``parked_too``: a yes on what is on hold is kept until it goes on. An emoji stays where it is, so it
    must come to the same whether it was put before the hold or after it.
    """
    post = tx.posts.get(post_id)
    if post is None:
        raise NotFound(f"There is no P{post_id} here.")
    brand, now = brand_now(svc, tx, post.brand), svc.clock.now()
    rows = tx.deliveries.of_post(post_id)
    asked = {d.id: asked_about(tx, brand, post, d) for d in rows}
    if choice is Choice.YES or not any(a.may_object(member) for a in asked.values()):
        check_sight(svc, tx, {d.account: asked[d.id] for d in rows}, member)
    check_may_decide(brand, post, member, choice, tuple(asked.values()))
    if version is not None and version != post.version:
        raise changed_since(tx, post, version)
    states = _votable(choice)
    open_ = [d for d in rows if d.state in states or (parked_too and d.state is State.HELD and parked(d))]
    open_ = [d for d in open_ if not accounts or d.account in accounts]
    if not open_:
        raise Conflict(_already(svc, tx, brand, post, rows))
    chosen = [d for d in open_ if choice is not Choice.YES or asked[d.id].may_sign(member)]
    if not chosen:
        check_may_decide(brand, post, member, choice, [asked[d.id] for d in open_])
    against = objections(reviews_of(tx, post.id, post.version))
    if choice is Choice.YES and against and brand.role_of(member) < Role.ADMIN:
        admins = listed(brand.who(Role.ADMIN), "or") or "an admin, and this brand has none"
        raise NotAllowed(f"A reviewer objects: {against[0]} Only {admins} may approve it all the same.")
    if choice is Choice.YES and all(
        brand.spelled(member) in standing(tx, brand, post, d, now=now).by for d in chosen
    ):
        raise Conflict(f"Your ✅ on v{post.version} already counts; it waits for others.")
    return Votable(post=post, waiting=tuple(open_), chosen=tuple(chosen))


def _votable(choice: Choice) -> frozenset[State]:
    if choice is Choice.YES:
        return frozenset({State.IN_REVIEW})
    return frozenset({State.IN_REVIEW, State.SCHEDULED, State.HELD})


def _covers(votes: Iterable[Vote], delivery: Delivery) -> bool:
    return any(v.delivery_id == delivery.id and v.fingerprint == delivery.fingerprint for v in votes)


def check_may_decide(brand: Brand, post: Post, member: str, choice: Choice, asked: Sequence[Asked]) -> None:
    """Whether this person may cast this vote on any of it; raises `NotAllowed` with who can."""
    if any(a.may_sign(member) if choice is Choice.YES else a.may_object(member) for a in asked):
        return
    signers = list(dict.fromkeys(name for a in asked for name in a.signers))
    people = brand.called(signers, but=post.author)
    who = listed(people, "or") or "somebody with the role `approve` in the configuration"
    if member == post.author and choice is Choice.YES:
        raise NotAllowed(f"You wrote {post.name}, so someone else has to approve it: {who}.")
    raise NotAllowed(f"Approving is for {who}. I told nobody that you tried.")


def _already(svc: Services, tx: Tx, brand: Brand, post: Post, rows: Sequence[Delivery]) -> str:
    """The sentence for a vote that comes too late, or on nothing."""
    drafts = [d for d in rows if d.state is State.DRAFT]
    if drafts and all(d.state in (State.DRAFT, State.CANCELLED) for d in rows):
        names = ", ".join(d.account for d in drafts)
        if all(being_prepared(tx, d) for d in drafts):
            return (
                f"{post.name} is not ready for approval: its files are being prepared for {names}. "
                "You are asked when they are."
            )
        return f"{post.name} is not ready for approval: {names} cannot go out as it is. The card says why."
    held = next((d for d in rows if parked(d)), None)
    if held is not None:
        way_out = f"/unhold {post.name} lets it go on, then it can be approved."
        return f"{post.name} is on hold ({held.reason}). {way_out}"
    votes = [v for v in tx.votes.of_post(post.id) if any(_covers([v], d) for d in rows)]
    if votes:
        last = max(votes, key=lambda v: v.at)
        verb = {Choice.YES: "approved", Choice.NO: "rejected", Choice.CHANGES: "sent back"}[last.choice]
        at = say(last.at, brand.timezone, now=svc.clock.now())
        return f"{last.member} already {verb} v{last.version} at {at}. Nothing changed."
    return f"{post.name} does not wait for a decision. Nothing changed."


def _settle(svc: Services, tx: Tx, brand: Brand, post: Post, delivery: Delivery, now: datetime) -> Verdict:
    """Recount, and move the delivery if the votes decide it."""
    found = standing(tx, brand, post, delivery, now=now)
    match found.decision:
        case Decision.APPROVED if delivery.state is State.IN_REVIEW:
            _schedule(svc, tx, brand, post, delivery, now)
        case Decision.REJECTED:
            why = f"rejected by {listed(found.by)}" + (f": {found.reason}" if found.reason else "")
            move(tx, delivery, State.PARTIAL if delivery.begun else State.CANCELLED, wake_at=None, reason=why)
        case Decision.CHANGES:
            why = f"{listed(found.by)} asks for changes: {found.reason}"
            after = State.PARTIAL if delivery.begun else State.CHANGES_REQUESTED
            move(tx, delivery, after, wake_at=None, reason=why)
        case _:
            return found
    event(svc, tx, "post_decided", delivery.post_id, delivery)
    return found


def _schedule(svc: Services, tx: Tx, brand: Brand, post: Post, delivery: Delivery, now: datetime) -> None:
    try:
        when = _when(tx, brand, post, delivery, now)
    except BadInput as error:
        raise Conflict(f'{error} /schedule {post.name} "…" gives it another.') from None
    approved = move(tx, delivery, State.APPROVED)
    connected = svc.accounts[delivery.account]
    wake = max(first_wake(connected, delivery.variant, when.due), now)
    going = move(tx, approved, State.SCHEDULED, due=when.due, wall=when.wall, wake_at=wake, reason="")
    if is_best(post.wish):
        foresee(tx, [going], post.wish, {}, now)


def _when(tx: Tx, brand: Brand, post: Post, delivery: Delivery, now: datetime) -> Occasion:
    """What the card showed holds, as long as it is still to come."""
    if post.wish == NOW:
        return Occasion(due=now)
    weekly = post.wish.split(" ")[0] in DAYS
    if delivery.due is not None and (weekly or delivery.due > now):
        return Occasion(due=delivery.due, wall=delivery.wall)
    used = tx.deliveries.walls(post.id, delivery.account, wall_at(now, brand.timezone))
    free = [wall for wall in used if wall != delivery.wall]
    return occasion(tx, brand, delivery.account, post.wish, now, own=delivery.due, used=free)


def _words(
    svc: Services,
    tx: Tx,
    brand: Brand,
    post: Post,
    member: str,
    choice: Choice,
    reason: str,
    verdicts: Mapping[str, Verdict],
    others: Sequence[str],
) -> str:
    if choice is Choice.NO:
        return f"{post.name} is rejected. /edit {post.name} brings it back into review."
    if choice is Choice.CHANGES:
        return f"{post.author} is asked to change {post.name}: {reason}"
    if not others and all(v.decision is Decision.APPROVED for v in verdicts.values()):
        later = [d for d in tx.deliveries.of_post(post.id) if d.state is State.SCHEDULED]
        when = (
            "goes out now"
            if post.wish == NOW
            else "goes out "
            + ", ".join(sorted({say(d.due, brand.timezone, now=svc.clock.now()) for d in later if d.due}))
        )
        left = [d.account for d in tx.deliveries.of_post(post.id) if d.state is State.DRAFT]
        making = [d.account for d in tx.deliveries.of_post(post.id) if being_prepared(tx, d)]
        left = [name for name in left if name not in making]
        stay = f" {', '.join(left)} stays behind: it cannot go out as it is." if left else ""
        stay += f" {', '.join(making)} is asked about when its files are ready." if making else ""
        ends = runs_out(svc, brand, post, later)
        return f"{post.name} v{post.version} is approved and {when}.{stay}{ends}"
    return counted(post, brand.spelled(member), verdicts, others)


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
    brand, now = brand_now(svc, tx, post.brand), svc.clock.now()
    rows = {d.id: d for d in tx.deliveries.of_post(post_id)}
    waiting = {d.fingerprint for d in rows.values() if d.state not in GONE}
    # A vote on an occurrence that is out still covers those to come, so it goes with the others.
    here = {i for i, d in rows.items() if d.state not in GONE}
    open_ = [v for v in mine if v.delivery_id in here or v.fingerprint in waiting]
    if not open_:
        raise Conflict(f"{post.name} is already on its way. /delete {post.name} takes it down.")
    for vote in open_:
        tx.votes.drop(vote.delivery_id, member)
    again = False
    for delivery in rows.values():
        if delivery.state is not State.SCHEDULED or not any(
            v.choice is Choice.YES and v.fingerprint == delivery.fingerprint for v in open_
        ):
            continue
        if standing(tx, brand, post, delivery, now=now).decision is Decision.APPROVED:
            continue
        if delivery.begun:
            why = f"{member} took the approval back"
            move(tx, delivery, State.PARTIAL, wake_at=None, reason=why)
            continue
        policy = brand.policy_for(delivery.account)
        ends = review_ends(policy, post.wish, delivery.due or now, now)
        move(tx, delivery, State.IN_REVIEW, wake_at=ends, reason="")
        again = True
    audit(svc, tx, brand.name, member, "withdrew", post=post, facts={"at": now.isoformat()})
    happened(
        svc,
        tx,
        post,
        "withdrew",
        f"{member} took the vote back." + (" It is asked about again." if again else ""),
    )
    follow(svc, tx, post)
    tx.cards.touch(post_id)
    return f"Your vote on {post.name} is withdrawn." + (" It needs approval again." if again else "")
