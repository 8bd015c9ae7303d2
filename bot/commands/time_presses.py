"""Buttons below advice about times: put a post there, why, other times."""

from __future__ import annotations

from datetime import timedelta

from bot.commands.besttime import EPOCH, MORE, OTHER, TAKE, WHY, account_of, answer, kind_of, why_of
from bot.commands.context import said
from bot.domain.message import Message, Press
from bot.domain.people import Brand, Role
from bot.domain.words import listed
from bot.errors import NotAllowed, NotFound
from bot.services.context import Services
from bot.services.take_hour import take_hour


async def slot_brand(svc: Services, number: int) -> str | None:
    """The brand of the post that a button would move; None where it is gone."""
    post = await svc.store.read(lambda tx: tx.posts.get(number))
    return post.brand if post is not None else None


async def slot_check(svc: Services, brand: Brand, user: str, press: Press) -> None:
    """Whether this person may move posts; raises `NotAllowed`."""
    if brand.role_of(user) < Role.CREATE:
        raise NotAllowed(f"That is for {listed(brand.who(Role.CREATE), 'or')}.")


async def slot_pressed(svc: Services, brand: Brand, press: Press) -> Message:
    """Move the post to the time that was advised; raises `UserError`."""
    await slot_check(svc, brand, press.user, press)
    if press.action.verb != TAKE:
        raise NotFound("I do not know that button.")
    at = EPOCH + timedelta(minutes=press.action.version)
    return said(await take_hour(svc, brand, press.action.id, press.user, at))


async def hours_brand(svc: Services, number: int) -> str | None:
    """The brand of the account that a button tells more about."""
    found = account_of(svc, number)
    return found.brand if found is not None else None


async def hours_pressed(svc: Services, brand: Brand, press: Press) -> Message:
    """Tell more about an account's times; raises `NotFound` for one that is gone."""
    account, kind = account_of(svc, press.action.id), kind_of(press.action.version)
    if account is None or account.brand != brand.name:
        raise NotFound("That account is not in the configuration any more.")
    match press.action.verb:
        case verb if verb == WHY:
            return await why_of(svc, brand, account, kind)
        case verb if verb == OTHER:
            return await answer(svc, brand, account, kind, k=MORE)
    raise NotFound("I do not know that button.")
