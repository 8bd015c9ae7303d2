"""The command line: ``clarion run`` and ``clarion demo``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from bot import __version__
from bot.errors import BotError, ConfigError

OK, BAD_INPUT, STILL_OPEN = 0, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 2 bad input, 3 something is still open."""
    parser = make_parser()
    args = parser.parse_args(argv)
    try:
        with asyncio.Runner() as runner:
            code: int = runner.run(args.run(args))
            return code
    except ConfigError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        return BAD_INPUT
    except BotError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except asyncio.CancelledError:
        return OK
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stdout = None  # nobody reads any more: nothing to flush at exit
        return OK


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Tell, and end with 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}; {self.prog} --help shows how\n")


def make_parser() -> argparse.ArgumentParser:
    parser = Parser(prog="clarion", description="Run a team's social channels from its chat.")
    parser.add_argument("--version", action="version", version=f"clarion {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run", help="start the bot", description="Start the bot with the chats of the configuration."
    )
    run.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the configuration; default config.toml here, if there is one",
    )
    run.add_argument(
        "--simulate", action="store_true", help="use simulated platforms even if accounts are configured"
    )
    run.add_argument(
        "--wait",
        type=_seconds,
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
    demo = commands.add_parser(
        "demo",
        help="play the whole story by itself",
        description="Play the whole story with simulated platforms.",
    )
    demo.set_defaults(run=_demo)
    return parser


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


async def _run(args: argparse.Namespace) -> int:
    from bot.app import build, make_log, run
    from bot.chat.console import Console
    from bot.chat.terminal import stdin_lines
    from bot.clock import SystemClock
    from bot.config import read_config
    from bot.domain.people import Role

    config, problems = read_config(_config_file(args.config), env=os.environ)
    typed = sys.stdin.isatty()
    log_file = args.log or (config.folder / "clarion.log" if typed else None)
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(log_file.open("a", encoding="utf-8")) if log_file else sys.stderr
        channel = next(
            (c.partition(":")[2] for b in config.brands for c in b.channels if c.startswith("console:")),
            "main",
        )
        start = config.brands[0].members(Role.CREATE)[:1] or ("alice",)

        def console(first: int) -> Console:
            return Console(
                read_line=stdin_lines(sys.stdin),
                write=_write,
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
            chats=[console],
            log=make_log(stream),
            simulate=args.simulate,
        ) as app:
            if typed:
                _greet(app.services.simulated)
            done = await run(app, linger=None if typed else args.wait)
    if not done:
        print(
            f"Something is still open after {args.wait:g} seconds; start me again and I go on.",
            file=sys.stderr,
        )
    return OK if done else STILL_OPEN


def _config_file(named: Path | None) -> Path | None:
    """The file named, else config.toml of this folder, else none."""
    usual = Path("config.toml")
    return named if named is not None or not usual.is_file() else usual


def _end_on_sigterm() -> None:
    task = asyncio.current_task()
    if task is not None and sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _greet(simulated: bool) -> None:
    print('This is Clarion. /help lists what I understand; try: /post "Hello, world" --at now')
    print("`as bob` makes you bob, who may approve. Ctrl-D ends.")
    if simulated:
        print("No account is connected: the platforms are SIMULATED.")


async def _demo(args: argparse.Namespace) -> int:
    from bot.testing.story import play

    return OK if await play(_write) else 1


if __name__ == "__main__":
    sys.exit(main())
