"""Clarion runs a team's social channels from the chat the team already lives in."""

from __future__ import annotations

__version__ = "0.1.0"
