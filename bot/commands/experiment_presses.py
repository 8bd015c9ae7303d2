"""Buttons below a test: yes or no to its variants, go on, stop, show the winner, why."""

from __future__ import annotations

from bot.commands.context import said
from bot.domain.message import Message, Press
from bot.domain.people import Brand, Role
from bot.domain.words import listed
from bot.errors import NotAllowed, NotFound
from bot.services.context import Services
from bot.services.experimenting.deciding import apply, approve, experiment_of, go_on, reject, stop
from bot.services.experimenting.explain import explain
from bot.services.experimenting.words import APPLY, APPROVE, GO_ON, REJECT, STOP, WHY

ANYTIME = frozenset({WHY, APPLY})
"""What an old button still means: asking why, and showing a winner, which is checked again anyway."""


async def experiment_brand(svc: Services, number: int) -> str | None:
    """The brand of an experiment; None where there is none."""
    found = await svc.store.read(lambda tx: tx.experiments.get(number))
    return found.brand if found is not None else None


async def experiment_check(svc: Services, brand: Brand, user: str, press: Press) -> None:
    """Whether the button still means what it says; raises `UserError`."""
    if brand.role_of(user) < Role.VIEW:
        raise NotAllowed(f"That is for {listed(brand.who(Role.VIEW), 'or')}.")
    turn = None if press.action.verb in ANYTIME else press.action.version
    await svc.store.read(lambda tx: experiment_of(tx, brand, press.action.id, turn=turn))


async def experiment_pressed(svc: Services, brand: Brand, press: Press) -> Message:
    """Do what the button says; raises `UserError`."""
    number, user = press.action.id, press.user
    match press.action.verb:
        case verb if verb == WHY:
            await experiment_check(svc, brand, user, press)
            return await explain(svc, brand, number)
        case verb if verb == APPROVE:
            return said(await approve(svc, brand, number, user))
        case verb if verb == REJECT:
            return said(await reject(svc, brand, number, user, press.text))
        case verb if verb == APPLY:
            return said(await apply(svc, brand, number, user))
    await experiment_check(svc, brand, user, press)
    match press.action.verb:
        case verb if verb == GO_ON:
            return said(await go_on(svc, brand, number, user))
        case verb if verb == STOP:
            return said(await stop(svc, brand, number, user))
    raise NotFound("I do not know that button.")
