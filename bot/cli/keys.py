"""``clarion keys``: the key that opens what accounts were granted, made anew or changed."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from bot.cli.exits import FAILED, OK
from bot.cli.options import add_config, config_file
from bot.cli.screen import write

if TYPE_CHECKING:
    from bot.app.beside import Beside
    from bot.cli.options import Commands


def add(commands: Commands) -> None:
    """``clarion keys new`` and ``clarion keys rotate``."""
    keys = commands.add_parser(
        "keys",
        help="change the key that opens what accounts were granted",
        description="What accounts were granted lies sealed in the database; this is about its key.",
    )
    verbs = keys.add_subparsers(required=True, metavar="VERB")
    new = verbs.add_parser("new", help="print a fresh key", description="Print a fresh key, for CLARION_KEY.")
    add_config(new)
    new.set_defaults(run=_new)
    rotate = verbs.add_parser(
        "rotate",
        help="seal everything with a new key",
        description="Seal everything with a new key and let the old one go. A running bot goes on.",
    )
    add_config(rotate)
    rotate.set_defaults(run=_rotate)


async def _new(args: argparse.Namespace) -> int:
    from bot.vault import make_key

    write(f"{make_key()}\n")
    return OK


async def _rotate(args: argparse.Namespace) -> int:
    from bot.app.beside import open_beside
    from bot.clock import SystemClock
    from bot.config import load_config
    from bot.log import make_log
    from bot.redaction import Redaction

    config = load_config(config_file(args.config), env=os.environ)
    redaction = Redaction()
    log = make_log(sys.stderr, redaction=redaction)
    async with open_beside(
        config, env=os.environ, clock=SystemClock(), log=log, redaction=redaction
    ) as beside:
        if beside.lent.store is None or (
            beside.vault.place.ours and not beside.vault.keys and not beside.grants
        ):
            write("There is nothing sealed yet, and no key to change.\n")
            return OK
        if not beside.vault.keys:
            print(
                f"The key is not here: bring {beside.vault.place.name} back, or connect the accounts again.",
                file=sys.stderr,
            )
            return FAILED
        return await (_with_file(beside) if beside.vault.place.ours else _with_yours(beside))


async def _with_file(beside: Beside) -> int:
    """The new key joins first, the old one leaves last: whenever this ends, everything can be opened."""
    from bot.services.rekey import rekey

    assert beside.lent.store is not None
    beside.vault.join()
    done = await rekey(beside.lent.store, beside.vault, beside.vault.fits)
    if done.lost:
        return _lost(done.lost)
    beside.vault.leave()
    write(f"Everything is sealed with a new key in {beside.vault.place.name}; keep a copy of it elsewhere.\n")
    return OK


async def _with_yours(beside: Beside) -> int:
    """The keys are where only the operator can write: seal with the first, and say what comes next."""
    from bot.services.rekey import rekey
    from bot.vault import make_key

    assert beside.lent.store is not None
    name = beside.vault.place.name
    if beside.vault.keys == 1:
        write(
            f"A new key, to be put before the one you have in {name} (with a comma between them):\n\n"
            f"{make_key()}\n\nThen start the bot again with both, and run this once more.\n"
        )
        return OK
    done = await rekey(beside.lent.store, beside.vault, beside.vault.fits)
    if done.lost:
        return _lost(done.lost)
    write(f"Everything is sealed with the first key in {name}. You can take the others out now.\n")
    return OK


def _lost(accounts: tuple[str, ...]) -> int:
    print(
        f"No key here opens what {', '.join(accounts)} was granted, so the old keys stay. Bring its key back "
        "and run this again, or connect it anew.",
        file=sys.stderr,
    )
    return FAILED
