"""``budget = { limit = "20 USD", per = "month" }``: what a brand or an account may spend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.money import DOLLAR, PERIODS, Budget, parse_dollars
from bot.domain.words import did_you_mean, listed
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.config.table import Table

MOST = 1_000_000 * DOLLAR


def read_budget(table: Table) -> Budget | None:
    """The budget as far as it can be understood; None when there is none."""
    if not table.rest():
        return None
    text, per = table.take("limit", str, ""), table.take("per", str, "month")
    limit = 0
    if table.sound and not text:
        table.wrong("limit", 'is missing; write it like "20 USD"')
    elif table.sound:
        try:
            limit = parse_dollars(text)
        except BadInput as error:
            table.wrong("limit", str(error))
    if limit > MOST:
        table.wrong("limit", "is more than a million dollars; leave the budget out if there is none")
    if per not in PERIODS:
        quoted = listed([f'"{name}"' for name in PERIODS], "or")
        table.wrong("per", f"{per!r} is no period{did_you_mean(per, PERIODS) or f'; write {quoted}'}")
    table.finish()
    return Budget(limit=limit, per=per) if table.sound else None
