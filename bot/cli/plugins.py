"""``clarion plugins``: what was found, where it comes from, what was left out; with grades on request."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot import __version__
from bot.cli.exits import FAILED, OK
from bot.cli.options import add_config, config_file
from bot.cli.screen import write

if TYPE_CHECKING:
    from bot.cli.options import Commands
    from bot.ports import Platform
    from bot.registry import Registry
    from bot.testing.contract.results import Result

QUALITY = "prove every platform against its own simulator and grade it"


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
    write(listing(registry))
    kept = await quality(tuple(registry.platforms.values())) if args.quality else True
    return OK if kept and not registry.problems else FAILED


def listing(registry: Registry) -> str:
    """One line for each plugin, then what was left out."""
    from bot.registry import BUILTINS

    lines = [("plugin", "version", "from", "offers")]
    for name, one in registry.loaded.items():
        offers = "; ".join(f"{word} {', '.join(names)}" for word, names in one.offers.items())
        own = one.origin == f"{BUILTINS}.{name}"
        version, origin = (__version__, "built in") if own else (one.version or "—", one.origin)
        lines.append((name, version, origin, offers or "hooks only"))
    text = table(lines) if len(lines) > 1 else "There is no plugin.\n"
    for problem in registry.problems:
        text += f"✗ {str(problem).rstrip('.')}. Everything else goes on without it.\n"
    return text


async def quality(platforms: Sequence[Platform[Any]]) -> bool:
    """Prove each platform, write its grade and what it lacks; False when a check failed."""
    from bot.testing.contract import VERSION
    from bot.testing.contract.results import contract_for, grade_of, run_contract

    lines = [("platform", "grade", "passed", "skipped", "failed")]
    details = ""
    kept = True
    for platform in platforms:
        if platform.simulate is None or platform.simulated is None:
            lines.append((platform.name, "—", "—", "—", "it has no simulator to prove it against"))
            continue
        results = await asyncio.to_thread(run_contract, contract_for(platform))
        broken = [r for r in results if r.broken]
        skipped = [r for r in results if r.skipped]
        kept = kept and not broken
        passed = len(results) - len(broken) - len(skipped)
        grade = grade_of(results).name.lower()
        lines.append((platform.name, grade, str(passed), str(len(skipped)), str(len(broken))))
        details += _details(platform.name, skipped, broken)
    write(f"\nPublisherContract v{VERSION}\n{table(lines)}{details}")
    return kept


def _details(name: str, skipped: Sequence[Result], broken: Sequence[Result]) -> str:
    lines = [f"  ✗ {r.check.says} ({r.check.grade.name.lower()}): {r.broken}" for r in broken]
    lines += [f"  · {r.check.says} ({r.check.grade.name.lower()}): skipped, {r.skipped}" for r in skipped]
    return "".join(f"{line}\n" for line in (f"\n{name}", *lines)) if lines else ""


def table(lines: Sequence[Sequence[str]]) -> str:
    """Columns that line up; the last one takes what it needs."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    rows = ("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)
    return "".join(f"{row}\n" for row in rows)
