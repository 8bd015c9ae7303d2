"""Why a post may have done as it did: facts from its rows, and never more than that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.people import Brand
from bot.domain.report_data import PostFigure
from bot.domain.when import wall_at
from bot.ports import Tx
from bot.services.context import Services

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TOLD = 3
"""Posts at each end that are told about; nobody reads reasons for the rest."""


async def why_words(svc: Services, brand: Brand, figures: Sequence[PostFigure]) -> tuple[PostFigure, ...]:
    """The same with facts about those that will be named."""
    ranked = sorted((f for f in figures if f.ratio is not None), key=lambda f: f.ratio or 0.0)
    named = {f.delivery_id for f in (*ranked[:TOLD], *ranked[-TOLD:])}

    def unit(tx: Tx) -> Mapping[int, tuple[str, ...]]:
        return {f.delivery_id: _facts(tx, brand, f) for f in figures if f.delivery_id in named}

    found = await svc.store.read(unit)
    return tuple(replace(f, why=found.get(f.delivery_id, ())) for f in figures)


def _facts(tx: Tx, brand: Brand, figure: PostFigure) -> tuple[str, ...]:
    local = wall_at(figure.out_at, brand.timezone)
    facts = [f"{DAYS[local.weekday()]} {local:%H:%M}"]
    watch = tx.snapshots.watched(figure.delivery_id)
    if watch is not None:
        facts.append(watch.content_type)
    forecast = tx.forecasts.of_delivery(figure.delivery_id)
    flags = tx.snapshots.flags([figure.post_id]).get(figure.post_id, frozenset())
    names = {flag for flag, account in flags if account in ("", figure.account)}
    if forecast is not None and forecast.advice.explore:
        facts.append("an hour that was tried")
    facts += [words for flag, words in FLAGGED if flag in names]
    return tuple(facts)


FLAGGED = (
    ("PAID", "money was spent on it"),
    ("CROSSPOST", "made of another post"),
    ("TEST", "part of a test"),
    ("HERO", "somebody called it their best"),
)
