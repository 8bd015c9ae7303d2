"""One campaign: feed the bot, kill and freeze and starve it while it works, let it finish, judge."""

from __future__ import annotations

import json
import random
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.e2e.chaos import platform, worker
from tests.e2e.chaos.clock import set_clock
from tests.e2e.chaos.crew import Crew
from tests.e2e.chaos.judge import judge
from tests.e2e.chaos.ledger import PostgresLedger, SqliteLedger
from tests.e2e.chaos.order import Finding, Order

MOVING = (
    "SELECT count(*) FROM deliveries WHERE wake_at IS NOT NULL"
    " AND state IN ('scheduled', 'publishing', 'unconfirmed')"
)
UNSAID = (
    "SELECT (SELECT count(*) FROM notices WHERE NOT sent)"
    " + (SELECT count(*) FROM cards WHERE painted < wanted)"
)
CALM = 2.0
"""Seconds without anything to do, longer than a call. Without it questions were now and then found awake
at the end, perhaps by an answer that came late."""

STATES = "SELECT state, count(*) FROM deliveries GROUP BY state"


STILL = 15.0
"""Seconds without any change after which there is no use in waiting for less."""


@dataclass
class Campaign:
    """Everything that runs, and the count so far. ``pumps``: slot → process."""

    order: Order
    ledger: SqliteLedger | PostgresLedger
    crew: Crew
    found: Finding
    chance: random.Random
    pumps: dict[int, int] = field(default_factory=dict)
    lives: int = 0
    address: str = ""

    def begin(self) -> None:
        """The platform, then everything written and approved by people, then the pumps."""
        file = self.order.folder / "platform"
        set_clock(self.order.folder / "clock", 0.0)
        worker.picture(self.order.folder)
        self.crew.start("platform", partial(platform.serve, self.order, file))
        wait_for(file.exists, 20, "the platform does not answer")
        self.address = file.read_text()
        feeder = self.crew.start("feeder", partial(worker.run_feed, self.order, self.ledger.url))
        if self.crew.wait(feeder):
            raise RuntimeError(f"feeding failed: {self.crew.error('feeder')}")
        for slot in range(self.order.pumps):
            self.launch(slot)

    def launch(self, slot: int) -> None:
        self.lives += 1
        name = f"pump{slot}"
        run = partial(worker.run_pump, self.order, self.ledger.url, name)
        self.pumps[slot] = self.crew.start(name, run)

    def watch(self) -> None:
        """A supervisor starts again what ended by itself (a database that is away at the start)."""
        for slot, pid in self.pumps.items():
            if not self.crew.alive(pid):
                self.launch(slot)

    def at_work(self, slot: int) -> bool:
        """Wait for the slot's process to claim something, then some more; False when there is nothing."""
        end = time.monotonic() + 15
        while time.monotonic() < end:
            self.watch()
            pid = self.pumps[slot]
            if self.ledger.rows(f"SELECT 1 FROM deliveries WHERE lease_owner LIKE '{pid}-%' LIMIT 1"):
                time.sleep(self.chance.uniform(0.3, 0.9))
                return self.crew.alive(pid)
            if not self.left():
                return False
            time.sleep(0.03)
        return False

    def settle(self, *, down_to: int) -> None:
        """Let the pumps work until so few deliveries are left, or nothing moves any more."""
        last, since = self.left(), time.monotonic()
        while last > down_to and time.monotonic() - since < STILL:
            self.watch()
            time.sleep(0.2)
            if (now := self.left()) != last:
                last, since = now, time.monotonic()

    def left(self) -> int:
        return int(self.ledger.rows(MOVING)[0][0])

    def open_calls(self, pid: int) -> int:
        """Calls of this process that the ledger waits to hear of."""
        sql = (
            "SELECT count(*) FROM attempts a JOIN deliveries d ON d.id = a.delivery_id"
            f" WHERE a.state = 'calling' AND d.lease_owner LIKE '{pid}-%'"
        )
        return int(self.ledger.rows(sql)[0][0])

    def broken(self) -> int:
        return int(self.report()["broken"])

    def report(self, query: str = "") -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.address}/report{query}", timeout=20) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def finish(self) -> None:
        """No more storms; wait until nothing moves and everything is said."""
        urllib.request.urlopen(f"{self.address}/calm", data=b"", timeout=20).close()
        last, since = (-1, -1), time.monotonic()
        while time.monotonic() - since < self.order.patience:
            self.watch()
            now = (self.left(), int(self.ledger.rows(UNSAID)[0][0]))
            if now != last:
                last, since = now, time.monotonic()
            elif now == (0, 0) and time.monotonic() - since > CALM:
                break
            time.sleep(0.2)
        for slot, pid in self.pumps.items():
            if (code := self.crew.stop(pid, 15)) != 0:
                self.found.faults.append(
                    f"pump{slot} did not stop well: {code} {self.crew.error(f'pump{slot}')}"
                )
        # Without its database a bot does not start; whoever started it tries again. Running, it goes on.
        self.found.faults += [
            line for line in self.crew.ended if "bot.errors.Store" not in line or "in serve" in line
        ]


def run(order: Order) -> Finding:
    """The whole campaign. Nothing that it started is left behind."""
    began = time.monotonic()
    found = Finding(store=order.store, mode=order.mode, seed=order.seed)
    with opened(order) as ledger:
        campaign = Campaign(
            order=order,
            ledger=ledger,
            crew=Crew(order.folder),
            found=found,
            chance=random.Random(order.seed),
        )
        try:
            campaign.begin()
            from tests.e2e.chaos.storms import storm

            storm(campaign)
            campaign.finish()
            judge(found, ledger, campaign.report("?posts=1"))
        finally:
            campaign.crew.close()
    found.seconds = round(time.monotonic() - began, 1)
    return found


@contextmanager
def opened(order: Order) -> Iterator[SqliteLedger | PostgresLedger]:
    ledger = SqliteLedger(order.folder) if order.store == "sqlite" else PostgresLedger()
    try:
        yield ledger
    finally:
        ledger.close()


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


def states(ledger: SqliteLedger | PostgresLedger) -> Counter[str]:
    return Counter(dict(ledger.rows(STATES)))
