"""Which of a brand's posts did far better than usual, with the readings that say so."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.evidence import Evidence
from bot.domain.outcomes import PostOutcome
from bot.domain.people import Brand
from bot.domain.winners import Performer, PostStanding, Relative
from bot.ports import Reading, Tx
from bot.services.context import Services
from bot.services.measuring.outcomes import outcome_of
from bot.services.proposing.asking import asked, judge_of

HISTORY = timedelta(days=365)
"""How far behind the oldest post that may be proposed its account's usual is looked for."""

COMPARED = 40
"""Earlier posts of the account that are cited with a winner: as many as the usual is made of."""


@dataclass(frozen=True, kw_only=True)
class Winner:
    """One performer with its reading, and everything that its claim cites."""

    performer: Performer
    reading: Reading
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was looked at: the winners, the best first, and the deliveries that have numbers at all."""

    winners: tuple[Winner, ...] = ()
    measured: frozenset[int] = frozenset()


async def winners_of(svc: Services, brand: Brand, *, known: Collection[int] = ()) -> Seen | None:
    """The brand's winners by its policy; ``known``: deliveries that were called so before.

    None where nobody can tell: there is no optimizer, or it broke.
    """
    now = svc.clock.now()
    since = now - timedelta(seconds=brand.crosspost.fresh_s) - HISTORY
    readings = await svc.store.read(lambda tx: tx.snapshots.readings(brand.name, since=since))
    pairs = [(r, one) for r in readings if (one := outcome_of(r, brand.metric)) is not None]
    pairs = [(r, one) for r, one in pairs if not r.snapshot.gone]
    posts = [one for _, one in pairs]
    bars = brand.crosspost.bars(frozenset(str(n) for n in known))
    measured = frozenset(r.watch.delivery_id for r, _ in pairs)
    if len(posts) <= (bars.least if isinstance(bars, Relative) else 0):
        return Seen(measured=measured)  # nobody has to be asked, so that a young bot loads nothing heavy
    found = await asked(svc, lambda one: one.high_performers(posts, policy=bars, now=now), _sound)
    if found is None:
        return None
    by_id = {one.post_id: (r, one) for r, one in pairs}
    winners = []
    for performer in found:
        if performer.post_id not in by_id:
            continue
        reading, own = by_id[performer.post_id]
        cited = _cited(own, pairs)
        winners.append(
            Winner(
                performer=performer,
                reading=reading,
                evidence=Evidence(
                    method=method(svc),
                    at=now,
                    n=performer.n,
                    kind="snapshot",
                    rows=tuple(r.snapshot.id for r, _ in cited),
                    since=min(r.watch.out_at for r, _ in cited),
                    until=max(r.watch.out_at for r, _ in cited),
                    facts=_facts(performer, brand),
                ),
            )
        )
    return Seen(winners=tuple(winners), measured=measured)


def method(svc: Services) -> str:
    """Who computes it, with the version of its method."""
    one = judge_of(svc)
    return f"{getattr(one, 'name', 'winners')}/{getattr(one, 'version', 1)}"


async def standing_again(
    svc: Services, brand: Brand, evidence: Evidence, delivery_id: int
) -> PostStanding | None:
    """The same post against the same readings, computed anew; None where rows or optimizer are gone."""

    def unit(tx: Tx) -> list[PostOutcome]:
        return [one for row in evidence.rows if (one := _outcome(tx, brand, row)) is not None]

    posts = await svc.store.read(unit)
    found = await asked(svc, lambda one: one.standings(posts, now=evidence.at), _finite)
    return next((s for s in found or () if s.post_id == str(delivery_id)), None)


def _outcome(tx: Tx, brand: Brand, snapshot_id: int) -> PostOutcome | None:
    snapshot = tx.snapshots.get(snapshot_id)
    watch = tx.snapshots.watched(snapshot.delivery_id) if snapshot is not None else None
    if snapshot is None or watch is None:
        return None
    flags = tx.snapshots.flags([watch.post_id]).get(watch.post_id, frozenset())
    mine = frozenset(flag for flag, account in flags if account in ("", watch.account))
    return outcome_of(Reading(watch=watch, snapshot=snapshot, flags=mine), brand.metric)


def _cited(
    own: PostOutcome, pairs: Sequence[tuple[Reading, PostOutcome]]
) -> list[tuple[Reading, PostOutcome]]:
    """The reading of the post and those of all earlier ones that it was compared with, and some more: which
    of them are too young to count is for whoever computes it to say."""
    same = [
        (r, one)
        for r, one in pairs
        if (one.account_id, one.platform, one.content_type)
        == (own.account_id, own.platform, own.content_type)
        and one.published_at < own.published_at
    ]
    same.sort(key=lambda pair: pair[1].published_at)
    mine = [(r, one) for r, one in pairs if one.post_id == own.post_id]
    return [*same[-2 * COMPARED :], *mine]


def _facts(performer: Performer, brand: Brand) -> Mapping[str, object]:
    interval = performer.interval
    return {
        "ratio": performer.ratio,
        "interval": [interval.lo, interval.hi, interval.level] if interval is not None else None,
        "z": performer.z,
        "value": performer.value,
        "basis": performer.basis,
        "rate": performer.rate,
        "age_h": performer.age_h,
        "policy": performer.policy,
        "metric": brand.metric,
        "reason": performer.reason,
    }


def _sound(found: Sequence[Performer]) -> bool:
    return all(math.isfinite(p.ratio) and math.isfinite(p.value) and p.ratio > 0 for p in found)


def _finite(found: Sequence[PostStanding]) -> bool:
    return all(math.isfinite(s.ratio) and s.ratio > 0 for s in found)
