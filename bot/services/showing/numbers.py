"""The numbers on a live card: worked out when they were read, kept as they are shown.

A card is painted for many reasons; that costs nothing more here, as it shows what was kept. What is kept
changes only together with the card, so its figures and their instant always belong together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.delivery import Delivery, State
from bot.domain.numbers import Brought, Numbers, due_again, news, reads_the_same
from bot.domain.people import Brand
from bot.domain.reckoning import Usual, compared
from bot.domain.snapshot import Snapshot
from bot.ports import Tx
from bot.services.context import Services
from bot.services.measuring.outcomes import value_of, views_of
from bot.services.reporting.gather import LEFT_OUT, WITHIN
from bot.services.reporting.reading import read_numbers
from bot.services.reporting.reckon import UNITS
from bot.services.shown import numbers_of, put_numbers

VIEWS = "views"


@dataclass(frozen=True, kw_only=True)
class Known:
    """A post's live targets, their newest numbers, and what its card says of them."""

    brand: Brand
    live: tuple[Delivery, ...]
    latest: Mapping[int, Snapshot]
    before: Numbers | None
    milestone: str
    printed: bool


async def show_numbers(svc: Services, post_id: int) -> None:
    """The engine's task: paint a live card again where that tells somebody something, and it is time."""
    now = svc.clock.now()
    known = await svc.store.read(lambda tx: _known(svc, tx, post_id))
    if known is None:
        return
    before = known.before
    began = min(out_at(d) for d in known.live)
    rows = tuple(_brought(svc, known, d) for d in known.live)
    after = Numbers(rows=rows, out_at=began, shown_at=now, milestone=known.milestone)
    due = due_again(before.shown_at if before else None, began, now, printed=known.printed)
    if reads_the_same(before, after) or not (due or news(before, after)):
        return
    beside = [await _beside_usual(svc, known, d, r) for d, r in zip(known.live, rows, strict=True)]
    after = replace(after, rows=tuple(beside))
    await svc.store.write(lambda tx: put_numbers(tx, post_id, after))


def _known(svc: Services, tx: Tx, post_id: int) -> Known | None:
    post = tx.posts.get(post_id)
    rows = tx.deliveries.of_post(post_id)
    live = tuple(d for d in rows if d.state is State.LIVE and d.progress(0).out_at is not None)
    if post is None or post.brand not in svc.brands or not live:
        return None
    return Known(
        brand=svc.brands[post.brand],
        live=live,
        latest=tx.snapshots.latest([d.id for d in live]),
        before=numbers_of(tx, post_id),
        milestone=_milestone(svc, tx, live),
        printed=not any(card.target.chat in svc.teams for card in tx.cards.of_post(post_id)),
    )


def _brought(svc: Services, known: Known, delivery: Delivery) -> Brought:
    """Its newest numbers, beside the band that the card has now."""
    last, before = known.latest.get(delivery.id), known.before
    shown = next((r for r in before.rows if r.delivery_id == delivery.id), None) if before else None
    metric = metric_of(last, known.brand)
    return Brought(
        delivery_id=delivery.id,
        title=title_of(svc, delivery),
        n=value_of(last.metrics, metric) if last else None,
        what=UNITS(metric),
        at=last.at if last else None,
        usual=shown.usual if shown else None,
        gone=last is not None and last.gone,
    )


def metric_of(last: Snapshot | None, brand: Brand) -> str:
    """Views where they are known, as most people ask for them; else what the brand goes by."""
    return VIEWS if last is None or views_of(last.metrics) is not None else brand.metric


async def _beside_usual(svc: Services, known: Known, delivery: Delivery, row: Brought) -> Brought:
    """With what is usual at that age."""
    last = known.latest.get(delivery.id)
    if last is None or row.gone:
        return replace(row, usual=None)
    band = await usual_beside(svc, delivery, last, metric_of(last, known.brand))
    return replace(row, usual=(band.lo, band.hi, band.n) if band else None)


async def usual_beside(svc: Services, delivery: Delivery, last: Snapshot, metric: str) -> Usual | None:
    """What other posts of the account had at the age at which ``last`` was read; None where too few tell."""
    numbers = await read_numbers(svc, delivery.brand, [delivery.account], out_at(delivery) - WITHIN)

    def reckoned() -> Usual | None:
        courses = [one.course(metric, last.at) for one in numbers]
        own = next((one for one in courses if one.delivery_id == delivery.id), None)
        return compared(own, courses, at=last.at, within=WITHIN, left_out=LEFT_OUT)[1] if own else None

    return await asyncio.to_thread(reckoned)


def _milestone(svc: Services, tx: Tx, live: tuple[Delivery, ...]) -> str:
    """The newest level that one of them has reached, in words."""
    reached = [one for one in tx.alerts.reached([d.id for d in live]) if one.news]
    if not reached:
        return ""
    last = reached[-1]
    delivery = next(d for d in live if d.id == last.delivery_id)
    return f"milestone: {last.level:,} {last.metric} on {title_of(svc, delivery)}"


def title_of(svc: Services, delivery: Delivery) -> str:
    """The platform, for people."""
    connected = svc.accounts.get(delivery.account)
    return connected.platform.title if connected else delivery.platform


def out_at(delivery: Delivery) -> datetime:
    """When the first part of a live delivery came out."""
    at = delivery.progress(0).out_at
    assert at is not None, "it is live, so its first part is out"
    return at
