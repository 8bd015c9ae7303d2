"""Keeping access alive that dies of not being used: renewed in time although nobody publishes."""

from __future__ import annotations

from datetime import timedelta

from bot.errors import PublishError
from bot.services.chores import Chore
from bot.services.context import Services

ACCESS = "access"
"""The engine's task."""

LONG = timedelta(days=1)
"""A token that is renewed so early is renewed by itself, so there is nothing left once it has run out."""


async def keep_access(svc: Services) -> None:
    """Ask for a good token of every such account; it renews itself then, when it is old enough.

    What fails is tried again tomorrow, or said when the account is needed.
    """
    for connected in svc.accounts.values():
        oauth, tokens = connected.platform.oauth, connected.tokens
        if tokens is None or oauth is None or oauth.margin < LONG:
            continue
        try:
            await tokens.bearer()
        except PublishError as error:
            svc.log.warning("access_not_kept", account=connected.name, error=str(error), detail=error.detail)


async def _soon(svc: Services) -> None:
    await svc.engine.defer(ACCESS, key=ACCESS, queue=ACCESS)


KEEP_ACCESS = Chore(name="access", every=timedelta(days=1), run=_soon)
