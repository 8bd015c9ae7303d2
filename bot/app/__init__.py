"""The composition root: the only place where the parts are put together."""

from __future__ import annotations

from bot.app.building import build
from bot.app.running import App, run
from bot.log import make_log

__all__ = ["App", "build", "make_log", "run"]
