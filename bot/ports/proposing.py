"""What was proposed to people, once for each reason, and what they said."""

from __future__ import annotations

from typing import Protocol


class Proposals(Protocol):
    """What was proposed to people, once for each reason, and what they said."""
