"""/export: the numbers of a brand's posts as a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal

from bot.commands.context import Context, answered
from bot.commands.spec import Opt, command
from bot.domain.message import Message
from bot.domain.people import Role
from bot.domain.sizes_in_words import as_bytes
from bot.domain.when import say
from bot.errors import BadInput, FiguresFailed
from bot.services.measuring.export import ACCOUNTS, NEWEST, READINGS
from bot.services.measuring.export import export as write

EACH: Mapping[str, str] = MappingProxyType(
    {
        READINGS: "one for each reading",
        NEWEST: "one for each post",
        ACCOUNTS: "one for each account and day",
    }
)


@command(role=Role.CREATE)
async def export(
    ctx: Context,
    *,
    what: Annotated[
        Literal["readings", "newest", "accounts"],
        Opt("All readings, the newest of each post, or followers by day", positional=True),
    ] = "readings",
    form: Annotated[Literal["csv", "parquet"], Opt("The file's format")] = "csv",
    since: Annotated[str, Opt("Only posts from this day on, like 2026-11-01")] = "",
) -> Message:
    """Write the numbers of all posts into a file."""
    try:
        made = await write(ctx.svc, ctx.brand, kind=what, form=form, since=_day(since))
    except FiguresFailed as error:
        raise BadInput(f"The file could not be written: {error}. Try again in a minute.") from None
    now, zone = ctx.svc.clock.now(), ctx.brand.timezone
    rows = "1 row" if made.rows == 1 else f"{made.rows:,} rows"
    span = f"{say(made.first, zone, now=now)} – {say(made.last, zone, now=now)}"
    mark = " SIMULATED — no account is connected." if ctx.svc.simulated else ""
    where = f"{made.file} ({as_bytes(made.size)}), on the machine where I run"
    return answered(
        f"{rows}, {EACH[what]}, read {span}: {where}. An empty cell is unknown, which is not zero.{mark}"
    )


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text!r} is no day; write it like 2026-11-01.") from None
