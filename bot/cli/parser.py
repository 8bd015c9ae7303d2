"""The parser of all commands."""

from __future__ import annotations

import argparse
from typing import NoReturn

from bot import __version__
from bot.cli import audit, check, connect, demo, keys, manifest, new_plugin, plugins, run, simulate
from bot.cli.exits import BAD_INPUT

COMMANDS = (run, demo, plugins, new_plugin, connect, check, manifest, keys, audit, simulate)
"""Modules with ``add(commands)``, in the order of the help; each sets ``run``, a coroutine function
that takes the parsed arguments and returns the exit code."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Tell, and end with 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}; {self.prog} --help shows how\n")


def make_parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = Parser(prog="clarion", description="Run a team's social channels from its chat.")
    parser.add_argument("--version", action="version", version=f"clarion {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.add(commands)
    return parser
