"""The command line: one file a command; each adds its own parser."""

from __future__ import annotations

from bot.cli.parser import make_parser

__all__ = ["make_parser"]
