"""Where one person can be spoken to."""

from __future__ import annotations

from bot.services.context import Services


async def known_as(svc: Services, member: str, chat: str) -> str | None:
    """The id that a member has in a chat; None when nobody said which.

    Who has several there is spoken to under the one that was seen last.
    """
    own, _, user = member.partition(":")
    if own == chat and user:
        return user
    found = await svc.store.read(lambda tx: tx.people.of_member(member))
    here = [one for one in found if one.chat == chat]
    return max(here, key=lambda one: one.seen_at).user_id if here else None
