"""The ledger of what was predicted for a time, and what came of it."""

from __future__ import annotations

from typing import Protocol


class Forecasts(Protocol):
    """The ledger of what was predicted for a time, and what came of it."""
