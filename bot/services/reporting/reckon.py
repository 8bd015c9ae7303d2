"""Totals and posts of a period against what is usual. Pure: rows in, figures out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.delivery import Delivery, State
from bot.domain.marks import plain
from bot.domain.people import Brand
from bot.domain.periods import Period
from bot.domain.reckoning import Course, Usual, compared, summed, usual_of
from bot.domain.report_data import PostFigure, Total
from bot.services.reporting.reading import Read

UNITS = {
    "views": "views",
    "engagement": "reactions",
    "clicks": "clicks",
    "watch": "seconds watched",
}.__getitem__
"""What a metric counts, as people say it."""

DAY = timedelta(days=1)


def totals_of(
    numbers: Sequence[Read],
    planned: Sequence[Delivery],
    period: Period,
    brand: Brand,
    now: datetime,
    back: int,
) -> tuple[Total, ...]:
    """Views, where any are known, and the brand's own metric, each against the periods before.

    A period's posts are counted as they stood as long after its end as this one's are now, so that all
    are of equal age. An account whose platform never tells a count is left out of it; a post that is
    live, on an account that does, and was not read, is one whose count is unknown.
    """
    read = {one.reading.watch.delivery_id for one in numbers}
    unread = Counter(d.account for d in planned if d.state is State.LIVE and d.id not in read)
    found = [_total(numbers, unread, period, brand, now, back, metric) for metric in metrics_of(brand)]
    known = tuple(total for total in found if total.value is not None)
    return known or tuple(found[:1])


def metrics_of(brand: Brand) -> tuple[str, ...]:
    """Views first, as most people ask for them; then what the brand goes by."""
    return ("views",) if brand.metric == "views" else ("views", brand.metric)


def _total(
    numbers: Sequence[Read],
    unread: Mapping[str, int],
    period: Period,
    brand: Brand,
    now: datetime,
    back: int,
    metric: str,
) -> Total:
    courses = [one.course(metric, now) for one in numbers]
    telling = {one.account for one in courses if one.at}
    courses = [one for one in courses if one.account in telling]
    since, until = period.bounds(brand.timezone)
    own = within(courses, since, until)
    value, known = summed(own, at=now)
    history, rates = list[tuple[str, float | None]](), list[float]()
    length = (until - since) / DAY
    one = period
    for _ in range(back):
        one = one.back()
        begins, ends = one.bounds(brand.timezone)
        then = within(courses, begins, ends)
        total, of = summed(then, at=ends + (now - until))
        total = total if of == len(then) else None
        history.append((one.short, total))
        if total is not None:
            rates.append(total / ((ends - begins) / DAY))
    usual = usual_of(rates)
    return Total(
        unit=UNITS(metric),
        value=value,
        known=known,
        posts=len(own) + sum(unread.get(account, 0) for account in telling),
        history=tuple(reversed(history)),
        usual=_scaled(usual, length) if usual else None,
    )


def _scaled(usual: Usual, by: float) -> Usual:
    return replace(usual, lo=usual.lo * by, mid=usual.mid * by, hi=usual.hi * by)


def within(courses: Sequence[Course], since: datetime, until: datetime) -> list[Course]:
    """Those that came out then."""
    return [one for one in courses if since <= one.out_at < until]


def post_figures(
    numbers: Sequence[Read],
    planned: Sequence[Delivery],
    brand: Brand,
    span: tuple[datetime, datetime],
    now: datetime,
    title: Callable[[Delivery], str],
    back: timedelta,
    left_out: frozenset[str],
) -> tuple[PostFigure, ...]:
    """Every post that came out in the span, with its last count and what is usual at that age."""
    texts = {d.id: d for d in planned}
    by_account = dict[str, list[Read]]()
    for one in numbers:
        by_account.setdefault(one.reading.watch.account, []).append(one)
    found = []
    for account in sorted(by_account):
        metric = chosen_metric(by_account[account], brand)
        courses = [one.course(metric, now) for one in by_account[account]]
        for own in within(courses, *span):
            ratio, usual = compared(own, courses, at=now, within=back, left_out=left_out)
            last = own.last_before(now)
            delivery = texts.get(own.delivery_id)
            found.append(
                PostFigure(
                    delivery_id=own.delivery_id,
                    post_id=own.post_id,
                    account=own.account,
                    title=title(delivery) if delivery else own.platform,
                    text=" ".join(plain(delivery.variant.text).split()) if delivery else "",
                    out_at=own.out_at,
                    unit=UNITS(metric),
                    count=last[1] if last else None,
                    read_at=last[0] if last else None,
                    ratio=ratio if usual else None,
                    usual=usual,
                )
            )
    return tuple(found)


def chosen_metric(numbers: Sequence[Read], brand: Brand) -> str:
    """What the brand goes by, or views where that account's platform does not tell it."""
    known = any(one.course(brand.metric, one.series[-1].at).at for one in numbers if one.series)
    return brand.metric if known else "views"
