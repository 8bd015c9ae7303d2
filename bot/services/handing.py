"""What a person has to finish in a platform's own app: the task, the reminder, and looking again until it
is live, or nobody can find out any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.buttons import of_delivery
from bot.domain.delivery import Attempt, AttemptState, Delivery, PartState, State
from bot.domain.message import Button
from bot.domain.platform import Absent, Confirmed, HandedOver, Live, Refused
from bot.domain.post import Post
from bot.domain.when import say
from bot.errors import PublishError, RateLimited
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.outcome import under_fence
from bot.services.tell import audit, settled, tell

STEPS = (
    (timedelta(minutes=10), timedelta(minutes=1)),
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(hours=6), timedelta(minutes=15)),
)
"""How old it is, and how often it is looked at then; older ones every half hour."""

SELDOM = timedelta(minutes=30)

LONGEST = timedelta(days=7)
"""How long it is looked for where the platform names no end."""

LAST_CALL = timedelta(hours=2)
"""How long before the end people are reminded, once."""


def hand_over(
    svc: Services,
    tx: Tx,
    connected: Connected,
    delivery: Delivery,
    attempt: Attempt,
    found: HandedOver,
) -> None:
    """It lies in the platform's app. People are told once what to do, and the platform is asked again."""
    now, first = svc.clock.now(), delivery.state is not State.HANDED_OVER
    until = found.until or attempt.started_at + LONGEST
    ref = found.ref if found.ref is not None else attempt.ref
    tx.attempts.close(attempt.id, AttemptState.UNKNOWN, ref=ref)
    progress = delivery.progress(attempt.part)
    if progress.checkpoint_expires != until:
        tx.deliveries.save_part(delivery.id, replace(progress, checkpoint_expires=until))
    if not first and now >= until:
        _ask(svc, tx, connected, delivery, attempt)
        return
    wake = _next_look(now, attempt, until)
    held = under_fence(tx, delivery, State.HANDED_OVER, wake_at=wake, reason=found.task, checks=0)
    post = tx.posts.get(delivery.post_id)
    if held is None or post is None:
        return
    if first:
        _give(svc, tx, connected, post, held, attempt, found, until)
    elif now >= until - LAST_CALL:
        _remind(svc, tx, connected, post, held, attempt, found, until)


def waits_on(
    svc: Services,
    tx: Tx,
    connected: Connected,
    delivery: Delivery,
    attempt: Attempt,
    found: Confirmed | PublishError,
) -> bool:
    """What an answer means for what was handed over already; False where it means what it always does.

    A person may have finished it, so an answer that is missing is never a reason to send anything.
    """
    now, until = svc.clock.now(), delivery.progress(attempt.part).checkpoint_expires
    if isinstance(found, Live | HandedOver | Refused):
        return False
    if isinstance(found, Absent):
        tx.attempts.close(attempt.id, AttemptState.ABSENT, error="thrown away in the platform's app")
        partly = any(p.state is PartState.OUT for p in delivery.parts)
        over = State.PARTIAL if partly else State.CANCELLED
        reason = f"it is no longer in {connected.platform.title}: somebody threw it away, or its time ran out"
        under_fence(tx, delivery, over, wake_at=None, reason=reason)
        settled(svc, tx, delivery.brand, handed_key(attempt), "it is gone from there.")
        audit(svc, tx, delivery.brand, "clarion", "thrown_away", delivery=delivery)
        return True
    if until is not None and now >= until:
        _ask(svc, tx, connected, delivery, attempt)
        return True
    wake = _next_look(now, attempt, until or attempt.started_at + LONGEST)
    wake = max(wake, found.until) if isinstance(found, RateLimited) else wake
    under_fence(tx, delivery, State.HANDED_OVER, wake_at=wake)
    return True


def handed_key(attempt: Attempt) -> str:
    """Names the task, so that it is told once and can be struck through."""
    return f"handed:{attempt.id}"


def questions(delivery: Delivery) -> tuple[Button, ...]:
    """What a person can say about it."""
    return (
        of_delivery(delivery.id, delivery.fence, "is-live", "It's live"),
        of_delivery(delivery.id, delivery.fence, "will-not", "It will not be"),
    )


def _next_look(now: datetime, attempt: Attempt, until: datetime) -> datetime:
    age = now - attempt.started_at
    wake = now + next((pace for limit, pace in STEPS if age < limit), SELDOM)
    for landmark in (until - LAST_CALL, until):
        if now < landmark < wake:
            return landmark
    return wake


def _give(
    svc: Services,
    tx: Tx,
    connected: Connected,
    post: Post,
    delivery: Delivery,
    attempt: Attempt,
    found: HandedOver,
    until: datetime,
) -> None:
    zone, now = svc.brands[post.brand].timezone, svc.clock.now()
    title = connected.platform.title
    where = f" {found.look_at}" if found.look_at else ""
    ends = f" It waits there until {say(until, zone, now=now)}." if found.until else ""
    text = f"{post.name} on {title} is yours to finish: {found.task.rstrip('.')}.{where}{ends}"
    tell(
        svc,
        tx,
        post,
        handed_key(attempt),
        text,
        buttons=questions(delivery),
        delivery=delivery,
        mentions=(post.author,),
    )
    if found.paste:
        tell(svc, tx, post, f"{handed_key(attempt)}:paste", found.paste, delivery=delivery)
    audit(
        svc, tx, post.brand, "clarion", "handed_over", delivery=delivery, facts={"until": until.isoformat()}
    )


def _remind(
    svc: Services,
    tx: Tx,
    connected: Connected,
    post: Post,
    delivery: Delivery,
    attempt: Attempt,
    found: HandedOver,
    until: datetime,
) -> None:
    zone, now = svc.brands[post.brand].timezone, svc.clock.now()
    text = (
        f"{post.name} still waits in {connected.platform.title}: {found.task.rstrip('.')}. "
        f"At {say(until, zone, now=now)} it is thrown away there."
    )
    tell(svc, tx, post, f"{handed_key(attempt)}:last", text, delivery=delivery, mentions=(post.author,))


def _ask(svc: Services, tx: Tx, connected: Connected, delivery: Delivery, attempt: Attempt) -> None:
    """Its time is over and nobody knows: only a person can say."""
    title = connected.platform.title
    reason = f"its time in {title} is over, and I could not find out whether somebody finished it"
    asked = under_fence(tx, delivery, State.HANDED_OVER, wake_at=None, reason=f"{reason}.")
    post = tx.posts.get(delivery.post_id)
    if asked is None or post is None:
        return
    text = f"{post.name}: {reason}. Press, or type /confirm {post.name} live or not --to {delivery.account}."
    tell(
        svc,
        tx,
        post,
        f"ask:{attempt.id}",
        text,
        buttons=questions(asked),
        delivery=asked,
        mentions=(post.author,),
    )
    audit(svc, tx, delivery.brand, "clarion", "asked", delivery=asked, facts={"why": reason})
