"""Who may call the simulated YouTube, for what, and how often in a day of Google's."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from plugins.youtube.budget import UPLOADS_A_DAY, midnight_pacific
from plugins.youtube.failures import FAILURES, Refused
from plugins.youtube.oauth import ANALYTICS, READ, UPLOAD, WRITE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Clock
    from plugins.youtube.oauth_simulator import GoogleDesk

EVERYTHING = frozenset({UPLOAD, READ, WRITE, ANALYTICS})
ALL = f"{READ.rpartition('/')[0]}/youtube"
NEEDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "videos.insert": frozenset({UPLOAD, ALL, WRITE}),
        "thumbnails.set": frozenset({UPLOAD, ALL, WRITE}),
        "read": frozenset({READ, ALL, WRITE}),
        "write": frozenset({ALL, WRITE}),
        "captions": frozenset({WRITE}),
        "reports": frozenset({ANALYTICS}),
    }
)
"""What one of these scopes is enough for (the discovery document's list of scopes, revision 20261104)."""

BUCKETS: Mapping[str, int] = MappingProxyType(
    {"videos.insert": UPLOADS_A_DAY, "stats": 10_000, "units": 10_000}
)


class Gate:
    """One project. ``tokens``: token → what it may; ``desk`` gives out more.

    ``limits``: calls or units of a day by bucket; ``uploads_left``: what the channel itself may still
    upload, None for no limit; ``signup``: the account has no channel.
    """

    def __init__(self, clock: Clock, desk: GoogleDesk, token: str) -> None:
        self.tokens: dict[str, frozenset[str]] = {token: EVERYTHING}
        self.limits = dict(BUCKETS)
        self.uploads_left: int | None = None
        self.signup = False
        self._clock = clock
        self._desk = desk
        self._used: Counter[tuple[datetime, str]] = Counter()

    def admit(self, headers: Mapping[str, str], need: str, *, bucket: str = "units", cost: int = 1) -> None:
        """Raises `Refused` for a token that is none or may not, and when the day's quota is used up."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        held = self._desk.holder(token)
        scopes = frozenset(held.consent.scopes) if held else self.tokens.get(token)
        if scheme != "Bearer" or scopes is None:
            raise Refused(FAILURES["authError"])
        if self.signup:
            raise Refused(FAILURES["youtubeSignupRequired"])
        if not scopes & NEEDS[need]:
            raise Refused(FAILURES["insufficientPermissions"])
        self._charge(bucket, cost)

    def used(self, bucket: str) -> int:
        """What was taken of a bucket today."""
        return self._used[midnight_pacific(self._clock.now()), bucket]

    def _charge(self, bucket: str, cost: int) -> None:
        day = midnight_pacific(self._clock.now())
        if self._used[day, bucket] + cost > self.limits[bucket]:
            raise Refused(FAILURES["quotaExceeded"])
        self._used[day, bucket] += cost
