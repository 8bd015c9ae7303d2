"""A process that wants a good token, many times at once, and may die on the way.

Its one argument is JSON: ``url`` of the store, ``base`` of X, ``key``, ``accounts``, ``die``
("before" or "after" the call, or nothing). It prints what each account got.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
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

LEASE, TAKES = timedelta(seconds=2.5), timedelta(seconds=2)


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


if __name__ == "__main__":
    print(json.dumps(asyncio.run(ask(json.loads(sys.argv[1])))))
