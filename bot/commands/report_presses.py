"""The button below a report: why these numbers."""

from __future__ import annotations

from bot.domain.message import Message, Press
from bot.domain.people import Brand
from bot.errors import NotFound
from bot.services.context import Services
from bot.services.reporting.explain import explain


async def report_brand(svc: Services, number: int) -> str | None:
    """The brand of a report; None where there is none."""
    found = await svc.store.read(lambda tx: tx.reports.get(number))
    return found.report.brand if found else None


async def report_pressed(svc: Services, brand: Brand, press: Press) -> Message:
    """What its numbers rest on; raises `UserError`."""
    if press.action.verb != "why":
        raise NotFound("I do not know that button.")
    return await explain(svc, brand, press.action.id)
