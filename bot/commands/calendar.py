"""/queue, /slots, /blackout, /skip: what is planned, and when anything may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from bot.commands.context import Context, said
from bot.commands.spec import Opt, PostRef, WhenText, command
from bot.domain.calendar import Calendar
from bot.domain.card import short_link
from bot.domain.delivery import Delivery, State
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.recurrence import is_rule, rule_of
from bot.domain.series import EntryKind
from bot.domain.slots import DAYS, parse_slots
from bot.domain.when import MONTHS, NEXT_SLOT, instant_of, place, say, wall_at
from bot.domain.words import listed
from bot.errors import BadInput, UserError
from bot.ports import Tx
from bot.services.arrange import add_entry, remove_entry
from bot.services.home import desk_of
from bot.services.plan import calendar_of, occasion
from bot.services.recur import HORIZON
from bot.services.schedule import skip as leave_out

AHEAD = (State.SCHEDULED, State.APPROVED, State.IN_REVIEW)
DAY_LINES, LISTED = 20, 100
Change = Literal["list", "add", "remove"]


@command(role=Role.VIEW)
async def queue(
    ctx: Context,
    *,
    days: Annotated[int, Opt("As a calendar of so many days, at most 14")] = 0,
    kept: Annotated[bool, Opt("What is published and kept for later instead")] = False,
) -> Message:
    """List everything unfinished, unconfirmed included; with --days, as a calendar."""
    if kept:
        return await _kept(ctx)
    if not 0 <= days <= HORIZON.days:
        raise BadInput(f"days is 1 to {HORIZON.days}: what recurs is planned so far ahead.")
    rows = await ctx.svc.store.read(
        lambda tx: tx.deliveries.unfinished(ctx.brand.name, limit=5_000 if days else LISTED)
    )
    if days:
        calendar = await ctx.svc.store.read(lambda tx: calendar_of(tx, ctx.brand))
        return _agenda(ctx, calendar, rows, days)
    fields = [Field(name=f"P{d.post_id} {d.account}", value=_line(ctx, d)) for d in rows]
    if len(rows) < LISTED:
        known = {d.post_id for d in rows}
        fields += await ctx.svc.store.read(lambda tx: _resting(tx, ctx, known))
    nothing = f"Nothing is unfinished for {ctx.brand.name}."
    if ctx.target.chat in ctx.svc.teams:
        return await _with_desk(ctx, fields, nothing)
    if not fields:
        return said(nothing)
    return Message(title=f"Queue of {ctx.brand.name}", status=f"{len(fields)}", fields=tuple(fields))


async def _with_desk(ctx: Context, fields: Sequence[Field], nothing: str) -> Message:
    """Where many work, whoever asks reads first what waits for them."""
    desk = await desk_of(ctx.svc, [(ctx.brand, ctx.user)], today=False)
    mine = [f for f in desk.fields if f.name != "Stopped"]
    return replace(
        desk,
        title=f"Queue of {ctx.brand.name}",
        status=f"{len(fields)} · {desk.status}",
        text="" if fields else nothing,
        fields=(*mine, *fields),
    )


async def _kept(ctx: Context) -> Message:
    """One row for each post, those kept last first."""

    def unit(tx: Tx) -> list[Field]:
        people: dict[int, list[str]] = {}
        for one in tx.kept.of_brand(ctx.brand.name, limit=LISTED):
            people.setdefault(one.post_id, []).append(one.member)
        return [_keepsake(tx, number, who) for number, who in people.items()]

    fields = await ctx.svc.store.read(unit)
    if not fields:
        return said("Nothing is kept for later. ♻ on the card of a published post keeps it.")
    return Message(title=f"Kept for {ctx.brand.name}", status=f"{len(fields)}", fields=tuple(fields))


def _keepsake(tx: Tx, number: int, who: Sequence[str]) -> Field:
    rows = tx.deliveries.of_post(number)
    links = [short_link(url) for d in rows for url in d.urls[:1]]
    brief = _brief(rows[0]) if rows else "—"
    return Field(name=f"P{number}", value=" · ".join([brief, *links, f"♻ {listed(who)}"]))


def _resting(tx: Tx, ctx: Context, known: set[int]) -> list[Field]:
    """Posts that repeat and whose next time is too far ahead to be planned."""
    now, zone = ctx.svc.clock.now(), ctx.brand.timezone
    found = []
    for series in tx.rules.active(ctx.brand.name)[:LISTED]:
        post = tx.posts.get(series.post_id)
        if post is None or post.id in known or not is_rule(post.wish):
            continue
        wall = next(rule_of(post.wish).walls(wall_at(now, zone)), None)
        if wall is not None:
            value = f"repeats · next {say(instant_of(wall, zone), zone, now=now)} · {post.wish}"
            found.append(Field(name=post.name, value=value))
    return found


def _line(ctx: Context, delivery: Delivery) -> str:
    zone, now = ctx.brand.timezone, ctx.svc.clock.now()
    word = delivery.state.value.replace("_", " ")
    if delivery.state is State.UNCONFIRMED and delivery.wake_at:
        word = "unconfirmed, checking"
    when = f" · {say(delivery.due, zone, now=now)}" if delivery.due else ""
    again = " · repeats" if delivery.rule else ""
    reason = f" · {delivery.reason}" if delivery.reason else ""
    return f"{word}{when} · {_brief(delivery)}{again}{reason}"


def _brief(delivery: Delivery) -> str:
    text = delivery.variant.text.replace("\n", " ")
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"


def _agenda(ctx: Context, calendar: Calendar, rows: Sequence[Delivery], days: int) -> Message:
    """One row a day, empty ones too; what has no time to come stands first."""
    now, zone = ctx.svc.clock.now(), ctx.brand.timezone
    today = wall_at(now, zone).date()
    planned = [d for d in rows if d.state in AHEAD and d.due is not None and d.due >= now]
    open_ = [d for d in rows if d.state not in AHEAD or d.due is None or d.due < now]
    fields = [Field(name="Open", value=_open(open_))] if open_ else []
    by_day: dict[date, list[Delivery]] = {}
    for delivery in planned:
        if delivery.due is not None:
            by_day.setdefault(wall_at(delivery.due, zone).date(), []).append(delivery)
    count = 0
    for ahead in range(days):
        day = today + timedelta(days=ahead)
        mine = by_day.get(day, [])
        words = ["day off"] if calendar.is_off(day) else []
        words += [_entry(calendar, d) for d in mine[:DAY_LINES]]
        words += [f"… and {len(mine) - DAY_LINES} more"] if len(mine) > DAY_LINES else []
        count += len(mine)
        name = f"{DAYS[day.weekday()].title()} {day.day} {MONTHS[day.month - 1].title()}"
        fields.append(Field(name=name, value=" · ".join(words) or "—"))
    quiet = f", quiet {ctx.brand.quiet}" if ctx.brand.quiet else ""
    return Message(
        title=f"{days} days of {ctx.brand.name}",
        status=f"{count} planned",
        fields=tuple(fields),
        footer=f"times of {place(zone)}{quiet}",
    )


def _open(rows: Sequence[Delivery]) -> str:
    words = [f"P{d.post_id} {d.account} {d.state.value.replace('_', ' ')}" for d in rows[:10]]
    return " · ".join(words) + (f" … {len(rows)} in all" if len(rows) > 10 else "")


def _entry(calendar: Calendar, delivery: Delivery) -> str:
    assert delivery.due is not None
    wall = wall_at(delivery.due, calendar.zone)
    marks = [] if delivery.state is State.SCHEDULED else [delivery.state.value.replace("_", " ")]
    marks += ["quiet hours"] if calendar.is_quiet(wall) else []
    marks += ["repeats"] if delivery.rule else []
    note = f" ({', '.join(marks)})" if marks else ""
    return f"{wall:%H:%M} P{delivery.post_id} {delivery.account} {_brief(delivery)}{note}"


@command(role=Role.VIEW)
async def slots(
    ctx: Context,
    *,
    change: Annotated[Change, Opt("list, add or remove", positional=True)] = "list",
    slot: Annotated[WhenText | None, Opt("Like fri 17:30 or mon-fri 09:00", positional=True)] = None,
) -> Message:
    """List the weekly slots with the next free one of each account; add or remove one."""
    if change == "add":
        return said(await add_entry(ctx.svc, ctx.brand, ctx.user, EntryKind.SLOT, slot or ""))
    if change == "remove":
        return said(await remove_entry(ctx.svc, ctx.brand, ctx.user, EntryKind.SLOT, slot or ""))
    now = ctx.svc.clock.now()
    found = await ctx.svc.store.read(lambda tx: calendar_of(tx, ctx.brand))
    if not found.slots:
        return said('There are no slots yet. /slots add "fri 17:30" adds one.')
    declared = set(parse_slots(ctx.brand.slots))
    fields = []
    for index, day in enumerate(DAYS):
        mine = [s for s in found.slots if s.weekday == index]
        if mine:
            value = " · ".join(f"{s.time:%H:%M}{'' if s in declared else ' (added here)'}" for s in mine)
            fields.append(Field(name=day.title(), value=value))
    for account in ctx.svc.accounts_of(ctx.brand.name):
        if account.platform.features:
            free = await ctx.svc.store.read(lambda tx, name=account.name: _free(tx, ctx, name, now))  # type: ignore[misc]  # mypy infers no lambda with a default
            fields.append(Field(name=account.name, value=f"next free: {free}"))
    footer = "those of the configuration are changed there" if declared else ""
    return Message(title=f"Slots of {ctx.brand.name}", fields=tuple(fields), footer=footer)


def _free(tx: Tx, ctx: Context, account: str, now: datetime) -> str:
    try:
        return say(occasion(tx, ctx.brand, account, NEXT_SLOT, now).due, ctx.brand.timezone, now=now)
    except UserError as error:
        return str(error)


@command(role=Role.VIEW)
async def blackout(
    ctx: Context,
    *,
    change: Annotated[Change, Opt("list, add or remove", positional=True)] = "list",
    days: Annotated[
        WhenText | None, Opt("Like 2027-01-01 or 2026-12-24..2026-12-26", positional=True)
    ] = None,
) -> Message:
    """List the days on which nothing goes out by itself; add or remove some."""
    if change == "add":
        return said(await add_entry(ctx.svc, ctx.brand, ctx.user, EntryKind.BLACKOUT, days or ""))
    if change == "remove":
        return said(await remove_entry(ctx.svc, ctx.brand, ctx.user, EntryKind.BLACKOUT, days or ""))
    added = await ctx.svc.store.read(lambda tx: tx.calendars.of_brand(ctx.brand.name))
    rows = [(text, "in the configuration") for text in ctx.brand.blackout]
    rows += [(e.text, f"added by {e.by}") for e in added if e.kind is EntryKind.BLACKOUT]
    if not rows:
        return said("There are no days off. /blackout add 2026-12-24..2026-12-26 adds some.")
    fields = tuple(Field(name=text, value=origin) for text, origin in sorted(rows))
    return Message(title=f"Days off of {ctx.brand.name}", fields=fields)


@command(role=Role.CREATE)
async def skip(
    ctx: Context,
    *,
    post: Annotated[PostRef, Opt("Which post: P42 or latest")],
    day: Annotated[
        WhenText | None, Opt("Which day, like 2026-12-04; else the next one", positional=True)
    ] = None,
) -> Message:
    """Leave out one occurrence of a post that repeats; the others stay."""
    found = await ctx.post(post)
    return said(await leave_out(ctx.svc, ctx.brand, found.id, ctx.user, day or ""))
