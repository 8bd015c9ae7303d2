"""Finding out what became of a call whose answer is missing. Looking is free; sending is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.buttons import questions
from bot.domain.delivery import Attempt, AttemptState, Delivery, PartState, State, backoff
from bot.domain.platform import (
    Absent,
    Call,
    Checkpoint,
    Confirmed,
    HandedOver,
    Live,
    Pending,
    Refused,
    Unclear,
)
from bot.domain.when import say
from bot.errors import PublishError, RateLimited
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.handing import hand_over, handed_key, waits_on
from bot.services.ledger import OPEN, open_attempt, write_down
from bot.services.outcome import finish, part_out, refusal, tell_refused, under_fence
from bot.services.tell import audit, event, settled, tell


async def look(svc: Services, account: str) -> None:
    """Take up every delivery of an account that somebody left in the middle, or that is being checked."""
    connected = svc.accounts.get(account)
    if connected is None:
        return
    now = svc.clock.now()
    states = (State.PUBLISHING, State.UNCONFIRMED, State.HANDED_OVER)
    for row in await svc.store.read(lambda tx: tx.deliveries.waking(account, now, states)):
        taken = await svc.store.write(lambda tx, row=row: _take(svc, tx, connected, row))  # type: ignore[misc]  # mypy infers no lambda with a default
        if taken is not None:
            await _confirm(svc, connected, *taken)


def _take(svc: Services, tx: Tx, connected: Connected, row: Delivery) -> tuple[Delivery, Attempt] | None:
    """Become the owner. Without an open attempt nothing was sent: the row simply goes back."""
    now = svc.clock.now()
    delivery = tx.deliveries.take_over(
        row.id, fence=row.fence, now=now, owner=svc.owner, lease=connected.lease
    )
    if delivery is None:
        return None
    if delivery.next_part is None:
        # The answer came after somebody else had taken it over: all of it is out.
        finish(svc, tx, delivery)
        return None
    attempt = open_attempt(tx, delivery)
    if attempt is None and delivery.state is State.HANDED_OVER:
        # a person's word has ended the call: nothing is sent for it
        under_fence(tx, delivery, State.HANDED_OVER, wake_at=None)
        return None
    if attempt is None:
        under_fence(tx, delivery, State.SCHEDULED, wake_at=now, reason="")
        return None
    if attempt.state is AttemptState.CALLING:
        tx.attempts.close(attempt.id, AttemptState.UNKNOWN, error="the answer was not recorded")
    if delivery.state is State.PUBLISHING and attempt.ref is None:
        zone = svc.brands[delivery.brand].timezone
        reason = f"no clear answer after sending at {say(attempt.started_at, zone, now=now, seconds=True)}."
        delivery = replace(delivery, state=State.UNCONFIRMED, reason=reason, checks=0)
        tx.deliveries.save(delivery, fence=delivery.fence)
        tx.cards.touch(delivery.post_id)
    return delivery, replace(attempt, state=AttemptState.UNKNOWN)


async def _confirm(svc: Services, connected: Connected, delivery: Delivery, attempt: Attempt) -> None:
    part = delivery.variant.part(attempt.part)
    progress = delivery.progress(attempt.part)
    checkpoint = Checkpoint(data=progress.checkpoint, expires_at=progress.checkpoint_expires)
    parents = tuple(p.ref for p in delivery.parts if p.index < attempt.part and p.ref is not None)
    call = Call(
        key=attempt.key,
        started_at=attempt.started_at,
        request_hash=attempt.request_hash,
        ref=attempt.ref,
        parents=parents,
    )
    found: Confirmed | PublishError
    try:
        found = await connected.publisher.confirm(part, checkpoint, call)
    except PublishError as error:
        found = error
    except Exception as error:
        svc.log.error(
            "confirm_broke",
            account=connected.name,
            delivery=delivery.id,
            error=type(error).__name__,
            exc_info=error,
        )
        found = Unclear(why="looking for it failed")
    await write_down(svc, delivery, lambda tx: _conclude(svc, tx, connected, delivery, attempt, found))


def _conclude(
    svc: Services,
    tx: Tx,
    connected: Connected,
    delivery: Delivery,
    attempt: Attempt,
    found: Confirmed | PublishError,
) -> None:
    now = svc.clock.now()
    holds = tx.deliveries.lock(delivery.id) == delivery.fence
    if not holds or not _still_open(tx, attempt):
        # Its answer came while we looked, or somebody else looks: what is there to do, the rows say.
        under_fence(tx, delivery, delivery.state, wake_at=now)
        return
    if delivery.state is State.HANDED_OVER and waits_on(svc, tx, connected, delivery, attempt, found):
        return
    match found:
        case HandedOver():
            hand_over(svc, tx, connected, delivery, attempt, found)
        case Live():
            settled(svc, tx, delivery.brand, handed_key(attempt), "it is live.")
            tx.attempts.close(attempt.id, AttemptState.OK, ref=found.ref)
            on = part_out(
                svc,
                tx,
                delivery,
                attempt.part,
                ref=found.ref,
                url=found.url,
                proof=found.proof,
                at=attempt.started_at,
            )
            if on is not None:
                under_fence(tx, on, State.SCHEDULED, wake_at=now, reason="", checks=0)
        case Pending() if now - attempt.started_at < connected.platform.processing:
            under_fence(tx, delivery, delivery.state, wake_at=max(found.check_at, now + timedelta(seconds=1)))
        case Refused(reason=reason):
            tx.attempts.close(attempt.id, AttemptState.FAILED, error=reason)
            partly = any(p.state is PartState.OUT for p in delivery.parts)
            refused = under_fence(
                tx, delivery, State.PARTIAL if partly else State.REFUSED, wake_at=None, reason=reason
            )
            if refused is not None:
                event(svc, tx, "post_failed", delivery.post_id, refused)
            post = tx.posts.get(delivery.post_id)
            assert post is not None
            tell_refused(svc, tx, post, delivery, refusal(connected.platform.title, post, reason))
        case Absent(keep_checkpoint=keep):
            tx.attempts.close(attempt.id, AttemptState.ABSENT, error="proved absent")
            if not keep:
                tx.deliveries.save_part(
                    delivery.id,
                    replace(delivery.progress(attempt.part), checkpoint={}, checkpoint_expires=None),
                )
            wait = backoff(delivery.tries + 1) or timedelta(minutes=10)
            under_fence(
                tx,
                delivery,
                State.SCHEDULED,
                wake_at=now + wait,
                tries=delivery.tries + 1,
                platform_wait=True,
                reason="",
            )
        case RateLimited(until=until):
            under_fence(tx, delivery, delivery.state, wake_at=max(until, now + timedelta(seconds=1)))
        case _:
            why = found.why if isinstance(found, Unclear) else str(found)
            look_at = found.look_at if isinstance(found, Unclear) else ""
            _look_again_or_ask(svc, tx, connected, delivery, attempt, why, look_at)


def _still_open(tx: Tx, attempt: Attempt) -> bool:
    return any(a.id == attempt.id and a.state in OPEN for a in tx.attempts.of_delivery(attempt.delivery_id))


def _look_again_or_ask(
    svc: Services, tx: Tx, connected: Connected, delivery: Delivery, attempt: Attempt, why: str, look_at: str
) -> None:
    """Feeds lag: look at each settle time; after the last a person is asked."""
    now = svc.clock.now()
    settle = connected.platform.settle
    if attempt.started_at > now:  # the clock has been set back since: by it, the call is still to come
        later = [now + t for t in settle[delivery.checks :]]
    else:
        later = [attempt.started_at + t for t in settle if attempt.started_at + t > now]
    if later:
        state = State.UNCONFIRMED if delivery.state is State.PUBLISHING else delivery.state
        under_fence(tx, delivery, state, wake_at=later[0], checks=delivery.checks + 1)
        return
    zone = svc.brands[delivery.brand].timezone
    where = f" Please look: {look_at}" if look_at else ""
    sent = say(attempt.started_at, zone, now=now, seconds=True)
    because = f" ({why.rstrip('.')})" if why else ""
    reason = f"sent at {sent}, and I could not find out whether it is there{because}.{where}"
    asked = under_fence(
        tx, delivery, State.UNCONFIRMED, wake_at=None, checks=delivery.checks + 1, reason=reason
    )
    post = tx.posts.get(delivery.post_id)
    if asked is None or post is None:
        return
    text = (
        f"{post.name} on {connected.platform.title}: I could not find out whether it is there.{where} "
        f"Then press, or type /confirm {post.name} live, not or leave --to {delivery.account}."
    )
    tell(
        svc,
        tx,
        post,
        f"ask:{attempt.id}",
        text,
        delivery=asked,
        buttons=questions(delivery.id, asked.fence),
        mentions=(post.author,),
    )
    audit(svc, tx, delivery.brand, "clarion", "asked", delivery=asked, facts={"why": why})
