"""``clarion plugins``: what was found, where it comes from, what was left out; with grades on request."""

from __future__ import annotations

import argparse
import io
import os
from typing import TYPE_CHECKING

from bot import __version__
from bot.cli.columns import columns
from bot.cli.exits import FAILED, OK
from bot.cli.options import add_config, config_file
from bot.cli.quality import QUALITY, quality
from bot.cli.screen import write

if TYPE_CHECKING:
    from bot.cli.options import Commands
    from bot.registry import Registry


def add(commands: Commands) -> None:
    """``clarion plugins [--config FILE] [--quality]``."""
    plugins = commands.add_parser(
        "plugins", help="list the plugins", description="List the plugins, what they offer and what broke."
    )
    add_config(plugins)
    plugins.add_argument("--quality", action="store_true", help=QUALITY)
    plugins.set_defaults(run=_plugins)


async def _plugins(args: argparse.Namespace) -> int:
    from bot.app.building import load_plugins
    from bot.config import load_config
    from bot.log import make_log

    config = load_config(config_file(args.config), env=os.environ)
    registry = load_plugins(config, make_log(io.StringIO()))
    write(listing(registry) + ("\n" if args.quality else ""))
    kept = await quality(tuple(registry.platforms.values())) if args.quality else True
    return OK if kept and not registry.problems else FAILED


def listing(registry: Registry) -> str:
    """One line for each plugin, then what was left out."""
    from bot.registry import BUILTINS

    lines = [("PLUGIN", "VERSION", "FROM", "OFFERS")]
    for name, one in registry.loaded.items():
        offers = "; ".join(f"{word} {', '.join(names)}" for word, names in one.offers.items())
        own = one.origin == f"{BUILTINS}.{name}"
        version, origin = (__version__, "built in") if own else (one.version or "—", one.origin)
        lines.append((name, version, origin, offers or "hooks only"))
    text = columns(lines) if len(lines) > 1 else "There is no plugin.\n"
    for problem in registry.problems:
        text += f"✗ {str(problem).rstrip('.')}. Everything else goes on without it.\n"
    return text
