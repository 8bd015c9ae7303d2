"""Requests for approval that wait: a reminder of who is waited for, then others are called in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.approval import Decision
from bot.domain.delivery import Delivery, State
from bot.domain.people import Brand, Policy
from bot.domain.post import Post
from bot.domain.records import Request
from bot.domain.slots import in_quiet, parse_quiet
from bot.domain.when import say, wall_at
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.context import Services
from bot.services.history import CALLED
from bot.services.signed import standing
from bot.services.tally import still_needed
from bot.services.tell import audit, tell

ESCALATE = "escalate"
PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Late:
    """One delivery that has waited long enough for ``steps``."""

    request: Request
    steps: tuple[str, ...]


def steps_of(policy: Policy, waited: timedelta) -> tuple[str, ...]:
    """What a policy wants done by then, in order: ``"remind:14400"``, …, ``"escalate"``."""
    steps = [(seconds, f"remind:{seconds}") for seconds in policy.remind_s]
    if policy.escalate_s is not None:
        steps.append((policy.escalate_s, ESCALATE))
    return tuple(step for seconds, step in sorted(steps) if waited >= timedelta(seconds=seconds))


async def remind(svc: Services) -> None:
    """Do what has not been done yet about each request, once; nothing in a brand's quiet hours.

    What fell due while nobody looked, or at night, is said once and not in a row.
    """
    now = svc.clock.now()
    first = _first(svc)
    if first is None:
        return
    after = 0
    while True:
        page, late = await svc.store.read(lambda tx, after=after: _look(svc, tx, now, now - first, after))  # type: ignore[misc]  # mypy infers no lambda with a default
        for post_id in dict.fromkeys(item.request.post_id for item in late):
            mine = [item for item in late if item.request.post_id == post_id]
            await svc.store.write(lambda tx, mine=mine: _speak(svc, tx, mine, now))  # type: ignore[misc]  # mypy infers no lambda with a default
        if len(page) < PAGE:
            return
        after = page[-1].delivery_id


def _first(svc: Services) -> timedelta | None:
    """How long a request has to wait at the least before anything is done."""
    policies = [p for brand in svc.brands.values() for p in (brand.policy, *brand.policies.values())]
    spans = [s for p in policies for s in (*p.remind_s, *([p.escalate_s] if p.escalate_s else []))]
    return timedelta(seconds=min(spans)) if spans else None


def _look(
    svc: Services, tx: Tx, now: datetime, before: datetime, after: int
) -> tuple[tuple[Request, ...], list[Late]]:
    page = tx.reminders.open(before, after=after, limit=PAGE)
    late: list[Late] = []
    for request in page:
        brand = svc.brands.get(request.brand)
        if brand is None or _quiet(brand, now):
            continue
        done = {r.step for r in tx.reminders.of_post(request.post_id) if r.fingerprint == request.fingerprint}
        wanted = steps_of(brand.policy_for(request.account), now - request.asked_at)
        steps = tuple(step for step in wanted if step not in done)
        if steps:
            late.append(Late(request=request, steps=steps))
    return page, late


def _quiet(brand: Brand, now: datetime) -> bool:
    return bool(brand.quiet) and in_quiet(wall_at(now, brand.timezone).time(), parse_quiet(brand.quiet))


def _speak(svc: Services, tx: Tx, late: list[Late], now: datetime) -> None:
    """One message for the post, whatever is due about however many of its accounts."""
    post_id = late[0].request.post_id
    tx.posts.lock(post_id)
    post = tx.posts.get(post_id)
    assert post is not None
    brand = svc.brands[post.brand]
    rows = {d.id: d for d in tx.deliveries.of_post(post_id)}
    open_ = [
        (item, delivery)
        for item in late
        if (delivery := rows.get(item.request.delivery_id)) is not None
        and delivery.state is State.IN_REVIEW
        and delivery.fingerprint == item.request.fingerprint
    ]
    done = {(r.fingerprint, r.step) for r in tx.reminders.of_post(post_id)}
    called: list[str] = []
    new: list[tuple[Late, Delivery]] = []
    for item, delivery in open_:
        for step in item.steps:
            if (delivery.fingerprint, step) in done:
                continue
            names = brand.policy_for(delivery.account).escalate_to if step == ESCALATE else ()
            tx.reminders.note(post_id, delivery.fingerprint, step, now, names)
            done.add((delivery.fingerprint, step))
            called += [brand.spelled(name) for name in names]
            new.append((item, delivery))
    if not new:
        return
    deliveries = list({d.id: d for _, d in new}.values())
    since = min(item.request.asked_at for item, _ in new)
    text = _words(svc, tx, post, deliveries, since, list(dict.fromkeys(called)), now)
    found = [standing(tx, brand, post, d, now=now) for d in deliveries]
    waited = dict.fromkeys(
        called or [name for f in found if f.decision is Decision.OPEN for name in f.waiting]
    )
    key = f"remind:{post_id}:{post.version}:{now.isoformat()}"
    tell(svc, tx, post, key, text, mentions=tuple(waited)[:CALLED])
    facts = {
        "since": since.isoformat(),
        "called": called,
        "steps": sorted({s for i, _ in new for s in i.steps}),
    }
    audit(svc, tx, brand.name, "clarion", "escalated" if called else "reminded", post=post, facts=facts)
    tx.cards.touch(post_id)


def _words(
    svc: Services,
    tx: Tx,
    post: Post,
    deliveries: list[Delivery],
    since: datetime,
    called: list[str],
    now: datetime,
) -> str:
    brand = svc.brands[post.brand]
    needs: dict[str, list[str]] = {}
    for delivery in deliveries:
        found = standing(tx, brand, post, delivery, now=now)
        if found.decision is Decision.OPEN:
            needs.setdefault(still_needed(found), []).append(delivery.account)
    several = len(needs) > 1
    people = "; ".join(f"{who} (on {listed(on)})" if several else who for who, on in needs.items())
    began = say(since, brand.timezone, now=now)
    ends = min((d.wake_at for d in deliveries if d.wake_at), default=None)
    until = f" It lapses {say(ends, brand.timezone, now=now)}." if ends else ""
    if called:
        may = f"{listed(called)} may approve it now too."
        return f"{post.name} has waited for approval since {began} and nobody has decided. {may}{until}"
    return f"{post.name} has waited for approval since {began}. It needs {people}.{until}"
