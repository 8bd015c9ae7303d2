"""Advice about times in the words that people read: the range first, the sample beside it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from bot.domain.claims import ENOUGH, USUAL, Record
from bot.domain.forecast import Forecast, Stage
from bot.domain.outcomes import Interval, SlotAdvice
from bot.domain.when import place, say, wall_at

TRIED = "tried on purpose, 1 in 7, to learn about this hour"
NOTHING_KNOWN = "the next slot: no hour can be advised yet"


def percent(share: float) -> str:
    """A relative lift as people write it: ``+23 %``, ``−7 %``."""
    whole = round(share * 100)
    return f"{'−' if whole < 0 else '+'}{abs(whole)} %"


def span_words(span: Interval) -> str:
    """``+23 % [8, 41]``."""
    low, high = (f"{'−' if end < 0 else ''}{abs(round(end * 100))}" for end in (span.lo, span.hi))
    return f"{percent(span.mean)} [{low}, {high}]"


def posts(count: int) -> str:
    """``1 post``, ``64 posts``."""
    return f"{count} post{'' if count == 1 else 's'}"


def footing(advice: SlotAdvice, platform: str) -> str:
    """What the advice stands on, in a few words; ``platform`` as people call it."""
    match advice.basis:
        case "own":
            return posts(advice.n_posts)
        case "shared":
            return f"{posts(advice.n_posts)} and your other accounts"
        case "audience":
            return f"your audience's hours, {_yet(advice.n_posts)}"
        case _:
            return f"the {platform} norm, {_yet(advice.n_posts)}"


def _yet(count: int) -> str:
    return f"{posts(count)} so far" if count else "not learned from you"


def brief(advice: SlotAdvice, platform: str) -> str:
    """The line beside a time on a card."""
    if advice.explore:
        return TRIED
    if advice.shown is not None:
        return f"{span_words(advice.shown)} against your usual hour, {footing(advice, platform)}"
    if not advice.n_posts:
        return footing(advice, platform)
    return f"no hour is clearly better yet: {footing(advice, platform)}"


def told(
    advice: Sequence[SlotAdvice], *, account: str, platform: str, zone: str, audience: str, explores: bool
) -> str:
    """The sentences of an answer about the best times of one account; ``audience`` is the zone of the
    people it is for (IANA), empty where it is the same."""
    best = [one for one in advice if not one.explore] or list(advice)
    first, rest = best[0], best[1:]
    lines = [_first(first, platform, zone, audience)]
    if first.shown is None and first.n_posts and explores:
        lines.append(
            f"Every 7th post that you leave to me (`--at best`) tries another hour; "
            f"/besttime {account} --explore off stops that."
        )
    if rest:
        lines.append("Then " + "; ".join(_next(one, zone) for one in rest) + ".")
    warnings = list(dict.fromkeys(w for one in best for w in one.warnings if not _said(w, lines[0])))
    lines += [f"⚠ {w.rstrip('.')}." for w in warnings[:3]]
    return "\n".join(lines)


def _said(warning: str, line: str) -> bool:
    """Whether a sentence begins like one that was said already."""
    return re.split(r"[:(.]", warning)[0].strip() in line


def _first(one: SlotAdvice, platform: str, zone: str, audience: str) -> str:
    there = f"{wall_at(one.starts_at, audience):%H:%M} {place(audience)}" if audience else ""
    at = say(one.starts_at, zone) + (f" ({there}, your audience)" if there else "")
    if one.shown is not None:
        return f"{at}: {span_words(one.shown)} against your usual hour, from {footing(one, platform)}."
    if one.n_posts == 0:
        return f"No data yet: {at} is {_norm(one, platform)}, a general pattern, not learned from you."
    return (
        f"No hour is clearly better yet ({posts(one.n_posts)}). Starting from {_norm(one, platform)}: {at}."
    )


def _norm(one: SlotAdvice, platform: str) -> str:
    return "your audience's hours" if one.basis == "audience" else f"the {platform} norm"


def _next(one: SlotAdvice, zone: str) -> str:
    return say(one.starts_at, zone) + (f" {span_words(one.shown)}" if one.shown is not None else "")


def record_words(record: Record) -> str:
    """What claims came to, in a sentence or two."""
    if not record.pairs:
        return (
            "No claim about a time has been compared with what came of it yet. "
            f"Until {ENOUGH} have, I say {round(USUAL * 100)} % of what I compute."
        )
    if not record.learned:
        return (
            f"{record.pairs} of the {ENOUGH} claims that I need have been compared. "
            f"Until then I say {round(USUAL * 100)} % of what I compute."
        )
    words = [f"{record.pairs} claims compared: {round(record.slope * 100)} % of what I compute comes true"]
    words[0] += ", and that is what I say."
    if record.failing:
        words.append("Lately they were missed again and again, so I claim nothing until that ends.")
    elif record.widen > 1:
        above = "above" if record.bias > 0 else "below"
        words.append(
            f"Posts came out {abs(round(100 * record.bias))} % {above} the claims on average, so I give "
            f"ranges {record.widen:.1f} times as wide."
        )
    return " ".join(words)


def ledger_line(row: Forecast, zone: str, now: datetime) -> str:
    """One claim and what came of it."""
    claim = span_words(row.advice.lift) if row.advice.lift is not None else "nothing claimed"
    what = f"{TRIED}; {claim}" if row.advice.explore else claim
    if row.stage is Stage.REALISED and row.realised is not None:
        came = f"{percent(row.realised)}, compared with {posts(row.compared)}"
    elif row.stage is Stage.VOID:
        came = f"— ({row.why})"
    elif row.slot > now:
        came = "— (still to come)"
    else:
        came = "— (too young to compare)"
    return f"{say(row.slot, zone, now=now)}: {what} → {came}"
