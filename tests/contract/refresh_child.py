"""Processes that want a good token, many times at once, and may die on the way.

Reads JSON lines. ``{"ask": {…}}`` forks a process and answers with its number; it wants ``url`` of
the store, ``base`` of X, ``key``, ``accounts`` and ``die`` ("before" or "after" the call, or
nothing). ``{"wait": number}`` answers with how it ended and what each account got. Forking from
one process that has imported everything, and has no thread, saves seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.config import Secret
from bot.errors import PublishError
from bot.http import HttpClient
from bot.log import make_log
from bot.ports import Reply
from bot.services.exchange import Exchange, under
from bot.services.tokens import GrantTokens
from bot.store import open_store
from bot.vault import open_vault
from plugins.twitter.oauth import TWITTER_OAUTH
from plugins.twitter.settings import TwitterSettings

LEASE, TAKES = timedelta(seconds=4), timedelta(seconds=2)


class Dying(HttpClient):
    """Ends the process, as nothing can be caught, before or after the request."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self._moment = moment

    async def request(self, *args: Any, **how: Any) -> Reply:
        if self._moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        reply = await super().request(*args, **how)
        if self._moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return reply


async def ask(wanted: dict[str, Any]) -> dict[str, list[str]]:
    clock, log = SystemClock(), make_log(sys.stderr)
    store, http = await open_store(wanted["url"], patience=10), Dying(wanted["die"])
    vault = open_vault({"CLARION_KEY": wanted["key"]}, Path("unused"), make=False)
    exchange = Exchange(
        under(TWITTER_OAUTH, TwitterSettings(base_url=wanted["base"])),
        title="X",
        client_id=Secret("sim-client-id"),
        client_secret=Secret("sim-client-secret"),
        http=http,
        clock=clock,
        takes=TAKES,
    )
    found: dict[str, list[str]] = {}
    for account in wanted["accounts"]:
        tokens = GrantTokens(
            account,
            title="X",
            way_out="clarion connect",
            oauth=exchange.oauth,
            exchange=exchange,
            store=store,
            clock=clock,
            vault=vault,
            log=log,
            owner=str(os.getpid()),
            keep=lambda secret: None,
            lease=LEASE,
        )
        try:
            found[account] = list(await asyncio.gather(*(tokens.bearer() for _ in range(5))))
        except PublishError as error:
            found[account] = [type(error).__name__]
        await tokens.aclose()
    await http.aclose()
    await store.aclose()
    return found


def fork(wanted: dict[str, Any], out: Path) -> int:
    """Start a process that does it and writes what it got."""
    number = os.fork()
    if number:
        return number
    try:
        text = json.dumps(asyncio.run(ask(wanted)))
        (out / str(os.getpid())).write_text(text)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def serve(out: Path) -> None:
    for line in sys.stdin:
        said = json.loads(line)
        if "ask" in said:
            answer: Any = fork(said["ask"], out)
        else:
            _, status = os.waitpid(said["wait"], 0)
            got = out / str(said["wait"])
            answer = [os.waitstatus_to_exitcode(status), json.loads(got.read_text()) if got.exists() else {}]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
