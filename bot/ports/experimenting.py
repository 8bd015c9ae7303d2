"""Tests that were planned before they began, and what was observed."""

from __future__ import annotations

from typing import Protocol


class Experiments(Protocol):
    """Tests that were planned before they began, and what was observed."""
