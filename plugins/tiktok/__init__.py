"""TikTok: videos and photos, posted directly or left in the app's inbox for a person to finish."""

from __future__ import annotations

import re
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.api import (
    Clock,
    Deps,
    Feature,
    Platform,
    Publisher,
    Ref,
    RunningSimulator,
    SimulatedAccount,
    hookimpl,
)
from plugins.tiktok.budget import RATES, app_of
from plugins.tiktok.causes import CAUSES
from plugins.tiktok.counts import COUNTING
from plugins.tiktok.limits import LIMITS, media
from plugins.tiktok.look import look
from plugins.tiktok.oauth import TIKTOK_OAUTH
from plugins.tiktok.options import OPTIONS
from plugins.tiktok.settings import TikTokSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

SECRETS = MappingProxyType(
    {
        "access_token": "TIKTOK_ACCESS_TOKEN",
        "client_key": "TIKTOK_CLIENT_KEY",
        "client_secret": "TIKTOK_CLIENT_SECRET",
    }
)
"""Settings field → the variable it comes from when the configuration names no other."""

SIMULATED = SimulatedAccount(
    suffix="tt",
    title="Sim Shop",
    secrets=MappingProxyType({"access_token": "act.simulated-shop"}),
)
"""The account the simulator knows from its start."""


def connect(settings: TikTokSettings, deps: Deps) -> Publisher:
    """A publisher for one account; no I/O."""
    from plugins.tiktok.publisher import TikTokPublisher

    return TikTokPublisher(settings, deps)


async def simulate(clock: Clock) -> RunningSimulator:
    """Start a TikTok on loopback that obeys ``clock``; nobody is slowed down there by limits a minute."""
    from plugins.tiktok.simulator import TikTokSimulator

    sim = TikTokSimulator(clock)
    sim.limits.clear()
    return await sim.start()


def ref_of(link: str) -> Ref | None:
    """The post's id in a link that a person pasted; TikTok's short links do not hold it."""
    match = re.search(r"(?:^|[./])tiktok\.com/@[^/?#]*/(?:video|photo)/(\d{1,20})(?:[/?#]|$)", link)
    return match[1] if match else None


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest."""
    return (
        Platform(
            name="tiktok",
            title="TikTok",
            features=Feature.VIDEO
            | Feature.IMAGE
            | Feature.MULTI_IMAGE
            | Feature.READ_BACK
            | Feature.METRICS
            | Feature.HAND_OVER,
            limits=LIMITS,
            settings=TikTokSettings,
            connect=connect,
            secrets=SECRETS,
            commit_timeout=timedelta(minutes=6),
            stage_lead=timedelta(minutes=10),
            settle=(
                timedelta(seconds=10),
                timedelta(seconds=30),
                timedelta(minutes=2),
                timedelta(minutes=10),
            ),
            # moderation mostly takes less than a minute, but can take hours (get-video-status)
            processing=timedelta(hours=24),
            ref_of=ref_of,
            causes=CAUSES,
            oauth=TIKTOK_OAUTH,
            rates=RATES,
            app_of=app_of,
            options=OPTIONS,
            media=media,
            look=look,
            counting=COUNTING,
            simulate=simulate,
            simulated=SIMULATED,
        ),
    )
