"""How publishing goes: accounts that fail, posts that come late, a queue that grows, missing numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from bot.domain.alarms import Alert, Kind
from bot.domain.delivery import State
from bot.domain.evidence import Evidence
from bot.domain.people import Brand
from bot.domain.records import Health
from bot.domain.when import say
from bot.ports import Tx
from bot.ports.alerting import Sent
from bot.services.alerting.announce import announce, close
from bot.services.alerting.wording import span, unread_words
from bot.services.context import Connected, Services

DAY = timedelta(hours=24)
FEWEST, FAILED_SHARE = 3, 0.5
"""An account fails when that many of its posts of a day have ended, and this share of them not live."""

LATE, BACKLOG, OVERDUE = timedelta(minutes=5), 10, timedelta(minutes=5)
UNREAD_TRIES, UNREAD_AFTER = 3, timedelta(hours=3)
ENDED = frozenset({State.LIVE, State.REMOVED, State.REFUSED, State.UNCONFIRMED, State.PARTIAL})
WATCHED = (Kind.FAILING, Kind.LATE, Kind.BACKLOG, Kind.UNREAD)


async def check_health(svc: Services) -> None:
    """Open what is wrong and close what is over, for every brand."""
    for brand in tuple(svc.brands.values()):
        await _check(svc, brand)


async def _check(svc: Services, brand: Brand) -> None:
    found, open_ = await svc.store.read(lambda tx: _wrong(svc, tx, brand))
    if found or open_:
        await svc.store.write(lambda tx: _settle(svc, tx, brand))


def _wrong(svc: Services, tx: Tx, brand: Brand) -> tuple[list[Alert], tuple[Alert, ...]]:
    now = svc.clock.now()
    sent = tx.alerts.sent(brand.name, now - DAY, now)
    unread = tx.alerts.unread(brand.name, UNREAD_TRIES)
    found: list[Alert] = []
    for connected in svc.accounts_of(brand.name):
        mine = [one for one in sent if one.account == connected.name]
        found += _failing(svc, tx, brand, connected, mine, now)
        found += _late(svc, brand, connected, mine, now)
        found += _unread(brand, connected, unread, now)
    if tx.halts.active(brand.name) is None:
        found += _backlog(brand, sent, now)
    return found, tx.alerts.open(brand.name, (*WATCHED, Kind.INCIDENT))


def _settle(svc: Services, tx: Tx, brand: Brand) -> None:
    found, open_ = _wrong(svc, tx, brand)
    now = svc.clock.now()
    same = {(one.kind, one.account) for one in found}
    for alert in open_:
        if alert.kind is Kind.INCIDENT:
            if now - alert.opened_at > DAY:
                close(svc, tx, alert)
        elif (alert.kind, alert.account) not in same:
            close(svc, tx, alert)
    going = {(one.kind, one.account) for one in open_}
    for alert in found:
        if (alert.kind, alert.account) not in going:
            announce(svc, tx, alert)


def failing(sent: Sequence[Sent]) -> tuple[list[Sent], list[Sent]]:
    """What has ended, and what of it is not live."""
    ended = [one for one in sent if one.state in ENDED]
    return ended, [one for one in ended if one.state not in (State.LIVE, State.REMOVED)]


def lateness(sent: Sequence[Sent]) -> list[timedelta]:
    """How much later than due each came out that we alone were late with."""
    return [one.out_at - one.due for one in sent if one.out_at is not None and not one.platform_wait]


def waiting(sent: Sequence[Sent], now: datetime) -> list[Sent]:
    """What is overdue and waits for nothing but us."""
    return [
        one
        for one in sent
        if one.state is State.SCHEDULED and not one.platform_wait and now - one.due >= OVERDUE
    ]


def _failing(
    svc: Services, tx: Tx, brand: Brand, connected: Connected, sent: Sequence[Sent], now: datetime
) -> Iterator[Alert]:
    ended, failed = failing(sent)
    account = tx.accounts.get(connected.name)
    paused = account is not None and account.health is not Health.OK
    # A paused account was told about when it was paused: one incident, one message.
    if paused or len(ended) < FEWEST or len(failed) < FAILED_SHARE * len(ended):
        return
    posts = ", ".join(dict.fromkeys(f"P{one.post_id}" for one in failed[-5:]))
    text = (
        f"{connected.platform.title} ({connected.name}): {len(failed)} of {len(ended)} posts of the last "
        f"24 h did not come out or are in doubt ({posts}). /why {posts.rpartition(', ')[2]} says what "
        "happened; /accounts shows whether the account is well."
    )
    yield _alert(brand, connected, Kind.FAILING, text, [one.delivery_id for one in ended], now)


def _late(
    svc: Services, brand: Brand, connected: Connected, sent: Sequence[Sent], now: datetime
) -> Iterator[Alert]:
    late = lateness(sent)
    middle = timedelta(seconds=median([one.total_seconds() for one in late] or [0]))
    if len(late) < FEWEST or middle <= LATE:
        return
    text = (
        f"{connected.platform.title} ({connected.name}): posts come out {span(middle)} late (median of "
        f"{len(late)} in 24 h). Usually the machine was asleep or too busy; /status shows what waits."
    )
    rows = [one.delivery_id for one in sent if one.out_at is not None and not one.platform_wait]
    yield _alert(brand, connected, Kind.LATE, text, rows, now)


def _backlog(brand: Brand, sent: Sequence[Sent], now: datetime) -> Iterator[Alert]:
    left = waiting(sent, now)
    if len(left) < BACKLOG:
        return
    oldest = min(one.due for one in left)
    text = (
        f"{len(left)} posts are due and not sent; the oldest was due {say(oldest, brand.timezone, now=now)}. "
        "/queue lists them, /halt stops them."
    )
    yield _alert(brand, None, Kind.BACKLOG, text, [one.delivery_id for one in left], now)


def _unread(
    brand: Brand, connected: Connected, unread: Mapping[str, tuple[int, datetime | None]], now: datetime
) -> Iterator[Alert]:
    stuck, last = unread.get(connected.name, (0, None))
    if not stuck or (last is not None and now - last < UNREAD_AFTER):
        return
    text = unread_words(connected.name, connected.platform.title, last, brand.timezone, now)
    yield _alert(brand, connected, Kind.UNREAD, text, (), now)


def _alert(
    brand: Brand, connected: Connected | None, kind: Kind, text: str, rows: Sequence[int], now: datetime
) -> Alert:
    name = connected.name if connected is not None else ""
    return Alert(
        key=f"{kind.value}:{brand.name}:{name}:{now.isoformat()}",
        brand=brand.name,
        kind=kind,
        text=text,
        opened_at=now,
        account=name,
        platform=connected.platform.name if connected is not None else "",
        evidence=Evidence(
            method=f"{kind.value}/1", at=now, n=len(rows), rows=tuple(rows), since=now - DAY, until=now
        ),
    )
