"""How fast Slack may be called: one message a second in a channel, and each method's tier.

https://docs.slack.dev/apis/web-api/rate-limits: tiers count calls of one method in one workspace in
a minute; messages go at one a second in a channel, with short bursts that nobody promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from bot.errors import ChatBusy
from bot.ports import Clock

PATIENCE = 2.2
"""Seconds that a caller is made to wait here; longer waits are told instead."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """``burst`` calls at once, then one every ``interval`` seconds."""

    interval: float
    burst: int


def _tier(per_minute: int) -> Rate:
    """No 60 seconds see more than ``per_minute`` calls, even if one is a moment late on its way."""
    burst = max(1, per_minute // 5)
    return Rate(interval=60 / max(1, per_minute - burst - 1), burst=burst)


SAYING, REPAINTING = Rate(interval=1.0, burst=1), Rate(interval=1.0, burst=2)
"""In one channel. What is said leaves a place free, so that a repaint need not wait behind it: people
look at the card they have just decided about."""
TIER_1, TIER_2, TIER_3, TIER_4 = _tier(2), _tier(20), _tier(50), _tier(100)
MESSAGES = _tier(300)
"""For a whole workspace: Slack says "several hundred messages per minute"."""

METHODS = MappingProxyType(
    {
        "apps.connections.open": TIER_1,
        "auth.test": _tier(300),
        "chat.delete": TIER_3,
        "chat.postEphemeral": TIER_4,
        "chat.postMessage": MESSAGES,
        "chat.update": TIER_3,
        "conversations.history": TIER_3,
        "conversations.info": TIER_3,
        "conversations.open": TIER_3,
        "conversations.replies": TIER_3,
        "files.completeUploadExternal": TIER_4,
        "files.getUploadURLExternal": TIER_4,
        "files.info": TIER_4,
        "reactions.get": TIER_3,
        "usergroups.list": TIER_2,
        "usergroups.users.list": TIER_2,
        "users.info": TIER_4,
        "views.open": TIER_4,
        "views.publish": TIER_4,
        "views.update": TIER_4,
    }
)
IN_CHANNEL = frozenset({"chat.postMessage", "chat.update", "files.completeUploadExternal"})
"""Methods that say something in a channel."""


class Pacing:
    """Hands out turns. What Slack itself closed by a 429 stays closed until it said."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next: dict[tuple[str, str], float] = {}
        self._closed: dict[tuple[str, str], float] = {}

    async def turn(self, method: str, channel: str = "") -> None:
        """Return when the call may go; raises `ChatBusy` when that is more than a moment away."""
        waited = 0.0
        while (wait := self._wait(method, channel)) > 0:
            if waited + wait > PATIENCE:
                raise ChatBusy(
                    self._clock.now() + timedelta(seconds=wait),
                    "Slack takes no more of that for now.",
                    detail=f"{method}: paced",
                )
            # nothing is reserved meanwhile: a repaint that comes goes first
            await self._clock.sleep(wait)
            waited += wait
        now = self._clock.monotonic()
        for key, rate in self._gates(method, channel):
            self._next[key] = max(self._next.get(key, now), now) + rate.interval

    def _wait(self, method: str, channel: str) -> float:
        """Seconds until the call may go, as things stand."""
        now, wait = self._clock.monotonic(), 0.0
        for key, rate in self._gates(method, channel):
            # As in GCRA: a bucket may be ahead of the clock by all of its burst but one.
            ahead = self._next.get(key, now) - rate.interval * (rate.burst - 1)
            wait = max(wait, ahead - now, self._closed.get(key, now) - now)
        return wait

    def _gates(self, method: str, channel: str) -> Iterator[tuple[tuple[str, str], Rate]]:
        yield ("method", method), METHODS.get(method, TIER_2)
        if method in IN_CHANNEL and channel:
            yield ("channel", channel), REPAINTING if method == "chat.update" else SAYING

    def close(self, method: str, channel: str, seconds: float) -> ChatBusy:
        """Slack said no for ``seconds``; returns what to raise."""
        kind = ("channel", channel) if method == "chat.postMessage" and channel else ("method", method)
        until = self._clock.monotonic() + seconds
        self._closed[kind] = max(until, self._closed.get(kind, until))
        return ChatBusy(
            self._clock.now() + timedelta(seconds=seconds),
            "Slack asks me to wait.",
            detail=f"{method}: ratelimited",
        )
