"""Winners: how many of each channel's posts are called high, by our rule and by the fixed one beside it."""

from __future__ import annotations

import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.channels import NOW, channel, times_ten
from benchmarks.real_posts import FACEBOOK, THAI, TWEETS, one_page, pages, tweets
from benchmarks.table import Figure
from bot.domain.outcomes import PostOutcome
from plugins.cross_post.api import Absolute, Relative, expected, high_performers, standings

CHANNELS, GROUP, SEED = 110, 11, 41_000
LEAST, MOST, LEAST_MEDIAN, MOST_MEDIAN = 0.01, 0.25, 0.04, 0.12
BAR = "each 1–25 %, median 4–12 %"
REAL_NOW = datetime(2026, 1, 1, tzinfo=UTC)
REAL: tuple[tuple[str, Path, Callable[[], list[PostOutcome]]], ...] = (
    ("nine pages, 2012-18", THAI, pages),
    ("two accounts' tweets, 2014-17", TWEETS, tweets),
    ("one page, 2014", FACEBOOK, one_page),
)


async def measure() -> list[Figure]:
    """All figures; real posts only where their files are."""
    return [*_channels(), _tenfold(), _young(), _expected(), _cost(), *_real()]


def _share(posts: Sequence[PostOutcome], policy: Absolute | Relative, now: datetime = NOW) -> float:
    return len(high_performers(posts, policy=policy, now=now)) / len(posts)


def _channels() -> list[Figure]:
    """Groups of eleven channels that nothing was tuned on: size, noise, growth and age are their own."""
    made = [channel(SEED + n) for n in range(CHANNELS)]
    shares = [_share(posts, Relative()) for posts in made]
    fixed = [_share(posts, Absolute()) for posts in made]
    medians = [statistics.median(shares[i : i + GROUP]) for i in range(0, CHANNELS, GROUP)]
    inside, beside = (sum(LEAST <= s <= MOST for s in found) / CHANNELS for found in (shares, fixed))
    return [
        Figure(
            name=f"winners, {CHANNELS} simulated channels in groups of {GROUP}",
            bar=BAR,
            measured=f"{min(shares):.1%}–{max(shares):.1%}, medians {min(medians):.1%}–{max(medians):.1%}",
            limit=f"10,000 views and 5 %: {min(fixed):.1%}–{max(fixed):.1%}, {beside:.0%} inside",
            met=inside >= 0.99 and all(LEAST_MEDIAN <= m <= MOST_MEDIAN for m in medians),
            notes=("channels of 120–600 posts, 600 to a million views, log noise .3–1.3",),
        )
    ]


def _tenfold() -> Figure:
    same = 0
    free = Relative(floor=0.0)
    for n in range(CHANNELS):
        posts = channel(SEED + 1000 + n)
        before, after = (high_performers(p, policy=free, now=NOW) for p in (posts, times_ten(posts)))
        same += [p.post_id for p in before] == [p.post_id for p in after]
    return Figure(
        name="winners unchanged when all views × 10",
        bar="all channels",
        measured=f"{same} of {CHANNELS}",
        met=same == CHANNELS,
    )


def _young() -> Figure:
    """Posts that are read young: how often one that is ordinary in the end is called high too early."""
    rng, early, late, posts_n = np.random.default_rng(SEED), 0, 0, 0
    for n in range(30):
        posts = channel(SEED + 3000 + n, count=150)
        final = {p.post_id: p for p in posts}
        cut = [p for p in posts if (NOW - p.published_at).days > 40]
        young = []
        for post in cut[-30:]:
            age_h = float(rng.uniform(3.0, 60.0))
            grown = 1.0 - math.exp(-((age_h / 120.0) ** 0.7))
            views = (final[post.post_id].views or 0.0) * grown * math.exp(float(rng.normal(0.0, 0.3)))
            young.append((post, age_h, views))
        for post, age_h, views in young:
            at = post.published_at
            seen = at.fromtimestamp(at.timestamp() + age_h * 3600.0, tz=UTC)
            row = _reread(post, seen, views)
            before = [p for p in cut if p.published_at < at]
            then = high_performers([*before, row], policy=Relative(), now=NOW)
            called = any(p.post_id == post.post_id for p in then)
            in_the_end = [s for s in standings([*before, post], now=NOW) if s.post_id == post.post_id]
            early += called and in_the_end[0].ratio < Relative().ratio
            late += called
            posts_n += 1
    return Figure(
        name="called high within 3–60 h, below 1.5× in the end",
        bar="–",
        measured=f"{early} of {late} early calls, of {posts_n} posts",
    )


def _reread(post: PostOutcome, at: datetime, views: float) -> PostOutcome:
    return PostOutcome(
        post.post_id,
        post.account_id,
        post.platform,
        post.content_type,
        post.published_at,
        at,
        views * 0.05,
        max(views, 0.0),
    )


def _expected() -> Figure:
    rng, inside, runs = np.random.default_rng(SEED + 7), 0, 4000
    for _ in range(runs):
        n = int(rng.integers(10, 40))
        ratios = np.exp(rng.normal(rng.normal(0.0, 0.3), rng.uniform(0.3, 0.9), size=n + 1))
        found = expected(list(ratios[:n]))
        assert found is not None
        inside += found.lo <= ratios[n] - 1 <= found.hi
    share = inside / runs
    return Figure(
        name="next cross-post inside its expected 80 % range",
        bar=".77–.83",
        measured=f"{share:.3f}",
        met=0.77 <= share <= 0.83,
        notes=("10–39 earlier pairs; with fewer nothing is claimed",),
    )


def _cost() -> Figure:
    posts = [p for n in range(20) for p in channel(SEED + 5000 + n, count=500)]
    began = time.perf_counter()
    high_performers(posts, policy=Relative(), now=NOW)
    took = time.perf_counter() - began
    return Figure(name="winners among 10,000 posts of 20 accounts", bar="–", measured=f"{took:.2f} s")


def _real() -> list[Figure]:
    found = []
    for name, file, read in REAL:
        if not file.is_file():
            continue
        posts = read()
        many = Counter(p.account_id for p in posts)
        high = Counter(p.account_id for p in high_performers(posts, policy=Relative(), now=REAL_NOW))
        shares = [high[account] / n for account, n in many.items() if n >= 100]
        middle = statistics.median(shares)
        found.append(
            Figure(
                name=f"winners, {name}",
                bar=BAR,
                measured=f"{min(shares):.1%}–{max(shares):.1%}, median {middle:.1%}",
                met=min(shares) >= LEAST and max(shares) <= MOST,
                notes=("real posts: accounts with 100 posts or more; of one or two the median says little",),
            )
        )
    return found
