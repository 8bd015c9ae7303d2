"""What is told because it is news: kinds, how urgent they are, who does not want to hear of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import IntEnum, StrEnum
from types import MappingProxyType

from bot.domain.alerts import LEVELS
from bot.domain.evidence import Evidence
from bot.domain.platform import Metrics


class Kind(StrEnum):
    """What an alert is about."""

    MILESTONE = "milestone"
    RECORD = "record"
    SPIKE = "spike"
    DROP = "drop"
    SURGE = "surge"
    SILENCE = "silence"
    FAILING = "failing"
    LATE = "late"
    BACKLOG = "backlog"
    UNREAD = "unread"
    CORRECTED = "corrected"
    RECOUNTED = "recounted"
    INCIDENT = "incident"
    MISMATCH = "mismatch"
    AUTONOMY = "autonomy"


WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.MILESTONE: "milestones",
        Kind.RECORD: "personal records",
        Kind.SPIKE: "posts that take off",
        Kind.DROP: "posts that stop",
        Kind.SURGE: "accounts with a surge",
        Kind.SILENCE: "accounts that fall silent",
        Kind.FAILING: "failing accounts",
        Kind.LATE: "late posts",
        Kind.BACKLOG: "a long queue",
        Kind.UNREAD: "missing numbers",
        Kind.CORRECTED: "corrected counts",
        Kind.RECOUNTED: "platforms that count anew",
        Kind.INCIDENT: "trouble at a platform",
        Kind.MISMATCH: "live versions that are not the planned ones",
        Kind.AUTONOMY: "halts of what runs by itself",
    }
)


class Severity(IntEnum):
    """NOTE is good to know, NOTICE worth a look, URGENT does not wait for the end of quiet hours."""

    NOTE = 1
    NOTICE = 2
    URGENT = 3


LADDER: Mapping[Kind, Severity] = MappingProxyType(
    {
        **dict.fromkeys(Kind, Severity.NOTICE),
        Kind.MILESTONE: Severity.NOTE,
        Kind.RECORD: Severity.NOTE,
        Kind.CORRECTED: Severity.NOTE,
        Kind.FAILING: Severity.URGENT,
        Kind.BACKLOG: Severity.URGENT,
        Kind.MISMATCH: Severity.URGENT,
        Kind.AUTONOMY: Severity.URGENT,
    }
)

PACED = frozenset({Kind.SPIKE, Kind.DROP, Kind.SURGE, Kind.SILENCE})
"""What is only probably so: these may turn out to be one incident at a platform, and are not repeated
within a day."""

MOMENTS = frozenset({Kind.MILESTONE, Kind.RECORD, Kind.CORRECTED, Kind.MISMATCH})
"""What happens at an instant and is over with that; everything else goes on until it is closed."""

OWN_LINE = frozenset({Kind.MILESTONE, Kind.RECORD})
"""What goes into the thread of its post and counts for no digest."""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One thing told, or held back, because it is news. ``key`` names it once and for all.

    ``account`` and ``delivery_id`` are empty and 0 where it concerns more than one. ``due_at``: when it
    is to be said, None when it never is, and ``held`` says why ("muted", "repeated", "part of A7").
    ``grouped``: together with others, in one message. ``closed_at``: since when it is over.
    """

    key: str
    brand: str
    kind: Kind
    text: str
    opened_at: datetime
    account: str = ""
    platform: str = ""
    post_id: int = 0
    delivery_id: int = 0
    evidence: Evidence | None = None
    due_at: datetime | None = None
    told_at: datetime | None = None
    closed_at: datetime | None = None
    grouped: bool = False
    held: str = ""
    id: int = 0

    @property
    def name(self) -> str:
        return f"A{self.id}"

    @property
    def severity(self) -> Severity:
        return LADDER[self.kind]


@dataclass(frozen=True, kw_only=True)
class Mute:
    """Nothing is said until then: of an account, of a kind, or (both empty) of the whole brand."""

    brand: str
    until: datetime
    by: str
    account: str = ""
    kind: str = ""

    def covers(self, alert: Alert) -> bool:
        return self.account in ("", alert.account) and self.kind in ("", alert.kind.value)


@dataclass(frozen=True, kw_only=True)
class Looked:
    """How far the readings of a delivery were looked at: the newest one, and the most that was ever read."""

    delivery_id: int
    snapshot_id: int
    peak: Metrics


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A level that a delivery has reached. ``news`` False: known only long afterwards, so nobody was told.
    ``after_s``: seconds from publication until it was read, None where that says nothing."""

    delivery_id: int
    account: str
    metric: str
    level: int
    count: int
    at: datetime
    after_s: int | None = None
    news: bool = True


@dataclass(frozen=True, kw_only=True)
class AlertRules:
    """What a brand wants to hear: ``levels`` by metric, ``off`` kinds, at most ``daily`` messages one by
    one, and the wall time at which the rest comes together."""

    levels: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: LEVELS)
    off: frozenset[str] = frozenset()
    daily: int = 3
    digest: time = time(9)
