"""Dry run of a command: the real thing is done, looked at, and taken back before it is committed.

So a rehearsal cannot differ from the performance, and nothing of it stays.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar, cast

from bot.domain.card import Sheet
from bot.domain.delivery import Delivery
from bot.domain.post import Media, Post
from bot.ports import MediaStore, Tx
from bot.services.context import Services
from bot.services.sheet import sheet_of

T = TypeVar("T")


class TakenBack(Exception):
    """Ends a rehearsal inside its transaction; nothing of it stays."""

    def __init__(self, result: object, seen: Rehearsed | None) -> None:
        super().__init__("a rehearsal is over")
        self.result = result
        self.seen = seen


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What there would be: the post, its targets, and everything its card is painted from."""

    post: Post
    deliveries: tuple[Delivery, ...]
    sheet: Sheet


class Stage:
    """A store on which nothing lasts: what a unit wrote is looked at and taken back."""

    def __init__(self, svc: Services, post_id: int | None) -> None:
        self._svc = svc
        self._post_id = post_id
        self.seen: Rehearsed | None = None

    async def write(self, unit: Callable[[Tx], T]) -> T:
        def play(tx: Tx) -> T:
            result = unit(tx)
            raise TakenBack(result, self._look(tx, result))

        try:
            return await self._svc.store.write(play)
        except TakenBack as over:
            self.seen = self.seen or over.seen
            return cast("T", over.result)

    async def read(self, unit: Callable[[Tx], T]) -> T:
        return await self._svc.store.read(unit)

    async def aclose(self) -> None:
        """The store itself stays open."""

    def _look(self, tx: Tx, result: object) -> Rehearsed | None:
        post = result if isinstance(result, Post) else tx.posts.get(self._post_id or 0)
        if post is None:
            return None
        return Rehearsed(
            post=post, deliveries=tx.deliveries.of_post(post.id), sheet=sheet_of(self._svc, tx, post)
        )


class Glance:
    """A media store that looks at files and keeps none."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media

    async def add(self, source: Path, *, alt: str = "") -> Media:
        return await self._media.look(source, alt=alt)

    async def look(self, source: Path, *, alt: str = "") -> Media:
        return await self._media.look(source, alt=alt)

    async def read(self, media: Media) -> bytes:
        return await self._media.read(media)

    async def check(self, media: Media) -> None:
        await self._media.check(media)

    def stream(self, media: Media, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        return self._media.stream(media, start=start, length=length)

    def path(self, media: Media) -> Path:
        return self._media.path(media)


async def rehearse(
    svc: Services, act: Callable[[Services], Awaitable[object]], *, post_id: int | None = None
) -> Rehearsed:
    """Let ``act`` write a post, or change the one with this id, and take it all back.

    Raises what it raises. Reviewing plugins are asked as they would be.
    """
    svc = replace(svc, rehearsing=True)
    stage = Stage(svc, post_id)
    await act(replace(svc, store=stage, media=Glance(svc.media), wake=lambda: None))
    seen = stage.seen
    assert seen is not None, "the rehearsed act wrote no post"
    if svc.registry.listens("review_post"):
        found = tuple(await svc.registry.review(seen.post, seen.deliveries))
        return replace(seen, sheet=replace(seen.sheet, reviews=found))
    return seen
