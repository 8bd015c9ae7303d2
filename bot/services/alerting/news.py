"""What one new reading of a delivery is news of: levels reached, a record, a count that was corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.alarms import Alert, Kind, Looked, Reached
from bot.domain.alerts import Milestone, count_of, crossings, peak
from bot.domain.evidence import Evidence
from bot.domain.outcomes import PAID
from bot.domain.platform import Metrics
from bot.domain.snapshot import Snapshot
from bot.domain.when import wall_at
from bot.ports import Reading, Tx
from bot.ports.alerting import Unlooked
from bot.services.alerting.announce import announce
from bot.services.alerting.wording import corrected_words, milestone_words, record_words
from bot.services.context import Services
from bot.services.measuring.outcomes import views_of

LATE = timedelta(hours=24)
"""What is first read later than this after publication is no news, nor what was read so long ago; a longer
gap is told."""

RECORD_DAYS, RECORD_POSTS, RECORD_LEAST = 90, 10, 100
CORRECTED, CORRECTED_LEAST = 0.5, 100


@dataclass(frozen=True, kw_only=True)
class New:
    """A delivery with its newest numbers, and everything that was read of it before."""

    unlooked: Unlooked
    brand: str
    title: str
    snapshot: Snapshot
    series: tuple[Snapshot, ...]

    @property
    def before(self) -> Snapshot | None:
        """The reading before the newest."""
        older = [s for s in self.series if s.at < self.snapshot.at and not s.gone]
        return older[-1] if older else None


def look_at(svc: Services, tx: Tx, new: New, *, peers: Sequence[Reading], quietly: bool) -> None:
    """Tell what is news of one delivery and note how far it was looked at, in one transaction.

    ``peers``: the newest numbers of the account's posts of the last 90 days. ``quietly``: the platform has
    begun to count in another way, so that levels are noted and not told.
    """
    one = new.unlooked
    looked = tx.alerts.looked(one.delivery_id)
    if looked is not None and looked.snapshot_id >= one.snapshot_id:
        return
    before = looked.peak if looked is not None else None
    now_ = new.snapshot.metrics
    if not new.snapshot.gone:
        _milestones(svc, tx, new, before, quietly=quietly)
        _corrected(svc, tx, new, before)
        if looked is not None and not quietly:
            _record(svc, tx, new, before, peers)
    most = peak(before, _most(new.series))
    tx.alerts.keep_looked(
        Looked(delivery_id=one.delivery_id, snapshot_id=one.snapshot_id, peak=peak(most, now_))
    )


def _most(series: Sequence[Snapshot]) -> Metrics:
    most = Metrics()
    for snapshot in series:
        most = peak(most, snapshot.metrics)
    return most


def _milestones(svc: Services, tx: Tx, new: New, before: Metrics | None, *, quietly: bool) -> None:
    one, now = new.unlooked, svc.clock.now()
    # Levels by the most ever read: a count that fell since it crossed has still been there.
    most = peak(_most(new.series), new.snapshot.metrics)
    news: list[Hit] = []
    for milestone in crossings(before, most, svc.brands[new.brand].alerts.levels):
        hit = _hit(new, milestone)
        known = before is not None and count_of(before, milestone.metric) is not None
        late = hit.first_at - one.out_at > LATE and not known
        told = not (late or quietly or now - hit.at > LATE)
        reached = Reached(
            delivery_id=one.delivery_id,
            account=one.account,
            metric=milestone.metric,
            level=milestone.level,
            count=milestone.count,
            at=hit.at,
            after_s=int((hit.at - one.out_at).total_seconds()) if told and hit.gap <= LATE else None,
            news=told,
        )
        heard = not told or not svc.registry.listens("milestone_reached")
        if tx.alerts.reach(reached, emitted=heard) and told:
            news.append(hit)
    if news:
        _tell_milestones(svc, tx, new, news)


@dataclass(frozen=True, kw_only=True)
class Hit:
    """The reading at which a level was first seen; ``gap`` since the reading before it (or publication),
    ``first_at`` when the metric was known for the first time."""

    milestone: Milestone
    at: datetime
    row: int
    gap: timedelta
    first_at: datetime


def _hit(new: New, milestone: Milestone) -> Hit:
    metric = milestone.metric
    known = [s for s in (*new.series, new.snapshot) if count_of(s.metrics, metric) is not None]
    number = next(n for n, s in enumerate(known) if (count_of(s.metrics, metric) or 0) >= milestone.level)
    hit = known[number]
    last = known[number - 1].at if number else new.unlooked.out_at
    return Hit(milestone=milestone, at=hit.at, row=hit.id, gap=hit.at - last, first_at=known[0].at)


def _tell_milestones(svc: Services, tx: Tx, new: New, hits: Sequence[Hit]) -> None:
    one, brand, now = new.unlooked, svc.brands[new.brand], svc.clock.now()
    first, found = hits[0], [hit.milestone for hit in hits]
    level = first.milestone
    there = tx.alerts.reached_by(one.account, level.metric, level.level)
    text = milestone_words(
        f"P{one.post_id}",
        new.title,
        found,
        at=new.snapshot.at,
        zone=brand.timezone,
        now=now,
        unread=first.gap if first.gap > LATE else None,
        peers=[p for p in there if p.delivery_id != one.delivery_id],
        mine=first.at - one.out_at,
    )
    levels = ",".join(f"{m.metric}:{m.level}" for m in found)
    facts: Mapping[str, int] = {m.metric: m.level for m in found}
    evidence = Evidence(
        method="milestone/1",
        at=now,
        n=1,
        kind="snapshot",
        rows=tuple(dict.fromkeys(hit.row for hit in hits)),
        since=one.out_at,
        until=new.snapshot.at,
        facts={"levels": dict(facts), "delivery": one.delivery_id},
    )
    _announce(svc, tx, new, Kind.MILESTONE, f"milestone:{one.delivery_id}:{levels}", text, evidence)


def _record(svc: Services, tx: Tx, new: New, before: Metrics | None, peers: Sequence[Reading]) -> None:
    one, brand, now = new.unlooked, svc.brands[new.brand], svc.clock.now()
    views, was = views_of(new.snapshot.metrics), views_of(before) if before is not None else None
    others = [
        (count, r.snapshot.id)
        for r in peers
        if r.watch.delivery_id != one.delivery_id
        and PAID not in r.flags
        and (count := views_of(r.snapshot.metrics)) is not None
    ]
    paid = any(PAID in r.flags for r in peers if r.watch.delivery_id == one.delivery_id)
    young = new.snapshot.at - one.out_at <= timedelta(days=RECORD_DAYS)
    if views is None or was is None or paid or not young or len(others) < RECORD_POSTS:
        return
    best, best_row = max(others)
    if not was <= best < views or views < RECORD_LEAST:
        return
    day = wall_at(now, brand.timezone).date()
    recent = [a for a in tx.alerts.recent(brand.name, 200) if a.kind is Kind.RECORD]
    if any(a.account == one.account and wall_at(a.opened_at, brand.timezone).date() == day for a in recent):
        return
    text = record_words(
        f"P{one.post_id}", new.title, views, best, len(others), new.snapshot.at, brand.timezone, now
    )
    evidence = Evidence(
        method="record/1",
        at=now,
        n=len(others) + 1,
        kind="snapshot",
        rows=(new.snapshot.id, best_row),
        since=now - timedelta(days=RECORD_DAYS),
        until=new.snapshot.at,
        facts={"views": views, "before": best},
    )
    _announce(svc, tx, new, Kind.RECORD, f"record:{one.delivery_id}", text, evidence)


def _corrected(svc: Services, tx: Tx, new: New, before: Metrics | None) -> None:
    """Counters may go down; by far is worth a word, as everything compared across it would be wrong."""
    one = new.unlooked
    was = count_of(before, "views")
    count = new.snapshot.metrics.views
    if was is None or count is None or was < CORRECTED_LEAST or count > was * CORRECTED:
        return
    text = corrected_words(f"P{one.post_id}", new.title, "views", was, count)
    evidence = Evidence(
        method="corrected/1",
        at=svc.clock.now(),
        n=1,
        kind="snapshot",
        rows=tuple(s.id for s in (new.before, new.snapshot) if s is not None),
        facts={"was": was, "now": count},
    )
    _announce(svc, tx, new, Kind.CORRECTED, f"corrected:{one.delivery_id}", text, evidence)


def _announce(svc: Services, tx: Tx, new: New, kind: Kind, key: str, text: str, evidence: Evidence) -> None:
    one, now = new.unlooked, svc.clock.now()
    announce(
        svc,
        tx,
        Alert(
            key=key,
            brand=new.brand,
            kind=kind,
            text=text,
            opened_at=now,
            account=one.account,
            platform=one.platform,
            post_id=one.post_id,
            delivery_id=one.delivery_id,
            evidence=evidence,
        ),
    )
