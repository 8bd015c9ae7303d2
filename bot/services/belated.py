"""What comes after somebody else has taken a delivery over: nothing known is thrown away.

A process may be frozen for longer than its lease and then go on (reference: engine, §3.3, step 5).
Its fence is old, so it decides nothing any more; but what it knows is written down, and whoever
waits for exactly that is woken. Whoever calls this has locked the delivery (`Deliveries.lock`).
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.delivery import Attempt, AttemptState, Delivery, PartProgress, PartState, State
from bot.domain.platform import Pending, Proof, Receipt
from bot.errors import PublishError, Uncertain
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.ledger import OPEN
from bot.services.outcome import put_back
from bot.services.tell import audit, tell

COUNTS = (*OPEN, AttemptState.OK)


def record_late(
    svc: Services,
    tx: Tx,
    connected: Connected,
    held: Delivery,
    index: int,
    attempt: Attempt | None,
    answer: Receipt | Pending | PublishError,
) -> None:
    """Write down an answer whose asker no longer holds the delivery as it was, ``held``."""
    if attempt is None:
        return  # an answer about preparing it: the new owner prepares it again
    rows = tx.attempts.of_delivery(held.id)
    now_known = next((a for a in rows if a.id == attempt.id), attempt)
    match answer:
        case Receipt():
            again = any(a.part == index and a.id != attempt.id and a.state in COUNTS for a in rows)
            _is_out(svc, tx, connected, held, index, now_known, answer, again=again)
        case Pending() | Uncertain():
            if now_known.state in OPEN:
                ref = answer.ref if isinstance(answer, Pending) else None
                tx.attempts.close(attempt.id, AttemptState.UNKNOWN, ref=ref, error=now_known.error)
        case _:
            if now_known.state in OPEN:
                error = f"{type(answer).__name__}: {answer}"
                tx.attempts.close(attempt.id, AttemptState.FAILED, error=error)
    wake(svc, tx, held.id)


def call_off(svc: Services, tx: Tx, held: Delivery, index: int, why: str) -> None:
    """Surely nothing was sent: close the attempt's row, if there is one, and give the delivery back."""
    holds = tx.deliveries.lock(held.id) == held.fence
    for a in tx.attempts.of_delivery(held.id):
        if a.part == index and a.fence == held.fence and a.state in OPEN:
            tx.attempts.close(a.id, AttemptState.FAILED, error=why)
    if holds:
        put_back(tx, held, svc.clock.now(), "")
    else:
        wake(svc, tx, held.id)


def wake(svc: Services, tx: Tx, delivery_id: int) -> None:
    """A delivery in doubt is looked at again, also when a person has been asked already."""
    delivery = tx.deliveries.get(delivery_id)
    if delivery is not None and delivery.state is State.UNCONFIRMED:
        woken = replace(delivery, wake_at=svc.clock.now())
        tx.deliveries.save(woken, fence=delivery.fence, was=delivery.state)
    if delivery is not None:
        tx.cards.touch(delivery.post_id)


def _is_out(
    svc: Services,
    tx: Tx,
    connected: Connected,
    held: Delivery,
    index: int,
    attempt: Attempt,
    answer: Receipt,
    *,
    again: bool,
) -> None:
    """The platform has it. If it was sent again meanwhile, people hear of it: that was the risk they took."""
    late = again and attempt.state not in COUNTS
    tx.attempts.close(
        attempt.id,
        attempt.state if late else AttemptState.OK,
        ref=answer.ref,
        error="its answer came after it had been sent again" if late else "",
    )
    delivery = tx.deliveries.get(held.id) or held
    known = delivery.progress(index)
    if known.state is not PartState.OUT or known.ref is None:
        out = PartProgress(
            index=index,
            state=PartState.OUT,
            ref=answer.ref,
            url=answer.url,
            proof=Proof.RECEIPT,
            out_at=attempt.started_at,
        )
        tx.deliveries.save_part(delivery.id, out)
        facts = {"part": index, "proof": Proof.RECEIPT.value}
        audit(svc, tx, delivery.brand, "clarion", "part_out", delivery=delivery, facts=facts)
    post = tx.posts.get(delivery.post_id)
    if late and post is not None and known.ref != answer.ref:
        where = f": {answer.url}" if answer.url else ""
        text = (
            f"{post.name} may be on {connected.platform.title} twice. It was sent again, and only now the "
            f"answer to the first try has come{where}. Please look, and take one of them down."
        )
        tell(svc, tx, post, f"twice:{attempt.id}", text, delivery=delivery)
