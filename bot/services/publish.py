"""The one road out: claim, gate, stage, attempt row, the call, record.

The order of writes is the whole point (reference: engine, §3.3). A row in ``attempts`` is
committed before the socket is touched; the answer's id is recorded unconditionally, the
delivery's state only under the fence. A crash before the row means nothing was sent; a
crash after it is looked into by `bot.services.reconcile`, never repeated.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.delivery import (
    Attempt,
    AttemptState,
    Delivery,
    PartProgress,
    PartState,
    State,
    part_due,
)
from bot.domain.platform import Call, Checkpoint, More, Pending, Ready, Receipt, Wait
from bot.domain.post import Part, Post, part_hash
from bot.errors import (
    Conflict,
    PublishError,
    StoreError,
    Transient,
    Uncertain,
)
from bot.ports import Tx
from bot.services.belated import call_off, record_late
from bot.services.budget import learn, pay, price_of
from bot.services.context import Connected, Services
from bot.services.gate import objection_to, stopped, unsure_of
from bot.services.groups import fresh
from bot.services.ledger import write_down
from bot.services.outcome import finish, fixes_of, follows_later, put_back, record, waits
from bot.services.tell import move, tell
from bot.services.toll import pass_toll
from bot.services.withhold import withhold

BATCH = 4
UNSURE = timedelta(minutes=1)
"""Until what nobody can judge is looked at again."""

TURN_POSTS, TURN_SECONDS = 20, 30.0
"""One turn of an account ends after so many posts or so long (reference: engine, §3.6)."""

HALF_WAY = "Its card has Continue, which sends the rest now, and Take down."


@dataclass(frozen=True, kw_only=True)
class Work:
    """A claimed delivery with its post, and the monotonic second at which its lease ends."""

    post: Post
    delivery: Delivery
    ends: float


async def drain(svc: Services, account: str) -> bool:
    """Publish what is due on one account, oldest first, one after the other; False when nothing was."""
    connected = svc.accounts.get(account)
    if connected is None:
        return False
    if svc.brands[connected.brand].dry_run:
        return await withhold(svc, connected)
    began, done = svc.clock.monotonic(), 0
    while not svc.engine.stopping and done < TURN_POSTS and svc.clock.monotonic() - began < TURN_SECONDS:
        ends = svc.clock.monotonic() + connected.lease.total_seconds()
        await fresh(svc, connected.brand)
        now = svc.clock.now()
        taken, fit = await svc.store.write(lambda tx, now=now: _claim(svc, tx, connected, now))  # type: ignore[misc]  # mypy infers no lambda with a default
        for post, delivery in fit:
            await _carry(svc, connected, Work(post=post, delivery=delivery, ends=ends))
        done += taken
        if taken < BATCH:
            break  # there was no more; what has come due since, the pump finds
    return done > 0


def _claim(
    svc: Services, tx: Tx, connected: Connected, now: datetime
) -> tuple[int, list[tuple[Post, Delivery]]]:
    """How many deliveries were taken, and those of them that may go out."""
    if stopped(svc, tx, connected, now) is not None:
        return 0, []
    rows = tx.deliveries.claim(connected.name, now=now, owner=svc.owner, lease=connected.lease, limit=BATCH)
    fit: list[tuple[Post, Delivery]] = []
    for delivery in rows:
        post = tx.posts.get(delivery.post_id)
        assert post is not None
        if delivery.next_part is None:
            # Its answer came after somebody else had taken it over: all of it is out.
            finish(svc, tx, delivery)
            continue
        if follows_later(svc, tx, delivery):
            continue
        unsure = unsure_of(svc, tx, post, delivery, now)
        if unsure is not None:
            put_back(tx, delivery, now + UNSURE, f"waits: {unsure}")
            continue
        objection = objection_to(svc, tx, post, delivery, now)
        if objection is None:
            fit.append((post, replace(delivery, due=part_due(delivery)) if delivery.begun else delivery))
        elif delivery.parts and any(p.state is PartState.OUT for p in delivery.parts):
            move(
                tx,
                delivery,
                State.PARTIAL,
                wake_at=None,
                lease_until=None,
                lease_owner=None,
                reason=objection,
            )
            words = f"{post.name} on {connected.platform.title} stopped half way: {objection}."
            key, fixes = f"partial:{delivery.id}:{delivery.fence}", fixes_of(post, delivery)
            tell(svc, tx, post, key, f"{words} {HALF_WAY}", fixes=fixes, delivery=delivery)
        else:
            move(tx, delivery, State.HELD, wake_at=None, lease_until=None, lease_owner=None, reason=objection)
    return len(rows), fit


async def _carry(svc: Services, connected: Connected, work: Work) -> None:
    """Bring one claimed delivery as far as it goes now."""
    delivery: Delivery | None = work.delivery
    while delivery is not None and (index := delivery.next_part) is not None:
        if svc.engine.stopping:  # whoever comes after us goes on at once
            await _release(svc, replace(work, delivery=delivery), svc.clock.now(), "")
            return
        part = delivery.variant.part(index)
        checkpoint = await _stage(svc, connected, replace(work, delivery=delivery), index, part)
        if checkpoint is None:
            return
        delivery = await _send(svc, connected, replace(work, delivery=delivery), index, part, checkpoint)


async def _stage(
    svc: Services, connected: Connected, work: Work, index: int, part: Part
) -> Checkpoint | None:
    """Staging, one reversible step at a time; None when the delivery has to come back later."""
    delivery, progress = work.delivery, work.delivery.progress(index)
    checkpoint = Checkpoint(data=progress.checkpoint, expires_at=progress.checkpoint_expires)
    now = svc.clock.now()
    if checkpoint.expires_at is not None and checkpoint.expires_at <= now:
        checkpoint = Checkpoint()
    while True:
        try:
            staged = await connected.publisher.stage(part, checkpoint)
        except PublishError as error:
            await _settle(svc, connected, work, index, None, _harmless(error))
            return None
        except Exception as error:
            svc.log.error(
                "stage_broke",
                account=connected.name,
                delivery=delivery.id,
                error=type(error).__name__,
                exc_info=error,
            )
            await _settle(svc, connected, work, index, None, Transient("Preparing it failed."))
            return None
        if staged.checkpoint != checkpoint:
            checkpoint = staged.checkpoint
            saved = replace(
                progress,
                state=PartState.STAGED,
                checkpoint=checkpoint.data,
                checkpoint_expires=checkpoint.expires_at,
            )
            if not await svc.store.write(lambda tx, saved=saved: _save_stage(tx, delivery, saved)):  # type: ignore[misc]  # mypy infers no lambda with a default
                return None
        match staged:
            case Ready():
                if delivery.due is not None and delivery.due > svc.clock.now():
                    await _release(svc, work, delivery.due, "")
                    return None
                return checkpoint
            case Wait(until=until):
                await _release(svc, work, until, "the platform is still preparing the media", patient=True)
                return None
            case More():
                if svc.clock.monotonic() > work.ends - connected.platform.commit_timeout.total_seconds():
                    await _release(svc, work, svc.clock.now(), "", patient=True)
                    return None


def _save_stage(tx: Tx, delivery: Delivery, saved: PartProgress) -> bool:
    """Only by the one who holds it: a process that slept must not undo what another has sent meanwhile."""
    if tx.deliveries.lock(delivery.id) != delivery.fence:
        return False
    tx.deliveries.save_part(delivery.id, saved)
    return True


def _harmless(error: PublishError) -> PublishError:
    """Staging is reversible: an answer that went missing there is not a question, only a retry."""
    return Transient(str(error), detail=error.detail) if isinstance(error, Uncertain) else error


async def _send(
    svc: Services, connected: Connected, work: Work, index: int, part: Part, checkpoint: Checkpoint
) -> Delivery | None:
    """The attempt row, the call, the record. Returns the delivery when more parts can follow at once."""
    now = svc.clock.now()
    price = _priced(svc, connected, work, part)
    if price is None:
        await _settle(svc, connected, work, index, None, Transient("Its price could not be worked out."))
        return None
    try:
        opened = await svc.store.write(lambda tx: _open(svc, tx, connected, work, index, part, price, now))
    except StoreError as error:
        # The row may be there all the same, when the database went away in its commit.
        svc.log.error("attempt_not_written", delivery=work.delivery.id, error=str(error))
        await _call_off(svc, work, index, "the database failed before the call")
        return None
    if opened is None:
        return None
    timeout = connected.platform.commit_timeout.total_seconds()
    if svc.clock.monotonic() > work.ends - timeout:
        # The process slept between claim and here: another owner may hold the row by now.
        await _call_off(svc, work, index, "lease ended before the call")
        return None
    parents = tuple(p.ref for p in work.delivery.parts if p.index < index and p.ref is not None)
    call = Call(
        key=opened.key, started_at=opened.started_at, request_hash=opened.request_hash, parents=parents
    )
    answer: Receipt | Pending | PublishError
    try:
        async with asyncio.timeout(timeout + 5):
            answer = await connected.publisher.commit(part, checkpoint, call)
    except PublishError as error:
        answer = error
    except TimeoutError:
        answer = Uncertain("The platform did not answer in time.")
    except Exception as error:
        svc.log.error(
            "commit_broke",
            account=connected.name,
            delivery=work.delivery.id,
            error=type(error).__name__,
            exc_info=error,
        )
        answer = Uncertain("The answer could not be understood.")
    return await _settle(svc, connected, work, index, opened, answer)


def _priced(svc: Services, connected: Connected, work: Work, part: Part) -> int | None:
    """What the call costs; None when the platform's plugin breaks over it."""
    try:
        return price_of(connected, part)
    except Exception as error:
        svc.log.error(
            "price_broke",
            account=connected.name,
            delivery=work.delivery.id,
            error=type(error).__name__,
            exc_info=error,
        )
        return None


def _open(
    svc: Services, tx: Tx, connected: Connected, work: Work, index: int, part: Part, price: int, now: datetime
) -> Attempt | None:
    """The last gate and the attempt row, in the transaction that is committed before the socket."""
    delivery = work.delivery
    if stopped(svc, tx, connected, now) is not None:
        account = tx.accounts.get(connected.name)
        until = (
            account.blocked_until
            if account and account.blocked_until and account.blocked_until > now
            else now
        )
        put_back(tx, delivery, until, waits(svc, connected, account, now) if until > now else "")
        return None
    if svc.brands[connected.brand].dry_run:
        put_back(tx, delivery, now, "")
        return None
    toll = pass_toll(svc, tx, connected, delivery, price, now)
    if toll is None:
        return None
    attempt = Attempt(
        id=0,
        delivery_id=delivery.id,
        part=index,
        fence=delivery.fence,
        # The words are part of the key: after an edit the platform must not know it already.
        key=f"{svc.instance}-{delivery.id}-{index}-{part_hash(part)[:12]}",
        state=AttemptState.CALLING,
        started_at=now,
        deadline=now + connected.platform.commit_timeout,
        request_hash=part_hash(part),
        price=toll.price,
    )
    try:
        opened = tx.attempts.open(attempt, owner=svc.owner)
        pay(tx, toll)
        return opened
    except Conflict:
        svc.log.warning("attempt_refused", delivery=delivery.id, part=index, fence=delivery.fence)
        return None


async def _settle(
    svc: Services,
    connected: Connected,
    work: Work,
    index: int,
    attempt: Attempt | None,
    answer: Receipt | Pending | PublishError,
) -> Delivery | None:
    """Record what came of it, and what the platform said about its rates."""
    seen, now = connected.meter.take(), svc.clock.now()

    def unit(tx: Tx) -> Delivery | None:
        if seen:
            learn(tx, connected, seen, now)
        if tx.deliveries.lock(work.delivery.id) != work.delivery.fence:
            record_late(svc, tx, connected, work.delivery, index, attempt, answer)
            return None
        return record(svc, tx, connected, work.delivery, index, attempt, answer)

    return await write_down(svc, work.delivery, unit)


async def _call_off(svc: Services, work: Work, index: int, why: str) -> None:
    """We know that nothing was sent, so nobody has to look for it."""
    await write_down(svc, work.delivery, lambda tx: call_off(svc, tx, work.delivery, index, why))


async def _release(
    svc: Services, work: Work, wake_at: datetime, reason: str, *, patient: bool = False
) -> None:
    """Come back to it later; ``patient``: it waits for the platform, or for bytes on their way there."""
    changes = {"platform_wait": True} if patient else {}
    await svc.store.write(lambda tx: put_back(tx, work.delivery, wake_at, reason, **changes))
