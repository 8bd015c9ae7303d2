"""A brand with a history of numbers: enough posts for a usual, and one that is far above it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.delivery import PartProgress, PartState, State
from bot.domain.evidence import Evidence
from bot.domain.message import Button, Message
from bot.domain.outcomes import CROSSPOST
from bot.domain.people import Brand
from bot.domain.platform import Metrics, Proof
from bot.domain.post import Part, Post, Variant, fingerprint
from bot.domain.proposal import Proposal, Standing
from bot.domain.snapshot import Snapshot, Watch
from bot.ports import NewDelivery, Tx
from bot.services.proposing.crossposts import propose_crossposts
from plugins.cross_post import CrossPost
from tests.unit.demo_world import BRAND, KEY, LOOK, MODES, World, open_world

USUAL = 1_000
TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAYS_OLD = 6.0
"""Of the newest ordinary post. The demo platforms count as unknown ones: half of the final count is there
after 14 hours, so that two half-lives have passed long ago."""


@asynccontextmanager
async def proposing(folder: Path, *, brand: Brand = BRAND, **more: Any) -> AsyncIterator[World]:
    """A world whose bot knows winners."""
    async with open_world(_made(folder), brand=brand, **{"start": TUESDAY} | more) as world:
        world.app.services.registry.optimizers["cross_post"] = CrossPost()
        yield world


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def live(
    tx: Tx,
    now: datetime,
    text: str,
    *,
    days_old: float,
    views: int | None,
    account: str = KEY,
    brand: str = "acme",
    accounts: Sequence[str] = (),
    likes: int = 0,
    platform: str = "",
    kind: str = "text",
    **of_variant: Any,
) -> tuple[int, int]:
    """A post that came out so long ago and has so many views by now; its number and its delivery's."""
    out_at = now - timedelta(days=days_old)
    post = Post(id=0, brand=brand, author="alice", brief=text, wish="now", version=1, created_at=out_at)
    rows = []
    for name in (account, *accounts):
        variant = Variant(
            account=name,
            platform=platform or f"demo-{MODES.get(name, MODES[KEY]).replace('_', '-')}",
            **({"parts": (Part(text=text),)} | of_variant),
        )
        rows.append(
            NewDelivery(
                variant=variant,
                fingerprint=fingerprint(variant, "now"),
                state=State.LIVE if name == account else State.SCHEDULED,
                due=out_at if name == account else now + timedelta(days=3),
                wake_at=None,
            )
        )
    kept, made = tx.posts.add(post, rows)
    delivery = made[0]
    tx.deliveries.save_part(
        delivery.id,
        PartProgress(
            index=0, state=PartState.OUT, ref=f"ref-{delivery.id}", proof=Proof.RECEIPT, out_at=out_at
        ),
    )
    tx.snapshots.watch(
        Watch(
            delivery_id=delivery.id,
            post_id=kept.id,
            brand=brand,
            account=account,
            platform=delivery.platform,
            content_type=kind,
            out_at=out_at,
            look_at=None,
        )
    )
    read(tx, delivery.id, account, now, views, likes=likes)
    return kept.id, delivery.id


def read(
    tx: Tx,
    delivery_id: int,
    account: str,
    at: datetime,
    views: int | None,
    *,
    likes: int = 0,
    gone: bool = False,
) -> None:
    """One more reading of a delivery."""
    metrics = Metrics(views=views, likes=likes, comments=0, shares=0)
    tx.snapshots.put([Snapshot(delivery_id=delivery_id, account=account, at=at, metrics=metrics, gone=gone)])


async def history(world: World, *, account: str = KEY, count: int = 14, usual: int = USUAL) -> None:
    """Ordinary posts, one a day, whose views scatter a little around the usual."""
    now = world.clock.now()

    def unit(tx: Tx) -> None:
        for number in range(count):
            views = round(usual * (0.8, 1.0, 1.25, 0.9, 1.1)[number % 5])
            live(
                tx,
                now,
                f"An ordinary thing, number {number}.",
                days_old=DAYS_OLD + count - number,
                views=views,
                account=account,
            )

    await world.app.services.store.write(unit)


async def winner(
    world: World, text: str = "Why our card has three previews.", *, times: float = 6.0, **more: Any
) -> tuple[int, int]:
    """A post of two days ago with a multiple of the usual."""
    now = world.clock.now()
    values = {"days_old": 2.0, "views": round(USUAL * times)} | more
    return await world.app.services.store.write(lambda tx: live(tx, now, text, **values))


async def look(world: World) -> None:
    """What the engine does now and then."""
    await propose_crossposts(world.app.services, "acme")
    await world.app.settle()


async def all_proposals(world: World, brand: str = "acme") -> tuple[Proposal, ...]:
    """In the order in which they were proposed."""
    found = await world.app.services.store.read(lambda tx: tx.proposals.of_brand(brand, limit=1000))
    return tuple(reversed(found))


def shown(world: World, name: str) -> Message:
    """The newest message about a proposal, as the room has it."""
    found = [m for m in world.room.shown.values() if m.title.startswith(f"{name} ·")]
    assert found, f"{name} was never said"
    return found[-1]


def button(message: Message, label: str) -> Button:
    (found,) = [b for b in message.buttons if b.label == label]
    return found


def of_account(proposals: Sequence[Proposal], account: str) -> Proposal:
    (found,) = [p for p in proposals if p.account == account]
    return found


def with_policy(**values: Any) -> Brand:
    """The usual brand with another policy for cross-posts."""
    return replace(BRAND, crosspost=replace(BRAND.crosspost, **values))


async def opened(world: World) -> Proposal:
    """A winner with its two proposals; the one for the account with lookup."""
    await history(world)
    await winner(world)
    await look(world)
    return of_account(await all_proposals(world), LOOK)


def pair(tx: Tx, now: datetime, number: int, views: int, *, by: str = "alice") -> None:
    """A winner that was posted on the account with lookup, and has so many views there."""
    source, delivery = live(tx, now, f"Winner {number}", days_old=40.0, views=9000)
    made, _ = live(tx, now, f"Copy {number}", days_old=4.0, views=views, account=LOOK)
    tx.snapshots.flag(made, CROSSPOST)
    put = tx.proposals.put(
        Proposal(
            brand="acme",
            kind="crosspost",
            key=f"crosspost:{source}:{LOOK}",
            text="before",
            evidence=Evidence(method="cross_post/1", at=now, n=10),
            account=LOOK,
            source_post=source,
            source_delivery=delivery,
            standing=Standing.TAKEN,
            decided_by=by,
            created_at=now - timedelta(days=9),
            expires_at=now,
        )
    )
    assert put is not None
    tx.proposals.settle(put.id, made)
