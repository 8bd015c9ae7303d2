"""Why a card says what it says about numbers: read again from the rows, with what is usual and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.counts_in_words import UNKNOWN, count, old, span, times
from bot.domain.delivery import Delivery, State
from bot.domain.message import Field, Message
from bot.domain.numbers import THIN, Numbers
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.reckoning import LEAST, SMOOTH, Usual
from bot.domain.snapshot import NAMES, Snapshot
from bot.domain.when import say
from bot.errors import NotFound
from bot.ports import Tx
from bot.services.context import Services
from bot.services.measuring.outcomes import value_of
from bot.services.reporting.gather import WITHIN
from bot.services.reporting.reckon import UNITS
from bot.services.showing.numbers import metric_of, title_of, usual_beside
from bot.services.shown import numbers_of

SOURCES = {"report": "its report"}.get
WORDS = {"watch_s": "seconds watched", "impressions": "times shown", "reach": "people reached"}.get

Rows = tuple[Post | None, Sequence[Delivery], Mapping[int, Snapshot], Numbers | None]


async def explain(svc: Services, brand: Brand, number: int) -> Message:
    """What P``number`` has brought, where that was read, and what it is compared with. Raises `NotFound`."""

    def unit(tx: Tx) -> Rows:
        live = [d for d in tx.deliveries.of_post(number) if d.state is State.LIVE]
        return tx.posts.get(number), live, tx.snapshots.latest([d.id for d in live]), numbers_of(tx, number)

    post, live, latest, shown = await svc.store.read(unit)
    if post is None or post.brand != brand.name:
        raise NotFound("That post is not here any more.")
    fields: list[Field] = []
    for delivery in live:
        fields += await _about(svc, brand, delivery, latest.get(delivery.id))
    if shown is not None:
        at = say(shown.shown_at, brand.timezone, now=svc.clock.now())
        fields.append(
            Field(name="The card", value=f"its line is of {at}; it changes when it would read otherwise")
        )
    text = "" if live else f"Nothing of {post.name} is live, so there are no numbers."
    return Message(title=f"The numbers of {post.name}", text=text, fields=tuple(fields))


async def _about(svc: Services, brand: Brand, delivery: Delivery, last: Snapshot | None) -> list[Field]:
    title, now = title_of(svc, delivery), svc.clock.now()
    if last is None:
        watch = await svc.store.read(lambda tx: tx.snapshots.watched(delivery.id))
        why = f"it is not read: {watch.ended}" if watch and watch.ended else "nothing was read yet"
        return [Field(name=title, value=f"{UNKNOWN} ({why})")]
    known = [(name, getattr(last.metrics, name)) for name in NAMES]
    told = ", ".join(f"{count(n)} {WORDS(name, name)}" for name, n in known if n is not None) or UNKNOWN
    gone = f"not on {title} any more; it had " if last.gone else ""
    at = say(last.at, brand.timezone, now=now, seconds=True)
    source = SOURCES(last.source, "its own count")
    fields = [Field(name=title, value=f"{gone}{told} ({source}, read {at}, {old(now - last.at)})")]
    metric = metric_of(last, brand)
    value = value_of(last.metrics, metric)
    if not last.gone and value is not None:
        band = await usual_beside(svc, delivery, last, metric)
        fields.append(Field(name=f"{title}, usual", value=_usual(delivery, UNITS(metric), value, band)))
    return fields


def _usual(delivery: Delivery, what: str, value: int, band: Usual | None) -> str:
    if band is None:
        return (
            f"{UNKNOWN} (fewer than {LEAST} other posts of {delivery.account} tell what is usual at its age)"
        )
    ratio = (value + SMOOTH) / (band.mid + SMOOTH)
    thin = "; they are few, so take it lightly" if band.n < THIN else ""
    return (
        f"{span(band.lo, band.hi)} {what}: four of five of {band.n} posts of {delivery.account}, of the "
        f"{WITHIN.days} days before it, at the same age. This is {times(ratio)} the middle one{thin}."
    )
