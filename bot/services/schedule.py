"""Other times, second chances and things that came too late."""

from __future__ import annotations

from datetime import datetime

from bot.domain.approval import Choice, Decision, Verdict, Via, Vote
from bot.domain.delivery import EDITABLE, Delivery, State
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.recurrence import is_rule
from bot.domain.when import day_of, say, wall_at
from bot.errors import Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.changing import Changes
from bot.services.context import Services
from bot.services.edit import edit
from bot.services.history import happened
from bot.services.preparing import end_stale, stop_preparing
from bot.services.recur import follow
from bot.services.signed import asked_about, standing
from bot.services.tally import still_needed
from bot.services.tell import audit, move, settled

AGAIN = frozenset({State.REFUSED, State.HELD, State.MISSED, State.PARTIAL})


async def reschedule(svc: Services, brand: Brand, post_id: int, member: str, words: str) -> str:
    """Another wish about time. It is part of what was signed, so people are asked again."""
    return await edit(svc, brand, post_id, member, Changes(at=words))


async def cancel(svc: Services, brand: Brand, post_id: int, member: str) -> str:
    """Drop what has not been sent. /edit brings it back."""

    def unit(tx: Tx) -> str:
        tx.posts.lock(post_id)
        post = post_of(tx, brand, post_id)
        if member != post.author and brand.role_of(member) < Role.APPROVE:
            raise NotAllowed(f"{post.name} is {post.author}'s; they or an approver can cancel it.")
        rows = tx.deliveries.of_post(post_id)
        unsent = [d for d in rows if d.state in EDITABLE]
        series = tx.rules.get(post_id)
        recurs = is_rule(post.wish) and series is not None and not series.ended
        if not unsent and not recurs:
            raise Conflict(
                f"Nothing of {post.name} can be cancelled any more. /delete takes down what is live."
            )
        for delivery in unsent:
            after = State.PARTIAL if delivery.begun else State.CANCELLED
            stop_preparing(tx, delivery, f"cancelled by {member}")
            move(tx, delivery, after, wake_at=None, reason=f"cancelled by {member}")
        audit(svc, tx, brand.name, member, "cancelled", post=post)
        happened(svc, tx, post, "cancel", f"{member} cancelled it. Edit brings it back.")
        tx.cards.touch(post_id)
        if recurs:
            follow(svc, tx, post, ended=f"cancelled by {member}")
        out = [d.account for d in rows if d not in unsent and d.state is not State.CANCELLED]
        rest = [*out, *(d.account for d in unsent if d.begun)]
        stays = f" {', '.join(rest)} is past that point; /delete takes it down." if rest else ""
        what = f"{post.name} and everything that was to follow" if recurs else post.name
        return f"{what} is cancelled. /edit {post.name} brings it back.{stays}"

    said = await svc.store.write(unit)
    await end_stale(svc)
    return said


async def skip(svc: Services, brand: Brand, post_id: int, member: str, words: str) -> str:
    """Leave out one occurrence of what recurs: the next one, or the one on the day named."""
    now, zone = svc.clock.now(), brand.timezone
    day = day_of(words.casefold().strip(), wall_at(now, zone).date(), words) if words.strip() else None

    def unit(tx: Tx) -> str:
        tx.posts.lock(post_id)
        post = post_of(tx, brand, post_id)
        if member != post.author and brand.role_of(member) < Role.APPROVE:
            raise NotAllowed(f"{post.name} is {post.author}'s; they or an approver can skip one.")
        rows = [d for d in tx.deliveries.series(post_id) if d.rule is not None and d.wall is not None]
        rows = [d for d in rows if d.state in (State.SCHEDULED, State.HELD, State.REFUSED) and not d.begun]
        first = min((d.wall for d in rows if d.wall), default=None)
        meant = [d for d in rows if d.wall and (d.wall == first if day is None else d.wall.date() == day)]
        if not meant:
            when = f" on {day}" if day else ""
            raise NotFound(f"{post.name} has nothing planned{when}. /queue --days 14 shows what is.")
        for delivery in meant:
            move(tx, delivery, State.CANCELLED, wake_at=None, reason=f"skipped by {member}")
        audit(svc, tx, brand.name, member, "skipped", post=post, facts={"wall": str(meant[0].wall)})
        follow(svc, tx, post)
        at = say(meant[0].due or now, zone, now=now)
        happened(svc, tx, post, "skip", f"{member} skips {at}.")
        return f"{post.name} skips {at}. What comes after it stays."

    said = await svc.store.write(unit)
    svc.wake()
    return said


async def retry(svc: Services, brand: Brand, post_id: int, member: str, account: str | None = None) -> str:
    """Send now what was refused, held or left half out; for people who may approve."""

    def unit(tx: Tx) -> str:
        tx.posts.lock(post_id)
        post = post_of(tx, brand, post_id)
        rows = tx.deliveries.of_post(post_id)
        mine = [d for d in rows if account in (None, d.account)]
        stopped = [d for d in mine if d.state in AGAIN]
        if not stopped:
            if any(d.state is State.UNCONFIRMED for d in mine):
                raise Conflict(
                    f"{post.name} may be out already. "
                    f"/confirm {post.name} live|not|leave tells me what is true."
                )
            raise Conflict(f"Nothing of {post.name} waits for another try.")
        found = {d.account: send_now(svc, tx, post, d, member) for d in stopped}
        audit(svc, tx, brand.name, member, "retried", post=post)
        follow(svc, tx, post)
        tx.cards.touch(post_id)
        going = [name for name, v in found.items() if v.decision is Decision.APPROVED]
        lacking = [v for v in found.values() if v.decision is not Decision.APPROVED]
        words = [f"{post.name} goes out now: {', '.join(going)}."] if going else []
        if lacking:
            words.append(_lacking(lacking[0], member))
        return " ".join(words)

    may_send(brand, member)
    said = await svc.store.write(unit)
    svc.wake()
    return said


def _lacking(found: Verdict, member: str) -> str:
    """What it still waits for, and whether this person's word helped."""
    if member in found.by:
        rest = still_needed(found)
        return f"Your word counts: {found.yes} of {found.needed}; others have to agree: {rest}."
    return f"It still needs {still_needed(found)}."


def send_now(svc: Services, tx: Tx, post: Post, delivery: Delivery, member: str) -> Verdict:
    """Due now, on the word of somebody who may approve; the signed bytes stay the same.

    Their word is a signature too, so that a post whose approver has left can still go out.
    It stays where it is while others have to sign. Raises `Conflict` while somebody objects.
    """
    now, brand = svc.clock.now(), svc.brands[post.brand]
    if asked_about(tx, brand, post, delivery).may_sign(member):
        tx.votes.put(
            Vote(
                delivery_id=delivery.id,
                member=member,
                choice=Choice.YES,
                fingerprint=delivery.fingerprint,
                version=post.version,
                via=Via.COMMAND,
                at=now,
            )
        )
    found = _standing(tx, brand, post, delivery, now)
    if found.decision is Decision.APPROVED:
        move(tx, delivery, State.SCHEDULED, due=now, wake_at=now, tries=0, platform_wait=False, reason="")
        for incident in ("refused", "held", "unsigned", "partial"):
            settled(
                svc, tx, post.brand, f"{incident}:{delivery.id}:{delivery.fence}", f"{member} sends it again."
            )
        happened(svc, tx, post, "retry", f"{member} sends it on {delivery.account} now.")
    return found


def _standing(tx: Tx, brand: Brand, post: Post, delivery: Delivery, now: datetime) -> Verdict:
    """What the votes amount to today; raises `Conflict` while somebody objects."""
    found = standing(tx, brand, post, delivery, now=now)
    if found.decision in (Decision.REJECTED, Decision.CHANGES):
        who = ", ".join(found.by)
        raise Conflict(
            f"{who} said no to {post.name}, and may /withdraw that. /delete takes down what is out."
        )
    return found


def may_send(brand: Brand, member: str) -> None:
    """Raises `NotAllowed` for somebody who may not approve."""
    if brand.role_of(member) < Role.APPROVE:
        people = ", ".join(brand.who(Role.APPROVE))
        raise NotAllowed(f"Sending is for people who may approve: {people}.")


def post_of(tx: Tx, brand: Brand, post_id: int) -> Post:
    """The brand's post; raises `NotFound`."""
    post = tx.posts.get(post_id)
    if post is None or post.brand != brand.name:
        raise NotFound(f"There is no P{post_id} here.")
    return post
