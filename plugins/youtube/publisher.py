"""One YouTube account: it can be previewed; publishing arrives with a later version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.api import (
    AccountInfo,
    Call,
    Checkpoint,
    Confirmed,
    Facts,
    Finding,
    Gone,
    Metrics,
    Part,
    Pending,
    Receipt,
    Ref,
    Staged,
    Unsupported,
    Variant,
)
from plugins.youtube.rules import findings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LATER = "Publishing to YouTube arrives with a later version. Take this account out of the post."


@dataclass(frozen=True, kw_only=True)
class YouTubeSettings:
    """What ``[accounts.X]`` says about a YouTube account; no secret is needed for a preview."""

    base_url: str = "https://www.googleapis.com"


class YouTubePublisher:
    """Implements `bot.api.Publisher` as far as a preview goes."""

    async def check(self) -> AccountInfo:
        raise Unsupported(LATER)

    async def facts(self) -> Facts:
        """Nothing is asked of YouTube for a preview."""
        return Facts()

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        return tuple(findings(variant))

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        raise Unsupported(LATER)

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt | Pending:
        raise Unsupported(LATER)

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        raise Unsupported(LATER)

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        raise Unsupported("Numbers from YouTube arrive with a later version.")

    async def remove(self, ref: Ref) -> None:
        raise Unsupported("Clarion cannot take posts down from YouTube yet; please do it there.")

    async def aclose(self) -> None:
        """Nothing is open."""
