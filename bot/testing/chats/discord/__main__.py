"""A guild in a process of its own: ``python -m bot.testing.chats.discord --port 9200``.

The first line on standard output is JSON: addresses, the token (simulated), the guild's and the bot's id.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys

from bot.testing.chats.discord.control import Controlled


async def serve(port: int, *, enforce: bool) -> None:
    """Serve until cancelled."""
    guild = Controlled()
    guild.rates.enforce = enforce
    async with contextlib.AsyncExitStack() as stack:
        await guild.start(port)
        stack.push_async_callback(guild.aclose)
        told = {
            "url": guild.url,
            "base_url": guild.base_url,
            "gateway_url": guild.gateway_url,
            "token": guild.token,
            "guild": guild.id,
            "bot": guild.bot.id,
        }
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.testing.chats.discord", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--lenient", action="store_true", help="count rate limits, but never answer 429")
    args = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(args.port, enforce=not args.lenient))


if __name__ == "__main__":
    main()
