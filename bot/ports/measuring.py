"""What was read about published posts."""

from __future__ import annotations

from typing import Protocol


class Snapshots(Protocol):
    """What was read about published posts."""
