"""TikTok: dated limits and previews; publishing arrives with a later version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.api import Deps, Feature, Platform, Publisher, SimulatedAccount, hookimpl
from plugins.tiktok.publisher import TikTokPublisher, TikTokSettings
from plugins.tiktok.rules import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["TikTokPublisher", "TikTokSettings", "register_platforms"]


def connect(settings: TikTokSettings, deps: Deps) -> Publisher:
    """A publisher for one account; no I/O."""
    return TikTokPublisher()


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest."""
    return (
        Platform(
            name="tiktok",
            title="TikTok",
            features=Feature.NONE,
            limits=LIMITS,
            settings=TikTokSettings,
            connect=connect,
            simulated=SimulatedAccount(suffix="tt", title="Acme"),
        ),
    )
