"""Why a post is said to do well or badly: its own numbers, reckoned again from the readings."""

from __future__ import annotations

import asyncio

from bot.domain.counts_in_words import UNKNOWN, count, old, span, times
from bot.domain.delivery import Delivery
from bot.domain.people import Brand
from bot.domain.reckoning import compared
from bot.domain.when import say
from bot.services.context import Services
from bot.services.reporting.gather import LEFT_OUT, WITHIN
from bot.services.reporting.headline import many
from bot.services.reporting.reading import read_numbers
from bot.services.reporting.reckon import UNITS, chosen_metric
from bot.services.why import Reason


async def number_reasons(svc: Services, brand: Brand, delivery: Delivery) -> tuple[Reason, ...]:
    """What its count stands on; nothing for what is not live."""
    watch = await svc.store.read(lambda tx: tx.snapshots.watched(delivery.id))
    if watch is None:
        return ()
    now, zone = svc.clock.now(), brand.timezone
    numbers = await read_numbers(svc, brand.name, [delivery.account], watch.out_at - WITHIN)
    own = next((one for one in numbers if one.reading.watch.delivery_id == delivery.id), None)
    if own is None:
        return (Reason(about="Numbers", text=f"{UNKNOWN} nothing has been read about it yet"),)

    def reckoned() -> str:
        metric = chosen_metric(numbers, brand)
        courses = [one.course(metric, now) for one in numbers]
        mine = next(one for one in courses if one.delivery_id == delivery.id)
        if not mine.at:
            return f"{UNKNOWN} nobody tells its {UNITS(metric)}"
        ratio, usual = compared(mine, courses, at=now, within=WITHIN, left_out=LEFT_OUT)
        at = mine.at[-1]
        read = f"{count(mine.counts[-1])} {UNITS(metric)} as of {say(at, zone, now=now)}, {old(now - at)}"
        readings = f"from {many(len(own.series), 'reading')}"
        if usual is None:
            return (
                f"{read}, {readings}; fewer than 5 others are known at this age, so nothing is called usual"
            )
        basis = (
            f"{usual.n} posts of {delivery.account} in the {WITHIN.days} days before it had "
            f"{span(usual.lo, usual.hi)} at that age, {count(usual.mid)} in the middle"
        )
        return f"{read}, {readings}: {times(ratio)} its usual. {basis}"

    found = [Reason(about="Numbers", text=await asyncio.to_thread(reckoned))]
    flags = sorted(own.reading.flags)
    if flags:
        names = ", ".join(flag.lower() for flag in flags)
        found.append(Reason(about="Numbers", text=f"flagged: {names}; others are not compared with it"))
    return tuple(found)
