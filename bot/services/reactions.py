"""Reactions as strict as buttons: the card is read again, and what stands there is what counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.approval import Choice, Decision, Via
from bot.domain.ballot import CHOICES, GLYPHS, Ballot, Mark, Stroke
from bot.domain.buttons import of_post
from bot.domain.delivery import Delivery, State, parked
from bot.domain.message import Message
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.records import Card, Notice
from bot.errors import Conflict, NotFound, UserError
from bot.ports import Tx
from bot.services.ballots import ballot_of, begin_reading, keep_ballot
from bot.services.context import Services
from bot.services.hold import hand_over, hold_in, holds, unhold_in
from bot.services.keep import keep_in, unkeep_in
from bot.services.review import decide_in
from bot.services.sight import OutOfSight
from bot.services.signed import standing
from bot.services.stale import changed_since
from bot.services.tell import audit, has_threads, tell

MOST = 400
"""Marks that one reading does something about; a card with more of them is read on the next time."""


GRACE = timedelta(seconds=10)
"""How long a person's own event is waited for, which is answered at once, before they are told unasked."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A reading: what stands on the card, and the member behind each user of any card of the post."""

    strokes: frozenset[Stroke]
    members: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Done:
    """One mark was dealt with. ``words`` are for whoever made it; ``unjudged``: nobody can tell yet
    whether it counts."""

    stroke: Stroke
    words: str | None
    unjudged: bool = False


async def look_at(
    svc: Services,
    card: Card,
    read: Callable[[Ballot], Awaitable[Seen | None]],
    *,
    by: str = "",
) -> str | None:
    """Read a card again and do what its marks say; returns what to tell ``by`` (a chat's user id).

    ``read`` gets what was known before. Of two readings at the same time the one that began later is
    believed. Others whose mark does not count are told alone.
    """
    number = await begin_reading(svc, card.id, card.post_id)
    seen = await read(await svc.store.read(lambda tx: ballot_of(tx, card.id)))
    if seen is None:
        return None
    told: list[str] = []
    left: set[Stroke] = set()
    for _ in range(MOST):
        done = await _step(svc, card, number, seen, left, by)
        if done is None:
            break
        if done.words and done.stroke[1] == by:
            told.append(done.words)
        elif done.words and done.unjudged:
            await svc.store.write(lambda tx, done=done: _tell_alone(svc, tx, card, done, seen))  # type: ignore[misc]  # mypy infers no lambda with a default
        if done.unjudged and done.stroke[1] == by:
            await svc.store.write(lambda tx, done=done: told_already(tx, card, done.stroke))  # type: ignore[misc]  # as above
    svc.wake()
    return " ".join(dict.fromkeys(told)) or None


async def _step(
    svc: Services, card: Card, number: int, seen: Seen, left: set[Stroke], by: str
) -> Done | None:
    """Deal with one mark in one transaction; None when there is nothing left to do, or a newer reading.

    ``left`` are those that nobody can judge at the moment: they are not noted, so that the next
    reading meets them again.
    """
    stroke: list[Stroke] = []

    def unit(tx: Tx) -> Done | None:
        stroke.clear()
        tx.posts.lock(card.post_id)
        ballot = ballot_of(tx, card.id)
        if ballot.read > number:
            return None
        fresh = [s for s in ballot.put(seen.strokes) if s not in left]
        gone = ballot.taken(seen.strokes)
        urgent = [s for s in fresh if s[0] in (Mark.PAUSE, Mark.NO)]
        chosen = next(iter([*urgent, *gone, *fresh]), None)
        if chosen is None:
            if ballot.read != number:
                keep_ballot(tx, card.id, replace(ballot, read=number))
            return None
        stroke.append(chosen)
        after = _noted(tx, card, replace(ballot, read=number), chosen, put=chosen in fresh)
        keep_ballot(tx, card.id, after)
        return Done(stroke=chosen, words=_act(svc, tx, card, after, chosen, seen, put=chosen in fresh))

    try:
        return await svc.store.write(unit)
    except OutOfSight as error:
        left.add(stroke[0])
        return Done(stroke=stroke[0], words=str(error), unjudged=True)
    except UserError as error:
        words, chosen = str(error), stroke[0]

    def refused(tx: Tx) -> Done | None:
        tx.posts.lock(card.post_id)
        ballot = ballot_of(tx, card.id)
        if ballot.read > number:
            return None
        put = chosen in ballot.put(seen.strokes)
        if put or chosen in ballot.taken(seen.strokes):
            ballot = _noted(tx, card, ballot, chosen, put=put)
        keep_ballot(tx, card.id, replace(ballot, read=number))
        done = Done(stroke=chosen, words=words)
        if put and chosen[1] != by:
            _tell_alone(svc, tx, card, done, seen)  # with the mark, as their own event may be looking for it
        return done

    return await svc.store.write(refused)


def _noted(tx: Tx, card: Card, ballot: Ballot, stroke: Stroke, *, put: bool) -> Ballot:
    """What is known after this mark; it belongs to the version that the card showed."""
    if not put:
        return ballot.without(stroke)
    post = tx.posts.get(card.post_id)
    return ballot.with_mark(stroke, ballot.shown or (post.version if post else 0))


def _act(
    svc: Services, tx: Tx, card: Card, ballot: Ballot, stroke: Stroke, seen: Seen, *, put: bool
) -> str | None:
    """Do what one mark says that came or went; ``ballot`` knows about it. Raises `UserError`."""
    post = tx.posts.get(card.post_id)
    if post is None or post.brand not in svc.brands:
        raise NotFound("That post is not here any more.")
    brand, mark = svc.brands[post.brand], stroke[0]
    member = seen.members.get(stroke[1], stroke[1])
    others = _standing(tx, card, ballot, seen)
    match mark:
        case Mark.PAUSE if put:
            return hold_in(svc, tx, brand, post.id, member, via="reaction")
        case Mark.PAUSE:
            return _resume(svc, tx, brand, post, member, others)
        case Mark.KEEP if put:
            return keep_in(svc, tx, brand, post.id, member, Via.REACTION)
        case Mark.KEEP:
            mine = any(k.member == member and k.via is Via.REACTION for k in tx.kept.of_post(post.id))
            kept = not mine or (Mark.KEEP, member) in others
            return None if kept else unkeep_in(svc, tx, brand, post.id, member, Via.REACTION)
    if put:
        return _vote(svc, tx, post, member, mark, others, version=ballot.marks[stroke])
    if (mark, member) in others:
        return None
    words = _take_back(svc, tx, brand, post, member, CHOICES[mark])
    if mark is Mark.NO and others.get((Mark.YES, member)) == post.version and words is not None:
        return _vote(svc, tx, post, member, Mark.YES, others, version=post.version)
    return words


def _standing(tx: Tx, card: Card, ballot: Ballot, seen: Seen) -> Mapping[Stroke, int]:
    """Everything that stands on the cards of the post, by member; the same on two cards is one."""
    found: dict[Stroke, int] = {}
    for one in tx.cards.of_post(card.post_id):
        known = ballot if one.id == card.id else ballot_of(tx, one.id)
        for (mark, user), version in known.marks.items():
            stroke = (mark, seen.members.get(user, user))
            found[stroke] = max(version, found.get(stroke, 0))
    return found


def _vote(
    svc: Services, tx: Tx, post: Post, member: str, mark: Mark, others: Mapping[Stroke, int], *, version: int
) -> str:
    if version != post.version:  # before anything else: what it was put on is not what there is now
        raise changed_since(tx, post, version)
    if mark is Mark.YES and others.get((Mark.NO, member)) == version:
        raise Conflict(f"Your ❌ on {post.name} stands. Take it away first.")
    said = decide_in(svc, tx, post.id, member, CHOICES[mark], Via.REACTION, "", version, ())
    if mark is Mark.NO:
        tell(
            svc,
            tx,
            post,
            reason_key(post, member),
            f"{member} said ❌ to {post.name}. What should change? /edit {post.name} makes a new version.",
            fixes=(of_post(post, "reason", "Say why"), of_post(post, "edit", "Edit")),
            mentions=(member,),
        )
    return said


def reason_key(post: Post, member: str) -> str:
    """Of the message that asks for the reason of a ❌."""
    return f"why:{post.id}:{post.version}:{member}"


def _resume(
    svc: Services, tx: Tx, brand: Brand, post: Post, member: str, others: Collection[Stroke]
) -> str | None:
    """⏸ was taken away: only whoever holds the post lets it go on, and not while another ⏸ stands."""
    if (Mark.PAUSE, member) in others or not holds(tx, post.id, member):
        return None
    heir = hand_over(tx, brand, post.id, member, [who for mark, who in others if mark is Mark.PAUSE])
    if heir:
        tx.cards.touch(post.id)
        return f"{post.name} stays on hold: {heir}'s ⏸ stands there too."
    return unhold_in(svc, tx, brand, post.id, member)


def _take_back(svc: Services, tx: Tx, brand: Brand, post: Post, member: str, choice: Choice) -> str | None:
    """A reaction was removed: the vote goes with it, but only while nothing is decided."""
    rows = {d.id: d for d in tx.deliveries.of_post(post.id)}
    mine = [
        v
        for v in tx.votes.of_post(post.id)
        if v.member == brand.spelled(member) and v.via is Via.REACTION and v.choice is choice
    ]
    waiting = {i for i, d in rows.items() if _undecided(svc, tx, brand, post, d)}
    open_ = [v for v in mine if v.delivery_id in waiting]
    for vote in open_:
        tx.votes.drop(vote.delivery_id, vote.member)
    if open_:
        tx.cards.touch(post.id)
        audit(svc, tx, brand.name, member, "withdrew", post=post, facts={"via": "reaction"})
        return "Your vote is withdrawn."
    if not any(v.fingerprint == rows[v.delivery_id].fingerprint for v in mine if v.delivery_id in rows):
        return None
    return "It was decided before; your vote stands. /withdraw stops what has not been sent."


def _undecided(svc: Services, tx: Tx, brand: Brand, post: Post, delivery: Delivery) -> bool:
    """Whether it waits for a decision, on hold or not."""
    if delivery.state is State.HELD and parked(delivery):
        return standing(tx, brand, post, delivery, now=svc.clock.now()).decision is Decision.OPEN
    return delivery.state is State.IN_REVIEW


def _tell_alone(svc: Services, tx: Tx, card: Card, done: Done, seen: Seen) -> None:
    """Somebody whose mark does not count hears why, if they are a member at all."""
    post = tx.posts.get(card.post_id)
    mark, user = done.stroke
    member = seen.members.get(user, "")
    if post is None or not done.words or not has_threads(svc, card.target):
        return
    if member == "" or svc.brands[post.brand].role_of(member) is Role.NONE:
        return
    key = _told_key(card, done.stroke, post.version)
    new = tx.notices.put(
        Notice(
            id=0,
            key=key,
            target=replace(card.target, thread=post.id),
            message=Message(text=f"{GLYPHS[mark]} on {post.name}: {done.words}", private=True),
            brand=post.brand,
            post_id=post.id,
            to=member,
        )
    )
    queued = tx.notices.of_key(key) if new else None
    if queued is not None:
        tx.notices.later(queued.id, svc.clock.now() + GRACE, since=None)


def told_already(tx: Tx, card: Card, stroke: Stroke) -> bool:
    """Whoever made the mark is answered now, so nothing more is said to them about it later.

    True when they have been told before.
    """
    post = tx.posts.get(card.post_id)
    queued = tx.notices.of_key(_told_key(card, stroke, post.version)) if post is not None else None
    if queued is not None and queued.ref is None:
        tx.notices.sent(queued.id, ANSWERED)
    return queued is not None and queued.ref == ""


ANSWERED = "answered"
"""The ref of what was not said any more; what was whispered has an empty one."""


def _told_key(card: Card, stroke: Stroke, version: int) -> str:
    mark, user = stroke
    return f"mark:{card.id}:{version}:{mark.value}:{user}"
