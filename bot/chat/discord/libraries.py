"""What discord.py has to say goes into Clarion's own log, where secrets are left out, not to the screen."""

from __future__ import annotations

import logging

from bot.ports import Log

LIBRARY = "discord"


class Forwarding(logging.Handler):
    """Hands warnings on, without tracebacks; `attach` and `detach` belong together."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.warning("discord_library", said=record.getMessage()[:500], by=record.name)

    def attach(self) -> None:
        logging.getLogger(LIBRARY).addHandler(self)

    def detach(self) -> None:
        logging.getLogger(LIBRARY).removeHandler(self)
