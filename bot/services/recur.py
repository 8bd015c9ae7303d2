"""Recurring posts: the occurrences of the next days are made from the rule, and follow it.

Each occurrence is a delivery of its own with the same bytes, so that the signatures on the
first cover it. It is made only while they stand, at most `HORIZON` ahead, and once for each
wall time: the database refuses another. `follow` is called in the transaction of whatever
changes the post, so that nothing planned outlives what it was planned from.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.approval import Decision
from bot.domain.calendar import Calendar
from bot.domain.delivery import EDITABLE, Delivery, State, parked
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.recurrence import Rule, is_rule, rule_of
from bot.domain.series import Series, current
from bot.domain.when import instant_of, say, wall_at
from bot.ports import NewDelivery, Tx
from bot.services.context import Services
from bot.services.plan import calendar_of, first_wake, taken_near
from bot.services.signed import standing
from bot.services.tell import audit, tell

HORIZON = timedelta(days=14)
LOOK_AGAIN = timedelta(hours=6)
"""A series whose approval does not stand is looked at again after that long, if nothing happens before."""

TURN = 50
"""Occurrences made in one transaction."""

STILL = frozenset({State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED, State.EXPIRED})
"""States of the occurrence that counts in which no others are planned."""


async def recur(svc: Services) -> None:
    """Make what has come within the horizon, in the order in which it will go out."""
    while True:
        now = svc.clock.now()
        if not await svc.store.read(lambda tx, now=now: bool(tx.rules.due(now, 1))):  # type: ignore[misc]  # mypy infers no lambda with a default
            return
        await svc.store.write(lambda tx, now=now: _turn(svc, tx, now))  # type: ignore[misc]  # mypy infers no lambda with a default


def _turn(svc: Services, tx: Tx, now: datetime) -> None:
    for _ in range(TURN):
        found = tx.rules.due(now, 1)
        if not found:
            return
        post = tx.posts.get(found[0].post_id)
        assert post is not None
        if post.brand in svc.brands:
            _step(svc, tx, post, now)
        else:
            tx.rules.put(replace(found[0], look_at=now + HORIZON))


def follow(svc: Services, tx: Tx, post: Post, *, ended: str | None = None) -> None:
    """Bring the planned occurrences into line with the post: forget those that no longer are what
    it says, make those that are missing.

    ``ended`` ends the series for that reason; an empty one lets it go on.
    """
    known, now = tx.rules.get(post.id), svc.clock.now()
    if known is None and not is_rule(post.wish):
        return
    why = ended if ended is not None else (known.ended if known is not None else "")
    tx.rules.put(Series(post_id=post.id, brand=post.brand, look_at=now, ended=why))
    while (found := tx.rules.get(post.id)) and found.look_at is not None and found.look_at <= now:
        _step(svc, tx, post, now)


def _step(svc: Services, tx: Tx, post: Post, now: datetime) -> None:
    """Drop what is stale, then make the next occurrence of each account; says when to look again."""
    series = tx.rules.get(post.id)
    assert series is not None
    brand, rows = svc.brands[post.brand], tx.deliveries.series(post.id)
    wanted = {v.account for v in tx.posts.versions(post.id)[-1].variants}
    heads = {d.account: d for d in current(rows) if d.account in wanted and d.account in svc.accounts}
    going = {n: d for n, d in heads.items() if not series.ended and _goes_on(tx, brand, post, d, now)}
    for row in rows:
        if row.rule is None or row.state not in EDITABLE:
            continue
        head = heads.get(row.account)
        if head is row:
            over = bool(series.ended) or _refused(tx, brand, post, row, now)
            stale = over and row.state in (State.APPROVED, State.SCHEDULED)
        else:
            stale = head is None or row.account not in going or not _like(row, head)
        if stale:
            _forget(tx, row)
    look_at: datetime | None = None
    if is_rule(post.wish) and not series.ended:
        rule, calendar = rule_of(post.wish), calendar_of(tx, brand)
        looks = [
            _make(svc, tx, brand, post, rule, calendar, head, [r for r in rows if r.account == name], now)
            for name, head in sorted(going.items())
        ]
        if len(going) < len(heads) and rule.last_day >= wall_at(now, brand.timezone).date():
            looks.append(now + LOOK_AGAIN)
        look_at = min((at for at in looks if at is not None), default=None)
    tx.rules.put(replace(series, look_at=look_at))


def _goes_on(tx: Tx, brand: Brand, post: Post, head: Delivery, now: datetime) -> bool:
    """Whether what comes after the occurrence that counts may be planned."""
    if head.rule != post.wish or head.state in STILL:
        return False
    if parked(head):
        return False
    if brand.policy_for(head.account).mode == "none":
        return True
    return standing(tx, brand, post, head, now=now).decision is Decision.APPROVED


def clear_planned(
    tx: Tx, post_id: int, account: str, keep: Delivery, since: datetime
) -> tuple[datetime, ...]:
    """Before another version takes the place of ``keep``: what was planned behind it is forgotten.

    Returns the wall times since ``since`` (a wall time) that have been used all the same.
    """
    for row in tx.deliveries.series(post_id):
        if row.account == account and row.rule is not None and row.id != keep.id and row.state in EDITABLE:
            _forget(tx, row)
    return tuple(w for w in tx.deliveries.walls(post_id, account, since) if w != keep.wall)


def _like(row: Delivery, head: Delivery) -> bool:
    return (row.rule, row.fingerprint) == (head.rule, head.fingerprint)


def _refused(tx: Tx, brand: Brand, post: Post, row: Delivery, now: datetime) -> bool:
    """Whether somebody said no to these very bytes."""
    return standing(tx, brand, post, row, now=now).decision is Decision.REJECTED


def _forget(tx: Tx, row: Delivery) -> None:
    """Nothing has happened to it, so nothing of it is kept; else it is cancelled."""
    if not tx.deliveries.drop(row.id, fence=row.fence) and not row.begun:
        gone = replace(row, state=State.CANCELLED, wake_at=None, reason="the post has changed", rule=None)
        tx.deliveries.save(gone, fence=row.fence, was=row.state)


def _make(
    svc: Services,
    tx: Tx,
    brand: Brand,
    post: Post,
    rule: Rule,
    calendar: Calendar,
    head: Delivery,
    rows: list[Delivery],
    now: datetime,
) -> datetime | None:
    """Make the account's next occurrence, if it is near enough; returns when to look again.

    None: there will be no more. What should have been made while nobody looked is made, and
    is then too late: `hold_late` asks about it.
    """
    last = max(r.wall for r in rows if r.rule == rule.text and r.wall is not None)
    walls = rule.walls(max(last, wall_at(now - HORIZON, calendar.zone)))
    made = False
    for wall in walls:
        nominal = instant_of(wall, calendar.zone)
        if nominal - HORIZON > now:
            return nominal - HORIZON
        if made:
            return now
        due = calendar.occurrence(wall, taken_near(tx, calendar, head.account, nominal))
        why = "a day off" if calendar.is_off(wall.date()) else "no room in the calendar"
        _write(svc, tx, brand, post, head, wall, due, now, why)
        made = True
    if made:
        _say_end(svc, tx, brand, post, rule)
    return None


def _write(
    svc: Services,
    tx: Tx,
    brand: Brand,
    post: Post,
    head: Delivery,
    wall: datetime,
    due: datetime | None,
    now: datetime,
    why: str,
) -> None:
    """Write one occurrence down; without a ``due``, that it is skipped, and ``why``."""
    new = NewDelivery(
        variant=head.variant,
        fingerprint=head.fingerprint,
        state=State.SCHEDULED if due is not None else State.CANCELLED,
        due=due if due is not None else instant_of(wall, brand.timezone),
        wake_at=None if due is None else first_wake(svc.accounts[head.account], head.variant, due),
        reason="" if due is not None else f"skipped: {why}",
        rule=post.wish,
        wall=wall,
        zone=brand.timezone,
    )
    made = tx.deliveries.add(post, new)
    if due is None:
        day = say(instant_of(wall, brand.timezone), brand.timezone, now=now)
        audit(svc, tx, brand.name, "clarion", "skipped", delivery=made, facts={"wall": str(wall)})
        key = f"skipped:{post.id}:{wall}"
        words = f"{post.name} skips {day}: {why}. The next one goes out as planned."
        tell(svc, tx, post, key, words)


def _say_end(svc: Services, tx: Tx, brand: Brand, post: Post, rule: Rule) -> None:
    """The last occurrence before somebody has to look at the rule has been made."""
    audit(svc, tx, brand.name, "clarion", "series_ends", post=post, facts={"rule": rule.text})
    if rule.review is None:
        return
    text = (
        f"{post.name} repeats until {rule.review}, the day to look at it again. "
        f'/schedule {post.name} "{rule.pattern} {rule.clock:%H:%M} until …" lets it go on.'
    )
    tell(svc, tx, post, f"review:{post.id}:{rule.text}", text)


def series_words(tx: Tx, brand: Brand, post: Post, deliveries: tuple[Delivery, ...], now: datetime) -> str:
    """What a card says about what comes after the occurrence it shows; empty for a single post."""
    if not is_rule(post.wish):
        return ""
    known = tx.rules.get(post.id)
    if known is not None and known.ended:
        return f"ended: {known.ended}"
    rule, calendar, zone = rule_of(post.wish), calendar_of(tx, brand), brand.timezone
    shown = [d.wall for d in deliveries if d.wall is not None and d.rule == post.wish]
    since = max([*shown, wall_at(now, zone)])
    walls = [wall for wall in rule.walls(since) if not calendar.is_off(wall.date())]
    if not walls:
        return f"{post.wish} · this is the last one"
    then = ", ".join(say(instant_of(w, zone), zone, now=now) for w in walls[:2])
    more = " …" if len(walls) > 2 else ""
    end = f"to be looked at {rule.review}" if rule.review else f"ends {walls[-1]:%Y-%m-%d}"
    return f"then {then}{more} · {end} ({len(walls)} more)"
