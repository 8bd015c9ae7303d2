"""``clarion connect``: an account's owner lets Clarion speak for it, in a browser."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.cli.exits import FAILED, OK
from bot.cli.loopback import HOST, PATH, PORT, Foreign, listening, read_query
from bot.cli.options import add_config, config_file, seconds
from bot.cli.screen import write

if TYPE_CHECKING:
    from bot.cli.options import Commands

Wait = Callable[[str, Foreign], Awaitable[Mapping[str, str]]]

PATIENCE = 300.0
"""Seconds a person may take in the browser."""


def add(commands: Commands) -> None:
    """``clarion connect PLATFORM [--account NAME] [--no-browser] [--paste] [--replace]``."""
    connect = commands.add_parser(
        "connect",
        help="connect an account by its owner's consent",
        description="Open the platform's consent page, and keep what it grants, sealed, in the database. "
        "A bot that is running goes on with it at once.",
    )
    add_config(connect)
    connect.add_argument("platform", metavar="PLATFORM", help="the platform's name, as in [accounts.NAME]")
    connect.add_argument(
        "--account", default="", metavar="NAME", help="which account; needed if there are several"
    )
    connect.add_argument("--no-browser", action="store_true", help="only show the address")
    connect.add_argument(
        "--paste", action="store_true", help="paste the address you are sent back to; for a distant machine"
    )
    connect.add_argument(
        "--replace", action="store_true", help="the account becomes another profile than it was"
    )
    connect.add_argument(
        "--port",
        type=int,
        default=PORT,
        metavar="PORT",
        help=f"where the browser comes back to; register http://{HOST}:{PORT}{PATH} with the app ({PORT})",
    )
    connect.add_argument(
        "--timeout", type=seconds, default=PATIENCE, metavar="SECONDS", help="how long to wait (300)"
    )
    connect.set_defaults(run=_connect)


async def _connect(args: argparse.Namespace) -> int:
    from bot.app.beside import open_beside
    from bot.app.joining import candidate, find_account, join
    from bot.clock import SystemClock
    from bot.config import load_config
    from bot.errors import BotError, PublishError
    from bot.log import make_log
    from bot.redaction import Redaction

    config = load_config(config_file(args.config), env=os.environ)
    redaction = Redaction()
    log = make_log(sys.stderr, redaction=redaction)
    async with open_beside(
        config, env=os.environ, clock=SystemClock(), log=log, redaction=redaction, make=True
    ) as beside:
        account = find_account(beside, args.platform, args.account)
        found = candidate(beside, account)
        title = found.platform.title
        try:
            async with _door(args) as (redirect, wait):

                async def ask(address: str, foreign: Foreign) -> Mapping[str, str]:
                    owner = f"To connect {account.name} on {title}, sign in as its owner and open:"
                    write(f"{owner}\n\n{address}\n\n")
                    return await wait(address, foreign)

                joined = await join(beside, found, ask, redirect=redirect, replace_owner=args.replace)
        except TimeoutError:
            print(f"Nobody came back within {args.timeout:g} seconds. Nothing has changed.", file=sys.stderr)
            return FAILED
        except PublishError as error:
            print(f"Not connected: {redaction.clean(str(error))} Nothing was stored.", file=sys.stderr)
            return FAILED
        except BotError as error:
            print(f"Not connected: {redaction.clean(str(error))}", file=sys.stderr)
            return FAILED
        goes = (
            " 1 waiting post goes on." if joined.waiting == 1 else f" {joined.waiting} waiting posts go on."
        )
        write(f"{account.name} is connected as {joined.who}.{goes if joined.waiting else ''}\n")
        for note in joined.notes:
            write(f"Note: {note}\n")
        if found.own_keys:
            write("Note: its own keys are still set and win over this; unset them to use what you granted.\n")
    return OK


@asynccontextmanager
async def _door(args: argparse.Namespace) -> AsyncIterator[tuple[str, Wait]]:
    """Where the owner comes back to, and how to wait for that."""
    if args.paste:
        yield f"http://{HOST}:{args.port}{PATH}", _pasted
        return
    async with listening(args.port) as visit:

        async def wait(address: str, foreign: Foreign) -> Mapping[str, str]:
            def told(query: Mapping[str, str]) -> str:
                why = foreign(query)
                if why:
                    write(f"Somebody came back with another request's answer. {why}\n")
                return why

            if not args.no_browser:
                await asyncio.to_thread(webbrowser.open, address)
            async with asyncio.timeout(args.timeout):
                return await visit.query(told)

        yield visit.redirect, wait


async def _pasted(_address: str, foreign: Foreign) -> Mapping[str, str]:
    """The address a person copies out of the browser, which could not reach us."""
    from bot.errors import BadInput

    write("Your browser will end at an address it cannot open. Paste that whole address here:\n")
    line = await asyncio.to_thread(sys.stdin.readline)
    query = read_query(line)
    if not query:
        raise BadInput("That is no address with an answer; it begins with http and has a question mark.")
    why = foreign(query)
    if why:
        raise BadInput(why)
    return query
