"""What became of winners that were posted elsewhere: each against its new account's usual."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.domain.delivery import State
from bot.domain.outcomes import Interval
from bot.domain.people import Brand
from bot.domain.proposal import CROSSPOST, Proposal
from bot.ports import Tx
from bot.services.context import Services
from bot.services.measuring.outcomes import outcomes
from bot.services.proposing.asking import asked

NEEDED = 10
"""Pairs of one direction before anything is expected of the next (reference: optimizer, section 5)."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A winner and what was made of it. ``ratio``: times the target's usual at the same age, None while
    nobody can tell; ``lift`` the same with its interval. ``source`` and ``target`` are platforms."""

    proposal: Proposal
    delivery_id: int
    source: str
    target: str
    ratio: float | None = None
    lift: Interval | None = None
    age_ok: bool = False


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What the next cross-post of a direction is expected to do; ``lift`` None where nothing may be claimed.
    ``pairs``: those with a figure, as delivery ids of both sides."""

    lift: Interval | None
    n: int
    pairs: tuple[tuple[int, int], ...] = ()


async def pairs_of(svc: Services, brand: Brand) -> tuple[Pair, ...]:
    """Every cross-post of the brand that came out, in the order in which it was proposed."""
    found = await svc.store.read(lambda tx: _came_out(tx, brand))
    if not found:
        return ()
    posts, now = await outcomes(svc, brand.name), svc.clock.now()
    measured = await asked(
        svc,
        lambda one: one.standings(posts, now=now),
        lambda rows: all(math.isfinite(s.ratio) and s.ratio > 0 for s in rows),
    )
    by_id = {s.post_id: s for s in measured or ()}
    pairs = []
    for proposal, delivery_id, source, target in found:
        standing = by_id.get(str(delivery_id))
        pairs.append(
            Pair(
                proposal=proposal,
                delivery_id=delivery_id,
                source=source,
                target=target,
                ratio=standing.ratio if standing else None,
                lift=standing.interval if standing else None,
                age_ok=standing.age_ok if standing else False,
            )
        )
    return tuple(pairs)


async def expectation(svc: Services, pairs: tuple[Pair, ...], source: str, target: str) -> Expectation:
    """What pairs of that direction say about the next one. Only those count whose numbers have stopped
    growing fast."""
    counted = [
        (p, p.ratio)
        for p in pairs
        if (p.source, p.target) == (source, target) and p.age_ok and p.ratio is not None
    ]
    ratios = [ratio for _, ratio in counted]
    lift = None
    if len(ratios) >= NEEDED:
        lift = await asked(
            svc,
            lambda one: one.expected(ratios),
            lambda i: i is None or (math.isfinite(i.lo) and math.isfinite(i.hi)),
        )
    ids = tuple((p.proposal.source_delivery or 0, p.delivery_id) for p, _ in counted)
    return Expectation(lift=lift, n=len(ratios), pairs=ids)


def expectation_words(found: Expectation, source: str, target: str) -> str:
    """``"no figure yet: 3 of 10 pairs from one to the other"``, or the range with what it stands on."""
    direction = f"{source} → {target}"
    if found.lift is None:
        return f"no figure yet: {found.n} of {NEEDED} pairs {direction}"
    low, high = 1 + found.lift.lo, 1 + found.lift.hi
    return f"{low:.1f}-{high:.1f}× the usual there ({found.lift.level:.0%}), from {found.n} pairs {direction}"


def _came_out(tx: Tx, brand: Brand) -> list[tuple[Proposal, int, str, str]]:
    found: list[tuple[Proposal, int, str, str]] = []
    for post_id, proposal in sorted(tx.proposals.made(brand.name, CROSSPOST).items()):
        source = tx.deliveries.get(proposal.source_delivery) if proposal.source_delivery else None
        if source is None:
            continue
        found += [
            (proposal, delivery.id, source.platform, delivery.platform)
            for delivery in tx.deliveries.of_post(post_id)
            if delivery.account == proposal.account and delivery.state is State.LIVE
        ]
    return found
