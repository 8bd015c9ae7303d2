"""Noticeboard: texts and pictures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from bot.api import Clock, Feature, Platform, Ref, RunningSimulator, SimulatedAccount, hookimpl
from bot.testing.scaffold.publisher import NoticeboardPublisher, NoticeboardSettings
from bot.testing.scaffold.rules import LIMITS, LINKS

clarion_api = 1
"""The version of Clarion's plugin API that this plugin is written for."""


def ref_of(link: str) -> Ref | None:
    """The id in a link that a person pasted; None when it is none of ours."""
    rest = link.removeprefix(LINKS)
    return rest if rest != link and rest.isalnum() else None


async def simulate(clock: Clock) -> RunningSimulator:
    """Start a server of our own on loopback; it is imported only here."""
    from bot.testing.scaffold.simulator import NoticeboardSimulator

    return await NoticeboardSimulator(clock).start()


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest. YOURS: name only those features that work today."""
    return [
        Platform(
            name="noticeboard",
            title="Noticeboard",
            features=Feature.TEXT | Feature.IMAGE | Feature.MULTI_IMAGE | Feature.REMOVE | Feature.READ_BACK,
            limits=LIMITS,
            settings=NoticeboardSettings,
            secrets={"token": "NOTICEBOARD_TOKEN"},
            connect=NoticeboardPublisher,
            commit_timeout=timedelta(seconds=20),
            ref_of=ref_of,
            simulate=simulate,
            simulated=SimulatedAccount(
                suffix="noticeboard",
                title="Acme",
                secrets={"token": "simulated-token"},
            ),
        )
    ]
