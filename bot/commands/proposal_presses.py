"""Buttons below a proposal: make it, not now, why."""

from __future__ import annotations

from bot.domain.message import Message, Press
from bot.domain.people import Brand
from bot.errors import NotFound
from bot.services.context import Services


async def proposal_brand(svc: Services, number: int) -> str | None:
    """The brand of a proposal; None where there is none."""
    return None


async def proposal_check(svc: Services, brand: Brand, user: str, press: Press) -> None:
    """Whether it is still open and this person may decide about it; raises `UserError`."""


async def proposal_pressed(svc: Services, brand: Brand, press: Press) -> Message:
    """Do what the button says; raises `UserError`."""
    raise NotFound("I do not know that button.")
