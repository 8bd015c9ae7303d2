"""X, formerly Twitter: texts, pictures, GIFs and videos, threads."""

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
from plugins.twitter.budget import RATES, app_of, price
from plugins.twitter.causes import CAUSES
from plugins.twitter.counts import COUNTING
from plugins.twitter.files import media_rules
from plugins.twitter.limits import LIMITS
from plugins.twitter.look import look
from plugins.twitter.oauth import TWITTER_OAUTH
from plugins.twitter.options import OPTIONS
from plugins.twitter.settings import TwitterSettings
from plugins.twitter.split import split

if TYPE_CHECKING:
    from collections.abc import Iterable

SECRETS = MappingProxyType(
    {
        "api_key": "TWITTER_API_KEY",
        "api_secret": "TWITTER_API_SECRET",
        "access_token": "TWITTER_ACCESS_TOKEN",
        "access_token_secret": "TWITTER_ACCESS_TOKEN_SECRET",
        "client_id": "TWITTER_CLIENT_ID",
        "client_secret": "TWITTER_CLIENT_SECRET",
    }
)
"""Settings field → the variable it comes from when the configuration names no other."""

SIMULATED = SimulatedAccount(
    suffix="x",
    title="Example Releases",
    settings=MappingProxyType({"handle": "example_rel"}),
    secrets=MappingProxyType(
        {
            "api_key": "sim-api-key",
            "api_secret": "sim-api-secret",
            "access_token": "1844000000000000001-sim",
            "access_token_secret": "sim-token-secret",
        }
    ),
)
"""The account the simulator knows from its start."""


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """X."""
    return (
        Platform(
            name="twitter",
            title="X",
            features=Feature.TEXT
            | Feature.IMAGE
            | Feature.THREAD
            | Feature.ALT_TEXT
            | Feature.REMOVE
            | Feature.READ_BACK
            | Feature.METRICS
            | Feature.MULTI_IMAGE
            | Feature.COMMENT
            | Feature.VIDEO
            | Feature.CAPTIONS
            | Feature.COVER,
            limits=LIMITS,
            settings=TwitterSettings,
            connect=connect,
            secrets=SECRETS,
            commit_timeout=timedelta(seconds=30),
            stage_lead=timedelta(minutes=15),
            settle=(timedelta(seconds=10), timedelta(seconds=30), timedelta(seconds=120)),
            split=split,
            causes=CAUSES,
            ref_of=ref_of,
            rates=RATES,
            price=price,
            app_of=app_of,
            simulate=simulate,
            simulated=SIMULATED,
            oauth=TWITTER_OAUTH,
            options=OPTIONS,
            media=media_rules,
            look=look,
            counting=COUNTING,
        ),
    )


def connect(settings: TwitterSettings, deps: Deps) -> Publisher:
    """A publisher for one account; sends nothing by itself."""
    from plugins.twitter.publisher import TwitterPublisher

    return TwitterPublisher(settings, deps)


def ref_of(link: str) -> Ref | None:
    """The post's id in a link that a person pasted (permalinks: X's create-post page)."""
    match = re.search(r"(?:^|[./])(?:x|twitter)\.com/[^/?#]+/status(?:es)?/(\d{1,19})(?:[/?#]|$)", link)
    return match[1] if match else None


async def simulate(clock: Clock) -> RunningSimulator:
    """Start a simulated X on loopback that obeys ``clock``."""
    from plugins.twitter.simulator import TwitterSimulator

    return await TwitterSimulator(clock).start()
