"""What was announced, once, and what people do not want to hear for a while."""

from __future__ import annotations

from typing import Protocol


class Alerts(Protocol):
    """What was announced, once, and what people do not want to hear for a while."""
