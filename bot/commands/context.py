"""What a command is given beside its options."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.commands.spec import PostRef
from bot.domain.delivery import FINAL, State
from bot.domain.message import Message, Target
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.errors import BadInput, NotFound
from bot.services.context import Services

LATEST = PostRef("latest")


@dataclass(frozen=True, kw_only=True)
class Context:
    """Who asks, where, and for which brand. ``user`` is a member; ``speaker`` is the same person in the
    chat's own terms."""

    svc: Services
    brand: Brand
    user: str
    target: Target
    speaker: str = ""

    async def post(self, name: str) -> Post:
        """The post that ``P42``, ``42`` or ``latest`` names in this brand; raises `NotFound`."""
        word = name.strip().casefold()
        if word == LATEST:
            unfinished = [s for s in State if s not in FINAL]
            found = await self.svc.store.read(
                lambda tx: tx.posts.latest(self.brand.name, unfinished) or tx.posts.latest(self.brand.name)
            )
            if found is None:
                raise NotFound(f"{self.brand.name} has no post yet. /post makes one.")
            return found
        match = re.fullmatch(r"p?(\d{1,12})", word)
        if match is None:
            raise BadInput(f"“{name}” is no post. Write P42, 42 or latest.")
        found = await self.svc.store.read(lambda tx: tx.posts.get(int(match[1])))
        if found is None or found.brand != self.brand.name:
            raise NotFound(f"There is no P{match[1]} in {self.brand.name}. /queue lists what there is.")
        return found


def brand_here(svc: Services, target: Target) -> Brand:
    """The channel's brand; where a team lives and there is one brand, that one wherever they ask.

    Raises `NotFound`.
    """
    if target.chat in svc.teams and len(svc.brands) == 1:
        return next(iter(svc.brands.values()))
    return svc.brand_of(target)


def said(text: str) -> Message:
    """A plain answer."""
    return Message(text=text)


def answered(text: str) -> Message:
    """An answer for the person alone."""
    return Message(text=text, private=True)
