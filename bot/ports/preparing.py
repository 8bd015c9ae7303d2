"""Where it is kept what still has to be made of files, and what was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.post import Media
from bot.domain.preparing import Need, Preparation, Stage


class Preparations(Protocol):
    """What targets need made of their files: one row for each file that does not go out as it was given."""

    def put(
        self,
        post_id: int,
        delivery_id: int,
        needs: Sequence[Need],
        *,
        made: Mapping[str, tuple[Media, float]] = ...,
        failed: Mapping[str, str] = ...,
    ) -> None:
        """The needs of a delivery from now on; what it needed before is forgotten.

        ``made`` are renditions that are there already, ``failed`` why some cannot be made, by `Need.key`.
        """

    def of_post(self, post_id: int) -> tuple[Preparation, ...]: ...
    def get(self, id_: int) -> Preparation | None: ...
    def under_way(self) -> int:
        """How many are waiting or running."""

    def next_due(self, now: datetime) -> Preparation | None:
        """The oldest that waits, or runs on a process that has not been heard of since its time ran out."""

    def take(self, id_: int, *, owner: str, now: datetime, until: datetime) -> Preparation | None:
        """Begin, unless somebody else has."""

    def step(self, id_: int, *, owner: str, percent: int, until: datetime) -> bool:
        """How far it is; False when it is no longer this owner's to make."""

    def done(self, key: str, made: Media, took: float) -> tuple[int, ...]:
        """Every row under way that needs this rendition has it; returns their deliveries."""

    def stop(self, id_: int, stage: Stage, said: str) -> bool:
        """It failed or was cancelled; False when it was not under way any more."""

    def again(self, id_: int) -> None:
        """Try once more what was stopped."""

    def left_by(self, owner: str) -> bool:
        """Whether something runs in this owner's name."""

    def put_back(self, owner: str | None = None) -> int:
        """What runs waits again: of one owner, or (at the start of the only process) of all."""

    def found(self, keys: Collection[str]) -> Mapping[str, tuple[Media, float]]:
        """Renditions that were made already, with the seconds they took, by `Need.key`."""

    def named(self, after: int, limit: int) -> tuple[int, frozenset[str]]:
        """The hashes in the next deliveries behind the id ``after``, and the last id; 0 when there are
        no more."""

    def originals(self, hashes: Collection[str]) -> Mapping[str, Media]:
        """The files that people gave, by SHA-256, of those that something was made from."""
