"""News about a post: queued in the transaction that made it true, sent by the courier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.delivery import Delivery, State, may_become
from bot.domain.marks import plain
from bot.domain.message import Button, Message, Target
from bot.domain.post import Json, Media, Post
from bot.domain.records import AuditEntry, Card, Notice
from bot.errors import Conflict
from bot.ports import Tx
from bot.services.context import Services

OVER = "\n→ "
"""Between what happened and how it ended."""


def open_cards(svc: Services, tx: Tx, post: Post) -> None:
    """A card in every channel of the brand; the courier paints them."""
    for target in svc.channels(post.brand):
        tx.cards.add(Card(id=0, post_id=post.id, target=replace(target, thread=post.id)))


def has_threads(svc: Services, target: Target) -> bool:
    """Whether history has a place of its own there; at a console it would be printed between the lines."""
    return target.chat in svc.teams


def tell(
    svc: Services,
    tx: Tx,
    post: Post,
    key: str,
    text: str,
    *,
    buttons: tuple[Button, ...] = (),
    fixes: tuple[Button, ...] = (),
    delivery: Delivery | None = None,
    mentions: tuple[str, ...] = (),
) -> None:
    """Say ``text`` once in the post's thread, in every channel of its brand.

    ``buttons`` stand below it everywhere, ``fixes`` only where there are threads: elsewhere the card
    beside it has them.
    """
    for target in svc.channels(post.brand):
        pressable = (*buttons, *fixes) if has_threads(svc, target) else buttons
        message = Message(
            title=post.name if pressable else "", text=text, buttons=pressable, mentions=mentions
        )
        tx.notices.put(_notice(post, key, target, message, delivery))


def note(
    svc: Services,
    tx: Tx,
    post: Post,
    key: str,
    text: str,
    *,
    buttons: tuple[Button, ...] = (),
    picture: Media | None = None,
    delivery: Delivery | None = None,
    mentions: tuple[str, ...] = (),
) -> None:
    """A line of the post's history, said once and only where there are threads."""
    message = Message(
        text=text,
        buttons=buttons,
        image=svc.media.path(picture) if picture else None,
        image_alt=picture.alt if picture else "",
        mentions=mentions,
    )
    for target in svc.channels(post.brand):
        if has_threads(svc, target):
            tx.notices.put(_notice(post, key, target, message, delivery))


def _notice(post: Post, key: str, target: Target, message: Message, delivery: Delivery | None) -> Notice:
    return Notice(
        id=0,
        key=f"{key}@{target.address}",
        target=replace(target, thread=post.id),
        message=message,
        brand=post.brand,
        post_id=post.id,
        delivery_id=delivery.id if delivery else None,
    )


def note_brand(svc: Services, tx: Tx, brand: str, key: str, message: Message) -> None:
    """Say something once in the brand's team channels that concerns no single post."""
    for target in svc.channels(brand):
        if has_threads(svc, target):
            tx.notices.put(
                Notice(id=0, key=f"{key}@{target.address}", target=target, message=message, brand=brand)
            )


def settled(svc: Services, tx: Tx, brand: str, key: str, text: str) -> None:
    """The incident is over: its message says so and loses its buttons, where messages can be edited."""
    for target in svc.channels(brand):
        known = tx.notices.of_key(f"{key}@{target.address}") if has_threads(svc, target) else None
        if known is not None and OVER not in known.message.text:
            over = replace(known.message, text=f"{known.message.text}{OVER}{text}", buttons=(), mentions=())
            tx.notices.revise(known.key, over)


def settled_at(svc: Services, tx: Tx, where: Target, ref: str, text: str) -> None:
    """The same for the incident that a message tells about, in every channel that was told."""
    known = tx.notices.by_ref(where.chat, where.channel, ref)
    if known is not None and known.brand:
        settled(svc, tx, known.brand, known.key.rpartition("@")[0], text)


def tell_brand(svc: Services, tx: Tx, brand: str, key: str, message: Message) -> None:
    """Say something once that concerns no single post."""
    for target in svc.channels(brand):
        tx.notices.put(
            Notice(id=0, key=f"{key}@{target.address}", target=target, message=message, brand=brand)
        )


def audit(
    svc: Services,
    tx: Tx,
    brand: str,
    who: str,
    what: str,
    *,
    post: Post | None = None,
    delivery: Delivery | None = None,
    facts: Mapping[str, Json] | None = None,
) -> None:
    """Write down who did what."""
    tx.audit.add(
        AuditEntry(
            at=svc.clock.now(),
            brand=brand,
            who=who,
            what=what,
            post_id=post.id if post else (delivery.post_id if delivery else None),
            delivery_id=delivery.id if delivery else None,
            facts={k: plain(v) if isinstance(v, str) else v for k, v in facts.items()} if facts else {},
        )
    )


def move(tx: Tx, delivery: Delivery, state: State, **changes: object) -> Delivery:
    """Save a delivery in a new state under its own fence.

    Raises `Conflict` when the table does not allow the step or somebody else holds a
    newer fence: whoever asked looks again instead of overwriting.
    """
    if not may_become(delivery.state, state):
        was, wanted = (s.value.replace("_", " ") for s in (delivery.state, state))
        raise Conflict(f"A post that is {was} cannot become {wanted}.")
    moved = replace(delivery, state=state, **changes)  # type: ignore[arg-type]  # the caller names fields of Delivery
    if not tx.deliveries.save(moved, fence=delivery.fence, was=delivery.state):
        raise Conflict(
            "Something else changed this post at the same moment. Look at the new card and try again."
        )
    tx.cards.touch(delivery.post_id)
    return moved


def event(svc: Services, tx: Tx, hook: str, post_id: int, delivery: Delivery | None = None) -> None:
    """Queue an event for plugins, if any listens; told after the commit, at least once.

    ``hook`` takes the post, and the delivery where one is given.
    """
    if svc.registry.listens(hook):
        tx.notices.put(
            Notice(
                id=0,
                key=f"event:{hook}:{post_id}:{svc.clock.now().isoformat()}:{delivery.id if delivery else 0}",
                target=Target(chat="event", channel=hook),
                message=Message(),
                post_id=post_id,
                delivery_id=delivery.id if delivery else None,
            )
        )
