"""Who somebody in a chat is: a member by name, or a name of our own for a stranger."""

from __future__ import annotations

from bot.domain.people import Brand
from bot.ports import TeamChat
from bot.services.context import Services


async def member_of(svc: Services, brand: Brand, chat: str, user: str) -> str:
    """The member that a chat's user is.

    At the console people are whom they say. Elsewhere nobody is a member by the name they gave
    themselves: it is the service's id that is bound to one, and who is not bound is ``chat:id``.
    """
    if not isinstance(svc.chats.get(chat), TeamChat):
        return brand.spelled(user)
    known = await svc.store.read(lambda tx: tx.people.get(chat, user))
    return brand.spelled(known.member if known and known.member else f"{chat}:{user}")
