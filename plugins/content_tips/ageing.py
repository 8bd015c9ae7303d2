"""How much of its engagement a post has had at an age, so that young and old ones can be compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

STRETCH = 0.7
HOURS: Mapping[str, float] = MappingProxyType(
    {
        "x": 8.0,
        "twitter": 8.0,
        "instagram": 24.0,
        "linkedin": 30.0,
        "bluesky": 8.0,
        "facebook": 24.0,
        "tiktok": 60.0,
        "youtube": 120.0,
    }
)
"""Hours after which a post has had 63 % of it: assumed, in the order of published half-lives (Graffius 2018
and 2022: X half an hour, Facebook one, Instagram 20 h, LinkedIn a day, YouTube a week)."""

OTHERS = 24.0


def share_of(platform: str, hours: float) -> float:
    """Between 0 and 1: a stretched exponential of age."""
    return 1 - math.exp(-((max(hours, 0.0) / HOURS.get(platform, OTHERS)) ** STRETCH))
