"""Bluesky and the AT Protocol: posts, threads, images, videos and link cards, under keys of our own."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.api import (
    Clock,
    Deps,
    Facts,
    Feature,
    MediaRules,
    Platform,
    Publisher,
    RunningSimulator,
    SimulatedAccount,
    Variant,
    hookimpl,
)
from plugins.bluesky.causes import CAUSES
from plugins.bluesky.limits import COUNTING, LIMITS, MEDIA, RATES
from plugins.bluesky.look import look
from plugins.bluesky.options import OPTIONS
from plugins.bluesky.publisher import BlueskyPublisher
from plugins.bluesky.records import ref_of
from plugins.bluesky.settings import BlueskySettings
from plugins.bluesky.split import split

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SIMULATED", "BlueskyPublisher", "BlueskySettings", "register_platforms"]

SECRETS = MappingProxyType({"app_password": "BLUESKY_APP_PASSWORD"})

SIMULATED = SimulatedAccount(
    suffix="bs",
    title="Acme",
    settings={"identifier": "acme.test"},
    secrets={"app_password": "simu-late-dapp-pass"},
)


def connect(settings: BlueskySettings, deps: Deps) -> Publisher:
    """A publisher for one account; no I/O."""
    return BlueskyPublisher(settings, deps)


async def simulate(clock: Clock) -> RunningSimulator:
    """Start a server of the AT Protocol on loopback that knows the simulated account."""
    from plugins.bluesky.simulator import BlueskySimulator

    return await BlueskySimulator(clock).start()


def media(variant: Variant, facts: Facts) -> MediaRules:
    """Up to four pictures, or one video; the same for every post."""
    return MEDIA


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest."""
    return (
        Platform(
            name="bluesky",
            title="Bluesky",
            features=Feature.TEXT
            | Feature.IMAGE
            | Feature.VIDEO
            | Feature.THREAD
            | Feature.ALT_TEXT
            | Feature.REMOVE
            | Feature.READ_BACK
            | Feature.METRICS
            | Feature.MULTI_IMAGE
            | Feature.COMMENT
            | Feature.ARTICLE
            | Feature.CAPTIONS,
            limits=LIMITS,
            settings=BlueskySettings,
            connect=connect,
            secrets=SECRETS,
            commit_timeout=timedelta(seconds=60),
            stage_lead=timedelta(seconds=60),
            settle=(timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=120)),
            split=split,
            ref_of=ref_of,
            simulate=simulate,
            simulated=SIMULATED,
            causes=CAUSES,
            rates=RATES,
            options=OPTIONS,
            media=media,
            look=look,
            counting=COUNTING,
        ),
    )
