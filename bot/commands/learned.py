"""Buttons below what was learned: a proposal, an alert, an experiment, a report; each with who answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.commands.alert_presses import alert_brand, alert_pressed
from bot.commands.besttime import HOURS, SLOT
from bot.commands.experiment_presses import experiment_brand, experiment_check, experiment_pressed
from bot.commands.numbers_presses import numbers_brand, numbers_pressed
from bot.commands.proposal_presses import proposal_brand, proposal_check, proposal_pressed
from bot.commands.report_presses import report_brand, report_pressed
from bot.commands.time_presses import hours_brand, hours_pressed, slot_brand, slot_check, slot_pressed
from bot.domain.message import Message, Press
from bot.domain.people import Brand
from bot.services.context import Services


async def _anybody(svc: Services, brand: Brand, user: str, press: Press) -> None:
    """Nothing to check before the press itself."""


@dataclass(frozen=True, kw_only=True)
class Learned:
    """Who answers the buttons of one `Action.kind`.

    ``brand_of``: the brand of the row with that number, None where there is none; ``pressed`` does what
    the button says, ``press.user`` being a member by name, and raises `UserError`. ``check`` raises what
    ``pressed`` would, before somebody fills in a form for nothing (`bot.domain.asks.ASKS` has those).
    """

    brand_of: Callable[[Services, int], Awaitable[str | None]]
    pressed: Callable[[Services, Brand, Press], Awaitable[Message]]
    check: Callable[[Services, Brand, str, Press], Awaitable[None]] = _anybody


LEARNED: Mapping[str, Learned] = MappingProxyType(
    {
        HOURS: Learned(brand_of=hours_brand, pressed=hours_pressed),
        SLOT: Learned(brand_of=slot_brand, pressed=slot_pressed, check=slot_check),
        "alert": Learned(brand_of=alert_brand, pressed=alert_pressed),
        "experiment": Learned(brand_of=experiment_brand, pressed=experiment_pressed, check=experiment_check),
        "numbers": Learned(brand_of=numbers_brand, pressed=numbers_pressed),
        "proposal": Learned(brand_of=proposal_brand, pressed=proposal_pressed, check=proposal_check),
        "report": Learned(brand_of=report_brand, pressed=report_pressed),
    }
)
"""By `Action.kind`. Each kind has a file of its own (``proposal_presses.py``)."""
