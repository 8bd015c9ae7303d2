"""What is made of files: renditions that fit, covers, contact sheets, pictures of how a post will look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.fitting import Plan
from bot.domain.look import Look
from bot.domain.post import Media, Variant


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A preview card: a JPEG in the media store (at most 300 KB), and the same in words."""

    picture: Media
    words: str


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """The largest lettering found in a picture: how high its capitals are where the picture is 120 pixels
    wide, and how it stands out from its ground (WCAG 2.2, 1 to 21). None where none was found."""

    height: float | None = None
    contrast: float | None = None


class Studio(Protocol):
    """Works on files of the media store and puts what it makes back into it.

    The same file and plan make the same bytes and are made once. One encoder runs at a time.
    A task that is cancelled leaves no child and no file behind.
    """

    async def fit(self, media: Media, plan: Plan, *, told: Callable[[float], None] | None = None) -> Media:
        """The file as the plan wants it, ``origin`` naming the one it was made from.

        ``told`` hears how much is done, 0 to 1, at most once a second. Raises `BadInput` for a file
        that cannot be read, `StoreFull`, and `Rejected` when the plan cannot be kept (too large at any
        quality).
        """

    async def frame(self, media: Media, at: float) -> Media:
        """The picture of a video at ``at`` seconds, a JPEG; for covers."""

    async def sheet(self, media: Media, *, count: int = 9) -> tuple[Media, Sequence[float]]:
        """A contact sheet of covers to choose from, and the second that each shows."""

    async def cards(self, posts: Sequence[tuple[Look, Variant]], *, dark: bool = False) -> Sequence[Drawn]:
        """How each will look; what they share is decoded once.

        Raises `Unsupported` with the way out where the text cannot be set right here.
        """

    async def lettering(self, media: Media) -> Lettering:
        """What a picture says in letters, found by their shapes; raises `BadInput` for a file that cannot
        be read."""

    async def trim(self, named: Callable[[], Awaitable[Collection[str]]]) -> int:
        """Where too much has been made, remove what was wanted longest ago; how many files went.

        ``named`` tells the hashes of all files that a delivery names, which never go. It is asked only
        when there is too much.
        """
