"""Tests that were planned before they began, and what was observed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.approval import Vote
from bot.domain.post import media_from_json, media_to_json
from bot.domain.trial import Arm, Experiment, Looked, Phase, Shown, plan_from_json, plan_to_json
from bot.store.experiments_tables import (
    WAITING,
    experiment_arms,
    experiment_blocks,
    experiment_looks,
    experiment_votes,
    experiments,
)
from bot.store.upserts import Upserts

e, v, b, k, a = (
    experiments.c,
    experiment_votes.c,
    experiment_blocks.c,
    experiment_looks.c,
    experiment_arms.c,
)
NUMBER = sa.bindparam("number", type_=e.id.type)
GET = sa.select(experiments).where(e.id == NUMBER)
OF_DELIVERY = (
    sa.select(experiments)
    .where(e.delivery_id == sa.bindparam("delivery", type_=e.delivery_id.type))
    .order_by(e.id)
)
DUE = (
    sa.select(e.id)
    .where(sa.text(WAITING), e.wake_at <= sa.bindparam("now", type_=e.wake_at.type))
    .order_by(e.wake_at, e.id)
    .limit(sa.bindparam("n", type_=sa.Integer()))
)
INSERT = sa.insert(experiments).returning(e.id)
SAVE = sa.update(experiments).where(e.id == NUMBER, e.turn == sa.bindparam("was", type_=e.turn.type))
VOTES = sa.select(experiment_votes).where(v.experiment_id == NUMBER).order_by(v.at, v.member)
BLOCKS = sa.select(experiment_blocks).where(b.experiment_id == NUMBER).order_by(b.place)
LOOKS = sa.select(experiment_looks).where(k.experiment_id == NUMBER).order_by(k.look)
ARMS = sa.select(experiment_arms).where(a.experiment_id == NUMBER).order_by(a.place)
ARM_OF = sa.select(experiment_arms).where(a.post_id == sa.bindparam("post", type_=a.post_id.type))


class SqlExperiments:
    """`bot.ports.Experiments` on a connection."""

    def __init__(self, connection: sa.Connection, upserts: Upserts) -> None:
        self._connection = connection
        self._upserts = upserts

    def add(self, experiment: Experiment) -> Experiment:
        number = self._connection.execute(INSERT, _to_row(experiment)).scalar_one()
        return replace(experiment, id=int(number))

    def get(self, number: int) -> Experiment | None:
        row = self._connection.execute(GET, {"number": number}).one_or_none()
        return None if row is None else _from_row(row)

    def of_brand(self, brand: str, phases: Collection[Phase] = (), limit: int = 50) -> tuple[Experiment, ...]:
        query = sa.select(experiments).where(e.brand == brand)
        query = query.where(e.phase.in_(list(phases))) if phases else query
        return tuple(map(_from_row, self._connection.execute(query.order_by(e.id.desc()).limit(limit))))

    def of_delivery(self, delivery_id: int) -> tuple[Experiment, ...]:
        return tuple(map(_from_row, self._connection.execute(OF_DELIVERY, {"delivery": delivery_id})))

    def due(self, now: datetime, limit: int = 50) -> tuple[int, ...]:
        return tuple(self._connection.execute(DUE, {"now": now, "n": limit}).scalars())

    def save(self, experiment: Experiment) -> bool:
        row = {**_to_row(experiment), "turn": experiment.turn + 1}
        values = {"number": experiment.id, "was": experiment.turn}
        return self._connection.execute(SAVE.values(**row), values).rowcount > 0

    def vote(self, number: int, vote: Vote) -> None:
        row = {name: value for name, value in vars(vote).items() if name != "delivery_id"}
        self._connection.execute(self._upserts.experiment_vote, {**row, "experiment_id": number})

    def votes(self, number: int) -> tuple[Vote, ...]:
        rows = self._connection.execute(VOTES, {"number": number})
        return tuple(Vote(**{"delivery_id": 0, **_without(row, "experiment_id")}) for row in rows)

    def keep(self, block: Shown) -> None:
        row = {name: value for name, value in vars(block).items() if name != "index"}
        self._connection.execute(self._upserts.experiment_block, {**row, "place": block.index})

    def blocks(self, number: int) -> tuple[Shown, ...]:
        rows = self._connection.execute(BLOCKS, {"number": number})
        return tuple(Shown(**_without(row, "place"), index=row.place) for row in rows)

    def look(self, looked: Looked) -> bool:
        row = {**vars(looked), "result": dict(looked.result)}
        return self._connection.execute(self._upserts.experiment_look, row).one_or_none() is not None

    def looks(self, number: int) -> tuple[Looked, ...]:
        rows = self._connection.execute(LOOKS, {"number": number})
        return tuple(Looked(**row._mapping) for row in rows)

    def assign(self, arm: Arm) -> bool:
        row = {**_without_index(arm), "place": arm.index}
        return self._connection.execute(self._upserts.experiment_arm, row).one_or_none() is not None

    def arms(self, number: int) -> tuple[Arm, ...]:
        rows = self._connection.execute(ARMS, {"number": number})
        return tuple(Arm(**_without(row, "place"), index=row.place) for row in rows)

    def arm_of(self, post_id: int) -> Arm | None:
        row = self._connection.execute(ARM_OF, {"post": post_id}).one_or_none()
        return None if row is None else Arm(**_without(row, "place"), index=row.place)


def _without(row: Any, name: str) -> dict[str, Any]:
    return {key: value for key, value in row._mapping.items() if key != name}


def _without_index(arm: Arm) -> dict[str, Any]:
    return {key: value for key, value in vars(arm).items() if key != "index"}


def _to_row(experiment: Experiment) -> dict[str, Any]:
    return {
        **{name: value for name, value in vars(experiment).items() if name != "id"},
        "plan": plan_to_json(experiment.plan),
        "texts": dict(experiment.texts),
        "files": {name: media_to_json(media) for name, media in experiment.files.items()},
        "accounts": list(experiment.accounts),
    }


def _from_row(row: Any) -> Experiment:
    values: Mapping[str, Any] = row._mapping
    return Experiment(
        **{
            **values,
            "plan": plan_from_json(row.plan),
            "files": {name: media_from_json(media) for name, media in row.files.items()},
            "accounts": tuple(row.accounts),
        }
    )
