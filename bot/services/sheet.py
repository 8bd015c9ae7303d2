"""Gathers what a card is painted from."""

from __future__ import annotations

from datetime import datetime

from bot.domain.approval import Asked
from bot.domain.card import Row, Sheet, settle_deadline
from bot.domain.delivery import Delivery, State
from bot.domain.options import option_words
from bot.domain.people import Brand
from bot.domain.platform import Finding
from bot.domain.post import Post
from bot.domain.preparing import STOPPED, UNDER_WAY, Preparation, Stage
from bot.ports import Tx
from bot.services.advising.told import hour_words
from bot.services.context import Connected, Services
from bot.services.echoes import collisions_of, echoes_of
from bot.services.fitting import about_files, file_words, objections
from bot.services.ledger import open_attempt
from bot.services.plan import time_findings
from bot.services.preview import preview_name
from bot.services.recur import series_words
from bot.services.reviewers import reviews_of
from bot.services.shown import live_numbers, tips_of
from bot.services.signed import standing
from bot.services.twins import twins_of, warning


def sheet_of(svc: Services, tx: Tx, post: Post) -> Sheet:
    """Everything known about a post in one transaction's view."""
    brand = svc.brands[post.brand]
    votes = tx.votes.of_post(post.id)
    deliveries = tx.deliveries.of_post(post.id)
    needed = tx.preparations.of_post(post.id) if any(d.variant.media for d in deliveries) else ()
    rows = tuple(
        _row(svc, tx, post, d, tuple(p for p in needed if p.delivery_id == d.id)) for d in deliveries
    )
    in_review = [d.wake_at for d in deliveries if d.state is State.IN_REVIEW and d.wake_at]
    out = any(d.state is State.LIVE for d in deliveries)
    asked = Asked(brand=brand, policy=brand.policy, author=post.author)
    return Sheet(
        post=post,
        rows=rows,
        votes=tuple(v for v in votes if any(v.fingerprint == d.fingerprint for d in deliveries)),
        zone=brand.timezone,
        now=svc.clock.now(),
        approvers=asked.signers,
        needed=brand.policy.needed,
        expires_at=min(in_review, default=None),
        halt=tx.halts.active(brand.name),
        simulated=svc.simulated,
        dry_run=brand.dry_run,
        reviews=reviews_of(tx, post.id, post.version),
        tips=tips_of(tx, post.id, post.version) if in_review else (),
        numbers=live_numbers(tx, post.id, deliveries) if out else None,
        given={p.need.source.sha256: p.need.source for p in needed},
        kept=tuple(k.member for k in tx.kept.of_post(post.id)) if out else (),
        repeats=series_words(tx, brand, post, deliveries, svc.clock.now()),
    )


def _row(svc: Services, tx: Tx, post: Post, delivery: Delivery, needed: tuple[Preparation, ...]) -> Row:
    connected = svc.accounts.get(delivery.account)
    title = connected.platform.title if connected else delivery.platform
    account = tx.accounts.get(delivery.account)
    handle = account.handle if account and account.handle else delivery.account
    asks_at = None
    if delivery.state is State.UNCONFIRMED and delivery.wake_at and connected:
        attempt = open_attempt(tx, delivery)
        if attempt is not None:
            asks_at = max(settle_deadline(attempt.started_at, connected.platform.settle), delivery.wake_at)
    brand = svc.brands[post.brand]
    open_ = delivery.state in (State.DRAFT, State.IN_REVIEW)
    needed = needed if open_ else ()
    findings = _findings(tx, brand, connected, post, delivery, svc.clock.now())
    if any(p.stage is not Stage.DONE for p in needed):
        # what is said about files is about those that were given, and is being put right
        findings = tuple(f for f in findings if not about_files(f, delivery.variant))
    options = connected.options(delivery.variant) if connected is not None and open_ else ()
    ends = None
    if delivery.state is State.HANDED_OVER and delivery.next_part is not None:
        ends = delivery.progress(delivery.next_part).checkpoint_expires
    return Row(
        delivery=delivery,
        title=title,
        handle=handle,
        findings=findings,
        verdict=standing(tx, brand, post, delivery, now=svc.clock.now()),
        preview=preview_name(post, delivery) if delivery.state in (State.DRAFT, State.IN_REVIEW) else "",
        asks_at=asks_at,
        files=file_words(connected, delivery, needed, rehearsing=svc.rehearsing) if open_ else "",
        preparing=any(p.stage in UNDER_WAY for p in needed),
        stopped=any(p.stage in STOPPED for p in needed) and not any(p.stage in UNDER_WAY for p in needed),
        chosen=option_words(options, delivery.variant.options, connected.facts) if connected else (),
        choosable=any(o.required for o in options),
        until=ends,
        hour=hour_words(tx, delivery, post.wish, title) if open_ else "",
    )


def _findings(
    tx: Tx, brand: Brand, connected: Connected | None, post: Post, delivery: Delivery, now: datetime
) -> tuple[Finding, ...]:
    """What is to be said before it goes out; nothing once it is on its way."""
    if connected is None or delivery.state not in (State.DRAFT, State.IN_REVIEW):
        return ()
    twins = twins_of(tx, post.brand, delivery.account, delivery.variant.body, but=post.id)
    about_time = time_findings(tx, brand, delivery, post.wish)
    about_others = (
        *echoes_of(tx, brand, delivery, now),
        *collisions_of(tx, brand, delivery, post.wish, now),
    )
    return (
        *objections(connected, delivery.variant, post=post.name),
        *about_time,
        *map(warning, twins),
        *about_others,
    )
