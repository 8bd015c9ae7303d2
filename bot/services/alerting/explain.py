"""Why something was told: computed again from the rows it cites, and whether it still comes out the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from statistics import median

from bot.domain.alarms import LADDER, Alert, Kind
from bot.domain.alerts import anomalies, count_of
from bot.domain.evidence import Evidence
from bot.domain.message import Field, Message
from bot.domain.people import Brand
from bot.domain.snapshot import Snapshot
from bot.domain.when import say
from bot.ports import Tx
from bot.services.alerting.health import failing, lateness, waiting
from bot.services.alerting.muting import alert_of
from bot.services.alerting.pace import account_window, judge_account, stats_from, window_of
from bot.services.alerting.wording import about, many, span
from bot.services.context import Services
from bot.services.measuring.outcomes import views_of

SAME, OTHER = "the same", "something else now"


async def explain(svc: Services, brand: Brand, number: int) -> Message:
    """What A``number`` rests on. Raises `NotFound`."""
    return await svc.store.read(lambda tx: _explain(svc, tx, brand, alert_of(tx, brand, number)))


def _explain(svc: Services, tx: Tx, brand: Brand, alert: Alert) -> Message:
    now, found = svc.clock.now(), alert.evidence
    fields = [Field(name="Told", value=_told(brand, alert, now))]
    if found is not None:
        fields.append(Field(name="Rests on", value=_rests_on(brand, found, now)))
        fields += [Field(name=name, value=text) for name, text in _again(tx, alert, found)]
        fields.append(Field(name="Method", value=found.method))
    return Message(title=f"Why {alert.name} · {alert.kind.value}", text=alert.text, fields=tuple(fields))


def _told(brand: Brand, alert: Alert, now: datetime) -> str:
    seen = f"seen {say(alert.opened_at, brand.timezone, now=now)}"
    level = LADDER[alert.kind].name.lower()
    if alert.told_at is not None:
        told = f"told {say(alert.told_at, brand.timezone, now=now)}"
    elif alert.due_at is not None:
        told = f"to be told {say(alert.due_at, brand.timezone, now=now)}"
    else:
        told = f"not told ({alert.held or 'held back'})"
    over = f", over since {say(alert.closed_at, brand.timezone, now=now)}" if alert.closed_at else ""
    return f"{seen}, {told}{over}; {level}"


def _rests_on(brand: Brand, found: Evidence, now: datetime) -> str:
    what = {"snapshot": "readings", "delivery": "posts", "alert": "alerts"}.get(found.kind, "rows")
    rows = f"{len(found.rows)} {what}" if len(found.rows) != 1 else f"1 {what.removesuffix('s')}"
    spanned = ""
    if found.since is not None and found.until is not None:
        first, last = (say(at, brand.timezone, now=now) for at in (found.since, found.until))
        spanned = f", from {first} to {last}"
    return f"{rows}{spanned}; compared with {found.n}, computed {say(found.at, brand.timezone, now=now)}"


def _again(tx: Tx, alert: Alert, found: Evidence) -> Iterator[tuple[str, str]]:
    """The claim once more, from the rows."""
    if found.kind == "snapshot":
        rows = [row for id_ in found.rows if (row := tx.snapshots.get(id_)) is not None]
        if len(rows) < len(found.rows):
            lost = len(found.rows) - len(rows)
            yield (
                "Again",
                f"cannot be computed: {lost} of its {len(found.rows)} readings are not kept any more",
            )
            return
        match alert.kind:
            case Kind.MILESTONE:
                yield from _milestone(tx, alert, found, rows[0])
            case Kind.RECORD:
                views = [views_of(row.metrics) or 0 for row in rows]
                yield (
                    "Again",
                    f"{many(views[0])} views against {many(views[1])}: {_same(views[0] > views[1])}",
                )
            case Kind.SPIKE | Kind.DROP:
                yield from _pace(alert, found, rows)
            case Kind.CORRECTED:
                counts = [views_of(row.metrics) or 0 for row in rows]
                yield (
                    "Again",
                    f"{' → '.join(map(many, counts))} views: {_same(counts[-1] == found.facts['now'])}",
                )
            case Kind.SURGE | Kind.SILENCE:
                yield from _account(tx, found, rows)
            case Kind.RECOUNTED:
                yield from _recounted(tx, found, rows)
            case _:
                yield "Then", _facts(found)
        return
    if found.kind == "delivery" and found.since is not None and found.until is not None:
        yield from _health(tx, alert, found, found.since, found.until)
    elif found.facts:
        yield "Then", _facts(found)


def _milestone(tx: Tx, alert: Alert, found: Evidence, row: Snapshot) -> Iterator[tuple[str, str]]:
    series = [s for s in tx.snapshots.of(alert.delivery_id) if not s.gone]
    for metric, level in dict(found.facts.get("levels", {})).items():
        first = next((s for s in series if (count_of(s.metrics, metric) or 0) >= level), None)
        same = first is not None and first.at <= row.at
        yield "Again", f"{many(level)} {metric}, first read as {_count(first, metric)}: {_same(same)}"


def _pace(alert: Alert, found: Evidence, rows: list[Snapshot]) -> Iterator[tuple[str, str]]:
    stats = stats_from(found.facts.get("stats"))
    if stats is None:
        yield "Again", "cannot be computed: what was usual then is not kept in a form I read"
        return
    out_at = datetime.fromisoformat(found.facts["out_at"])
    again = anomalies(stats, window_of(rows, out_at, found.facts["zone"]))
    if again is None:
        yield "Again", f"nothing unusual: {_same(False)}"
        return
    low, high = again.usual
    yield (
        "Again",
        f"{many(again.seen)} seen, {about(again.expected)} expected over {span(again.until - again.since)}, "
        f"{again.ratio:.2f}x; 8 of 10 such stretches lie within {low:.1f}–{high:.1f}x: "
        f"{_same(again.seen == found.facts['seen'])}",
    )
    yield (
        "Expected from",
        f"its own pace in the hours before, and how {stats.posts} earlier posts went on at that age and hour",
    )


def _account(tx: Tx, found: Evidence, rows: list[Snapshot]) -> Iterator[tuple[str, str]]:
    """The account's hours once more, from everything that was read of these posts until then."""
    series: dict[int, tuple[datetime, tuple[Snapshot, ...]]] = {}
    for row in rows:
        watch = tx.snapshots.watched(row.delivery_id)
        if watch is not None:
            known = tuple(s for s in tx.snapshots.of(row.delivery_id) if s.at <= row.at)
            series[row.delivery_id] = (watch.out_at, known)
    window, ids = account_window(series, found.at, str(found.facts.get("zone", "UTC")))
    again = judge_account(window, ids, None).found
    if again is None:
        yield "Again", f"nothing unusual: {_same(False)}"
        return
    same = _same(round(again.seen) == round(found.facts["seen"]))
    hours = span(again.until - again.since)
    yield "Again", f"{many(again.seen)} seen, {about(again.expected)} usual over {hours}: {same}"
    yield (
        "Counted",
        "posts older than 12 h that were read hourly, of each hour all but the one that grew most",
    )


def _recounted(tx: Tx, found: Evidence, rows: list[Snapshot]) -> Iterator[tuple[str, str]]:
    factors = []
    for row in rows:
        before = [s for s in tx.snapshots.of(row.delivery_id) if s.at < row.at and views_of(s.metrics)]
        if before:
            factors.append((views_of(row.metrics) or 0) / (views_of(before[-1].metrics) or 1))
    middle = median(factors or [0.0])
    same = _same(abs(middle - float(found.facts["factor"])) < 0.05)
    yield "Again", f"{middle:.1f}x in the middle of {len(factors)} posts: {same}"


def _health(
    tx: Tx, alert: Alert, found: Evidence, since: datetime, until: datetime
) -> Iterator[tuple[str, str]]:
    sent = [one for one in tx.alerts.sent(alert.brand, since, until) if one.delivery_id in found.rows]
    match alert.kind:
        case Kind.FAILING:
            ended, failed = failing(sent)
            yield "Now", f"{len(failed)} of these {len(ended)} posts did not come out or are in doubt"
        case Kind.LATE:
            late = [one.total_seconds() for one in lateness(sent)]
            yield "Again", f"median of {len(late)}: {median(late or [0]) / 60:.0f} minutes"
        case Kind.BACKLOG:
            yield "Now", f"{len(waiting(sent, until))} of these {len(found.rows)} posts still wait"
        case _:
            return


def _count(row: Snapshot | None, metric: str) -> str:
    count = count_of(row.metrics, metric) if row is not None else None
    return "—" if count is None else many(count)


def _same(same: bool) -> str:
    return f"{SAME} as told" if same else OTHER


def _facts(found: Evidence) -> str:
    return ", ".join(f"{name} {_short(value)}" for name, value in found.facts.items())


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
