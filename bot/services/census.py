"""What this process knows of people at the moment; the truth is in the configuration and in rows."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.people import Brand


@dataclass(frozen=True, kw_only=True)
class Seats:
    """The brands with people in their places, as of one ``version`` of what the rows say of people."""

    version: str
    brands: Mapping[str, Brand]


@dataclass(kw_only=True)
class Census:
    """``configured``: the brands as the file has them, with groups among the names; ``declared``: user
    (``chat:id``) → member, from the file.

    ``tried``: when a service was last asked who somebody is; ``resting``: until which monotonic second a
    group is not asked for; ``failed``: groups whose last reading failed; ``vouched``: when a service
    itself said that a user is in a group, or not. ``reading`` lets one at a time read groups, ``naming``
    ask for names, ``placing`` one thread at a time put people in places.
    """

    configured: Mapping[str, Brand] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)
    seats: Seats | None = None
    tried: dict[str, datetime] = field(default_factory=dict)
    resting: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    vouched: dict[tuple[str, str], datetime] = field(default_factory=dict)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    naming: asyncio.Lock = field(default_factory=asyncio.Lock)
    placing: threading.Lock = field(default_factory=threading.Lock)
