"""Weeks of posts with numbers, written as rows: what a report is made of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.delivery import PartProgress, PartState, State
from bot.domain.platform import Metrics, Proof
from bot.domain.post import Part, Post, Variant
from bot.domain.snapshot import Snapshot, Watch
from bot.ports import NewDelivery, Tx
from bot.services.context import Services

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Nine o'clock in Lisbon on the Monday after week 47, in winter time."""

AGES = (1, 2, 3, 6, 9, 12, 18, 24, 30, 36, 48, 60, 72, 96, 120, 144, 168, 240, 336, 504)
"""Hours at which posts are read."""


def add_post(
    tx: Tx,
    *,
    brand: str,
    account: str,
    out_at: datetime,
    views: float,
    now: datetime,
    text: str = "A post",
    platform: str = "demo-own-key",
    state: State = State.LIVE,
    reason: str = "",
    late: timedelta = timedelta(seconds=1),
    known: bool = True,
    kind: str = "text",
) -> int:
    """One post on one account, with the readings it would have by ``now``; its delivery's number.

    ``views`` is what it comes to in the end; half of it within a day.
    """
    variant = Variant(account=account, platform=platform, parts=(Part(text=text),))
    due = out_at - late
    post, (delivery,) = tx.posts.add(
        Post(id=0, brand=brand, author="alice", brief=text, wish="now", version=1, created_at=due),
        [NewDelivery(variant=variant, fingerprint="f", state=state, due=due, wake_at=None, reason=reason)],
    )
    if state is not State.LIVE:
        return delivery.id
    tx.deliveries.save_part(
        delivery.id,
        PartProgress(
            index=0, state=PartState.OUT, ref={"id": delivery.id}, proof=Proof.RECEIPT, out_at=out_at
        ),
    )
    tx.snapshots.watch(
        Watch(
            delivery_id=delivery.id,
            post_id=post.id,
            brand=brand,
            account=account,
            platform=platform,
            content_type=kind,
            out_at=out_at,
            look_at=None,
        )
    )
    if known:
        tx.snapshots.put(readings(delivery.id, account, out_at, views, now))
    return delivery.id


def readings(delivery_id: int, account: str, out_at: datetime, views: float, now: datetime) -> list[Snapshot]:
    """Counts at `AGES`: they grow towards ``views``, half of it within a day."""
    found = []
    for hours in AGES:
        at = out_at + timedelta(hours=hours)
        if at > now:
            break
        count = round(views * hours / (hours + 24))
        found.append(
            Snapshot(
                delivery_id=delivery_id,
                account=account,
                at=at,
                metrics=Metrics(views=count, likes=count // 20, comments=count // 100, shares=count // 200),
            )
        )
    return found


async def fill(
    svc: Services,
    *,
    brand: str,
    accounts: Sequence[str],
    weeks: int = 9,
    per_week: int = 6,
    now: datetime = MONDAY,
    seed: int = 1,
    usual: float = 3000,
) -> list[int]:
    """``per_week`` posts in each of the weeks before ``now``, dealt to the accounts; their deliveries."""
    rng = random.Random(seed)
    begins = now - timedelta(days=7 * weeks, hours=now.hour)
    found: list[int] = []
    for week in range(weeks):
        for place in range(per_week):
            day = timedelta(days=7 * week + place * 7 / per_week)
            out_at = (begins + day).replace(hour=rng.choice((9, 12, 17)), minute=rng.randrange(60))
            if out_at >= now:
                continue
            account = accounts[place % len(accounts)]
            views = usual * rng.lognormvariate(0, 0.4)

            def unit(tx: Tx, account: str = account, out_at: datetime = out_at, views: float = views) -> int:
                return add_post(tx, brand=brand, account=account, out_at=out_at, views=views, now=now)

            found.append(await svc.store.write(unit))
    return found


__all__ = ["MONDAY", "add_post", "fill", "readings", "replace"]
