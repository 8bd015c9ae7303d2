"""Buttons below an alert: mute it for a week, why, cross-post what takes off, let what halted go on."""

from __future__ import annotations

from bot.commands.context import said
from bot.domain.message import Message, Press
from bot.domain.people import Brand, Role
from bot.domain.words import listed
from bot.errors import NotAllowed, NotFound
from bot.services.alerting.announce import CROSS_POST, GO_ON, MUTE, WHY
from bot.services.alerting.explain import explain
from bot.services.alerting.muting import go_on, may, mute_like
from bot.services.context import Services
from bot.services.proposing.of_alert import cross_post


async def alert_brand(svc: Services, number: int) -> str | None:
    """The brand of an alert; None where there is none."""
    found = await svc.store.read(lambda tx: tx.alerts.get(number))
    return found.brand if found is not None else None


async def alert_pressed(svc: Services, brand: Brand, press: Press) -> Message:
    """Do what the button says; raises `UserError`."""
    number, user = press.action.id, press.user
    if brand.role_of(user) < Role.VIEW:
        raise NotAllowed(f"That is for {listed(brand.who(Role.VIEW), 'or')}.")
    match press.action.verb:
        case verb if verb == MUTE:
            return said(await mute_like(svc, brand, user, number))
        case verb if verb == WHY:
            return await explain(svc, brand, number)
        case verb if verb == GO_ON:
            return said(await go_on(svc, brand, user, number))
        case verb if verb == CROSS_POST:
            may(brand, user)
            return said(await cross_post(svc, brand, number))
    raise NotFound("I do not know that button.")
