"""Where cards are ordered: finds the pictures of a post, has it drawn in a thread, stores what comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bot.domain.look import Look
from bot.domain.post import Media, MediaKind, Variant
from bot.errors import BadInput, Rejected
from bot.media.cards.drawing import Card, Cards
from bot.media.workroom import workplace
from bot.ports import MediaStore
from bot.ports.studio import Drawn

FIRST = 1.0
"""Second of a video that is shown where nobody chose a cover: the very first frame is often black."""


class CardDesk:
    """Holds the fonts through `Cards`; make one and keep it. ``frame`` takes a picture out of a video."""

    def __init__(
        self, store: MediaStore, room: Path, frame: Callable[[Media, float], Awaitable[Media]]
    ) -> None:
        self._store = store
        self._room = room
        self._frame = frame
        self._cards = Cards()

    async def draw(self, posts: Sequence[tuple[Look, Variant]], *, dark: bool = False) -> list[Drawn]:
        """A picture in the media store for each. Raises what `Cards.draw` raises, and `StoreFull`."""
        shown = {m.sha256: (m, look.at) for look, variant in posts for m in shown_media(variant)}
        paths: dict[str, Path] = {}
        for sha256, (media, at) in shown.items():
            path = await self._picture(media, at)
            if path is not None:
                paths[sha256] = path
        cards = await asyncio.to_thread(self._cards.draw, posts, paths, dark=dark)
        names = [f"{variant.account}-preview.jpg" for _, variant in posts]
        return [await self._keep(card, name) for card, name in zip(cards, names, strict=True)]

    async def _picture(self, media: Media, at: float | None) -> Path | None:
        """Where a picture of the file lies; None where there is none."""
        if media.kind in (MediaKind.IMAGE, MediaKind.GIF):
            return self._store.path(media)
        if media.kind is not MediaKind.VIDEO:
            return None
        at = min(FIRST, media.seconds / 10) if at is None else at
        try:
            return self._store.path(await self._frame(media, at))
        except (BadInput, Rejected):  # damaged or gone: its card says which file it is, the verdict says why
            return None

    async def _keep(self, card: Card, name: str) -> Drawn:
        with workplace(self._room, needs=len(card.jpeg)) as place:
            path = place / name
            await asyncio.to_thread(path.write_bytes, card.jpeg)
            picture = await self._store.add(path)
        return Drawn(picture=replace(picture, name=name, alt=card.words), words=card.words)


def shown_media(variant: Variant) -> list[Media]:
    """The files a card shows: those of the first part, a video's cover in its place, the link's picture."""
    if not variant.parts:
        return []
    files = [m.cover or m for m in variant.parts[0].media]
    image = variant.parts[0].link.image if variant.parts[0].link else None
    return [*files, image] if image else files
