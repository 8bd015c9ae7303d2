"""One TikTok account: it can be previewed; publishing arrives with a later version."""

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
from plugins.tiktok.rules import findings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LATER = "Publishing to TikTok arrives with a later version. Take this account out of the post."


@dataclass(frozen=True, kw_only=True)
class TikTokSettings:
    """What ``[accounts.X]`` says about a TikTok account; no secret is needed for a preview."""

    base_url: str = "https://open.tiktokapis.com"


class TikTokPublisher:
    """Implements `bot.api.Publisher` as far as a preview goes."""

    async def check(self) -> AccountInfo:
        raise Unsupported(LATER)

    async def facts(self) -> Facts:
        """Nothing is asked of TikTok for a preview."""
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
        raise Unsupported("Numbers from TikTok arrive with a later version.")

    async def remove(self, ref: Ref) -> None:
        raise Unsupported("TikTok lets no app take posts down; please do it in TikTok.")

    async def aclose(self) -> None:
        """Nothing is open."""
