"""Record keys of the AT Protocol: thirteen signs that sort by time (atproto.com/specs/tid)."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def make_tid(at: datetime) -> str:
    """A key for the millisecond of ``at`` (aware UTC).

    The microseconds within it and the ten bits of the clock's number are drawn at random, a million
    possibilities: two workers that stage in one millisecond do not meet.
    """
    micros = (at - EPOCH) // MICROSECOND // 1000 * 1000 + secrets.randbelow(1000)
    number = (micros << 10) | secrets.randbelow(1024)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))
