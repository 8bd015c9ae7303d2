"""/budget: what is left of rates and money."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.commands.context import Context
from bot.commands.spec import command
from bot.domain.message import Field, Message
from bot.domain.money import dollars, period_of
from bot.domain.people import Role
from bot.domain.rates import UTC_DAY, Bucket, Rate, left, opens_at
from bot.domain.when import say
from bot.ports import Tx
from bot.services.budget import in_words, key_of, purses, spent_of
from bot.services.context import Connected


@command(role=Role.VIEW)
async def budget(ctx: Context) -> Message:
    """Tell what is left of each account's rates, and what was spent."""
    now = ctx.svc.clock.now()
    fields = await ctx.svc.store.read(lambda tx: _fields(ctx, tx, now))
    zone = ctx.brand.timezone
    return Message(
        title=f"Budget of {ctx.brand.name}",
        fields=fields,
        text="" if fields else f"Nothing of {ctx.brand.name} has a limit or a price that I know of.",
        footer=f"as of {say(now, zone, now=now, seconds=True)}; rates as counted here, periods in UTC",
    )


def _fields(ctx: Context, tx: Tx, now: datetime) -> tuple[Field, ...]:
    found: list[Field] = []
    for connected in ctx.svc.accounts_of(ctx.brand.name):
        lines = [_rate(ctx, tx, connected, rate, now) for rate in connected.platform.rates]
        if connected.platform.price is not None:
            lines += _money(ctx, tx, connected, now)
        if lines:
            found.append(Field(name=connected.name, value="\n".join(lines)))
    if ctx.brand.budget is not None:
        found.append(Field(name=ctx.brand.name, value=_brand_money(ctx, tx, now)))
    return tuple(found)


def _rate(ctx: Context, tx: Tx, connected: Connected, rate: Rate, now: datetime) -> str:
    bucket = tx.budgets.bucket(key_of(connected, rate))
    zone, free = ctx.brand.timezone, left(rate, bucket, now)
    span = "a day from 00:00 UTC" if rate.per == UTC_DAY else f"in {_span(rate)}"
    at_once = f", {rate.burst:,} of them at once" if rate.burst < rate.limit else ""
    words = f"{in_words(ctx.svc, connected, rate)[4:]}: {free:,} posts now ({rate.limit:,} {span}{at_once})"
    if not free:
        words += f", next {say(opens_at(rate, bucket, now), zone, now=now, seconds=True)}"
    return words + _told(connected, bucket, now)


def _span(rate: Rate) -> str:
    assert isinstance(rate.per, timedelta)
    minutes = int(rate.per.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _told(connected: Connected, bucket: Bucket, now: datetime) -> str:
    if bucket.told_at is None:
        return ""
    minutes = max(0, int((now - bucket.told_at).total_seconds() // 60))
    said = f"{bucket.told_left:,}" if bucket.told_left else "nothing"
    return f" · {connected.platform.title} said {said} left, {minutes} min ago"


def _money(ctx: Context, tx: Tx, connected: Connected, now: datetime) -> list[str]:
    own = [purse for purse in purses(ctx.svc, connected) if purse.account]
    reserved = tx.budgets.reserved(account=connected.name)
    if own:
        period = period_of(own[0].budget.per, now)
        return [_stand(spent_of(tx, own[0], period), reserved, own[0].budget.limit, period.label)]
    per = ctx.brand.budget.per if ctx.brand.budget is not None else "month"
    period = period_of(per, now)
    spent = tx.budgets.spent(since=period.first, until=period.after, account=connected.name)
    return [_stand(spent, reserved, None, period.label)]


def _brand_money(ctx: Context, tx: Tx, now: datetime) -> str:
    assert ctx.brand.budget is not None
    period = period_of(ctx.brand.budget.per, now)
    spent = tx.budgets.spent(since=period.first, until=period.after, brand=ctx.brand.name)
    return _stand(spent, tx.budgets.reserved(brand=ctx.brand.name), ctx.brand.budget.limit, period.label)


def _stand(counted: int, reserved: int, limit: int | None, label: str) -> str:
    """Spent and reserved are apart here; what counts against the limit is both."""
    cap = f" of {dollars(limit)}, {dollars(limit - counted)} left" if limit is not None else ", no limit set"
    open_ = f", {dollars(reserved)} reserved for open calls" if reserved else ""
    return f"{dollars(counted - reserved)} spent{open_}{cap} ({label})"
