"""Rows for the store's tests, with only what a test cares about spelled out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.delivery import Attempt, AttemptState, Delivery, State
from bot.domain.message import Message, Target
from bot.domain.post import Part, Post, Variant
from bot.domain.records import Card, Notice
from bot.ports import NewDelivery, Tx
from bot.store import SqlStore
from bot.testing.clock import START

LEASE = timedelta(seconds=60)
TARGET = Target(chat="console", channel="main")


def at(minutes: float) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=minutes)


def post(brand: str = "acme", text: str = "hello") -> Post:
    return Post(id=0, brand=brand, author="alice", brief=text, wish="now", version=1, created_at=START)


def new(
    account: str = "acme-x",
    *,
    state: State = State.SCHEDULED,
    due: datetime | None = START,
    wake_at: datetime | None = START,
    text: str = "hello",
) -> NewDelivery:
    variant = Variant(account=account, platform="demo", parts=(Part(text=text),))
    return NewDelivery(variant=variant, fingerprint="f" * 64, state=state, due=due, wake_at=wake_at)


def attempt(delivery: Delivery, key: str, *, part: int = 0, fence: int | None = None) -> Attempt:
    return Attempt(
        id=0,
        delivery_id=delivery.id,
        part=part,
        fence=delivery.fence if fence is None else fence,
        key=key,
        state=AttemptState.CALLING,
        started_at=START,
        deadline=at(1),
        request_hash="h",
    )


def card(post_id: int, ref: str | None = None) -> Card:
    return Card(id=0, post_id=post_id, target=TARGET, ref=ref)


def notice(key: str) -> Notice:
    return Notice(id=0, key=key, target=TARGET, message=Message(text=key))


async def add(store: SqlStore, *rows: NewDelivery, brand: str = "acme") -> tuple[Delivery, ...]:
    """One post with these deliveries."""
    return (await store.write(lambda tx: tx.posts.add(post(brand), rows)))[1]


def claim(tx: Tx, owner: str = "me", *, now: datetime = START, limit: int = 10) -> tuple[Delivery, ...]:
    return tx.deliveries.claim("acme-x", now=now, owner=owner, lease=LEASE, limit=limit)


def keep(key: str, value: str = "x") -> Callable[[Tx], None]:
    """A unit that stores one value."""
    return lambda tx: tx.meta.put(key, value)


def tell(key: str) -> Callable[[Tx], bool]:
    """A unit that puts one notice into the outbox."""
    return lambda tx: tx.notices.put(notice(key))
