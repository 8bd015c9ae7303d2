"""Why something stands where it stands: every refusal, delay and time, from the rows alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.approval import Choice, Decision
from bot.domain.asking import asked_line
from bot.domain.delivery import AttemptState, Delivery, State, parked
from bot.domain.money import dollars, period_of
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.records import Health
from bot.domain.recurrence import is_rule
from bot.domain.when import say
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.budget import Full, ask, price_of, purses, spent_of
from bot.services.context import Services
from bot.services.preparing import being_prepared
from bot.services.signed import asked_about, standing, why_unsigned
from bot.services.tally import still_needed
from bot.services.why_when import time_reasons

CALLS = 3
"""Calls told about, the newest last."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One fact about a delivery and the rule it comes from."""

    about: str
    text: str


def reasons(svc: Services, tx: Tx, post: Post, delivery: Delivery) -> tuple[Reason, ...]:
    """Everything that keeps this delivery where it is, or brought it there, the nearest first."""
    brand, now = svc.brands[post.brand], svc.clock.now()
    found = [Reason(about="State", text=_state(delivery))]
    if being_prepared(tx, delivery):
        found = [Reason(about="State", text="draft: its files are being prepared; it is asked about then")]
    connected = svc.accounts.get(delivery.account)
    title = connected.platform.title if connected else delivery.platform
    found += [Reason(about="Time", text=text) for text in time_reasons(tx, brand, post, delivery, now, title)]
    found += [Reason(about="Approval", text=text) for text in _approval(tx, brand, post, delivery, now)]
    if delivery.state not in (State.LIVE, State.REMOVED, State.CANCELLED):
        found += _stops(svc, tx, brand, delivery, now)
    found += [Reason(about="Call", text=text) for text in _calls(tx, brand, delivery, now)]
    return tuple(found)


def _state(delivery: Delivery) -> str:
    words = delivery.state.value.replace("_", " ")
    if parked(delivery):
        return f"{delivery.reason}; /unhold P{delivery.post_id} lets it go on"
    if delivery.reason:
        return delivery.reason if delivery.reason.startswith(words) else f"{words}: {delivery.reason}"
    usual = {
        State.DRAFT: "it cannot go out as it is; the card says what is wrong",
        State.IN_REVIEW: "it waits for approval",
        State.SCHEDULED: "it goes out at its time",
        State.PUBLISHING: "it is being sent",
        State.UNCONFIRMED: f"nobody knows whether it is out; /confirm P{delivery.post_id} tells me",
        State.HANDED_OVER: "somebody finishes it in the platform's own app",
        State.LIVE: "it is out, with proof",
    }
    more = usual.get(delivery.state, "")
    return f"{words}: {more}" if more else words


def _approval(tx: Tx, brand: Brand, post: Post, delivery: Delivery, now: datetime) -> Iterator[str]:
    policy = brand.policy_for(delivery.account)
    own = f" on {delivery.account}" if delivery.account in brand.policies else ""
    if policy.mode == "none":
        yield f"nobody is asked: approval.mode is “none”{own}"
        return
    found = standing(tx, brand, post, delivery, now=now)
    asked = asked_about(tx, brand, post, delivery)
    votes = [v for v in tx.votes.of_post(post.id) if v.fingerprint == delivery.fingerprint]
    signed = {v.member: v for v in votes if v.choice is Choice.YES and v.member in found.by}
    line = asked_line(found.steps, list(signed.values()), zone=brand.timezone, now=now, ends=None)
    match found.decision:
        case Decision.APPROVED:
            oldest = min((v.at for v in signed.values()), default=now)
            ends = oldest + timedelta(seconds=policy.valid_s)
            lasts = (
                "as long as the rule" if is_rule(post.wish) else f"until {say(ends, brand.timezone, now=now)}"
            )
            yield f"given: mode “{policy.mode}”{own}, {line}; it lasts {lasts}"
        case Decision.OPEN if delivery.state in (State.HELD, State.SCHEDULED, State.PARTIAL) and votes:
            yield f"no longer holds: {why_unsigned(tx, brand, post, delivery, found, now)}"
            yield f"missing: {still_needed(found)}"
        case Decision.OPEN:
            yield f"mode “{policy.mode}”{own}: {line}"
            yield f"missing: {still_needed(found)}"
        case _:
            verb = "rejected it" if found.decision is Decision.REJECTED else "asked for changes"
            yield f"{listed(found.by)} {verb}" + (f": {found.reason}" if found.reason else "")
    if asked.called:
        yield f"called in because nobody had decided: {listed(asked.called)}"
    older = {v.member: v.version for v in tx.votes.of_post(post.id) if v.fingerprint != delivery.fingerprint}
    if older and found.decision is Decision.OPEN:
        names = listed([f"{name} (v{version})" for name, version in older.items()])
        yield f"does not cover this version: what {names} said; /diff {post.name} shows what changed"


def _stops(svc: Services, tx: Tx, brand: Brand, delivery: Delivery, now: datetime) -> Iterator[Reason]:
    zone = brand.timezone
    halt = tx.halts.active(brand.name)
    if halt is not None:
        because = f": {halt.reason}" if halt.reason else ""
        at = say(halt.at, zone, now=now, seconds=True)
        yield Reason(
            about="Stopped", text=f"{halt.by} stopped {brand.name} {at}{because}; /resume lets it go on"
        )
    account = tx.accounts.get(delivery.account)
    if account is not None and account.health is not Health.OK:
        yield Reason(about="Account", text=f"paused: {account.why}; /accounts says how to go on")
    if account is not None and account.blocked_until is not None and account.blocked_until > now:
        until = say(account.blocked_until, zone, now=now, seconds=True)
        yield Reason(about="Account", text=f"the platform lets it wait until {until} ({account.why})")
    connected = svc.accounts.get(delivery.account)
    if connected is None:
        yield Reason(about="Account", text=f"{delivery.account} is not in the configuration any more")
        return
    rate = ask(svc, tx, connected, 0, now)
    if isinstance(rate, Full):
        yield Reason(
            about="Limit", text=f"{rate.why} is used up until {say(rate.until, zone, now=now, seconds=True)}"
        )
    price = sum(price_of(connected, part) for part in delivery.variant.parts)
    for purse in purses(svc, connected) if price else ():
        period = period_of(purse.budget.per, now)
        spent = spent_of(tx, purse, period)
        enough = "enough for this" if spent + price <= purse.budget.limit else "not enough for this"
        used = f"{dollars(spent)} of {dollars(purse.budget.limit)} for {period.label}"
        yield Reason(about="Budget", text=f"{purse.name} has used {used}, {enough} ({dollars(price)})")


def _calls(tx: Tx, brand: Brand, delivery: Delivery, now: datetime) -> Iterator[str]:
    attempts = tx.attempts.of_delivery(delivery.id)
    if len(attempts) > CALLS:
        yield f"{len(attempts) - CALLS} earlier calls are left out"
    for attempt in attempts[-CALLS:]:
        at = say(attempt.started_at, brand.timezone, now=now, seconds=True)
        part = f" (part {attempt.part + 1})" if len(delivery.variant.parts) > 1 else ""
        what = {
            AttemptState.OK: "it came back with its proof",
            AttemptState.CALLING: "under way",
            AttemptState.UNKNOWN: "no clear answer",
            AttemptState.FAILED: "nothing came of it",
            AttemptState.ABSENT: "it was not there afterwards",
        }[attempt.state]
        error = f": {attempt.error.partition(': ')[2] or attempt.error}" if attempt.error else ""
        yield f"{at}{part} {what}{error}"


def pick(deliveries: Sequence[Delivery], account: str) -> tuple[Delivery, ...]:
    """The deliveries meant; all of them when no account is named."""
    return tuple(d for d in deliveries if not account or account in (d.account, d.platform))
