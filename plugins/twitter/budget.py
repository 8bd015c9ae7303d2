"""How many posts X takes, what it charges, and what its headers say about either."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.api import Price, Rate, Scope
from plugins.twitter.counting import links
from plugins.twitter.limits import LINK_PRICE_MILLS, PRICES, READ, TEXT_PRICE_MILLS
from plugins.twitter.ratelimit import left_and_reset

if TYPE_CHECKING:
    from datetime import datetime

    from bot.api import Meter, Part, Reply
    from plugins.twitter.settings import TwitterSettings

RATE_LIMITS = "docs.x.com/x-api/fundamentals/rate-limits"
WINDOW = Rate(
    name="15-minute limit",
    scope=Scope.ACCOUNT,
    limit=100,
    per=timedelta(minutes=15),
    as_of=READ,
    source=RATE_LIMITS,
)
APP_DAY = Rate(
    name="daily app limit",
    scope=Scope.APP,
    limit=10_000,
    per=timedelta(hours=24),
    as_of=READ,
    source=RATE_LIMITS,
)
RATES = (WINDOW, APP_DAY)
"""POST /2/tweets, per user and per app."""

TOLD = ((WINDOW, "x-rate-limit"), (APP_DAY, "x-app-limit-24hour"))
"""Which headers tell about which rate."""


def price(part: Part) -> Price:
    """X charges per post, and 13 times as much when its text holds a link."""
    mills = LINK_PRICE_MILLS if links(part.text) else TEXT_PRICE_MILLS
    return Price(micros=mills * 1000, as_of=READ, source=PRICES)


def app_of(settings: TwitterSettings) -> str:
    """The developer app: its API key, or its client id where the owner connected the account."""
    key = settings.api_key or settings.client_id
    return key.reveal() if key else ""


def report(meter: Meter, reply: Reply, now: datetime) -> None:
    """Pass on what the headers of a create say is left."""
    for rate, prefix in TOLD:
        left, until = left_and_reset(reply.headers, prefix, now)
        if left is not None:
            meter.seen(rate.name, left=left, until=until)
