"""The button below a live card's numbers: what they are and stand on."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.message import Message, Press
from bot.domain.people import Brand, Role
from bot.domain.words import listed
from bot.errors import NotAllowed
from bot.services.context import Services
from bot.services.showing.explain import explain


async def numbers_brand(svc: Services, number: int) -> str | None:
    """The brand of the post; None where there is none."""
    post = await svc.store.read(lambda tx: tx.posts.get(number))
    return post.brand if post is not None else None


async def numbers_pressed(svc: Services, brand: Brand, press: Press) -> Message:
    """Tell it, to that person alone; raises `UserError`."""
    if brand.role_of(press.user) < Role.VIEW:
        raise NotAllowed(f"That is for {listed(brand.who(Role.VIEW), 'or')}.")
    return replace(await explain(svc, brand, press.action.id), private=True)
