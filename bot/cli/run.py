"""``clarion run``: the bot itself."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.exits import OK, STILL_OPEN
from bot.cli.options import add_config, config_file, seconds
from bot.cli.screen import write

if TYPE_CHECKING:
    from bot.cli.options import Commands


def add(commands: Commands) -> None:
    """``clarion run [--config FILE] [--simulate] [--wait SECONDS] [--log FILE]``."""
    run = commands.add_parser(
        "run", help="start the bot", description="Start the bot with the chats of the configuration."
    )
    add_config(run)
    run.add_argument(
        "--simulate", action="store_true", help="use simulated platforms even if accounts are configured"
    )
    run.add_argument(
        "--wait",
        type=seconds,
        default=30.0,
        metavar="SECONDS",
        help="at end of input, how long to finish what is open (30)",
    )
    run.add_argument(
        "--log",
        type=Path,
        metavar="FILE",
        help="where the log goes; default standard error, or clarion.log at a terminal",
    )
    run.set_defaults(run=_run)


async def _run(args: argparse.Namespace) -> int:
    from bot.app import build, make_log, run
    from bot.app.chats import CONSOLE
    from bot.chat.console import Console
    from bot.chat.terminal import stdin_lines
    from bot.clock import SystemClock
    from bot.config import read_config
    from bot.domain.people import Role
    from bot.domain.roster import is_group
    from bot.redaction import Redaction

    config, problems = read_config(config_file(args.config), env=os.environ)
    at_console = CONSOLE in config.chat_use
    typed, redaction = at_console and sys.stdin.isatty(), Redaction()
    log_file = args.log or (config.folder / "clarion.log" if typed else None)
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(log_file.open("a", encoding="utf-8")) if log_file else sys.stderr
        channel = next(
            (c.partition(":")[2] for b in config.brands for c in b.channels if c.startswith(f"{CONSOLE}:")),
            "main",
        )
        # a group or a chat's user is nobody who could sit here
        named = [n for n in config.brands[0].members(Role.CREATE) if ":" not in n and not is_group(n)]
        start = named[:1] or ["alice"]

        def console(first: int) -> Console:
            return Console(
                read_line=stdin_lines(sys.stdin),
                write=write,
                channel=channel,
                colour=typed and sys.stdout.isatty() and "NO_COLOR" not in os.environ,
                start_user=start[0],
                prompt=typed,
                first_ref=first,
            )

        _end_on_sigterm()
        async with build(
            config,
            problems=problems,
            clock=SystemClock(),
            env=os.environ,
            chats=[console] if at_console else [],
            log=make_log(stream, redaction=redaction),
            redaction=redaction,
            simulate=args.simulate,
            team_chats=True,
        ) as app:
            if typed:
                _greet(app.services.simulated)
            elif not at_console:
                _announce(tuple(app.services.chats), app.services.simulated)
            done = await run(app, linger=None if typed or not at_console else args.wait)
    if not done:
        print(
            f"Something is still open after {args.wait:g} seconds; start me again and I go on.",
            file=sys.stderr,
        )
    return OK if done else STILL_OPEN


def _end_on_sigterm() -> None:
    task = asyncio.current_task()
    if task is not None and sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _greet(simulated: bool) -> None:
    print('This is Clarion. /help lists what I understand; try: /post "Hello, world" --at now')
    print("`as bob` makes you bob, who may approve. Ctrl-D ends.")
    if simulated:
        print("No account is connected: the platforms are SIMULATED.")


def _announce(chats: tuple[str, ...], simulated: bool) -> None:
    """Where nobody types, whoever started it is told once that it listens."""
    print(f"Clarion listens in {' and '.join(chats)}. Ctrl-C ends.", file=sys.stderr, flush=True)
    if simulated:
        print("No account is connected: the platforms are SIMULATED.", file=sys.stderr, flush=True)
