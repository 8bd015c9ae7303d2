"""Room on the disk: what was made of files and no delivery names any more goes when there is too much."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bot.ports import Tx
from bot.services.chores import Chore
from bot.services.context import Services

EVERY = timedelta(days=1)

PAGE = 500
"""Deliveries read in one go, so that nobody waits for the database meanwhile."""


async def tidy(svc: Services) -> None:
    """Keep what lies here unsigned within its bound."""
    if svc.studio is None:
        return
    gone = await svc.studio.trim(lambda: named_files(svc))
    if gone:
        svc.log.info("renditions_removed", files=gone)


async def named_files(svc: Services) -> frozenset[str]:
    """The hashes of all files that some delivery names."""
    after, found = 0, frozenset[str]()
    while True:
        after, some = await svc.store.read(partial(_page, after))
        found |= some
        if after == 0:
            return found


def _page(after: int, tx: Tx) -> tuple[int, frozenset[str]]:
    return tx.preparations.named(after, PAGE)


TIDY = Chore(name="tidy", every=EVERY, run=tidy)
