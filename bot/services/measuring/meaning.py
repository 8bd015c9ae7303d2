"""What one answer about a post means: numbers, gone, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.delivery import Delivery, PartProgress, PartState
from bot.domain.platform import Gone, Metrics, Proof, Ref
from bot.domain.sampling import AGAIN, next_look
from bot.domain.snapshot import CLOSED, GONE, NAMES, Snapshot, Watch, fault_of
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.tell import audit, tell


@dataclass(frozen=True, kw_only=True)
class Look:
    """A delivery that is looked at now."""

    watch: Watch
    delivery: Delivery


def refs_of(look: Look) -> tuple[Ref, ...]:
    """What the platform is asked about: the first part, and at the first look every part that is out,
    because that look also says whether they are to be seen."""
    out = [p for p in look.delivery.parts if p.state is PartState.OUT and p.ref is not None]
    first = not look.watch.latest or look.watch.missing > 0
    return tuple(p.ref for p in out if p.index == 0 or (first and not _seen(p)))


def _seen(part: PartProgress) -> bool:
    return part.proof is Proof.READ_BACK


def conclude(
    svc: Services,
    tx: Tx,
    connected: Connected,
    look: Look,
    found: Mapping[str, Metrics | Gone],
    now: datetime,
    *,
    sparse: bool,
) -> Snapshot | None:
    """Write down what was said of one delivery and when to look again; its new snapshot, if there is one."""
    watch, delivery = look.watch, look.delivery
    zone = svc.brands[delivery.brand].timezone if delivery.brand in svc.brands else "UTC"
    counting = connected.platform.counting
    lasts = counting.lasts(delivery.variant) if counting.lasts is not None else None
    then = next_look(watch.out_at, now, zone, full_until=counting.full_until, lasts=lasts, sparse=sparse)
    planned = replace(watch, look_at=then, tries=0, missing=0, ended="" if then else CLOSED)
    _read_back(svc, tx, delivery, found)
    said = found.get(str(delivery.progress(0).ref))
    missing = any(isinstance(found.get(str(ref)), Gone) for ref in refs_of(look))
    if missing and lasts is not None and now >= watch.out_at + lasts:
        tx.snapshots.plan(replace(planned, look_at=None, ended=CLOSED))
        return None
    if missing and not watch.missing:
        # Feeds lag: whoever looks too early sees nothing.
        tx.snapshots.plan(replace(planned, look_at=now + AGAIN, missing=1, ended=""))
        return _keep(svc, tx, watch, said, now) if isinstance(said, Metrics) else None
    if isinstance(said, Gone):
        return _gone(svc, tx, connected, look, now)
    if missing:
        _part_gone(svc, tx, connected, look, found)
    tx.snapshots.plan(planned)
    return _keep(svc, tx, watch, said, now) if said is not None else None


def _keep(svc: Services, tx: Tx, watch: Watch, said: Metrics, now: datetime) -> Snapshot | None:
    """Keep sound numbers; what a plugin made up is logged and not kept."""
    fault = fault_of(said)
    if fault:
        svc.log.error("numbers_refused", delivery=watch.delivery_id, account=watch.account, fault=fault)
        return None
    if all(getattr(said, name) is None for name in NAMES):
        return None
    snapshot = Snapshot(delivery_id=watch.delivery_id, account=watch.account, at=now, metrics=said)
    tx.snapshots.put([snapshot])
    return snapshot


def _read_back(svc: Services, tx: Tx, delivery: Delivery, found: Mapping[str, Metrics | Gone]) -> None:
    """Parts that the platform shows us are proved by that: what was only its receipt is read back."""
    for part in delivery.parts:
        if part.state is PartState.OUT and not _seen(part) and isinstance(found.get(str(part.ref)), Metrics):
            tx.deliveries.save_part(delivery.id, replace(part, proof=Proof.READ_BACK))
            facts = {"part": part.index, "proof": Proof.READ_BACK.value}
            audit(svc, tx, delivery.brand, "clarion", "read_back", delivery=delivery, facts=facts)
            tx.cards.touch(delivery.post_id)


def _gone(svc: Services, tx: Tx, connected: Connected, look: Look, now: datetime) -> Snapshot:
    """The platform says twice that it is not there, and nobody here took it down."""
    watch, delivery = look.watch, look.delivery
    gone = Snapshot(
        delivery_id=watch.delivery_id, account=watch.account, at=now, metrics=Metrics(), gone=True
    )
    tx.snapshots.put([gone])
    tx.snapshots.plan(replace(watch, look_at=None, missing=watch.missing + 1, ended=GONE))
    audit(svc, tx, delivery.brand, "clarion", "gone", delivery=delivery)
    title = connected.platform.title
    if watch.latest:
        text = (
            f"is not on {title} any more, and nobody took it down here. Its last numbers stay and are marked."
        )
    else:
        text = f"is not to be seen on {title}, although {title} said that it is out."
    _tell(svc, tx, look, "gone", f"{text}{_where(delivery)}")
    tx.cards.touch(delivery.post_id)
    return gone


def _part_gone(
    svc: Services, tx: Tx, connected: Connected, look: Look, found: Mapping[str, Metrics | Gone]
) -> None:
    """The post is there, but not all that belongs below it."""
    delivery, title = look.delivery, connected.platform.title
    lost = [p.index + 1 for p in delivery.parts if p.index and isinstance(found.get(str(p.ref)), Gone)]
    which = f"part {lost[0]}" if len(lost) == 1 else f"parts {', '.join(map(str, lost))}"
    total = len(delivery.variant.parts)
    _tell(
        svc,
        tx,
        look,
        "part_gone",
        f"is on {title}, but {which} of its {total} parts is not to be seen.{_where(delivery)}",
    )


def _tell(svc: Services, tx: Tx, look: Look, what: str, text: str) -> None:
    """In the thread of the post, once."""
    post = tx.posts.get(look.delivery.post_id)
    if post is not None:
        key = f"{what}:{look.delivery.id}"
        mentions = (post.author,)
        tell(svc, tx, post, key, f"{post.name} {text}", delivery=look.delivery, mentions=mentions)


def _where(delivery: Delivery) -> str:
    return f" Please look: {delivery.urls[0]}" if delivery.urls else ""
