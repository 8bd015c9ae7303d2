"""``experiments = { … }`` of a brand: what becomes of a variant that won."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.words import did_you_mean

if TYPE_CHECKING:
    from bot.config.table import Table

ASK, AUTO = "ask", "auto"
MODES = (ASK, AUTO)


def read_experiments(table: Table) -> str:
    """``apply``: "ask" (a button for people who approve) or "auto" (the winner is shown at once; its words
    were approved with the test)."""
    mode = table.take("apply", str, ASK)
    if mode not in MODES:
        hint = did_you_mean(mode, MODES) or '; write "ask" or "auto"'
        table.wrong("apply", f"{mode!r} is not a way to go on after a win{hint}")
        mode = ASK
    table.finish()
    return mode
