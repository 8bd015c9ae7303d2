"""What the votes on a delivery amount to today: the one place that asks."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.approval import Asked, Choice, Decision, Verdict, verdict
from bot.domain.delivery import Delivery
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.recurrence import is_rule
from bot.domain.words import listed
from bot.ports import Tx


def asked_about(tx: Tx, brand: Brand, post: Post, delivery: Delivery) -> Asked:
    """Who is asked about this delivery, those included whom it was escalated to."""
    policy = brand.policy_for(delivery.account)
    called = tx.reminders.called(post.id, delivery.fingerprint) if policy.escalate_to else ()
    return Asked(brand=brand, policy=policy, author=post.author, called=called)


def standing(tx: Tx, brand: Brand, post: Post, delivery: Delivery, *, now: datetime | None = None) -> Verdict:
    """Count the votes of people who may still vote and that cover exactly these bytes.

    A vote is a signature over a fingerprint, so one on an earlier occurrence of a recurring
    post covers the later ones. With ``now``, signatures that have run out by then do not
    count; those on a rule that repeats last as long as the rule.
    """
    asked = asked_about(tx, brand, post, delivery)
    since = None
    if now is not None and not is_rule(post.wish):
        since = now - timedelta(seconds=asked.policy.valid_s)
    votes = tx.votes.of_post(post.id)
    return verdict(asked, votes, fingerprint=delivery.fingerprint, since=since)


def why_unsigned(tx: Tx, brand: Brand, post: Post, delivery: Delivery, found: Verdict, now: datetime) -> str:
    """What became of the signatures it had: who left, whose ran out, or how many are asked for now."""
    asked = asked_about(tx, brand, post, delivery)
    if found.decision is not Decision.OPEN:
        return f"{listed(found.by)} said no"
    signed = [
        v
        for v in tx.votes.of_post(post.id)
        if v.fingerprint == delivery.fingerprint and v.choice is Choice.YES
    ]
    gone = list(dict.fromkeys(v.member for v in signed if not asked.may_sign(v.member)))
    old = list(
        dict.fromkeys(v.member for v in signed if asked.may_sign(v.member) and v.member not in found.by)
    )
    reasons = [f"{listed(gone, 'and')} may no longer approve"] if gone else []
    if old:
        days = asked.policy.valid_s / 86400
        span = f"{days:.0f} days" if days >= 2 else f"{days * 24:.0f} hours"
        reasons.append(f"{listed(old)} signed more than {span} ago")
    if not reasons:
        reasons.append(f"{found.needed} have to sign now and {found.yes} did")
    return listed(reasons)
