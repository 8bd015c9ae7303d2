"""What Discord lets one bot do in a while, kept by the simulator's clock (topics/rate-limits, 2026).

Discord documents the global limit, the budget of invalid requests and the shape of the headers; the
numbers of the buckets are what bots see in 2026 and may change, so a client has to read the headers.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.ports import Clock

GLOBAL, GLOBAL_WINDOW = 50, 1.0
INVALID, INVALID_WINDOW = 10_000, 600.0
IDENTIFIES, IDENTIFY_WINDOW = 1000, 86_400.0
IDENTIFY_PAUSE = 5.0
"""Seconds between two sessions that begin, with a ``max_concurrency`` of 1 (events/gateway)."""

SENDS, SEND_WINDOW = 120, 60.0
INVALID_STATUSES = frozenset({401, 403, 429})

BUCKETS: Mapping[str, tuple[int, float]] = MappingProxyType(
    {
        "POST /channels/{channel}/messages": (5, 5.0),
        "PATCH /channels/{channel}/messages/{message}": (5, 5.0),
        "DELETE /channels/{channel}/messages/{message}": (5, 1.0),
        "GET /channels/{channel}/messages": (5, 5.0),
        "GET /channels/{channel}/messages/{message}/reactions/{emoji}": (5, 5.0),
        "PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me": (1, 0.25),
        "POST /channels/{channel}/messages/{message}/threads": (50, 300.0),
        "PATCH /channels/{channel}": (5, 10.0),
        "POST /users/@me/channels": (10, 10.0),
        "PUT /applications/{app}/commands": (2, 60.0),
        "PUT /applications/{app}/guilds/{guild}/commands": (2, 60.0),
        "POST /webhooks/{app}/{token}": (5, 2.0),
        "PATCH /webhooks/{app}/{token}/messages/{message}": (5, 2.0),
        "GET /guilds/{guild}/members": (10, 10.0),
    }
)
USUAL = (30, 5.0)
MAJOR = ("channel", "guild", "app", "token")


@dataclass
class Window:
    """A bucket: so many in a window that begins with its first request."""

    limit: int
    seconds: float
    used: int = 0
    ends: float = 0.0

    def take(self, now: float) -> bool:
        if now >= self.ends:
            self.used, self.ends = 0, now + self.seconds
        self.used += 1
        return self.used <= self.limit


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the limits say to one request: headers for its answer; a body when it is one too many."""

    headers: Mapping[str, str]
    body: Mapping[str, Any] | None = None


@dataclass
class Rates:
    """``breaches`` names every request over what Discord allows, whether or not it was let through.

    ``enforce``: answer 429 and send the headers. ``scale`` makes every window of a bucket that much
    longer (0.01: a hundredth), for tests in real time.
    """

    clock: Clock
    enforce: bool = False
    scale: float = 1.0
    breaches: list[str] = field(default_factory=list)
    invalid: deque[float] = field(default_factory=deque)
    identifies: deque[float] = field(default_factory=deque)
    _global: deque[float] = field(default_factory=deque)
    _buckets: dict[str, Window] = field(default_factory=dict)

    def judge(self, endpoint: str, names: Mapping[str, str]) -> Verdict:
        """Count one request; interactions' own endpoints are not bound by the global limit."""
        now = self.clock.monotonic()
        free = endpoint.startswith(("POST /interactions/", "GET /attachments/")) or "/webhooks/" in endpoint
        if not free:
            span = GLOBAL_WINDOW * self.scale
            if not within(self._global, now, GLOBAL, span):
                self.breaches.append(f"global: {endpoint}")
                if self.enforce:
                    return self._over("global", self._global[0] + span - now, {})
        major = "/".join(names[key] for key in MAJOR if key in names)
        limit, seconds = BUCKETS.get(endpoint, USUAL)
        bucket = self._buckets.setdefault(f"{endpoint} {major}", Window(limit, seconds * self.scale))
        fits = bucket.take(now)
        rest = bucket.ends - now
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - bucket.used)),
            "X-RateLimit-Reset": f"{self.clock.now().timestamp() + rest:.3f}",
            "X-RateLimit-Reset-After": f"{rest:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(endpoint.encode(), usedforsecurity=False).hexdigest(),
        }
        if not fits:
            self.breaches.append(f"bucket: {endpoint} {shown(names)}".rstrip())
            if self.enforce:
                return self._over("user", rest, headers)
        return Verdict(headers=headers if self.enforce else {})

    def answered(self, status: int, scope: str = "") -> None:
        """Count an answer into the budget of invalid requests; 429s of a shared limit do not count."""
        if status not in INVALID_STATUSES or scope == "shared":
            return
        if not within(self.invalid, self.clock.monotonic(), INVALID, INVALID_WINDOW):
            self.breaches.append("invalid requests: 10,000 in 10 minutes, the address would be banned")

    def identify(self) -> bool:
        """Count an IDENTIFY; False when the day's budget is spent."""
        fits = within(self.identifies, self.clock.monotonic(), IDENTIFIES, IDENTIFY_WINDOW)
        if not fits:
            self.breaches.append("identify: 1,000 in 24 hours, the token would be reset")
        return fits

    def crowded(self) -> bool:
        """Whether the IDENTIFY just counted came too soon after the one before: it is answered with op 9."""
        last = list(self.identifies)[-2:]
        soon = len(last) == 2 and last[1] - last[0] < IDENTIFY_PAUSE * self.scale
        if soon:
            self.breaches.append("identify: twice within 5 seconds")
        return soon and self.enforce

    def sent(self, sends: deque[float]) -> bool:
        """Count what one connection said on the gateway; False when it is to be closed (4008)."""
        fits = within(sends, self.clock.monotonic(), SENDS, SEND_WINDOW)
        if not fits:
            self.breaches.append("gateway: more than 120 in 60 seconds")
        return fits or not self.enforce

    def _over(self, scope: str, rest: float, headers: Mapping[str, str]) -> Verdict:
        wait = max(0.001, round(rest, 3))
        body = {"message": "You are being rate limited.", "retry_after": wait, "global": scope == "global"}
        extra = {"X-RateLimit-Global": "true"} if scope == "global" else {}
        told = {**headers, **extra, "Retry-After": str(int(wait) + 1), "X-RateLimit-Scope": scope}
        return Verdict(headers=told, body=body)


def within(times: deque[float], now: float, most: int, seconds: float) -> bool:
    """Count one more in a sliding window; False when it is over ``most`` (then it is not counted)."""
    while times and times[0] <= now - seconds:
        times.popleft()
    if len(times) >= most:
        return False
    times.append(now)
    return True


def shown(names: Mapping[str, str]) -> str:
    """The ids of a request without its token."""
    return " ".join(f"{key}={value}" for key, value in names.items() if key != "token")
