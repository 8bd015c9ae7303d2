"""How many follow an account that posts, once on each of its brand's days, where that is told for nothing."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.domain.records import Health
from bot.domain.snapshot import MOST, AccountCount
from bot.errors import AuthExpired, PublishError
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.pause import pause

FOLLOWERS = "followers"
"""The engine's task that asks for one account."""

AGAIN = timedelta(hours=6)
"""Before an account is asked again that did not tell."""


async def hand_out(svc: Services) -> None:
    """Hand every account that has no count of today to the engine."""
    now = svc.clock.now()

    def unit(tx: Tx) -> list[Connected]:
        found = []
        for connected in svc.accounts.values():
            state = tx.accounts.get(connected.name)
            well = state is None or state.health is Health.OK
            posts = tx.snapshots.any_of(connected.name)
            if well and posts and not tx.snapshots.account_counts(connected.name, day_of(svc, connected)):
                found.append(connected)
        return found

    if not any(c.platform.counting.followers for c in svc.accounts.values()):
        return
    for connected in await svc.store.read(unit):
        key = f"{FOLLOWERS}:{connected.name}"
        last = svc.chored.get(key)
        if not connected.platform.counting.followers or (last is not None and last <= now < last + AGAIN):
            continue
        svc.chored[key] = now
        await svc.engine.defer(FOLLOWERS, connected.name, key=key, queue=f"metrics:{connected.platform.name}")


async def count_followers(svc: Services, account: str) -> None:
    """Ask the platform, and keep what it says; what it does not say is unknown."""
    connected = svc.accounts.get(account)
    if connected is None:
        return
    try:
        info = await connected.publisher.check()
    except AuthExpired as error:
        expired = error
        await svc.store.write(lambda tx: pause(svc, tx, connected, expired))
        return
    except PublishError as error:
        svc.log.warning("followers_unknown", account=account, error=type(error).__name__)
        return
    count, at = info.followers, svc.clock.now()
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST:
        return
    found = AccountCount(account=account, day=day_of(svc, connected), at=at, followers=count)
    await svc.store.write(lambda tx: tx.snapshots.count_account(found))


def day_of(svc: Services, connected: Connected) -> str:
    """The brand's local day, as "2026-11-21"."""
    zone = svc.brands[connected.brand].timezone
    return svc.clock.now().astimezone(ZoneInfo(zone)).date().isoformat()
