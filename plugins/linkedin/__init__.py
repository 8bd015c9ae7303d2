"""LinkedIn: posts of a page or a member, with one image, through the versioned ``/rest`` API."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.api import Clock, Deps, Feature, Platform, Publisher, RunningSimulator, SimulatedAccount, hookimpl
from plugins.linkedin.client import LinkedInSettings
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


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest."""
    return (
        Platform(
            name="linkedin",
            title="LinkedIn",
            features=Feature.TEXT | Feature.IMAGE | Feature.ALT_TEXT | Feature.REMOVE | Feature.READ_BACK,
            limits=LIMITS,
            settings=LinkedInSettings,
            connect=connect,
            secrets=SECRETS,
            simulate=simulate,
            simulated=SimulatedAccount(
                suffix="li",
                title="Acme GmbH",
                settings={"author": SIMULATED_AUTHOR},
                secrets={"access_token": SIMULATED_TOKEN},
            ),
        ),
    )
