"""Reports that were made, once for each brand and period."""

from __future__ import annotations

from typing import Protocol


class Reports(Protocol):
    """Reports that were made, once for each brand and period."""
