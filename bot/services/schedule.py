"""Other times, second chances and things that came too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.approval import Choice, Decision, Verdict, Via, Vote
from bot.domain.delivery import EDITABLE, LATE_AFTER, Delivery, PartState, State, too_late
from bot.domain.message import Action, Button, Message
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.when import NOW, say
from bot.errors import Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.context import Services
from bot.services.edit import Changes, edit
from bot.services.signed import standing
from bot.services.tell import audit, move, tell_brand

AGAIN = frozenset({State.REFUSED, State.HELD, State.MISSED, State.PARTIAL})


async def reschedule(svc: Services, brand: Brand, post_id: int, member: str, words: str) -> str:
    """Another wish about time. It is part of what was signed, so people are asked again."""
    return await edit(svc, brand, post_id, member, Changes(at=words))


async def cancel(svc: Services, brand: Brand, post_id: int, member: str) -> str:
    """Drop what has not been sent. /edit brings it back."""

    def unit(tx: Tx) -> str:
        tx.posts.lock(post_id)
        post = _post(tx, brand, post_id)
        if member != post.author and brand.role_of(member) < Role.APPROVE:
            raise NotAllowed(f"{post.name} is {post.author}'s; they or an approver can cancel it.")
        rows = tx.deliveries.of_post(post_id)
        unsent = [d for d in rows if d.state in EDITABLE]
        if not unsent:
            raise Conflict(
                f"Nothing of {post.name} can be cancelled any more. /delete takes down what is live."
            )
        for delivery in unsent:
            after = State.PARTIAL if delivery.begun else State.CANCELLED
            move(tx, delivery, after, wake_at=None, reason=f"cancelled by {member}")
        audit(svc, tx, brand.name, member, "cancelled", post=post)
        out = [d.account for d in rows if d not in unsent and d.state is not State.CANCELLED]
        rest = [*out, *(d.account for d in unsent if d.begun)]
        stays = f" {', '.join(rest)} is past that point; /delete takes it down." if rest else ""
        return f"{post.name} is cancelled. /edit {post.name} brings it back.{stays}"

    return await svc.store.write(unit)


async def retry(svc: Services, brand: Brand, post_id: int, member: str, account: str | None = None) -> str:
    """Send now what was refused, held or left half out; for people who may approve."""

    def unit(tx: Tx) -> str:
        tx.posts.lock(post_id)
        post = _post(tx, brand, post_id)
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
        tx.cards.touch(post_id)
        going = [name for name, v in found.items() if v.decision is Decision.APPROVED]
        lacking = [v for v in found.values() if v.decision is not Decision.APPROVED]
        words = [f"{post.name} goes out now: {', '.join(going)}."] if going else []
        if lacking:
            words.append(f"Your word counts: {lacking[0].yes} of {lacking[0].needed}; others have to agree.")
        return " ".join(words)

    _may_send(brand, member)
    said = await svc.store.write(unit)
    svc.wake()
    return said


def send_now(svc: Services, tx: Tx, post: Post, delivery: Delivery, member: str) -> Verdict:
    """Due now, on the word of somebody who may approve; the signed bytes stay the same.

    Their word is a signature too, so that a post whose approver has left can still go out.
    It stays where it is while others have to sign. Raises `Conflict` while somebody objects.
    """
    now, brand = svc.clock.now(), svc.brands[post.brand]
    if member != post.author or brand.policy.author_may_approve:
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
    found = _standing(tx, brand, post, delivery)
    if found.decision is Decision.APPROVED:
        move(tx, delivery, State.SCHEDULED, due=now, wake_at=now, tries=0, platform_wait=False, reason="")
    return found


def _standing(tx: Tx, brand: Brand, post: Post, delivery: Delivery) -> Verdict:
    """What the votes amount to today; raises `Conflict` while somebody objects."""
    found = standing(tx, brand, post, delivery)
    if found.decision in (Decision.REJECTED, Decision.CHANGES):
        who = ", ".join(found.by)
        raise Conflict(
            f"{who} said no to {post.name}, and may /withdraw that. /delete takes down what is out."
        )
    return found


def _may_send(brand: Brand, member: str) -> None:
    if brand.role_of(member) < Role.APPROVE:
        people = ", ".join(brand.members(Role.APPROVE))
        raise NotAllowed(f"Sending is for people who may approve: {people}.")


def _post(tx: Tx, brand: Brand, post_id: int) -> Post:
    post = tx.posts.get(post_id)
    if post is None or post.brand != brand.name:
        raise NotFound(f"There is no P{post_id} here.")
    return post


async def hold_late(svc: Services) -> None:
    """What we were too late for is held, and asked about on one card for each brand."""
    now = svc.clock.now()

    def unit(tx: Tx) -> None:
        held: dict[str, list[Delivery]] = {}
        for delivery in tx.deliveries.late(now, before=now - LATE_AFTER):
            if tx.halts.active(delivery.brand) is not None or not too_late(delivery, now):
                continue
            zone = svc.brands[delivery.brand].timezone if delivery.brand in svc.brands else "UTC"
            reason = f"was due {say(delivery.due or now, zone, now=now)}; not sent unasked that late"
            partly = any(p.state is PartState.OUT for p in delivery.parts)
            moved = replace(delivery, state=State.HELD, wake_at=None, reason=reason)
            if partly:
                continue
            if tx.deliveries.save(moved, fence=delivery.fence):
                tx.cards.touch(delivery.post_id)
                held.setdefault(delivery.brand, []).append(moved)
        for brand, rows in held.items():
            tell_brand(svc, tx, brand, f"digest:{brand}:{now.isoformat()}", _digest(svc, brand, rows))
            audit(svc, tx, brand, "clarion", "held", facts={"deliveries": [d.id for d in rows]})

    if await svc.store.read(lambda tx: bool(tx.deliveries.late(now, before=now - LATE_AFTER, limit=1))):
        await svc.store.write(unit)


def _digest(svc: Services, brand: str, rows: list[Delivery]) -> Message:
    zone, now = svc.brands[brand].timezone, svc.clock.now()
    dues = sorted(d.due for d in rows if d.due)
    span = say(dues[0], zone, now=now)
    if len(dues) > 1:
        span += f" to {say(dues[-1], zone, now=now)}"
    names = ", ".join(f"P{d.post_id} on {d.account}" for d in rows[:10]) + (" …" if len(rows) > 10 else "")
    many = f"{len(rows)} posts came due" if len(rows) > 1 else "1 post came due"
    buttons = tuple(
        Button(label=label, action=Action(verb=verb, kind="held", id=0), danger=verb == "drop-held")
        for verb, label in (
            ("send-held", "Publish now"),
            ("spread-held", "Spread over today"),
            ("drop-held", "Drop"),
        )
    )
    text = (
        f"{many} ({span}) and I could not send in time: {names}. "
        f"What now? /retry P{rows[0].post_id} sends one alone."
    )
    return Message(text=text, buttons=buttons)


async def settle_held(svc: Services, brand: Brand, member: str, verb: str) -> str:
    """The digest's buttons: send all, spread them over the day, or drop them."""
    _may_send(brand, member)

    def unit(tx: Tx) -> str:
        rows = [d for d in tx.deliveries.unfinished(brand.name, limit=1000) if d.state is State.HELD]
        if not rows:
            raise Conflict("Nothing is held any more.")
        now, lacking = svc.clock.now(), 0
        for index, delivery in enumerate(rows):
            match verb:
                case "drop-held":
                    move(tx, delivery, State.CANCELLED, wake_at=None, reason=f"dropped by {member}")
                case "spread-held":
                    due = now + timedelta(minutes=30) * index
                    move(
                        tx,
                        delivery,
                        State.SCHEDULED,
                        due=due,
                        wake_at=due,
                        tries=0,
                        platform_wait=False,
                        reason="",
                    )
                case _:
                    found = send_now(svc, tx, _post(tx, brand, delivery.post_id), delivery, member)
                    lacking += found.decision is not Decision.APPROVED
        audit(svc, tx, brand.name, member, verb, facts={"deliveries": [d.id for d in rows]})
        words = {"drop-held": "dropped", "spread-held": "spread, one every 30 minutes from now"}.get(
            verb, "going out now"
        )
        said = f"{len(rows)} held {'post is' if len(rows) == 1 else 'posts are'} {words}."
        return f"{said} {lacking} of them only when others have signed too." if lacking else said

    said = await svc.store.write(unit)
    svc.wake()
    return said


__all__ = ["NOW", "cancel", "hold_late", "reschedule", "retry", "send_now", "settle_held"]
