"""The log: structured lines, away from the chat; the one door to structlog."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog

from bot.ports import Log


def make_log(stream: TextIO = sys.stderr, *, level: int = logging.INFO) -> Log:
    """Structured lines, one JSON object each; never where the chat is written."""
    return structlog.wrap_logger(  # type: ignore[no-any-return]  # structlog says Any
        structlog.PrintLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
