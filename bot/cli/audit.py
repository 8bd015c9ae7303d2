"""``clarion audit``: prove the audit trail, and take it out."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.exits import BAD_INPUT, FAILED, OK
from bot.cli.options import add_config, config_file
from bot.cli.screen import write

if TYPE_CHECKING:
    from bot.cli.options import Commands
    from bot.ports import Store


def add(commands: Commands) -> None:
    """``clarion audit [--verify] [--export FILE] [--brand NAME] [--config FILE]``."""
    audit = commands.add_parser(
        "audit",
        help="prove that nobody changed the audit trail, or export it",
        description="Walk each brand's audit trail. A changed, removed or reordered entry is named; "
        "then this ends with 1.",
    )
    add_config(audit)
    audit.add_argument("--verify", action="store_true", help="walk the chain; the default without --export")
    audit.add_argument("--export", type=Path, metavar="FILE", help="write every entry, one JSON line each")
    audit.add_argument("--brand", metavar="NAME", help="only this brand")
    audit.add_argument("--simulate", action="store_true", help="the database of simulated runs")
    audit.set_defaults(run=_audit)


async def _audit(args: argparse.Namespace) -> int:
    from bot.app.place import place
    from bot.config import load_config
    from bot.domain.words import did_you_mean
    from bot.services.trail import brands_of, prove, summary
    from bot.store import open_store

    config = load_config(config_file(args.config), env=os.environ)
    url, file = place(config, args.simulate or not config.accounts)
    if file is not None and not file.exists():
        write(f"There is no database at {file.name} yet, so there is no trail.\n")
        return OK
    store = await open_store(url)
    try:
        brands = await brands_of(store)
        if args.brand and args.brand not in brands:
            hint = did_you_mean(args.brand, brands) or f"; there are {', '.join(brands) or 'none'}"
            print(f"clarion audit: there is no trail of {args.brand!r}{hint}", file=sys.stderr)
            return BAD_INPUT
        chosen = (args.brand,) if args.brand else brands
        if args.export is not None:
            try:
                count = await _export(store, chosen, args.export)
            except OSError as error:
                why = error.strerror or type(error).__name__
                print(f"clarion audit: {args.export} cannot be written ({why})", file=sys.stderr)
                return BAD_INPUT
            write(f"{count:,} entries are in {args.export.name}.\n")
        sound = True
        if args.verify or args.export is None:
            for brand in chosen:
                proof = await prove(store, brand)
                write("\n  ".join([summary(proof), *proof.faults]) + "\n")
                sound = sound and proof.sound
            if not chosen:
                write("Nothing has been written down yet.\n")
        return OK if sound else FAILED
    finally:
        await store.aclose()


async def _export(store: Store, brands: tuple[str, ...], path: Path) -> int:
    """A new file that is there whole or not at all."""
    import json

    from bot.services.trail import as_row, pages

    count = 0
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("w", encoding="utf-8") as file:
        for brand in brands:
            async for page in pages(store, brand):
                for row in page:
                    file.write(json.dumps(as_row(row), sort_keys=True) + "\n")
                    count += 1
    unfinished.replace(path)
    return count
