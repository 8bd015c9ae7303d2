"""Instagram: feed posts, carousels, reels and stories of professional accounts, through the Graph API."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.api import (
    Clock,
    Deps,
    Feature,
    Platform,
    Publisher,
    RunningSimulator,
    SimulatedAccount,
    hookimpl,
)
from plugins.instagram.answers import ref_of
from plugins.instagram.causes import CAUSES
from plugins.instagram.limits import LIMITS, RATES, app_of, media_rules
from plugins.instagram.look import look
from plugins.instagram.measuring import COUNTING
from plugins.instagram.oauth import INSTAGRAM_OAUTH
from plugins.instagram.options import OPTIONS
from plugins.instagram.publisher import InstagramPublisher
from plugins.instagram.settings import FACEBOOK, InstagramSettings
from plugins.instagram.simulated import SIMULATED_ACCOUNT, SIMULATED_SECRET, SIMULATED_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["InstagramPublisher", "InstagramSettings", "register_platforms"]

SECRETS = MappingProxyType(
    {
        "access_token": "INSTAGRAM_ACCESS_TOKEN",
        "app_id": "INSTAGRAM_APP_ID",
        "app_secret": "INSTAGRAM_APP_SECRET",
    }
)


def connect(settings: InstagramSettings, deps: Deps) -> Publisher:
    """A publisher for one account; no I/O."""
    return InstagramPublisher(settings, deps)


async def simulate(clock: Clock) -> RunningSimulator:
    """Start an Instagram on loopback that knows the simulated account."""
    from plugins.instagram.simulator import InstagramSimulator

    return await InstagramSimulator(clock).start()


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest."""
    return (
        Platform(
            name="instagram",
            title="Instagram",
            features=Feature.IMAGE
            | Feature.VIDEO
            | Feature.MULTI_IMAGE
            | Feature.ALT_TEXT
            | Feature.COMMENT
            | Feature.COVER
            | Feature.REMOVE
            | Feature.READ_BACK
            | Feature.METRICS,
            limits=LIMITS,
            settings=InstagramSettings,
            connect=connect,
            secrets=SECRETS,
            commit_timeout=timedelta(seconds=60),
            stage_lead=timedelta(minutes=15),
            settle=(timedelta(seconds=10), timedelta(seconds=60), timedelta(seconds=180)),
            ref_of=ref_of,
            causes=CAUSES,
            oauth=INSTAGRAM_OAUTH,
            rates=RATES,
            app_of=app_of,
            options=OPTIONS,
            media=media_rules,
            look=look,
            counting=COUNTING,
            simulate=simulate,
            simulated=SimulatedAccount(
                suffix="ig",
                title="Acme",
                settings={"door": FACEBOOK, "user_id": SIMULATED_ACCOUNT},
                secrets={"access_token": SIMULATED_TOKEN, "app_secret": SIMULATED_SECRET},
            ),
        ),
    )
