"""Levels that a count reaches, and stretches in which it does not go as usual. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """A count reached a level for the first time. ``metric``: "views", "likes", …"""

    metric: str
    level: int
    count: int
