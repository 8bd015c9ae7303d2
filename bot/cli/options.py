"""Options that several commands have, and how their values are read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]


def add_config(parser: argparse.ArgumentParser) -> None:
    """``--config FILE``, which every command has."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the configuration; default config.toml here, if there is one",
    )


def config_file(named: Path | None) -> Path | None:
    """The file named, else config.toml of this folder, else none."""
    usual = Path("config.toml")
    return named if named is not None or not usual.is_file() else usual


def seconds(text: str) -> float:
    """A number of seconds up to a day."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value
