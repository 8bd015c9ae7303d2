"""Another time for a post; one that the clocks leave out is asked about with a button for the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.commands.context import said
from bot.domain.buttons import of_post
from bot.domain.message import Action, Button, Message, Target
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.when import wall_at
from bot.domain.words import listed
from bot.errors import BadInput, NotAllowed
from bot.services.context import Services
from bot.services.schedule import reschedule

USE, TIME = "use", "time"
"""Verb and kind of the button; its version is the instant, in minutes since 1970."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def moved(svc: Services, brand: Brand, post: Post, user: str, words: str, where: Target) -> Message:
    """Reschedule, or ask: raises as `reschedule` does for what no button can mend."""
    try:
        return said(await reschedule(svc, brand, post.id, user, words))
    except BadInput as error:
        if error.instead is None or where.chat not in svc.teams:
            raise
        minutes = (error.instead - EPOCH) // timedelta(minutes=1)
        wall = wall_at(error.instead, brand.timezone)
        use = Button(
            label=f"Use {wall:%H:%M}",
            action=Action(verb=USE, kind=TIME, id=post.id, version=minutes),
            primary=True,
        )
        return Message(text=str(error), buttons=(use, of_post(post, "schedule", "Other time")), private=True)


async def use_time(svc: Services, brand: Brand, user: str, action: Action) -> Message:
    """The time that was offered."""
    if brand.role_of(user) < Role.CREATE:
        raise NotAllowed(f"That is for {listed(brand.who(Role.CREATE), 'or')}.")
    wall = wall_at(EPOCH + timedelta(minutes=action.version), brand.timezone)
    return said(await reschedule(svc, brand, action.id, user, f"{wall:%Y-%m-%d %H:%M}"))
