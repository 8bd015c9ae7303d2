"""The first lines of a report: what everybody should know who reads nothing else. Pure."""

from __future__ import annotations

from bot.domain.counts_in_words import UNKNOWN, count, lift, span, times
from bot.domain.report_data import Publishing, ReportData, Total, Tried
from bot.domain.words import listed

SLIGHT = 0.05
"""A loss that nobody minds: an hour is called not worse when its interval ends above it."""

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def many(number: int, word: str) -> str:
    """ "1 post", "9 posts"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def headline(data: ReportData) -> str:
    """Five sentences at the most, each with what it stands on."""
    said = [f"{data.title}, {data.report.brand}.", sent_words(data.publishing)]
    said += [total_words(total) for total in data.totals[:1] if total.posts]
    said += [words for words in (best_words(data), learned_words(data.tried), offer_words(data)) if words]
    return " ".join(said)


def sent_words(sent: Publishing) -> str:
    """ "9 posts live, 1 refused (video too long for X), none unconfirmed." """
    waiting = f"{sent.waiting} still on the way" if sent.waiting else ""
    if not sent.tallies:
        return f"Nothing is out yet, {waiting}." if waiting else "Nothing was due."
    words = [f"{many(sent.live, 'post') if sent.live else 'No posts'} live"]
    if sent.refused:
        because = f" ({sent.causes[0][0]})" if sent.refused == 1 and len(sent.causes) == 1 else ""
        words.append(f"{sent.refused} refused{because}")
    if sent.unsent:
        words.append(f"{sent.unsent} not sent or not whole")
    words.append(f"{sent.unconfirmed or 'none'} unconfirmed")
    return f"{', '.join([*words, *([waiting] if waiting else [])])}."


def total_words(total: Total) -> str:
    """ "41.2 k views, inside your usual 33–52 k." """
    if total.value is None:
        return f"No {total.unit} are known of {many(total.posts, 'post')} ({UNKNOWN})."
    if total.known < total.posts:
        left = f"{total.known} of {total.posts} posts; what the others have is unknown"
        return f"{count(total.value)} {total.unit} from {left}, so I compare it with nothing."
    if total.usual is None:
        periods = sum(value is not None for _, value in total.history)
        known = "1 earlier one is" if periods == 1 else f"{periods} earlier ones are"
        why = f"too little to say what is usual: {known} known"
        return f"{count(total.value)} {total.unit}; {why}."
    where = "inside"
    if total.value > total.usual.hi:
        where = "above"
    elif total.value < total.usual.lo:
        where = "below"
    usual = span(total.usual.lo, total.usual.hi)
    return f"{count(total.value)} {total.unit}, {where} your usual {usual}."


def best_words(data: ReportData) -> str:
    """ "Best: P42 on X, 3.1× its usual at the same age." """
    ranked = data.ranked
    if not ranked:
        return "No post can be compared yet: fewer than 5 others are known at that age." if data.posts else ""
    best = ranked[0]
    return f"Best: {best.name}, {times(best.ratio)} its usual at the same age."


def learned_words(tried: tuple[Tried, ...]) -> str:
    """ "Learned: Thu 12:00 is not worse than your usual hour (+3 % [−8, 15], 11 tries)." """
    known = [one for one in tried if one.lift is not None and (one.lift.lo > -SLIGHT or one.lift.hi < 0)]
    return f"Learned: {tried_words(known[0])}" if known else ""


def tried_words(one: Tried) -> str:
    """What a number of tries of one hour say, with the interval they say it with."""
    if one.lift is None:
        return f"{one.name} was tried {many(one.tries, 'time')}, too few to say."
    verdict = "is not worse than your usual hour"
    if one.lift.lo > 0:
        verdict = "does better than your usual hour"
    elif one.lift.hi < 0:
        verdict = "does worse than your usual hour"
    elif one.lift.lo <= -SLIGHT:
        verdict = "may be better or worse than your usual hour"
    return f"{one.name} {verdict} ({lift(one.lift)}, {one.tries} tries)."


def offer_words(data: ReportData) -> str:
    """How many proposals stand below."""
    number = len(data.offers)
    if not number:
        return ""
    names = listed([f"R{one.number}" for one in data.offers])
    said = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{said} {'proposal' if number == 1 else 'proposals'} for next time below ({names})."
