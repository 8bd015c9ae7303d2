"""How news is told: held in quiet hours, once, together with other news when there is much of it.

`announce` writes an alert down in the transaction that made it true; `say_due` says what is due. Between
the two lies the alert's row, so that a crash at any line neither loses news nor tells it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from bot.domain.alarms import MOMENTS, OWN_LINE, PACED, Alert, Kind, Severity
from bot.domain.delivery import Delivery
from bot.domain.evidence import Evidence
from bot.domain.message import Action, Button, Message
from bot.domain.people import Brand
from bot.domain.when import instant_of, wall_at
from bot.ports import Tx
from bot.services.alerting.wording import digest_words, incident_words
from bot.services.context import Services
from bot.services.plan import calendar_of
from bot.services.tell import audit, tell, tell_brand

KIND = "alert"
"""The `Action.kind` of its buttons; the number is the alert's."""

MUTE, WHY, GO_ON, CROSS_POST = "mute", "why", "go-on", "cross-post"

SETTLE = timedelta(minutes=2)
"""How long what may be one incident at a platform waits for others of its kind."""

TOGETHER, MANY = timedelta(minutes=90), 3
"""Within this time that many accounts make an incident, if they are half of the platform's accounts."""

ONCE_IN = timedelta(hours=24)
"""One message for an account and a kind; more of it comes with the digest."""

SHOWN = 10
MERGED = frozenset({*PACED, Kind.UNREAD})
TOGETHER_WORDS = {
    Kind.SPIKE: "take off",
    Kind.DROP: "stop",
    Kind.SURGE: "surge",
    Kind.SILENCE: "fall silent",
    Kind.UNREAD: "give no numbers",
}.get


def announce(svc: Services, tx: Tx, alert: Alert) -> Alert | None:
    """Write news down, to be said when it is due; None when it is known already or its kind is off.

    Right when it is called twice: ``alert.key`` names it for ever, and of one kind only one alert of an
    account and a delivery is open at a time. One that is ``held`` already is noted and not said.
    """
    brand, now = svc.brands.get(alert.brand), svc.clock.now()
    if brand is None or alert.kind.value in brand.alerts.off:
        return None
    due = now + SETTLE if alert.kind in MERGED else now
    if alert.kind in MOMENTS and alert.closed_at is None:
        alert = replace(alert, closed_at=now)
    if alert.held:
        fresh = replace(alert, due_at=None)
    elif any(mute.covers(alert) for mute in tx.alerts.mutes(brand.name, now)):
        fresh = replace(alert, due_at=None, held="muted")
    else:
        fresh = replace(alert, due_at=_after_quiet(tx, brand, alert.severity, due))
    number = tx.alerts.put(fresh)
    if number is None:
        return None
    facts = {"alert": f"A{number}", "what": alert.kind.value}
    audit(svc, tx, brand.name, "clarion", "alerted", delivery=_delivery(tx, alert), facts=facts)
    return replace(fresh, id=number)


def close(svc: Services, tx: Tx, alert: Alert) -> None:
    """It is over; what was not said yet stays unsaid."""
    now = svc.clock.now()
    unsaid = alert.told_at is None and alert.due_at is not None
    over = replace(alert, evidence=None, closed_at=now)
    tx.alerts.save(replace(over, due_at=None, held="over before it was said") if unsaid else over)


async def say_due(svc: Services) -> None:
    """Say what is due, of every brand."""
    now = svc.clock.now()
    if not await svc.store.read(lambda tx: tx.alerts.due(now, limit=1)):
        return

    def unit(tx: Tx) -> None:
        due = sorted(tx.alerts.due(now), key=lambda alert: alert.brand)
        for name, alerts in groupby(due, key=lambda alert: alert.brand):
            brand = svc.brands.get(name)
            if brand is None:
                for alert in alerts:
                    tx.alerts.save(replace(alert, due_at=None, held="its brand is not configured any more"))
            else:
                _say(svc, tx, brand, list(alerts), now)

    await svc.store.write(unit)
    svc.wake()


def _say(svc: Services, tx: Tx, brand: Brand, due: list[Alert], now: datetime) -> None:
    mutes = tx.alerts.mutes(brand.name, now)
    together: list[Alert] = []
    for alert in due:
        if any(mute.covers(alert) for mute in mutes):
            tx.alerts.save(replace(alert, due_at=None, held="muted"))
        elif alert.grouped:
            together.append(alert)
        elif alert.kind in MERGED and _merge(svc, tx, brand, alert, now):
            continue
        elif alert.kind not in OWN_LINE and _too_much(tx, brand, alert, now):
            tx.alerts.save(replace(alert, grouped=True, due_at=_digest_at(tx, brand, now)))
        else:
            _say_one(svc, tx, brand, alert, now)
    if together:
        _say_together(svc, tx, brand, together, now)


def _too_much(tx: Tx, brand: Brand, alert: Alert, now: datetime) -> bool:
    """Whether people have heard enough today: of this account and kind, or in all."""
    told = [one for one in tx.alerts.told(brand.name, now - ONCE_IN) if one.kind not in OWN_LINE]
    if any(one.account == alert.account and one.kind is alert.kind for one in told):
        return True
    today = wall_at(now, brand.timezone).date()
    single = [a for a in told if a.told_at and wall_at(a.told_at, brand.timezone).date() == today]
    return alert.severity < Severity.URGENT and sum(not a.grouped for a in single) >= brand.alerts.daily


def _merge(svc: Services, tx: Tx, brand: Brand, alert: Alert, now: datetime) -> bool:
    """Whether so many accounts of the platform have the same that it is the platform."""
    others = tx.alerts.on_platform(alert.platform, {alert.kind}, alert.opened_at - TOGETHER)
    accounts = {one.account for one in others}
    all_ = [a for a in svc.accounts.values() if a.platform.name == alert.platform]
    if len(accounts) < MANY or 2 * len(accounts) < len(all_):
        return False
    incident = next(
        (a for a in tx.alerts.open(brand.name, {Kind.INCIDENT}) if a.platform == alert.platform), None
    )
    if incident is None:
        title = all_[0].platform.title if all_ else alert.platform
        made = Alert(
            key=f"incident:{brand.name}:{alert.platform}:{alert.kind.value}:{alert.id}",
            brand=brand.name,
            kind=Kind.INCIDENT,
            # one incident of each platform at a time
            account=alert.platform,
            platform=alert.platform,
            text=incident_words(title, len(accounts), TOGETHER_WORDS(alert.kind, "change")),
            opened_at=now,
            evidence=Evidence(
                method="incident/1",
                at=now,
                n=len(accounts),
                kind="alert",
                rows=tuple(one.id for one in others if one.brand == brand.name),
                facts={"kind": alert.kind.value, "accounts": len(accounts), "of": len(all_)},
            ),
        )
        incident = announce(svc, tx, made)
        if incident is not None and incident.due_at is not None and incident.due_at <= now:
            _say_one(svc, tx, brand, incident, now)
    held = f"part of {incident.name}" if incident is not None else "part of an incident"
    tx.alerts.save(replace(alert, due_at=None, held=held))
    return True


def _say_one(svc: Services, tx: Tx, brand: Brand, alert: Alert, now: datetime) -> None:
    if not tx.alerts.tell(alert.id, now):
        return
    post = tx.posts.get(alert.post_id) if alert.post_id else None
    key, buttons = f"alert:{alert.id}", buttons_of(alert)
    if post is None:
        simulated = "SIMULATED — no account is connected" if svc.simulated else ""
        message = Message(title=alert.name, text=alert.text, buttons=buttons, footer=simulated)
        tell_brand(svc, tx, brand.name, key, message)
        return
    quietly = alert.severity is Severity.NOTE
    tell(
        svc,
        tx,
        post,
        key,
        alert.text,
        buttons=() if quietly else buttons,
        fixes=buttons if quietly else (),
        delivery=_delivery(tx, alert),
    )
    tx.cards.touch(post.id)


def _say_together(svc: Services, tx: Tx, brand: Brand, alerts: Sequence[Alert], now: datetime) -> None:
    said = [alert for alert in alerts if tx.alerts.tell(alert.id, now)]
    if not said:
        return
    lines = [f"{alert.name} · {alert.text}" for alert in said[:SHOWN]]
    text = digest_words(lines, len(said) - len(lines))
    tell_brand(svc, tx, brand.name, f"alerts:{brand.name}:{said[0].id}", Message(text=text))


def buttons_of(alert: Alert) -> tuple[Button, ...]:
    """What can be done about it."""

    def of(verb: str, label: str) -> Button:
        return Button(label=label, action=Action(verb=verb, kind=KIND, id=alert.id))

    first = (of(CROSS_POST, "Cross-post"),) if alert.kind is Kind.SPIKE else ()
    if alert.kind is Kind.AUTONOMY:
        first = (of(GO_ON, "Let it go on"),)
    return (*first, of(MUTE, "Mute 7 days"), of(WHY, "Why?"))


def _after_quiet(tx: Tx, brand: Brand, severity: Severity, due: datetime) -> datetime:
    if severity is Severity.URGENT or not brand.quiet:
        return due
    calendar, wall = calendar_of(tx, brand), wall_at(due, brand.timezone)
    return instant_of(calendar.after_quiet(wall), brand.timezone) if calendar.is_quiet(wall) else due


def _digest_at(tx: Tx, brand: Brand, now: datetime) -> datetime:
    """The next time at which everything that was too much is said together."""
    wall = wall_at(now, brand.timezone)
    day = wall.date() if wall.time() < brand.alerts.digest else wall.date() + timedelta(days=1)
    due = instant_of(datetime.combine(day, brand.alerts.digest), brand.timezone)
    return _after_quiet(tx, brand, Severity.NOTICE, due)


def _delivery(tx: Tx, alert: Alert) -> Delivery | None:
    return tx.deliveries.get(alert.delivery_id) if alert.delivery_id else None
