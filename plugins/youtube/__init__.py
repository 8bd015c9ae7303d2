"""YouTube: dated limits and previews; publishing arrives with a later version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.api import Deps, Feature, Platform, Publisher, SimulatedAccount, hookimpl
from plugins.youtube.publisher import YouTubePublisher, YouTubeSettings
from plugins.youtube.rules import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["YouTubePublisher", "YouTubeSettings", "register_platforms"]


def connect(settings: YouTubeSettings, deps: Deps) -> Publisher:
    """A publisher for one account; no I/O."""
    return YouTubePublisher()


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest."""
    return (
        Platform(
            name="youtube",
            title="YouTube",
            features=Feature.NONE,
            limits=LIMITS,
            settings=YouTubeSettings,
            connect=connect,
            simulated=SimulatedAccount(suffix="yt", title="Acme"),
        ),
    )
