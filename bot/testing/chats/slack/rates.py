"""Who calls too often: Slack's documented rates, counted by the workspace's clock.

Sources: docs.slack.dev/apis/web-api/rate-limits (tiers per method, workspace and app; posting about
one message a second and channel with short bursts, several hundred a minute in a workspace) and the
tier on each method's page.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from bot.ports import Clock

TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100
"""Calls a minute."""
POSTING = 300
"""Messages a minute in a workspace ("several hundred")."""
SPECIAL = 600
"""Methods with a rate of their own that is far off, such as ``auth.test``."""
CONNECTING = 10
"""``apps.connections.open`` is Tier 1 with bursts: an app may have ten sockets, all of which reconnect."""
BURST = 3
"""Messages at once in a channel before "one a second" counts as broken."""
MINUTE = 60.0


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A call over what is documented; ``wait`` is what ``Retry-After`` said, or would have said."""

    method: str
    channel: str
    at: float
    wait: float


class Rates:
    """Accounting of every call; ``enforced``: calls over the limit are also refused."""

    def __init__(self, clock: Clock) -> None:
        self.enforced = True
        self.breaches: list[Breach] = []
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}
        self._next: dict[str, float] = {}

    def count(self, method: str, tier: int, channel: str = "") -> float:
        """Note a call; seconds to wait, 0 when it is within the limits.

        ``channel``: the call puts a message there.
        """
        now = self._clock.monotonic()
        calls = self._calls.setdefault(method, deque())
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        wait = calls[0] + MINUTE - now if len(calls) >= tier else 0.0
        due = max(self._next.get(channel, now), now)
        if channel:
            wait = max(wait, due - now - (BURST - 1))
        if wait > 1e-9:
            self.breaches.append(Breach(method=method, channel=channel, at=now, wait=wait))
            if self.enforced:
                return wait
        calls.append(now)
        if channel:
            self._next[channel] = due + 1.0
        return 0.0
