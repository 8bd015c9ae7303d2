"""config.toml → frozen dataclasses, with all problems told at once.

A problem is one sentence that begins with the file's name and the key. Nothing but
`ConfigError` leaves this package, whatever the file holds.
"""

from __future__ import annotations

from bot.config.load import AccountConfig, Config, load_config, read_config
from bot.config.secret import Secret
from bot.config.settings import read_settings

__all__ = ["AccountConfig", "Config", "Secret", "load_config", "read_config", "read_settings"]
