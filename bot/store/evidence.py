"""What a claim cites, as JSON in a row."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.evidence import Evidence
from bot.domain.post import Json
from bot.store.columns import from_micros, to_micros

INSTANTS = ("at", "since", "until")


def evidence_to_row(evidence: Evidence) -> Json:
    """Plain JSON; instants are microseconds since 1970."""
    instants = {k: to_micros(v) for k in INSTANTS if (v := getattr(evidence, k)) is not None}
    return {**vars(evidence), **dict.fromkeys(INSTANTS), **instants, "rows": list(evidence.rows)}


def evidence_from_row(row: Mapping[str, Json]) -> Evidence:
    """The inverse of `evidence_to_row`."""
    instants = {k: from_micros(v) for k in INSTANTS if (v := row.get(k)) is not None}
    return Evidence(**{**row, **instants, "rows": tuple(row.get("rows", ()))})
