"""Reading the numbers of an account's posts, in batches; right when it runs twice, late or never.

Whoever reads an account claims it first, so that it is read once at a time; a claim of a process that
died lapses. What was read is written batch by batch, and what was not stays due. A halt does not stop it:
reading sends nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.delivery import Delivery, State
from bot.domain.message import Message
from bot.domain.platform import Gone, Metrics, Ref
from bot.domain.records import Health
from bot.domain.sampling import retry
from bot.domain.snapshot import NOT_COUNTED, TAKEN_DOWN, Snapshot, Watch
from bot.errors import AppMisconfigured, AuthExpired, PublishError, RateLimited, Unsupported
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.measuring.meaning import Look, conclude, refs_of
from bot.services.measuring.toll import Allowed, Wait, give_back, reserve
from bot.services.pause import pause
from bot.services.tell import tell_brand

CLAIM = timedelta(minutes=5)
"""How long an account is ours without a word from us; every batch renews it."""

LEAST = 20
"""Posts of one batch, where a platform takes fewer at once."""

UNKNOWN = timedelta(hours=1)
"""When to look again at posts of an account that is not in the configuration, or is paused."""

REFUSED = timedelta(days=1)
"""The same where the platform does not let this app read numbers."""

NUMBERS = "numbers"
"""The engine's task that puts them on the card of a post (`bot.services.showing`)."""

Answer = dict[str, Metrics | Gone]


async def measure_account(svc: Services, account: str) -> None:
    """Read everything of an account whose look has come."""
    while not svc.engine.stopping and await _batch(svc, account):
        pass


async def _batch(svc: Services, account: str) -> bool:
    """Read some of them; False when that was all for now."""
    now, connected = svc.clock.now(), svc.accounts.get(account)
    taken = await svc.store.write(lambda tx: _take(svc, tx, account, connected, now))
    if taken is None or connected is None:
        return False
    looks, allowed = taken
    found = await _ask(svc, connected, looks)
    collected = await svc.store.write(lambda tx: _write(svc, tx, connected, looks, allowed, found, now))
    for post_id in sorted({delivery.post_id for delivery, _ in collected}):
        await svc.engine.defer(NUMBERS, post_id, key=f"{NUMBERS}:{post_id}", queue=NUMBERS)
    await _emit(svc, collected)
    return not isinstance(found, PublishError)


def _take(
    svc: Services, tx: Tx, account: str, connected: Connected | None, now: datetime
) -> tuple[list[Look], Allowed] | None:
    """The next batch, claimed and paid for; None when there is nothing to do now."""
    shelf = tx.snapshots
    if not shelf.claim(account, owner=svc.owner, now=now, until=now + CLAIM, alone=svc.alone):
        return None
    state = tx.accounts.get(account)
    if connected is None or (state is not None and state.health is not Health.OK):
        shelf.put_off(account, now + UNKNOWN)
        shelf.release(account, svc.owner)
        return None
    ready = [
        watch
        for watch in shelf.ready(account, now, max(connected.platform.counting.at_once, LEAST))
        if not _over(tx, watch)
    ]
    allowed = reserve(svc, tx, connected, ready, now) if ready else None
    if isinstance(allowed, Wait):
        shelf.put_off(account, allowed.until)
    if not isinstance(allowed, Allowed):
        shelf.release(account, svc.owner)
        return None
    looks = []
    for watch in allowed.watches:
        delivery = tx.deliveries.get(watch.delivery_id)
        assert delivery is not None
        looks.append(Look(watch=watch, delivery=delivery))
    return looks, allowed


def _over(tx: Tx, watch: Watch) -> bool:
    """Whether there is nothing to read any more: somebody took it down, or forgot it."""
    delivery = tx.deliveries.get(watch.delivery_id)
    if delivery is not None and delivery.state is State.LIVE:
        return False
    tx.snapshots.plan(replace(watch, look_at=None, ended=TAKEN_DOWN))
    return True


async def _ask(svc: Services, connected: Connected, looks: list[Look]) -> Answer | PublishError:
    """What the platform says, by ref; an error in its place."""
    refs: list[Ref] = [ref for look in looks for ref in refs_of(look)]
    try:
        found = await connected.publisher.measure(refs)
        return {key: value for key, value in found.items() if isinstance(value, Metrics | Gone)}
    except PublishError as error:
        svc.log.warning(
            "not_measured", account=connected.name, error=type(error).__name__, detail=error.detail
        )
        return error


def _write(
    svc: Services,
    tx: Tx,
    connected: Connected,
    looks: list[Look],
    allowed: Allowed,
    found: Answer | PublishError,
    then: datetime,
) -> list[tuple[Delivery, Snapshot]]:
    """Write down what was read, or when to try again; returns what is new."""
    now = svc.clock.now()
    tx.snapshots.claim(connected.name, owner=svc.owner, now=now, until=now + CLAIM)
    if isinstance(found, PublishError):
        give_back(tx, connected, allowed.price, then)
        _after_error(svc, tx, connected, looks, found, now)
        tx.snapshots.release(connected.name, svc.owner)
        return []
    collected = []
    for look in looks:
        snapshot = conclude(svc, tx, connected, look, found, now, sparse=allowed.sparse)
        if snapshot is not None:
            collected.append((look.delivery, snapshot))
    return collected


def _after_error(
    svc: Services, tx: Tx, connected: Connected, looks: list[Look], error: PublishError, now: datetime
) -> None:
    """Nothing was read. What that means depends on why."""
    match error:
        case RateLimited(until=until):
            tx.snapshots.put_off(connected.name, max(until, now + timedelta(seconds=1)))
        case AuthExpired():
            pause(svc, tx, connected, error)
            tx.snapshots.put_off(connected.name, now + UNKNOWN)
        case AppMisconfigured():
            # Posting may need less than reading does, so the account goes on posting.
            _tell_once(svc, tx, connected, f"{error} Its posts go out as ever; I ask again tomorrow.")
            tx.snapshots.put_off(connected.name, now + REFUSED)
        case Unsupported():
            _tell_once(svc, tx, connected, str(error))
            for look in looks:
                tx.snapshots.plan(replace(look.watch, look_at=None, ended=NOT_COUNTED))
        case _:
            for look in looks:
                tries = look.watch.tries + 1
                tx.snapshots.plan(replace(look.watch, look_at=now + retry(tries), tries=tries))


def _tell_once(svc: Services, tx: Tx, connected: Connected, why: str) -> None:
    """The brand hears once that there will be no numbers, and why."""
    text = f"{connected.platform.title} tells no numbers of {connected.name}: {why}"
    tell_brand(svc, tx, connected.brand, f"not measured:{connected.name}:{why}", Message(text=text))


async def _emit(svc: Services, collected: list[tuple[Delivery, Snapshot]]) -> None:
    """Tell plugins, after the commit."""
    if not collected or not svc.registry.listens("metrics_collected"):
        return
    ids = {delivery.post_id for delivery, _ in collected}
    posts = await svc.store.read(lambda tx: {id_: tx.posts.get(id_) for id_ in ids})
    for delivery, snapshot in collected:
        post = posts[delivery.post_id]
        if post is not None:
            await svc.registry.emit("metrics_collected", post=post, delivery=delivery, snapshot=snapshot)
