"""Tests over posts: which variant a new post gets, and what all of them brought."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.experiment import BlockObs, Metric
from bot.domain.outcomes import TEST
from bot.domain.people import Brand
from bot.domain.trial import Arm, Experiment, Phase
from bot.errors import BadInput, Conflict
from bot.ports import Tx
from bot.services.context import Services
from bot.services.experimenting.deciding import experiment_of
from bot.services.experimenting.looking import look
from bot.services.measuring.outcomes import outcomes

RIPE = timedelta(hours=48)
"""A post counts once it is this old; all are read at about the same age then."""

LOOK_AGAIN = timedelta(hours=6)


def assign(svc: Services, tx: Tx, brand: Brand, number: int, post_id: int) -> Arm:
    """The next variant of the plan for this post; the post is flagged, so that nobody learns hours from it.

    Raises `BadInput` for an experiment that gives posts no variants, `Conflict` when it is over or full.
    """
    found = experiment_of(tx, brand, number)
    if found.swaps:
        raise BadInput(f"{found.name} changes one live post. Only tests over posts give new posts a variant.")
    if found.phase is not Phase.RUNNING:
        raise Conflict(f"{found.name} is over; it takes no more posts.")
    had = tx.experiments.arm_of(post_id)
    if had is not None:
        return had
    taken = {arm.index for arm in tx.experiments.arms(number)}
    free = next((block for block in found.plan.blocks if block.index not in taken), None)
    if free is None:
        raise Conflict(f"{found.name} has all the posts it needs.")
    arm = Arm(experiment_id=number, post_id=post_id, index=free.index, variant=free.variant)
    if not tx.experiments.assign(arm):
        raise Conflict(f"{found.name} gave that place to another post just now. Try once more.")
    tx.snapshots.flag(post_id, TEST)
    return arm


async def arm_words(svc: Services, post_id: int) -> str:
    """What the author of a post in a test is to do; nothing for a post in none."""

    def unit(tx: Tx) -> str:
        arm = tx.experiments.arm_of(post_id)
        found = tx.experiments.get(arm.experiment_id) if arm is not None else None
        if arm is None or found is None:
            return ""
        return f"It is {arm.variant} of {found.name}: “{found.texts.get(arm.variant, '')}”."

    return await svc.store.read(unit)


async def look_at_posts(svc: Services, number: int) -> None:
    """Take the looks of a test over posts for which enough posts are old enough."""
    now = svc.clock.now()
    found = await svc.store.read(lambda tx: tx.experiments.get(number))
    if found is None or found.swaps or found.phase is not Phase.RUNNING:
        return
    if found.wake_at is None or found.wake_at > now:
        return
    seen = await observed(svc, found, now)
    taken = {k.look for k in await svc.store.read(lambda tx: tx.experiments.looks(number))}
    for place, upto in enumerate(found.plan.looks, 1):
        if place in taken:
            continue
        if not {b.index for b in found.plan.blocks[:upto]} <= {o.block for o in seen}:
            break
        if await look(svc, found, place, seen, now):
            return
    await svc.store.write(lambda tx: tx.experiments.save(replace(found, wake_at=now + LOOK_AGAIN)))


async def observed(svc: Services, found: Experiment, now: datetime) -> list[BlockObs]:
    """What the posts of the test brought so far, those that are old enough; one row for each post and
    account."""

    def unit(tx: Tx) -> tuple[tuple[Arm, ...], dict[str, int]]:
        arms = tx.experiments.arms(found.id)
        return arms, {str(d.id): d.post_id for arm in arms for d in tx.deliveries.of_post(arm.post_id)}

    arms, post_of = await svc.store.read(unit)
    by_post = {arm.post_id: arm for arm in arms}
    accounts = found.accounts or None
    rows = []
    for one in await outcomes(svc, found.brand, accounts=accounts):
        arm = by_post.get(post_of.get(one.post_id, 0))
        if arm is None or one.observed_at - one.published_at < RIPE:
            continue
        value = one.views if found.plan.spec.metric == Metric.VIEWS else one.engagement
        rows.append(
            BlockObs(
                arm.index,
                arm.variant,
                value=value,
                account=one.account_id,
                item=str(arm.post_id),
                at=one.observed_at,
            )
        )
    return rows
