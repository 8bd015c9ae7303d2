"""A workspace in a process of its own: ``python -m bot.testing.chats.slack --port 9100``.

The first line on standard output is JSON: addresses, tokens, the signing secret (all simulated).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys

from bot.testing.chats.slack.control import Controlled


async def serve(port: int, request_url: str) -> None:
    """Serve until cancelled."""
    world = Controlled()
    world.pages.url = request_url
    async with contextlib.AsyncExitStack() as stack:
        await world.start(port)
        stack.push_async_callback(world.aclose)
        told = {
            "url": world.url,
            "base_url": world.base_url,
            "bot_token": world.state.bot_token,
            "app_token": world.state.app_token,
            "signing_secret": world.state.signing_secret,
        }
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.testing.chats.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--request-url", default="", help="deliver by signed HTTP instead of Socket Mode")
    args = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(args.port, args.request_url))


if __name__ == "__main__":
    main()
