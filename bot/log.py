"""The log: structured lines, away from the chat; the one door to structlog. No secret gets through."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from bot.domain.marks import plain
from bot.ports import Log
from bot.redaction import Redaction


def make_log(
    stream: TextIO = sys.stderr, *, level: int = logging.INFO, redaction: Redaction | None = None
) -> Log:
    """Structured lines, one JSON object each; never where the chat is written.

    ``redaction`` knows the secrets of this process; what looks like one is left out in any case.
    """
    cleaner = redaction or Redaction()

    def clean(_logger: object, _method: str, line: str | bytes | MutableMapping[str, Any]) -> str:
        return cleaner.clean(plain(str(line)))

    return structlog.wrap_logger(  # type: ignore[no-any-return]  # structlog says Any
        structlog.PrintLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
            clean,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
