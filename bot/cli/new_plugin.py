"""``clarion new-plugin``: a folder with a platform that works, to be changed piece by piece."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.exits import OK
from bot.cli.screen import write

if TYPE_CHECKING:
    from bot.cli.options import Commands


def add(commands: Commands) -> None:
    """``clarion new-plugin NAME [--dir DIR]``."""
    new = commands.add_parser(
        "new-plugin",
        help="write a new platform plugin",
        description="Write a folder with a platform plugin that works, to be changed piece by piece.",
    )
    new.add_argument("name", metavar="NAME", help="the platform's name: small letters, digits, hyphens")
    new.add_argument(
        "--dir", type=Path, default=Path(), metavar="DIR", help="where the folder is written (here)"
    )
    new.set_defaults(run=_new)


async def _new(args: argparse.Namespace) -> int:
    from bot.errors import BadInput
    from bot.log import make_log
    from bot.registry import load
    from bot.testing.scaffolding import write_plugin

    known = load(log=make_log(io.StringIO()))
    if args.name in {*known.plugins, *known.platforms}:
        raise BadInput(f"There is a plugin {args.name!r} already. Choose another name.")
    files = write_plugin(args.name, args.dir)
    home = files[-1].parent.parent
    write("".join(f"{path}\n" for path in files))
    write(
        f"\nIt works as it stands, with a small made-up protocol. In {home}:\n"
        "  pip install -e .            so that Clarion finds it\n"
        "  pytest                      every check of the contract\n"
        "  clarion plugins --quality   the grade that follows\n"
        "Search for YOURS to see what to change; docs/plugins.md says how.\n"
    )
    return OK
