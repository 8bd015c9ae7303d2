"""What was announced in a period: how much of what, and the weightiest in its own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.domain.alarms import WORDS, Alert, Severity
from bot.domain.marks import plain
from bot.domain.people import Brand
from bot.domain.words import listed
from bot.services.context import Services

TOLD, LONGEST = 3, 220
"""Alerts whose own words are repeated, the weightiest first, and characters of each."""


async def alert_lines(svc: Services, brand: Brand, since: datetime, until: datetime) -> tuple[str, ...]:
    """What was announced in the span: how many of each kind, and the weightiest in their own words."""
    told = await svc.store.read(lambda tx: tx.alerts.told(brand.name, since))
    return tuple(_alert_lines([one for one in told if one.told_at is not None and one.told_at < until]))


def _alert_lines(told: Sequence[Alert]) -> Iterator[str]:
    if not told:
        return
    kinds = Counter(one.kind for one in told)
    yield f"{listed([f'{WORDS[kind]} {number}' for kind, number in kinds.most_common()])}."
    weighty = [one for one in told if one.severity > Severity.NOTE]
    for one in sorted(weighty, key=lambda one: (-one.severity, one.opened_at))[:TOLD]:
        yield f"{one.name}: {_short(one.text)}"


def _short(text: str) -> str:
    words = " ".join(plain(text).split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"
