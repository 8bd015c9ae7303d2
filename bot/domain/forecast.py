"""What was said about a time before a post went out, and what came of it: the ledger's rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.outcomes import Interval, SlotAdvice
from bot.domain.post import Json


class Stage(StrEnum):
    """``open``: its post is still to come or too young; ``realised``: it has been compared; ``void``: it
    never will be, because the post went out at another time or not at all."""

    OPEN = "open"
    REALISED = "realised"
    VOID = "void"


class Origin(StrEnum):
    """Who chose the time: Clarion (`best`), or a person who took what it proposed."""

    BEST = "best"
    TAKEN = "taken"


@dataclass(frozen=True, kw_only=True)
class Offers:
    """The times an account was offered, the best first, and what they stand on.

    ``seed`` is the chance that went in, ``method`` the plugin with its version, ``rows`` the deliveries
    whose numbers were read, ``hours`` how many hours were open to choose from, ``until`` the end of
    the span that was looked at, ``explores`` whether another hour might have been tried, ``facts``
    whatever else went in.
    """

    advice: tuple[SlotAdvice, ...]
    account: str
    content_type: str
    method: str
    seed: int
    at: datetime
    until: datetime
    rows: tuple[int, ...] = ()
    hours: int = 0
    explores: bool = False
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """One row of the ledger: what was predicted for a delivery at ``slot``, and what it came to.

    ``later`` are the times that came next, so that a post that is approved too late finds another
    without a new computation. ``propensity``: the probability with which this hour was chosen.
    ``realised`` is the relative lift over what was usual, from ``compared`` other posts; ``why``
    tells why there is none.
    """

    id: int
    delivery_id: int
    post_id: int
    brand: str
    account: str
    platform: str
    content_type: str
    slot: datetime
    made_at: datetime
    origin: Origin
    advice: SlotAdvice
    method: str
    seed: int
    propensity: float
    later: tuple[SlotAdvice, ...] = ()
    rows: tuple[int, ...] = ()
    stage: Stage = Stage.OPEN
    realised: float | None = None
    realised_at: datetime | None = None
    compared: int = 0
    why: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)


EPSILON, TRIED_OF = 1 / 7, 3
"""How often an hour is tried to learn from it, and which part of the open hours is good enough for that."""


def propensity_of(advice: SlotAdvice, hours: int, *, explores: bool) -> float:
    """About the probability with which this hour was chosen, where ``hours`` were open.

    What is tried is spread over the better third of them; for later estimates that weigh by it, which
    hours those were can be computed again from the seed.
    """
    if not explores:
        return 1.0
    return EPSILON / max(1, hours // TRIED_OF) if advice.explore else 1 - EPSILON


def advice_to_json(advice: SlotAdvice) -> Json:
    """The advice as plain JSON; `advice_from_json` is its inverse."""
    return {
        "starts_at": advice.starts_at.isoformat(),
        "local": advice.local,
        "lift": _span_to_json(advice.lift),
        "shown": _span_to_json(advice.shown),
        "p_better": advice.p_better,
        "basis": advice.basis,
        "n_posts": advice.n_posts,
        "explore": advice.explore,
        "because": list(advice.because),
        "warnings": list(advice.warnings),
    }


def advice_from_json(data: Mapping[str, Json]) -> SlotAdvice:
    """Rebuild what `advice_to_json` wrote."""
    return SlotAdvice(
        starts_at=datetime.fromisoformat(data["starts_at"]),
        local=data["local"],
        lift=_span_from_json(data["lift"]),
        shown=_span_from_json(data["shown"]),
        p_better=data["p_better"],
        basis=data["basis"],
        n_posts=data["n_posts"],
        explore=data["explore"],
        because=tuple(data["because"]),
        warnings=tuple(data["warnings"]),
    )


def _span_to_json(span: Interval | None) -> Json:
    return None if span is None else [span.mean, span.lo, span.hi, span.level]


def _span_from_json(data: Json) -> Interval | None:
    return None if data is None else Interval(*data)
