"""Murmur: threads of texts with pictures, spoken as many small open networks do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from bot.api import Clock, Feature, Platform, Ref, RunningSimulator, SimulatedAccount, hookimpl

from clarion_murmur.publisher import MurmurPublisher, MurmurSettings
from clarion_murmur.rules import LIMITS, LINKS

clarion_api = 1
"""The version of Clarion's plugin API that this plugin is written for."""


def ref_of(link: str) -> Ref | None:
    """The id in a link that a person pasted; None when it is none of ours."""
    rest = link.removeprefix(LINKS)
    return rest if rest != link and rest.isdigit() else None


async def simulate(clock: Clock) -> RunningSimulator:
    """Start a server of our own on loopback; it is imported only here."""
    from clarion_murmur.simulator import MurmurSimulator

    return await MurmurSimulator(clock).start()


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest."""
    return [
        Platform(
            name="murmur",
            title="Murmur",
            features=Feature.TEXT
            | Feature.IMAGE
            | Feature.MULTI_IMAGE
            | Feature.ALT_TEXT
            | Feature.THREAD
            | Feature.REMOVE
            | Feature.READ_BACK
            | Feature.METRICS,
            limits=LIMITS,
            settings=MurmurSettings,
            secrets={"token": "MURMUR_TOKEN"},
            connect=MurmurPublisher,
            commit_timeout=timedelta(seconds=20),
            ref_of=ref_of,
            simulate=simulate,
            simulated=SimulatedAccount(
                suffix="murmur",
                title="Acme",
                secrets={"token": "simulated-token"},
            ),
        )
    ]
