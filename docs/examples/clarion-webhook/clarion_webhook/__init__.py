"""A signed webhook: whatever you publish with, as a platform of Clarion's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from bot.api import (
    Clock,
    Feature,
    OptionKind,
    Platform,
    PostOption,
    Ref,
    RunningSimulator,
    SimulatedAccount,
    hookimpl,
)

from clarion_webhook.publisher import WebhookPublisher, WebhookSettings
from clarion_webhook.rules import LIMITS, media_rules

clarion_api = 1
"""The version of Clarion's plugin API that this plugin is written for."""

TOPIC = PostOption(
    name="topic",
    title="Topic",
    help="What the receiver files it under",
    kind=OptionKind.CHOICE,
    choices_from="topics",
)


def ref_of(link: str) -> Ref | None:
    """The id in a link that a person pasted. YOURS: as your receiver makes its links."""
    found = re.fullmatch(r"https://hooks\.example/p/(w[0-9]+)", link)
    return found[1] if found else None


async def simulate(clock: Clock) -> RunningSimulator:
    """Start a receiver of our own on loopback; it is imported only here."""
    from clarion_webhook.simulator import WebhookSimulator

    return await WebhookSimulator(clock).start()


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The manifest."""
    return [
        Platform(
            name="webhook",
            title="Webhook",
            features=Feature.TEXT
            | Feature.IMAGE
            | Feature.MULTI_IMAGE
            | Feature.ALT_TEXT
            | Feature.VIDEO
            | Feature.THREAD
            | Feature.REMOVE
            | Feature.READ_BACK
            | Feature.METRICS,
            limits=LIMITS,
            settings=WebhookSettings,
            secrets={"secret": "WEBHOOK_SECRET"},
            connect=WebhookPublisher,
            commit_timeout=timedelta(seconds=20),
            options=(TOPIC,),
            media=media_rules,
            ref_of=ref_of,
            simulate=simulate,
            simulated=SimulatedAccount(
                suffix="hook",
                title="Acme",
                secrets={"secret": "whsec_c2ltdWxhdGVkLXNlY3JldC1vbmx5"},
            ),
        )
    ]
