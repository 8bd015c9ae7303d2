"""How sending went in a period: what is out, what is not and why, and how late. From the ledger alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.domain.charts import Tally
from bot.domain.delivery import Delivery, State, parked
from bot.domain.marks import plain
from bot.domain.report_data import Publishing

OUT = frozenset({State.LIVE, State.REMOVED})
FAILED = frozenset({State.REFUSED, State.UNCONFIRMED, State.PARTIAL, State.MISSED, State.HELD})
"""What was due and is not out, or not known to be, or not whole. What nobody approved, or somebody has
put on hold, is no failure of sending."""

ON_THEIR_WAY = frozenset({State.SCHEDULED, State.PUBLISHING, State.HANDED_OVER})
CAUSES = 5
LONGEST = 140


def sending(deliveries: Sequence[Delivery], title: Callable[[Delivery], str]) -> Publishing:
    """``deliveries`` are those that were due in the period; ``title`` is what people call a platform."""
    out = [d for d in deliveries if d.state in OUT]
    failed = [d for d in deliveries if d.state in FAILED and not parked(d)]
    names = sorted({title(d) for d in (*out, *failed)})
    tallies = tuple(
        Tally(
            name=name,
            live=sum(title(d) == name for d in out),
            failed=sum(title(d) == name for d in failed),
        )
        for name in names
    )
    delays = [delay for d in out if (delay := delay_of(d)) is not None]
    causes = Counter(cause_of(d, title(d)) for d in failed)
    return Publishing(
        tallies=tallies,
        live=len(out),
        refused=sum(d.state is State.REFUSED for d in deliveries),
        unconfirmed=sum(d.state is State.UNCONFIRMED for d in deliveries),
        unsent=len(failed) - sum(d.state in (State.REFUSED, State.UNCONFIRMED) for d in failed),
        waiting=sum(d.state in ON_THEIR_WAY for d in deliveries),
        late=sum(delays, timedelta(0)) / len(delays) if delays else None,
        timed=len(delays),
        causes=tuple(causes.most_common(CAUSES)),
    )


def delay_of(delivery: Delivery) -> timedelta | None:
    """How long after it was due its first part was out; None where that is not known."""
    times = [part.out_at for part in delivery.parts if part.out_at is not None]
    if not times or delivery.due is None:
        return None
    return max(min(times) - delivery.due, timedelta(0))


def cause_of(delivery: Delivery, title: str) -> str:
    """Why it is not out, in one line: ``"X: the video is too long"``."""
    words = " ".join(plain(delivery.reason).split()) or delivery.state.value.replace("_", " ")
    words = words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"
    return words if words.startswith(title) else f"{title}: {words}"
