"""What happens to the processes and to what they stand on, drawn from the seed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.e2e.chaos.clock import set_clock
from tests.e2e.chaos.ledger import PostgresLedger, SqliteLedger

if TYPE_CHECKING:
    from tests.e2e.chaos.campaign import Campaign

NOTICED = 0.06
"""Seconds after a death in which the platform has surely seen the connections close."""


def kill(campaign: Campaign, slot: int) -> None:
    """kill -9, and a new process at once."""
    before, pid = campaign.broken(), campaign.pumps[slot]
    campaign.crew.kill(pid)
    campaign.found.kills += 1
    campaign.found.cut += campaign.open_calls(pid)
    time.sleep(NOTICED)
    campaign.found.inside += campaign.broken() > before
    campaign.launch(slot)


def stop(campaign: Campaign, slot: int) -> None:
    """Asked to end, as for a new version: what is under way is finished, so nothing is cut by it."""
    if not campaign.at_work(slot):
        return
    if (code := campaign.crew.stop(campaign.pumps[slot], 15)) != 0:
        campaign.found.faults.append(f"pump{slot} did not stop well: {code}")
    campaign.launch(slot)


def freeze(campaign: Campaign, slot: int) -> None:
    """Stopped for less than a lease, as by a debugger or a busy machine."""
    _freeze(campaign, slot, campaign.chance.uniform(0.5, 1.5))


def freeze_long(campaign: Campaign, slot: int) -> None:
    """Stopped for longer than a lease: others take over, then it wakes and goes on as if nothing were."""
    _freeze(campaign, slot, campaign.order.lease + campaign.chance.uniform(0.5, 2.0))


def _freeze(campaign: Campaign, slot: int, seconds: float) -> None:
    pid = campaign.pumps[slot]
    campaign.crew.freeze(pid)
    if seconds > campaign.order.lease:
        campaign.found.cut += campaign.open_calls(pid)
    time.sleep(seconds)
    campaign.crew.thaw(pid)


def restart(campaign: Campaign, _slot: int) -> None:
    """The database server goes away in the middle of everything, and comes back."""
    assert isinstance(campaign.ledger, PostgresLedger)
    campaign.ledger.restart()


def read_only(campaign: Campaign, _slot: int) -> None:
    """The database server takes no writes for a while."""
    assert isinstance(campaign.ledger, PostgresLedger)
    campaign.ledger.refuse(True)
    time.sleep(3.0)
    campaign.ledger.refuse(False)


def lock(campaign: Campaign, _slot: int, *, seconds: float) -> None:
    """Another program holds the file's write lock."""
    assert isinstance(campaign.ledger, SqliteLedger)
    campaign.crew.wait(campaign.crew.start("locker", partial(campaign.ledger.lock, seconds)))


def full_disk(campaign: Campaign, slot: int) -> None:
    """Files cannot grow for a while."""
    assert isinstance(campaign.ledger, SqliteLedger)
    pid = campaign.pumps[slot]
    campaign.ledger.fill(pid)
    time.sleep(3.0)
    with contextlib.suppress(ProcessLookupError):
        campaign.ledger.drain(pid)


def jump(campaign: Campaign, _slot: int, *, seconds: float) -> None:
    """The wall clock is set wrong, and right again a little later."""
    file = campaign.order.folder / "clock"
    set_clock(file, seconds)
    time.sleep(campaign.chance.uniform(1.0, 2.5))
    set_clock(file, 0.0)


STORMS: Mapping[str, Callable[[Campaign, int], None]] = MappingProxyType(
    {
        "stop": stop,
        "freeze": freeze,
        "freeze_long": freeze_long,
        "restart": restart,
        "read_only": read_only,
        "lock": partial(lock, seconds=2.0),
        "lock_long": partial(lock, seconds=7.0),
        "full_disk": full_disk,
        "hour_back": partial(jump, seconds=-3600.0),
        "hour_on": partial(jump, seconds=3600.0),
    }
)

OFFERED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sqlite": ("stop", "freeze", "freeze_long", "lock", "lock_long", "full_disk", "hour_back", "hour_on"),
        "postgres": (
            "stop",
            "freeze",
            "freeze_long",
            "freeze_long",
            "restart",
            "restart",
            "read_only",
            "hour_back",
            "hour_on",
        ),
    }
)
"""What belongs to each store. ``hour_on`` comes last: what is due then is held and asked about."""


def storm(campaign: Campaign) -> None:
    """Troubles in between kills, until enough processes died inside a call or nothing is left to do."""
    order, chance = campaign.order, campaign.chance
    troubles = [name for name in order.troubles if name != "hour_on"]
    chance.shuffle(troubles)
    every = max(1, order.kills // (len(troubles) + 1))
    while campaign.found.inside < order.kills:
        slot = chance.randrange(order.pumps)
        if not campaign.at_work(slot):
            if not campaign.left():
                break
            continue
        if troubles and campaign.found.inside >= every * (len(order.troubles) - len(troubles)):
            _strike(campaign, troubles.pop(), slot)
        elif campaign.left():
            kill(campaign, slot)
    for name in troubles:
        _strike(campaign, name, chance.randrange(order.pumps))
    if "hour_on" in order.troubles:
        campaign.settle(down_to=order.posts // 20)
        _strike(campaign, "hour_on", chance.randrange(order.pumps))


def _strike(campaign: Campaign, name: str, slot: int) -> None:
    campaign.watch()
    STORMS[name](campaign, slot)
    campaign.found.storms[name] = campaign.found.storms.get(name, 0) + 1
