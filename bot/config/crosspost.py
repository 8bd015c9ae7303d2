"""``crosspost = { … }`` of a brand: what is made of posts that did far better than usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.config.policy import read_span
from bot.domain.crosspost import MODES, RULES, CrosspostPolicy
from bot.domain.words import did_you_mean

if TYPE_CHECKING:
    from bot.config.table import Table

LEAST_COOL_OFF = 24 * 3600
"""Seconds. Nearer than a day the same people see the same twice."""


def read_crosspost(table: Table) -> CrosspostPolicy:
    """The policy as far as it can be understood; a key that is left out has its usual value."""
    usual = CrosspostPolicy()
    mode = table.take("mode", str, usual.mode)
    if mode not in MODES:
        hint = did_you_mean(mode, MODES) or '; write "off", "propose" or "auto"'
        table.wrong("mode", f"{mode!r} is not a mode{hint}")
        mode = usual.mode
    rule = table.take("rule", str, usual.rule)
    if rule not in RULES:
        hint = did_you_mean(rule, RULES) or '; write "relative" or "absolute"'
        table.wrong("rule", f"{rule!r} is not a rule{hint}")
        rule = usual.rule
    for key in ("views", "rate"):
        if key in table and rule != "absolute":
            table.wrong(key, 'is for rule = "absolute"; the relative one goes by the account\'s own usual')
    views, rate = table.take("views", int, usual.views), table.take("rate", float, usual.rate)
    if views < 1:
        table.wrong("views", "must be at least 1")
    if not 0 < rate < 1:
        table.wrong("rate", "is a share of the views, like 0.05")
    cool_off = read_span(table, "cool_off", usual.cool_off_s)
    if cool_off < LEAST_COOL_OFF:
        table.wrong("cool_off", "is at least 24h")
    a_day = table.take("a_day", int, usual.a_day)
    if not 1 <= a_day <= 20:
        table.wrong("a_day", 'is from 1 to 20; mode = "off" proposes nothing')
    found = CrosspostPolicy(
        mode=mode,
        rule=rule,
        views=max(1, views),
        rate=rate if 0 < rate < 1 else usual.rate,
        cool_off_s=max(cool_off, LEAST_COOL_OFF),
        expires_s=read_span(table, "expires", usual.expires_s),
        fresh_s=read_span(table, "fresh", usual.fresh_s),
        a_day=min(max(a_day, 1), 20),
        never=table.words("never"),
    )
    table.finish()
    return found
