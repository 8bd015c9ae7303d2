"""``clarion demo``: the whole story, by itself."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bot.cli.exits import FAILED, OK
from bot.cli.screen import write

if TYPE_CHECKING:
    from bot.cli.options import Commands


def add(commands: Commands) -> None:
    """``clarion demo``."""
    demo = commands.add_parser(
        "demo",
        help="play the whole story by itself",
        description="Play the whole story with simulated platforms.",
    )
    demo.set_defaults(run=_demo)


async def _demo(args: argparse.Namespace) -> int:
    from bot.testing.story import play

    return OK if await play(write) else FAILED
