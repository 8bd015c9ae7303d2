"""The statements that SQLite and PostgreSQL write alike but SQLAlchemy spells per database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.domain.delivery import State
from bot.domain.records import Health
from bot.store.alert_tables import alerts, looked, milestones, mutes, usuals
from bot.store.experiments_tables import (
    experiment_arms,
    experiment_blocks,
    experiment_looks,
    experiment_votes,
)
from bot.store.proposals_tables import proposals, reserved
from bot.store.reports_tables import reports
from bot.store.tables import (
    account_counts,
    accounts,
    attempts,
    audit_heads,
    buckets,
    calendar,
    deliveries,
    flagged,
    grants,
    groups,
    halts,
    identities,
    inbox,
    kept,
    links,
    meta,
    notices,
    parts,
    purses,
    rules,
    samplings,
    snapshots,
    spending,
    versions,
    votes,
    watches,
)


@dataclass(frozen=True, kw_only=True)
class Upserts:
    """Built once for a store; `row_locks` says whether the database locks rows, not files."""

    row_locks: bool
    attempt: sa.Executable
    part: sa.Executable
    version: sa.Executable
    vote: sa.Executable
    notice: sa.Executable
    account: sa.Executable
    account_start: sa.Executable
    grant: sa.Executable
    rule: sa.Executable
    calendar: sa.Executable
    halt: sa.Executable
    meta: sa.Executable
    meta_first: sa.Executable
    bucket: sa.Executable
    new_bucket: sa.Executable
    purse: sa.Executable
    spend: sa.Executable
    audit_head: sa.Executable
    audit_start: sa.Executable
    seen: sa.Executable
    bind: sa.Executable
    link: sa.Executable
    group: sa.Executable
    heard: sa.Executable
    kept: sa.Executable
    experiment_vote: sa.Executable
    experiment_block: sa.Executable
    experiment_look: sa.Executable
    experiment_arm: sa.Executable
    alert: sa.Executable
    milestone: sa.Executable
    looked: sa.Executable
    mute: sa.Executable
    usual: sa.Executable
    proposal: sa.Executable
    report: sa.Executable
    reserved: sa.Executable
    watch: sa.Executable
    sampling: sa.Executable
    snapshot: sa.Executable
    flagged: sa.Executable
    account_count: sa.Executable
    charge: sa.Executable


def _replacing(insert: Any, table: sa.Table, *keep: str) -> sa.Executable:
    """Insert a row, or overwrite the one with the same primary key, all but the columns to ``keep``."""
    keys = [c.name for c in table.primary_key]
    fresh = insert(table)
    changes = {c.name: fresh.excluded[c.name] for c in table.columns if c.name not in {*keys, *keep}}
    return fresh.on_conflict_do_update(index_elements=keys, set_=changes)  # type: ignore[no-any-return]


def _account_start(insert: Any) -> sa.Executable:
    fresh = insert(accounts)
    handle = sa.case((fresh.excluded.handle != "", fresh.excluded.handle), else_=accounts.c.handle)
    changes = {
        "brand": fresh.excluded.brand,
        "platform": fresh.excluded.platform,
        "health": Health.OK,
        "why": "",
        "handle": handle,
    }
    return fresh.on_conflict_do_update(index_elements=["name"], set_=changes)  # type: ignore[no-any-return]


def _attempt(insert: Any) -> sa.Executable:
    """Write the row only while the delivery still belongs to the asker, in the same statement."""
    names = [c.name for c in attempts.columns if c.name != "id"]
    given = sa.select(*(sa.bindparam(f"a_{name}", type_=attempts.c[name].type) for name in names)).where(
        deliveries.c.id == sa.bindparam("a_delivery_id", type_=deliveries.c.id.type),
        deliveries.c.fence == sa.bindparam("a_fence", type_=deliveries.c.fence.type),
        deliveries.c.lease_owner == sa.bindparam("owner", type_=deliveries.c.lease_owner.type),
        sa.or_(deliveries.c.state == State.PUBLISHING, deliveries.c.state == State.UNCONFIRMED),
    )
    fresh = insert(attempts).from_select(names, given.with_for_update())
    return fresh.on_conflict_do_nothing().returning(attempts.c.id)  # type: ignore[no-any-return]


def _spend(insert: Any) -> sa.Executable:
    """Add to a day of the delivery's account; less than nothing gives back."""
    given = sa.select(
        deliveries.c.account,
        sa.bindparam("day", type_=spending.c.day.type).label("day"),
        deliveries.c.brand,
        sa.bindparam("amount", type_=spending.c.amount.type).label("amount"),
    ).where(deliveries.c.id == sa.bindparam("a_delivery", type_=deliveries.c.id.type))
    fresh = insert(spending).from_select(["account", "day", "brand", "amount"], given)
    return fresh.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["account", "day"], set_={"amount": spending.c.amount + fresh.excluded.amount}
    )


def _sampling(insert: Any) -> sa.Executable:
    """Take an account that nobody holds any more, or that is the asker's, in one statement."""
    fresh = insert(samplings)
    free = sa.or_(
        samplings.c.until <= sa.bindparam("now", type_=samplings.c.until.type),
        samplings.c.owner == fresh.excluded.owner,
        sa.bindparam("alone", type_=sa.Boolean()),
    )
    return fresh.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["account"],
        set_={"owner": fresh.excluded.owner, "until": fresh.excluded.until},
        where=free,
    ).returning(samplings.c.account)


def _charge(insert: Any) -> sa.Executable:
    """Add to a day of an account; less than nothing gives back."""
    fresh = insert(spending)
    return fresh.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["account", "day"], set_={"amount": spending.c.amount + fresh.excluded.amount}
    )


def upserts(insert: Callable[[sa.Table], Any], *, row_locks: bool) -> Upserts:
    """All of them, from the dialect's own ``insert``."""
    return Upserts(
        row_locks=row_locks,
        attempt=_attempt(insert),
        part=_replacing(insert, parts),
        version=_replacing(insert, versions),
        vote=_replacing(insert, votes),
        notice=insert(notices).on_conflict_do_nothing().returning(notices.c.id),
        account=_replacing(insert, accounts),
        account_start=_account_start(insert),
        grant=insert(grants).on_conflict_do_nothing().returning(grants.c.account),
        rule=_replacing(insert, rules),
        calendar=insert(calendar).on_conflict_do_nothing().returning(calendar.c.text),
        halt=_replacing(insert, halts),
        meta=_replacing(insert, meta),
        meta_first=insert(meta).on_conflict_do_nothing(),
        bucket=_replacing(insert, buckets),
        new_bucket=insert(buckets).on_conflict_do_nothing(),
        purse=_replacing(insert, purses),
        spend=_spend(insert),
        audit_head=_replacing(insert, audit_heads),
        audit_start=insert(audit_heads).on_conflict_do_nothing(),
        seen=_replacing(insert, identities, "member", "was"),
        bind=_replacing(insert, identities, "name", "zone", "seen_at"),
        link=_replacing(insert, links),
        group=_replacing(insert, groups),
        heard=insert(inbox).on_conflict_do_nothing().returning(inbox.c.key),
        watch=insert(watches).on_conflict_do_nothing().returning(watches.c.delivery_id),
        sampling=_sampling(insert),
        snapshot=insert(snapshots).on_conflict_do_nothing().returning(snapshots.c.id),
        flagged=insert(flagged).on_conflict_do_nothing(),
        account_count=_replacing(insert, account_counts),
        charge=_charge(insert),
        experiment_vote=_replacing(insert, experiment_votes),
        experiment_block=_replacing(insert, experiment_blocks),
        experiment_look=insert(experiment_looks).on_conflict_do_nothing().returning(experiment_looks.c.look),
        experiment_arm=insert(experiment_arms).on_conflict_do_nothing().returning(experiment_arms.c.post_id),
        kept=insert(kept).on_conflict_do_nothing().returning(kept.c.post_id),
        alert=insert(alerts).on_conflict_do_nothing().returning(alerts.c.id),
        milestone=insert(milestones).on_conflict_do_nothing().returning(milestones.c.level),
        looked=_replacing(insert, looked),
        mute=_replacing(insert, mutes),
        usual=_replacing(insert, usuals),
        report=insert(reports).on_conflict_do_nothing(),
        proposal=insert(proposals).on_conflict_do_nothing().returning(proposals.c.id),
        reserved=insert(reserved).on_conflict_do_nothing().returning(reserved.c.post_id),
    )
