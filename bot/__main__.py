"""``clarion COMMAND`` and ``python -m bot COMMAND``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from bot.cli import make_parser
from bot.cli.exits import BAD_INPUT, OK
from bot.errors import BotError, ConfigError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 a check failed, 2 bad input, 3 something is open."""
    args = make_parser().parse_args(argv)
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


if __name__ == "__main__":
    sys.exit(main())
