"""Taking down what is out, part by part, last one first."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.delivery import Delivery, PartState, State
from bot.domain.people import Brand
from bot.errors import Conflict, NotFound, PublishError
from bot.ports import Tx
from bot.services.context import Services
from bot.services.history import happened
from bot.services.tell import audit, move

OUT = frozenset({State.LIVE, State.PARTIAL})


async def take_down(
    svc: Services, brand: Brand, post_id: int, member: str, account: str | None = None
) -> str:
    """Remove every part that is out and known by its ref; free to repeat.

    Raises `Conflict` when nothing is out. A platform's refusal is told, the rest goes on.
    """
    rows = await svc.store.read(lambda tx: tx.deliveries.of_post(post_id))
    mine = [d for d in rows if d.brand == brand.name and account in (None, d.account)]
    if not mine:
        raise NotFound(f"There is no P{post_id} here.")
    live = [d for d in mine if d.state in OUT or (d.begun and d.state is State.SCHEDULED)]
    if not live:
        raise Conflict(f"Nothing of P{post_id} is out. /cancel P{post_id} drops what is waiting.")
    said = [await _remove(svc, brand, d, member) for d in live]
    return " ".join(said)


def _stay(tx: Tx, delivery: Delivery, member: str) -> Delivery:
    return move(tx, delivery, State.PARTIAL, wake_at=None, reason=f"being taken down by {member}")


async def _remove(svc: Services, brand: Brand, delivery: Delivery, member: str) -> str:
    connected = svc.accounts.get(delivery.account)
    if connected is None:
        return f"{delivery.account} is no longer connected; remove it on the platform."
    title = connected.platform.title
    if delivery.state is State.SCHEDULED:
        # What was to follow must not go out below a post that is being removed.
        delivery = await svc.store.write(lambda tx: _stay(tx, delivery, member))
    for part in reversed([p for p in delivery.parts if p.state is PartState.OUT]):
        if part.ref is None:
            return f"{title}: I do not know its address; remove it there: {part.url or title}."
        try:
            await connected.publisher.remove(part.ref)
        except PublishError as error:
            return f"{title} did not take it down: {error}"
        gone = replace(part, state=PartState.REMOVED)
        await svc.store.write(lambda tx, gone=gone: tx.deliveries.save_part(delivery.id, gone))  # type: ignore[misc]  # mypy infers no lambda with a default

    def unit(tx: Tx) -> None:
        fresh = tx.deliveries.get(delivery.id)
        assert fresh is not None
        move(tx, fresh, State.REMOVED, wake_at=None, reason=f"taken down by {member}")
        audit(svc, tx, brand.name, member, "removed", delivery=fresh)
        post = tx.posts.get(delivery.post_id)
        if post is not None:
            happened(svc, tx, post, "removed", f"{member} took it down from {title}.")

    await svc.store.write(unit)
    return f"P{delivery.post_id} is taken down from {title}."
