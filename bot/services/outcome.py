"""What one answer means: the attempt and a known id always, the delivery's state under the fence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.domain.buttons import of_delivery, of_post
from bot.domain.delivery import (
    BACKOFF,
    Attempt,
    AttemptState,
    Delivery,
    PartProgress,
    PartState,
    State,
    backoff,
    part_due,
)
from bot.domain.message import Button
from bot.domain.platform import Pending, Proof, Receipt, Ref
from bot.domain.post import PartRole, Post
from bot.domain.records import AccountState
from bot.domain.when import say
from bot.errors import (
    AppMisconfigured,
    AuthExpired,
    PublishError,
    RateLimited,
    Rejected,
    Transient,
    Uncertain,
)
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.history import went_live
from bot.services.measuring.begin import begin
from bot.services.pause import pause
from bot.services.tell import audit, event, tell

FOLLOWS: Mapping[PartRole, str] = MappingProxyType(
    {PartRole.COMMENT: "the comment", PartRole.FOLLOW_UP: "the follow-up"}
)


def record(
    svc: Services,
    tx: Tx,
    connected: Connected,
    delivery: Delivery,
    index: int,
    attempt: Attempt | None,
    answer: Receipt | Pending | PublishError,
) -> Delivery | None:
    """Write one answer down: the attempt and a known id always, the delivery's state under the fence.

    Returns the delivery when its next part can go out at once.
    """
    now = svc.clock.now()
    match answer:
        case Receipt():
            if attempt is not None:
                tx.attempts.close(attempt.id, AttemptState.OK, ref=answer.ref)
            if answer.quiet_until is not None and answer.quiet_until > now:
                block(svc, tx, connected, answer.quiet_until, "its limit")
            return part_out(
                svc, tx, delivery, index, ref=answer.ref, url=answer.url, proof=Proof.RECEIPT, at=now
            )
        case Pending():
            if attempt is not None:
                tx.attempts.close(attempt.id, AttemptState.UNKNOWN, ref=answer.ref)
            under_fence(
                tx,
                delivery,
                State.PUBLISHING,
                wake_at=answer.check_at,
                reason=f"{connected.platform.title} is processing it",
            )
        case Uncertain():
            if attempt is not None:
                tx.attempts.close(attempt.id, AttemptState.UNKNOWN, error=str(answer))
            settle = connected.platform.settle
            zone = svc.brands[delivery.brand].timezone
            under_fence(
                tx,
                delivery,
                State.UNCONFIRMED,
                wake_at=now + settle[0] if settle else now,
                checks=0,
                reason=f"no clear answer after sending at {say(now, zone, now=now, seconds=True)}.",
            )
        case PublishError():
            if attempt is not None:
                tx.attempts.close(attempt.id, AttemptState.FAILED, error=f"{type(answer).__name__}: {answer}")
            _after_no(svc, tx, connected, delivery, index, answer, now)
    return None


def part_out(
    svc: Services,
    tx: Tx,
    delivery: Delivery,
    index: int,
    *,
    ref: Ref | None,
    url: str | None,
    proof: Proof,
    at: datetime,
) -> Delivery | None:
    """A part is out, with its proof. The last one makes the delivery live."""
    done = PartProgress(index=index, state=PartState.OUT, ref=ref, url=url, proof=proof, out_at=at)
    tx.deliveries.save_part(delivery.id, done)
    others = tuple(p for p in delivery.parts if p.index != index)
    delivery = replace(delivery, parts=tuple(sorted((*others, done), key=lambda p: p.index)))
    audit(
        svc,
        tx,
        delivery.brand,
        "clarion",
        "part_out",
        delivery=delivery,
        facts={"part": index, "proof": proof.value},
    )
    if delivery.next_part is not None:
        tx.cards.touch(delivery.post_id)
        return None if follows_later(svc, tx, delivery) else delivery
    finish(svc, tx, delivery)
    return None


def finish(svc: Services, tx: Tx, delivery: Delivery) -> None:
    """All of it is out."""
    live = under_fence(tx, delivery, State.LIVE, wake_at=None, reason="", checks=0)
    if live is not None:
        went_live(svc, tx, live)
        begin(svc, tx, live)
        event(svc, tx, "post_published", live.post_id, live)


def follows_later(svc: Services, tx: Tx, delivery: Delivery) -> bool:
    """Put back a delivery whose next part was signed for later; False when it can go out now."""
    now, index, due = svc.clock.now(), delivery.next_part, part_due(delivery)
    connected = svc.accounts.get(delivery.account)
    if not index or due is None or connected is None:
        return False
    part = delivery.variant.parts[index]
    wake = due - connected.platform.stage_lead if part.files else due
    if wake <= now:
        return False
    zone = svc.brands[delivery.brand].timezone
    reason = f"{FOLLOWS.get(part.role, 'the rest')} goes out {say(due, zone, now=now)}"
    put_back(tx, delivery, wake, reason, due=due, tries=0, checks=0, platform_wait=False)
    return True


def _after_no(
    svc: Services,
    tx: Tx,
    connected: Connected,
    delivery: Delivery,
    index: int,
    error: PublishError,
    now: datetime,
) -> None:
    """Nothing came into being. What happens next depends on why."""
    title, zone = connected.platform.title, svc.brands[delivery.brand].timezone
    post = tx.posts.get(delivery.post_id)
    assert post is not None
    match error:
        case RateLimited():
            until = max(error.until, now + timedelta(seconds=1))
            account = block(svc, tx, connected, until, error.scope)
            why = waits(svc, connected, account, now)
            make_wait(tx, connected.name, until, why, now)
            put_back(tx, delivery, until, why, platform_wait=True)
        case AuthExpired() | AppMisconfigured():
            pause(svc, tx, connected, error)
            put_back(tx, delivery, now + timedelta(minutes=10), f"waits: {error}", platform_wait=True)
        case Transient():
            tries = delivery.tries + 1
            wait, said = backoff(tries), str(error).rstrip(".")
            own = title in said  # the plugin's own sentence says more than ours
            if wait is None:
                unsent = "the rest was not sent" if delivery.begun else "nothing was sent"
                missing = f"{said}," if own else f"{title} could not be reached"
                reason = f"{missing} in {tries} tries; {unsent}"
                _stop(svc, tx, delivery, State.PARTIAL if delivery.begun else State.HELD, reason, tries=tries)
                tell(
                    svc,
                    tx,
                    post,
                    f"held:{delivery.id}:{delivery.fence}",
                    f"{post.name}: {reason}. /retry {post.name} when ready.",
                    fixes=fixes_of(post, delivery),
                    delivery=delivery,
                )
            else:
                when = say(now + wait, zone, now=now, seconds=True)
                reason = f"{title} could not be reached; next try {when}"
                reason = f"{said}; next try {when}" if own else reason
                put_back(tx, delivery, now + wait, reason, tries=tries)
        case _:
            earlier = _asked_before(tx, delivery, index)
            if isinstance(error, Rejected) and error.code == "duplicate" and earlier is not None:
                # The platform knows it already, so the earlier call did arrive: look for that one.
                ref = earlier.ref if error.ref is None else error.ref
                tx.attempts.close(earlier.id, AttemptState.UNKNOWN, ref=ref, error="said to be there")
                reason = "the platform says it is already there."
                under_fence(tx, delivery, State.UNCONFIRMED, wake_at=now, checks=0, reason=reason)
                return
            if isinstance(error, Rejected) and _prepares_anew(tx, delivery, index, error, now):
                return
            fix = f" {error.fix}" if isinstance(error, Rejected) and error.fix else ""
            partly = any(p.state is PartState.OUT for p in delivery.parts)
            _stop(
                svc,
                tx,
                delivery,
                State.PARTIAL if partly else State.REFUSED,
                str(error),
                tries=delivery.tries + 1,
            )
            text = refusal(title, post, str(error)) + fix
            tell_refused(svc, tx, post, delivery, text)
            event(svc, tx, "post_failed", delivery.post_id, delivery)


def _prepares_anew(tx: Tx, delivery: Delivery, index: int, error: Rejected, now: datetime) -> bool:
    """Forget what was prepared for a refused part; True when it is tried once more with new files."""
    progress = delivery.progress(index)
    if delivery.variant.parts[index].files:
        tx.deliveries.save_part(delivery.id, replace(progress, checkpoint={}, checkpoint_expires=None))
    if not error.restage or delivery.tries:
        return False
    put_back(tx, delivery, now + BACKOFF[0], "its files are uploaded anew", tries=1)
    return True


def fixes_of(post: Post, delivery: Delivery) -> tuple[Button, ...]:
    """What can be done about one target that stopped."""
    again = of_delivery(delivery.id, delivery.fence, "retry", "Continue" if delivery.begun else "Try again")
    if delivery.begun:
        return (again, of_delivery(delivery.id, delivery.fence, "take-down", "Take down", danger=True))
    return (again, of_post(post, "edit", "Edit"))


def tell_refused(svc: Services, tx: Tx, post: Post, delivery: Delivery, text: str) -> None:
    """The thread hears once that the platform said no, and its author is to notice."""
    tell(
        svc,
        tx,
        post,
        f"refused:{delivery.id}:{delivery.fence}",
        text,
        fixes=fixes_of(post, delivery),
        delivery=delivery,
        mentions=(post.author,),
    )


def refusal(title: str, post: Post, reason: str) -> str:
    """What the thread hears; a reason that names the platform itself is not quoted twice."""
    return f"{post.name}: {reason}" if title in reason else f"{title} refused {post.name}: “{reason}”"


def _asked_before(tx: Tx, delivery: Delivery, index: int) -> Attempt | None:
    """The latest earlier call for this part that ended without a clear answer."""
    doubtful = (AttemptState.UNKNOWN, AttemptState.ABSENT)
    found = [a for a in tx.attempts.of_delivery(delivery.id) if a.part == index and a.state in doubtful]
    return found[-1] if found else None


def block(svc: Services, tx: Tx, connected: Connected, until: datetime, scope: str) -> AccountState:
    """Nothing is sent on the account before ``until``; ``scope`` is what people read as the reason."""
    known = tx.accounts.get(connected.name)
    base = known or AccountState(name=connected.name, brand=connected.brand, platform=connected.platform.name)
    blocked = replace(base, blocked_until=until, why=scope)
    tx.accounts.save(blocked)
    return blocked


def waits(svc: Services, connected: Connected, account: AccountState | None, now: datetime) -> str:
    if account is None or account.blocked_until is None:
        return ""
    zone = svc.brands[connected.brand].timezone
    until = say(
        account.blocked_until, zone, now=now, seconds=account.blocked_until - now < timedelta(minutes=10)
    )
    return f"waits for {connected.platform.title} until {until} ({account.why})"


def make_wait(tx: Tx, account: str, until: datetime, why: str, now: datetime) -> None:
    """Everything else of the account that is due waits with it, and its cards say so."""
    for post_id in tx.deliveries.set_wakes(
        account, before=now + timedelta(seconds=1), until=until, reason=why
    ):
        tx.cards.touch(post_id)


def put_back(tx: Tx, delivery: Delivery, wake_at: datetime, reason: str, **changes: object) -> None:
    under_fence(tx, delivery, State.SCHEDULED, wake_at=wake_at, reason=reason, **changes)


def _stop(svc: Services, tx: Tx, delivery: Delivery, state: State, reason: str, *, tries: int) -> None:
    under_fence(tx, delivery, state, wake_at=None, reason=reason, tries=tries)
    audit(svc, tx, delivery.brand, "clarion", state.value, delivery=delivery, facts={"reason": reason})


def under_fence(tx: Tx, delivery: Delivery, state: State, **changes: object) -> Delivery | None:
    """Save the state if we still hold the newest fence; a lost fence is not an error here."""
    moved = replace(delivery, state=state, lease_until=None, lease_owner=None, **changes)  # type: ignore[arg-type]  # names of Delivery fields
    tx.cards.touch(delivery.post_id)
    return moved if tx.deliveries.advance(moved) else None
