"""Files under way to what their targets take: ended, tried again, told."""

from __future__ import annotations

import asyncio

from bot.domain.delivery import Delivery, State
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.preparing import STOPPED, UNDER_WAY, Preparation, Stage
from bot.errors import Conflict, NotFound
from bot.ports import Tx
from bot.services.context import Services
from bot.services.tell import audit

PREPARE = "prepare"
"""The engine's task that makes what waits; one at a time, on a queue of its own."""


def preparations_of(tx: Tx, delivery: Delivery) -> tuple[Preparation, ...]:
    """What a delivery needs made of its files, and how far it is."""
    return tuple(p for p in tx.preparations.of_post(delivery.post_id) if p.delivery_id == delivery.id)


def to_prepare(svc: Services, tx: Tx) -> bool:
    """Whether there is something to make here: it waits, or was left by a task of ours that failed."""
    if svc.studio is None or svc.engine.stopping:
        return False
    if tx.preparations.next_due(svc.clock.now()) is not None:
        return True
    return not svc.preparing and tx.preparations.left_by(svc.owner)


def being_prepared(tx: Tx, delivery: Delivery) -> bool:
    """Whether a draft only waits for its files."""
    return delivery.state is State.DRAFT and any(p.stage in UNDER_WAY for p in preparations_of(tx, delivery))


def stop_preparing(tx: Tx, delivery: Delivery, why: str) -> bool:
    """Nothing more is made for a delivery; whoever is at work on it notices. False when nothing was."""
    found = [p for p in preparations_of(tx, delivery) if p.stage in UNDER_WAY]
    return any([tx.preparations.stop(p.id, Stage.CANCELLED, why) for p in found])


def end_here(svc: Services, id_: int) -> None:
    """End the work on one file in this process at once."""
    scope = svc.preparing.get(id_)
    if scope is not None and not scope.expired():
        scope.reschedule(asyncio.get_running_loop().time())


async def end_all(svc: Services) -> None:
    """End all work on files in this process; what is cut off is made anew by the next."""
    for id_ in tuple(svc.preparing):
        end_here(svc, id_)


async def end_stale(svc: Services) -> None:
    """End what this process makes for nobody any more."""
    at_work = tuple(svc.preparing)
    if not at_work:
        return
    rows = await svc.store.read(lambda tx: [tx.preparations.get(id_) for id_ in at_work])
    for id_, row in zip(at_work, rows, strict=True):
        if row is None or row.stage is not Stage.RUNNING:
            end_here(svc, id_)


async def cancel_preparing(svc: Services, brand: Brand, delivery_id: int, member: str) -> str:
    """Stop making files for a target; it stays a draft. Raises `Conflict` when nothing is made for it."""

    def unit(tx: Tx) -> str:
        post, delivery = _mine(tx, brand, delivery_id)
        if not stop_preparing(tx, delivery, f"cancelled by {member}"):
            raise Conflict(f"Nothing is being prepared for {delivery.account} any more. Look at the card.")
        audit(svc, tx, brand.name, member, "preparing_cancelled", delivery=delivery)
        tx.cards.touch(post.id)
        return (
            f"Preparing {post.name} for {delivery.account} is stopped; it stays a draft. "
            f"Try again goes on, /edit {post.name} gives it another file."
        )

    said = await svc.store.write(unit)
    await end_stale(svc)
    return said


async def prepare_again(svc: Services, brand: Brand, delivery_id: int, member: str) -> str:
    """Try once more what failed or was cancelled. Raises `Conflict` when there is nothing of the kind."""

    def unit(tx: Tx) -> str:
        post, delivery = _mine(tx, brand, delivery_id)
        stopped = [p for p in preparations_of(tx, delivery) if p.stage in STOPPED]
        if not stopped or delivery.state is not State.DRAFT:
            raise Conflict(f"Nothing of {post.name} waits to be prepared again. Look at the card.")
        for found in stopped:
            tx.preparations.again(found.id)
        audit(svc, tx, brand.name, member, "preparing_again", delivery=delivery)
        tx.cards.touch(post.id)
        return f"{post.name} is prepared for {delivery.account} once more."

    said = await svc.store.write(unit)
    svc.wake()
    return said


def _mine(tx: Tx, brand: Brand, delivery_id: int) -> tuple[Post, Delivery]:
    delivery = tx.deliveries.get(delivery_id)
    post = tx.posts.get(delivery.post_id) if delivery is not None else None
    if delivery is None or post is None or post.brand != brand.name:
        raise NotFound("That post is not here any more.")
    tx.posts.lock(post.id)
    return post, tx.deliveries.get(delivery_id) or delivery
