"""Gathers what a card is painted from."""

from __future__ import annotations

from bot.domain.card import Row, Sheet, settle_deadline
from bot.domain.delivery import Delivery, State
from bot.domain.people import Role
from bot.domain.platform import Finding
from bot.domain.post import Post
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.ledger import open_attempt
from bot.services.preview import preview_name
from bot.services.reviewers import reviews_of
from bot.services.signed import standing
from bot.services.twins import twins_of, warning


def sheet_of(svc: Services, tx: Tx, post: Post) -> Sheet:
    """Everything known about a post in one transaction's view."""
    brand = svc.brands[post.brand]
    votes = tx.votes.of_post(post.id)
    deliveries = tx.deliveries.of_post(post.id)
    rows = tuple(_row(svc, tx, post, d) for d in deliveries)
    in_review = [d.wake_at for d in deliveries if d.state is State.IN_REVIEW and d.wake_at]
    approvers = tuple(
        m for m in brand.members(Role.APPROVE) if m != post.author or brand.policy.author_may_approve
    )
    return Sheet(
        post=post,
        rows=rows,
        votes=tuple(
            v
            for v in votes
            if any(v.delivery_id == d.id and v.fingerprint == d.fingerprint for d in deliveries)
        ),
        zone=brand.timezone,
        now=svc.clock.now(),
        approvers=approvers,
        needed=brand.policy.needed,
        expires_at=min(in_review, default=None),
        halt=tx.halts.active(brand.name),
        simulated=svc.simulated,
        reviews=reviews_of(tx, post.id, post.version),
    )


def _row(svc: Services, tx: Tx, post: Post, delivery: Delivery) -> Row:
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
    return Row(
        delivery=delivery,
        title=title,
        handle=handle,
        findings=_findings(tx, connected, post, delivery),
        verdict=standing(tx, brand, post, delivery),
        preview=preview_name(post, delivery) if delivery.state in (State.DRAFT, State.IN_REVIEW) else "",
        asks_at=asks_at,
    )


def _findings(tx: Tx, connected: Connected | None, post: Post, delivery: Delivery) -> tuple[Finding, ...]:
    """What is to be said before it goes out; nothing once it is on its way."""
    if connected is None or delivery.state not in (State.DRAFT, State.IN_REVIEW):
        return ()
    twins = twins_of(tx, post.brand, delivery.account, delivery.variant.text, but=post.id)
    return (*connected.inspect(delivery.variant), *map(warning, twins))
