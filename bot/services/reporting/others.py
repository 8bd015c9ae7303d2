"""What other rooms have to say in a report: tests and alerts, a sentence each."""

from __future__ import annotations

from datetime import datetime

from bot.domain.people import Brand
from bot.services.context import Services


async def test_lines(svc: Services, brand: Brand, since: datetime, until: datetime) -> tuple[str, ...]:
    """Tests that ran in the span: where they stand, and what they found."""
    return ()


async def alert_lines(svc: Services, brand: Brand, since: datetime, until: datetime) -> tuple[str, ...]:
    """What was announced in the span."""
    return ()
