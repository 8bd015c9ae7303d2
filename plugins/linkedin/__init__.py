"""LinkedIn: posts of a page or a member, with their files, through the versioned ``/rest`` API."""

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
from plugins.linkedin.budget import RATES, app_of
from plugins.linkedin.causes import CAUSES
from plugins.linkedin.client import LinkedInSettings
from plugins.linkedin.files import media_rules
from plugins.linkedin.look import look
from plugins.linkedin.numbers import COUNTING
from plugins.linkedin.oauth import LINKEDIN_OAUTH
from plugins.linkedin.options import OPTIONS
from plugins.linkedin.publisher import LinkedInPublisher
from plugins.linkedin.rules import LIMITS, SIMULATED_AUTHOR, SIMULATED_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LinkedInPublisher", "LinkedInSettings", "register_platforms"]

SECRETS = MappingProxyType(
    {
        "access_token": "LINKEDIN_ACCESS_TOKEN",
        "client_id": "LINKEDIN_CLIENT_ID",
        "client_secret": "LINKEDIN_CLIENT_SECRET",
    }
)


def connect(settings: LinkedInSettings, deps: Deps) -> Publisher:
    """A publisher for one account; no I/O."""
    return LinkedInPublisher(settings, deps)


async def simulate(clock: Clock) -> RunningSimulator:
    """Start a LinkedIn on loopback that knows the simulated account."""
    from plugins.linkedin.simulator import LinkedInSimulator

    return await LinkedInSimulator(clock).start()


def ref_of(link: str) -> Ref | None:
    """The post's URN in a link that a person pasted; links of the feed carry it (posts API page)."""
    match = re.search(r"urn(?::|%3A)li(?::|%3A)(share|ugcPost)(?::|%3A)(\d+)", link)
    return f"urn:li:{match[1]}:{match[2]}" if match else None


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest."""
    return (
        Platform(
            name="linkedin",
            title="LinkedIn",
            features=Feature.TEXT
            | Feature.IMAGE
            | Feature.ALT_TEXT
            | Feature.REMOVE
            | Feature.READ_BACK
            | Feature.METRICS
            | Feature.MULTI_IMAGE
            | Feature.COMMENT
            | Feature.ARTICLE
            | Feature.VIDEO
            | Feature.DOCUMENT
            | Feature.CAPTIONS
            | Feature.COVER,
            limits=LIMITS,
            settings=LinkedInSettings,
            connect=connect,
            secrets=SECRETS,
            ref_of=ref_of,
            causes=CAUSES,
            stage_lead=timedelta(minutes=15),
            oauth=LINKEDIN_OAUTH,
            rates=RATES,
            app_of=app_of,
            options=OPTIONS,
            media=media_rules,
            look=look,
            counting=COUNTING,
            simulate=simulate,
            simulated=SimulatedAccount(
                suffix="li",
                title="Acme GmbH",
                settings={"author": SIMULATED_AUTHOR},
                secrets={"access_token": SIMULATED_TOKEN},
            ),
        ),
    )
