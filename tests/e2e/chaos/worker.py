"""What the forked processes do: the real app on the demo platform, fed once, then pumping until killed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.api import Absent, Call, Checkpoint, Confirmed, Part, Unclear
from bot.app import App, build
from bot.chat.console import Console
from bot.config import Config
from bot.domain.delivery import AttemptState, Delivery
from bot.domain.message import Invocation
from bot.domain.people import Brand
from bot.log import make_log
from bot.ports import Tx
from bot.registry import Registry
from bot.services import context, reconcile
from bot.services.ledger import OPEN
from bot.testing.platforms.demo import DemoPublisher
from tests.e2e import desk
from tests.e2e.chaos.clock import SetClock
from tests.e2e.chaos.order import BRAND, Order

COMMIT_TIMEOUT = 3.0
IMAGE = "bread.png"


@asynccontextmanager
async def opened(order: Order, url: str, name: str) -> AsyncIterator[App]:
    """One process's bot; what it says and logs goes to files of its own."""
    # A lease is the commit's time and a margin; the margin of minutes is all that is shortened.
    context.LEASE_MARGIN = timedelta(seconds=order.lease - COMMIT_TIMEOUT)
    if order.blind:
        vars(reconcile)["open_attempt"] = forget_it
    with (
        (order.folder / f"{name}.log").open("a", buffering=1) as log_file,
        (order.folder / f"{name}.chat").open("a", buffering=1) as said,
    ):

        async def nobody_types() -> None:
            return None

        def console(first: int) -> Console:
            return Console(read_line=nobody_types, write=said.write, first_ref=first)

        log = make_log(log_file)
        async with build(
            configuration(order, url),
            clock=SetClock(order.folder / "clock"),
            env={},
            chats=[console],
            log=log,
            registry=registry(order),
        ) as app:
            yield app


def forget_it(tx: Tx, delivery: Delivery) -> None:
    """The naive bot: whatever was under way when somebody died was surely not sent."""
    for attempt in tx.attempts.of_delivery(delivery.id):
        if attempt.state in OPEN:
            tx.attempts.close(attempt.id, AttemptState.FAILED, error="forgotten")


def configuration(order: Order, url: str) -> Config:
    mode = "lookup" if order.mode == "lookup_resend" else order.mode
    base = (order.folder / "platform").read_text()
    accounts = {name: {"base_url": base, "mode": mode, "name": name} for name in order.names}
    brand: Brand = desk.ACME
    assert brand.name == BRAND
    return replace(desk.config(order.folder, accounts, brands=[brand]), store_url=url)


class Resending(DemoPublisher):
    """An account that opted into sending again what cannot be found, as LinkedIn's may."""

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        found = await super().confirm(part, checkpoint, call)
        return Absent() if isinstance(found, Unclear) else found


def registry(order: Order) -> Registry:
    """The demo platforms, with the waits of a campaign."""
    found = desk.demo_registry(desk.Journal())
    for name, platform in list(found.platforms.items()):
        found.platforms[name] = replace(
            platform,
            connect=Resending if order.mode == "lookup_resend" else platform.connect,
            commit_timeout=timedelta(seconds=COMMIT_TIMEOUT),
            settle=tuple(timedelta(seconds=s) for s in order.settle),
        )
    return found


async def feed(order: Order, url: str) -> None:
    """People write and approve everything, through the commands."""
    chance = random.Random(order.seed)
    async with opened(order, url, "feeder") as app:
        for number in range(1, order.posts + 1):
            await say(app, "alice", f"/post {line(order, chance, number)} --at now")
            await say(app, "bob", f"/approve P{number}")


def line(order: Order, chance: random.Random, number: int) -> str:
    """A tenth are threads, a tenth carry a picture, a few go to two accounts."""
    kind = chance.random()
    to = ",".join(chance.sample(order.names, 2 if kind > 0.95 else 1))
    text = f"Number {number} of {order.seed}"
    if kind < 0.1:
        return f'"{text} // and the rest of {number}" --thread --to {to}'
    if kind < 0.2:
        return f'"{text}" --media {order.folder / IMAGE} --alt bread --to {to}'
    return f'"{text}" --to {to}'


async def say(app: App, user: str, words: str) -> None:
    word, _, rest = words.removeprefix("/").partition(" ")
    await app.dispatch.handle(Invocation(command=word, raw=rest, user=user, target=desk.TARGET))


async def pump(order: Order, url: str, name: str) -> None:
    """The pump, until killed or told to stop; wake-ups get lost, doubled and late on the way."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        async with opened(order, url, name) as app:
            careless(app, random.Random(f"{order.seed}{name}"))
            await app.serve()


def careless(app: App, chance: random.Random) -> None:
    """An engine that loses a fifth of what it is given and does another fifth twice, at once."""
    engine: Any = app.services.engine
    real = engine.defer

    async def defer(name: str, *args: int | str, key: str, queue: str) -> None:
        luck = chance.random()
        if luck < 0.2:
            return
        await real(name, *args, key=key, queue=queue)
        if luck > 0.8:
            await real(name, *args, key=f"{key}:again", queue=queue)

    engine.defer = defer


def run_feed(order: Order, url: str) -> None:
    asyncio.run(feed(order, url))


def run_pump(order: Order, url: str, name: str) -> None:
    asyncio.run(pump(order, url, name))


def picture(folder: Path) -> None:
    from PIL import Image

    Image.new("RGB", (8, 8), "tan").save(folder / IMAGE)
