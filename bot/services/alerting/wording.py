"""How news is said: what it is about, by how much, compared with what, and as of when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.alarms import Reached
from bot.domain.alerts import Milestone
from bot.domain.courses import Anomaly, Turn
from bot.domain.when import say
from bot.domain.words import listed

HOUR = timedelta(hours=1)
FEW = 5
"""With how many others a post is compared at least before it is called the fastest."""


def many(count: float) -> str:
    """A count as people read it: 2,310."""
    return f"{count:,.0f}"


def about(count: float) -> str:
    """An estimate: two digits are all that is known of it."""
    digits = max(0, len(str(int(abs(count)))) - 2)
    return f"~{many(round(count, -digits))}"


def span(time: timedelta) -> str:
    """ "40 minutes", "6 h", "3 days"."""
    if time < HOUR:
        return f"{max(1, round(time / timedelta(minutes=1)))} minutes"
    if time < 48 * HOUR:
        return f"{round(time / HOUR)} h"
    return f"{round(time / timedelta(days=1))} days"


def milestone_words(
    name: str,
    title: str,
    found: Sequence[Milestone],
    *,
    at: datetime,
    zone: str,
    now: datetime,
    unread: timedelta | None,
    peers: Sequence[Reached],
    mine: timedelta | None,
) -> str:
    """``unread``: how long nobody had read it before, if that was long. ``peers``: the account's other posts
    that got to the first of the levels while somebody was looking; ``mine``: how long this one took."""
    levels = listed([f"{many(m.level)} {m.metric}" for m in found])
    exact = listed([many(m.count) if len(found) == 1 else f"{many(m.count)} {m.metric}" for m in found])
    text = f"{name} on {title}: {levels}. It stood at {exact} at {say(at, zone, now=now)}."
    if unread is not None:
        return f"{text} I had not read it for {span(unread)}, so it may have got there earlier."
    slower = [p for p in peers if p.after_s is not None]
    if (
        mine is not None
        and len(slower) >= FEW
        and all((p.after_s or 0) > mine.total_seconds() for p in slower)
    ):
        text += f" The fastest of the {len(slower) + 1} posts that got there: {span(mine)} after it came out."
    return text


def record_words(
    name: str, title: str, views: int, best: int, others: int, at: datetime, zone: str, now: datetime
) -> str:
    """More than every other post of the account in 90 days."""
    return (
        f"{name} on {title}: {many(views)} views at {say(at, zone, now=now)}, the most of this account in "
        f"90 days (before: {many(best)}, {others} other posts)."
    )


def pace_words(name: str, title: str, found: Anomaly) -> str:
    """A post that goes faster or slower than it should."""
    hours = span(found.until - found.since)
    low, high = found.usual
    compared = (
        f"({many(found.seen)} vs {about(found.expected)} views; usual range {low:.1f}–{high:.1f}x, "
        f"from {found.n} posts)"
    )
    if found.turn is Turn.DOWN:
        return (
            f"{name} on {title}: {found.ratio:.2f}x its expected pace over {hours} {compared}. "
            "I cannot see why; a deleted link, a restriction or a quiet feed would look like this."
        )
    return f"{name} on {title}: {found.ratio:.1f}x its expected pace over {hours} {compared}."


def account_words(account: str, title: str, found: Anomaly) -> str:
    """All posts of an account together."""
    if found.turn is Turn.SILENCE:
        return (
            f"{title} ({account}): {many(found.seen)} views over {span(found.until - found.since)}, where "
            f"{about(found.expected)} are usual at these hours (from {found.n} hours). The numbers were "
            "read, so this is not a gap in them."
        )
    return (
        f"{title} ({account}): {many(found.seen)} views in the last hour; {about(found.expected)} are usual "
        f"({found.strength:.0f} standard deviations above the last 14 days, {found.n} hours)."
    )


def corrected_words(name: str, title: str, metric: str, was: int, now_: int) -> str:
    """A count that fell by far."""
    return (
        f"{name} on {title}: {title} corrected the {metric} from {many(was)} to {many(now_)}. "
        "Nothing is compared across that, and no level is told twice."
    )


def recounted_words(account: str, title: str, factor: float, posts: int) -> str:
    """All settled posts jumped together."""
    way = "up" if factor > 1 else "down"
    return (
        f"{title} ({account}): the views of {posts} posts that had settled went {way} together, "
        f"{factor:.1f}x between two readings. {title} probably counts views in another way "
        "now; for a day I take nothing of this account for news, and levels reached by it are not told."
    )


def unread_words(account: str, title: str, since: datetime | None, zone: str, now: datetime) -> str:
    """Numbers that should have been read and were not."""
    last = f"since {say(since, zone, now=now)}" if since is not None else "so far"
    return (
        f"{title} ({account}): no numbers {last}; {title} did not answer. I go on asking, and take "
        "nothing of this for a change of your audience."
    )


def incident_words(title: str, accounts: int, what: str) -> str:
    """Many accounts at once."""
    return (
        f"{title}: {accounts} accounts {what} at the same time. That is most likely {title} itself, not your "
        "posts, so I say it once and not for each of them."
    )


def digest_words(lines: Sequence[str], more: int) -> str:
    """What was not urgent enough for a message of its own."""
    head = f"{len(lines) + more} more since the last ones:"
    tail = [f"… and {more} more; /alerts lists them."] if more else []
    return "\n".join([head, *(f"• {line}" for line in lines), *tail])
