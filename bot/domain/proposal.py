"""What was proposed to people: once for each reason, with what it rests on, and what they said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from bot.domain.evidence import Evidence
from bot.domain.post import Json

CROSSPOST, SLOT, REPEAT = "crosspost", "slot", "repeat"
"""Kinds that `bot.services.proposing` knows how to do: the same elsewhere, a weekly slot, the same again."""


class Standing(StrEnum):
    """Where a proposal stands. ``superseded``: what it rested on does not hold any more."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


STEPS: Mapping[Standing, frozenset[Standing]] = MappingProxyType(
    {
        Standing.OPEN: frozenset({Standing.TAKEN, Standing.DECLINED, Standing.EXPIRED, Standing.SUPERSEDED}),
        Standing.TAKEN: frozenset({Standing.DECLINED}),
        Standing.DECLINED: frozenset({Standing.OPEN}),
        Standing.EXPIRED: frozenset(),
        Standing.SUPERSEDED: frozenset(),
    }
)
"""From where to where. A taken one that is taken back stays declined, so that it makes one post at most."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Something a person may say yes to. ``key`` is unique in its brand: what it is about, for ever.

    ``text`` is what people are asked, ``body`` what acting on it needs. ``account``: where it would go;
    ``source_post`` and ``source_delivery``: what it was made from, in whose thread it is said.
    ``post_id``: what was made of it. ``turn`` counts decisions, so that an old button is known as old.
    """

    id: int = 0
    brand: str
    kind: str
    key: str
    text: str
    evidence: Evidence
    body: Mapping[str, Json] = field(default_factory=dict)
    account: str = ""
    source_post: int | None = None
    source_delivery: int | None = None
    standing: Standing = Standing.OPEN
    post_id: int | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    created_at: datetime
    expires_at: datetime
    turn: int = 0
    why: str = ""

    @property
    def name(self) -> str:
        return f"R{self.id}"


def crosspost_key(source_post: int, account: str) -> str:
    """One proposal for each source post and target account, whatever is measured later."""
    return f"{CROSSPOST}:{source_post}:{account}"
