"""Buttons below a proposal: make it, not now, why, take it back."""

from __future__ import annotations

from bot.commands.context import said
from bot.domain.message import Message, Press
from bot.domain.people import Brand, Role
from bot.domain.words import listed
from bot.errors import NotAllowed, NotFound
from bot.services.context import Services
from bot.services.proposing.deciding import decline, may, proposal_of, take, undo
from bot.services.proposing.explain import explain
from bot.services.proposing.propose import DECLINE, TAKE, UNDO, WHY


async def proposal_brand(svc: Services, number: int) -> str | None:
    """The brand of a proposal; None where there is none."""
    found = await svc.store.read(lambda tx: tx.proposals.get(number))
    return found.brand if found is not None else None


async def proposal_check(svc: Services, brand: Brand, user: str, press: Press) -> None:
    """Whether this person may press it; raises `UserError`."""
    proposal = await svc.store.read(lambda tx: proposal_of(tx, brand, press.action.id))
    if press.action.verb != WHY:
        may(brand, user, proposal)
    elif brand.role_of(user) < Role.VIEW:
        raise NotAllowed(f"That is for {listed(brand.who(Role.VIEW), 'or')}.")


async def proposal_pressed(svc: Services, brand: Brand, press: Press) -> Message:
    """Do what the button says; raises `UserError`."""
    number, turn, user = press.action.id, press.action.version, press.user
    await proposal_check(svc, brand, user, press)
    match press.action.verb:
        case verb if verb == TAKE:
            return said(await take(svc, brand, number, user, turn=turn))
        case verb if verb == DECLINE:
            return said(await decline(svc, brand, number, user, turn=turn))
        case verb if verb == UNDO:
            return said(await undo(svc, brand, number, user, turn=turn))
        case verb if verb == WHY:
            return await explain(svc, brand, number)
    raise NotFound("I do not know that button.")
