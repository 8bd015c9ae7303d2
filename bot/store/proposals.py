"""What was proposed to people, once for each reason, and what they said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.proposal import Proposal, Standing
from bot.store.evidence import evidence_from_row, evidence_to_row
from bot.store.proposals_tables import MADE, STILL_OPEN, proposals, reserved
from bot.store.upserts import Upserts

p, r = proposals.c, reserved.c
ID = p.id == sa.bindparam("a_id", type_=p.id.type)
BRAND = p.brand == sa.bindparam("a_brand", type_=p.brand.type)
LIMIT = sa.bindparam("n", type_=sa.Integer())
GET = sa.select(proposals).where(ID)
OF_KEY = sa.select(proposals).where(BRAND, p.key == sa.bindparam("a_key", type_=p.key.type))
OF_SOURCE = (
    sa.select(proposals)
    .where(p.source_post == sa.bindparam("a_post", type_=p.source_post.type))
    .order_by(p.id)
)
OF_KIND = sa.select(proposals).where(
    BRAND, p.kind == sa.bindparam("a_kind", type_=p.kind.type), sa.text(MADE)
)
DUE = (
    sa.select(proposals)
    .where(sa.text(STILL_OPEN), p.expires_at <= sa.bindparam("now", type_=p.expires_at.type))
    .order_by(p.expires_at)
    .limit(LIMIT)
)
DECIDE = (
    sa.update(proposals)
    .where(ID, p.turn == sa.bindparam("a_turn", type_=p.turn.type))
    .values(
        standing=sa.bindparam("a_standing", type_=p.standing.type),
        decided_by=sa.bindparam("by", type_=p.decided_by.type),
        decided_at=sa.bindparam("at", type_=p.decided_at.type),
        why=sa.bindparam("because", type_=p.why.type),
        turn=p.turn + 1,
    )
)
SETTLE = sa.update(proposals).where(ID, p.post_id.is_(None))
RESERVED = sa.select(r.member).where(r.post_id == sa.bindparam("a_post", type_=r.post_id.type))
ALLOW = sa.delete(reserved).where(r.post_id == sa.bindparam("a_post", type_=r.post_id.type))


class SqlProposals:
    """`bot.ports.Proposals` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def put(self, proposal: Proposal) -> Proposal | None:
        row = {k: v for k, v in vars(proposal).items() if k != "id"}
        row |= {"evidence": evidence_to_row(proposal.evidence), "body": dict(proposal.body)}
        found = self._connection.execute(self._upserts.proposal, row).scalar_one_or_none()
        return None if found is None else self.get(found)

    def get(self, number: int) -> Proposal | None:
        return self._one(GET, {"a_id": number})

    def of_key(self, brand: str, key: str) -> Proposal | None:
        return self._one(OF_KEY, {"a_brand": brand, "a_key": key})

    def of_brand(
        self, brand: str, standing: Collection[Standing] = (), limit: int = 50
    ) -> tuple[Proposal, ...]:
        kinds = list(standing) or list(Standing)
        query = sa.select(proposals).where(p.brand == brand, p.standing.in_(kinds))
        return self._all(query.order_by(p.id.desc()).limit(limit), {})

    def of_source(self, post_id: int) -> tuple[Proposal, ...]:
        return self._all(OF_SOURCE, {"a_post": post_id})

    def made(self, brand: str, kind: str) -> Mapping[int, Proposal]:
        found = self._all(OF_KIND, {"a_brand": brand, "a_kind": kind})
        return {one.post_id: one for one in found if one.post_id is not None}

    def decide(
        self, number: int, *, turn: int, standing: Standing, by: str, at: datetime, why: str = ""
    ) -> bool:
        values = {"a_id": number, "a_turn": turn, "a_standing": standing, "by": by, "at": at, "because": why}
        return self._connection.execute(DECIDE, values).rowcount > 0

    def settle(self, number: int, post_id: int) -> None:
        self._connection.execute(SETTLE.values(post_id=post_id), {"a_id": number})

    def due(self, now: datetime, limit: int = 100) -> tuple[Proposal, ...]:
        return self._all(DUE, {"now": now, "n": limit})

    def forbid(self, brand: str, post_id: int, member: str, at: datetime) -> bool:
        row = {"post_id": post_id, "brand": brand, "member": member, "at": at}
        return self._connection.execute(self._upserts.reserved, row).scalar_one_or_none() is not None

    def allow(self, post_id: int) -> bool:
        return self._connection.execute(ALLOW, {"a_post": post_id}).rowcount > 0

    def forbidden(self, post_id: int) -> str | None:
        found = self._connection.execute(RESERVED, {"a_post": post_id}).scalar_one_or_none()
        return None if found is None else str(found)

    def _one(self, query: sa.Select[Any], values: Mapping[str, Any]) -> Proposal | None:
        row = self._connection.execute(query, values).one_or_none()
        return None if row is None else _from_row(row)

    def _all(self, query: sa.Select[Any], values: Mapping[str, Any]) -> tuple[Proposal, ...]:
        return tuple(map(_from_row, self._connection.execute(query, values)))


def _from_row(row: Any) -> Proposal:
    return Proposal(**{**row._mapping, "evidence": evidence_from_row(row.evidence)})
