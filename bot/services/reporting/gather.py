"""Everything a report needs, from the rows: read in handfuls, reckoned in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.delivery import Delivery
from bot.domain.outcomes import CROSSPOST, PAID, TEST
from bot.domain.people import Brand
from bot.domain.periods import Period
from bot.domain.report import Report
from bot.domain.report_data import PostFigure, ReportData, Total
from bot.services.context import Services
from bot.services.experimenting.lines import experiment_lines
from bot.services.reporting.announced import alert_lines
from bot.services.reporting.facts import why_words
from bot.services.reporting.learned import tried_of
from bot.services.reporting.reading import Read, read_numbers, read_planned
from bot.services.reporting.reckon import post_figures, totals_of
from bot.services.reporting.sending import sending
from bot.services.reporting.slots import grids

BACK = 8
"""Periods before, that say what is usual (reference: optimizer, section 8)."""

WITHIN = timedelta(days=90)
"""How far back posts are compared with."""

LEFT_OUT = frozenset({PAID, CROSSPOST, TEST})
"""Posts that nobody else is compared with: they did not find their readers by themselves."""


async def gather(svc: Services, brand: Brand, period: Period, now: datetime) -> ReportData:
    """The report's data as of ``now``; without its proposals, which are made when it is said."""
    since, until = period.bounds(brand.timezone)
    accounts = {a.name for a in svc.accounts_of(brand.name)}
    first = min(period.back(BACK).bounds(brand.timezone)[0], since - WITHIN)
    numbers = await read_numbers(svc, brand.name, accounts, first)
    planned = await read_planned(svc, brand.name, since, min(until, now))
    titles = {a.name: a.platform.title for a in svc.accounts_of(brand.name)}

    def title(delivery: Delivery) -> str:
        return titles.get(delivery.account, delivery.platform)

    def reckoned() -> tuple[tuple[Total, ...], tuple[PostFigure, ...]]:
        figures = post_figures(numbers, planned, brand, (since, until), now, title, WITHIN, LEFT_OUT)
        return totals_of(numbers, planned, period, brand, now, BACK), figures

    totals, figures = await asyncio.to_thread(reckoned)
    tried, trying = await tried_of(svc, brand, numbers, (since, until))
    return ReportData(
        report=Report(brand=brand.name, period=period.name, since=since, until=until),
        title=period.title,
        zone=brand.timezone,
        made_at=now,
        simulated=svc.simulated,
        totals=totals,
        posts=await why_words(svc, brand, figures),
        publishing=sending(planned, title),
        slots=await grids(svc, brand, numbers),
        tried=tried,
        trying=trying,
        tests=await experiment_lines(svc, brand, since, until),
        alerts=await alert_lines(svc, brand, since, until),
        rows=tuple(one.reading.watch.delivery_id for one in _of_period(numbers, since, until)),
    )


def _of_period(numbers: Sequence[Read], since: datetime, until: datetime) -> list[Read]:
    return [one for one in numbers if since <= one.reading.watch.out_at < until]
