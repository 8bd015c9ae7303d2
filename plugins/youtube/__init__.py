"""YouTube: videos and Shorts, uploaded and processed as private, then made public."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.api import (
    THUMBNAIL,
    TITLE,
    Clock,
    Deps,
    Feature,
    Platform,
    Publisher,
    Revises,
    RunningSimulator,
    SimulatedAccount,
    hookimpl,
)
from plugins.youtube.answers import ref_of
from plugins.youtube.budget import PACIFIC, RATES, app_of
from plugins.youtube.causes import CAUSES
from plugins.youtube.counting import COUNTING
from plugins.youtube.files import media_rules
from plugins.youtube.look import look
from plugins.youtube.oauth import YOUTUBE_OAUTH
from plugins.youtube.options import OPTIONS
from plugins.youtube.rules import LIMITS
from plugins.youtube.settings import YouTubeSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["YouTubeSettings", "register_platforms"]

SECRETS = MappingProxyType(
    {
        "client_id": "YOUTUBE_CLIENT_ID",
        "client_secret": "YOUTUBE_CLIENT_SECRET",
        "access_token": "YOUTUBE_ACCESS_TOKEN",
    }
)
"""Settings field → the variable it comes from when the configuration names no other."""

SIMULATED = SimulatedAccount(
    suffix="yt", title="Acme", secrets=MappingProxyType({"access_token": "ya29.simulated-channel"})
)
"""The channel the simulator knows from its start."""


def connect(settings: YouTubeSettings, deps: Deps) -> Publisher:
    """A publisher for one channel; no I/O."""
    from plugins.youtube.publisher import YouTubePublisher

    return YouTubePublisher(settings, deps)


async def simulate(clock: Clock) -> RunningSimulator:
    """Start a simulated YouTube on loopback that obeys ``clock``."""
    from plugins.youtube.simulator import YouTubeSimulator

    return await YouTubeSimulator(clock).start()


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest."""
    return (
        Platform(
            name="youtube",
            title="YouTube",
            features=Feature.VIDEO
            | Feature.REMOVE
            | Feature.READ_BACK
            | Feature.METRICS
            | Feature.CAPTIONS
            | Feature.COVER
            | Feature.REVISE,
            limits=LIMITS,
            settings=YouTubeSettings,
            connect=connect,
            secrets=SECRETS,
            commit_timeout=timedelta(seconds=30),
            stage_lead=timedelta(minutes=60),
            settle=(timedelta(seconds=10), timedelta(seconds=30), timedelta(seconds=120)),
            causes=CAUSES,
            ref_of=ref_of,
            rates=RATES,
            app_of=app_of,
            simulate=simulate,
            simulated=SIMULATED,
            oauth=YOUTUBE_OAUTH,
            options=OPTIONS,
            media=media_rules,
            look=look,
            counting=COUNTING,
            revises=Revises(kinds=(TITLE, THUMBNAIL), day_zone=PACIFIC),
        ),
    )
