"""Every post against what its account's earlier posts of that type had at the same age."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from statistics import median

from bot.api import Interval, PostOutcome, PostStanding, Relative
from plugins.cross_post.age import YOUNGEST, half_life, share, spread, tau_of
from plugins.cross_post.readings import (
    NOT_COMPARED,
    Reading,
    basis_of,
    groups,
    newest,
    value_of,
)

MAD_TO_SD = 1.4826
LEAST_SCALE = 0.25
"""Log units. Below it a quiet account's ordinary good day would look like a sensation."""

Z80 = 1.2816
"""Of a normal distribution: 80 % lie within so many standard deviations of its mean."""

MEDIAN_SE = 1.2533
"""Standard error of a median in those of a mean, for a normal distribution."""


def standings(
    posts: Sequence[PostOutcome], *, now: datetime, policy: Relative | None = None
) -> list[PostStanding]:
    """All posts that enough earlier ones can be compared with. Cross-posts, paid ones and tests are
    measured as well, but never make the usual. Raises `ValueError` for an instant without a zone."""
    rule = policy or Relative()
    found: list[PostStanding] = []
    for members in groups(newest(posts, now)).values():
        found += _of_group(members, rule)
    return found


def _of_group(members: Sequence[Reading], rule: Relative) -> list[PostStanding]:
    basis, tau = basis_of(members), tau_of(members[0].post.platform)
    valued = [(r, v) for r in members if (v := value_of(r.post, basis)) is not None]
    positive = [v for _, v in valued if v > 0]
    if not positive:
        return []
    # half of the least count that was seen, so that a zero counts and the scale does not
    zero = min(positive) / 2.0
    earlier: deque[tuple[datetime, float]] = deque(maxlen=max(rule.window, 1))
    found: list[PostStanding] = []
    waiting: list[tuple[datetime, float]] = []
    for reading, value in valued:
        post = reading.post
        # of posts of one instant none is earlier than the others
        while waiting and waiting[0][0] < post.published_at:
            earlier.append(waiting.pop(0))
        grown = share(reading.age_h, tau)
        level = math.log(value or zero) - math.log(grown)
        if len(earlier) >= rule.least:
            found.append(_standing(reading, value, basis, level, tau, [y for _, y in earlier]))
        if grown >= YOUNGEST and not post.flags & NOT_COMPARED:
            waiting.append((post.published_at, level))
    return found


def _standing(
    reading: Reading, value: float, basis: str, level: float, tau: float, earlier: list[float]
) -> PostStanding:
    middle = median(earlier)
    scale = max(MAD_TO_SD * median(abs(y - middle) for y in earlier), LEAST_SCALE)
    above = level - middle
    to_come = spread(reading.age_h, tau)
    noise = math.hypot(MEDIAN_SE * scale / math.sqrt(len(earlier)), to_come)
    low, high = above - Z80 * noise, above + Z80 * noise
    return PostStanding(
        post_id=reading.post.post_id,
        account_id=reading.post.account_id,
        ratio=_rounded(math.exp(above)),
        interval=Interval(
            _rounded(math.exp(above)) - 1.0, _rounded(math.exp(low)) - 1.0, _rounded(math.exp(high)) - 1.0
        ),
        z=_rounded(above / scale),
        n=len(earlier),
        usual=math.exp(middle),
        value=value,
        basis=basis,
        age_h=reading.age_h,
        age_ok=reading.age_h >= 2.0 * half_life(tau),
        fell=reading.fell,
    )


def _rounded(value: float) -> float:
    """Nine significant digits: a scale that cancels must not decide by its last bit."""
    return float(f"{value:.9g}")
