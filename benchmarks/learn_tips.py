"""Tips: how often they are made of chance, how true they are, and what a headline's features tell."""

from __future__ import annotations

import csv
import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.special import stdtr

from benchmarks.headlines import Group, groups, rows
from benchmarks.learn import at_least, at_most, shared, told
from benchmarks.table import Figure
from benchmarks.texts import NOW, account, shuffled
from bot.api import AccountProfile, PastPost, PostOutcome, comparable
from plugins.content_tips.api import lean
from plugins.content_tips.features import FEATURES, see
from plugins.content_tips.general import PRIORS
from plugins.content_tips.own import PER_SIDE, patterns

SEED, ACCOUNTS = 52_000, 400
EFFECTS = {"question": -0.4, "digit": 0.4, "link": -0.6}
CHUNK, SHUFFLES = 150, 8


async def measure() -> list[Figure]:
    """All figures; real posts and headlines only where their files are."""
    return [*_null(), *_real_null(), *_true(), *_headlines(), _cost()]


def _null() -> list[Figure]:
    found = []
    for posts in (40, 100, 300, 500):
        made = [account(SEED + 7 * n + posts, posts) for n in range(ACCOUNTS)]
        found.append(_share(f"own tips, no effect, {posts} posts: accounts told anything", made, NOW))
    return found


def _share(name: str, made: Sequence[AccountProfile], now: datetime) -> Figure:
    ours = sum(bool(patterns(one, now=now)) for one in made) / len(made)
    naive = sum(_naive(one, now) for one in made) / len(made)
    note = "beside: each feature by a t-test of log engagement at 5 %, uncorrected"
    return at_most(name, ours, 0.10, beside=f"{naive:.0%}", notes=(note,))


def _naive(profile: AccountProfile, now: datetime) -> bool:
    """Whether any feature "works" when each is looked at alone."""
    posts = comparable(profile, now)
    y = np.array([math.log1p(p.outcome.engagement) for p in posts])
    seen = [see(p.text) for p in posts]
    for feature in FEATURES:
        has = np.array([feature.has(one) for one in seen])
        if min(has.sum(), (~has).sum()) >= PER_SIDE:
            one, other = y[has], y[~has]
            error = math.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
            if error > 0 and 2 * stdtr(len(y) - 2, -abs(one.mean() - other.mean()) / error) < 0.05:
                return True
    return False


def _real_null() -> list[Figure]:
    path = shared("tweets_obama_trump_538.csv")
    if path is None:
        return []
    chunks = tweets(path, CHUNK)
    now = datetime(2018, 1, 1, tzinfo=UTC)
    made = [shuffled(one, seed) for one in chunks for seed in range(SHUFFLES)]
    real = sum(bool(patterns(one, now=now)) for one in chunks) / len(chunks)
    name = f"own tips, {len(chunks)} × {CHUNK} real tweets, outcomes shuffled {SHUFFLES} ×"
    return [
        _share(name, made, now),
        told(f"own tips, the same tweets as they were ({len(chunks)} pieces)", f"{real:.0%} told something"),
    ]


def tweets(path: Path, size: int) -> list[AccountProfile]:
    """Pieces of the two accounts, in order of time, as if each were an account of its own."""
    by_user: dict[str, list[PastPost]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for n, row in enumerate(csv.DictReader(file)):
            at = datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC)
            count = float(row["favorites"] or 0) + float(row["retweets"] or 0)
            outcome = PostOutcome(str(n), "a", "twitter", "text", at, datetime(2018, 1, 1, tzinfo=UTC), count)
            by_user[row["user"]].append(PastPost(outcome=outcome, text=row["text"]))
    found = []
    for posts in by_user.values():
        posts.sort(key=lambda p: p.outcome.published_at)
        for start in range(0, len(posts) - size + 1, size):
            piece = tuple(posts[start : start + size])
            found.append(AccountProfile(account="a", platform="twitter", posts=piece))
    return found


def _true() -> list[Figure]:
    found = []
    for posts in (100, 300):
        made = [p for n in range(ACCOUNTS // 2) for p in patterns(account(SEED + n, posts, EFFECTS), now=NOW)]
        right = [p for p in made if EFFECTS.get(p.feature.code, 0.0) * p.lift.mean > 0]
        claimed = [math.log1p(p.lift.mean) / EFFECTS[p.feature.code] for p in right]
        name = f"own tips, effects −33 to +49 %, {posts} posts: share that is true"
        notes = (
            f"{len(made) / (ACCOUNTS // 2):.2f} tips an account of the {len(EFFECTS)} there are; "
            f"claimed over true {np.mean(claimed):.2f}",
        )
        found.append(at_least(name, len(right) / len(made), 0.80, notes=notes))
    return found


def _headlines() -> list[Figure]:
    path = shared("upworthy_half_dev.csv.gz")
    if path is None:
        return []
    found = groups(path)
    weights = fitted([g for g in found if g.half == 0])
    held = [g for g in found if g.half == 1]
    sizes = [p.size for p in PRIORS]
    ours = chosen(held, lambda text: sum(w * size(text) for w, size in zip(weights, sizes, strict=True)))
    longer = chosen(held, len)
    shipped = chosen(held, lambda text: lean(text, ""))
    notes = (
        f"weights from {sum(g.half == 0 for g in found)} groups, judged on {len(held)} others; "
        f"all pairs {ours[0]:.3f}; the shipped weights (fitted on both halves) {shipped[1]:.3f}",
        "weak: it is told as general, never as a score",
    )
    name = f"headlines: the clear winner of a pair is named ({ours[2]} pairs)"
    return [at_least(name, ours[1], 0.56, beside=f"longer wins {longer[1]:.3f}", notes=notes)]


def fitted(found: Sequence[Group]) -> list[float]:
    """Weighted least squares of log click rate on the features, within groups."""
    x, y, w = [], [], []
    for group in found:
        told_ = [([p.size(arm.text) for p in PRIORS], rate, weight) for _, arm, rate, weight in rows([group])]
        size = np.array([t[0] for t in told_])
        rate, weight = np.array([t[1] for t in told_]), np.array([t[2] for t in told_])
        x.append(size - weight @ size / weight.sum())
        y.append(rate - weight @ rate / weight.sum())
        w.append(weight)
    xs, ys, ws = np.vstack(x), np.concatenate(y), np.concatenate(w)
    return [float(v) for v in np.linalg.solve((xs * ws[:, None]).T @ xs, (xs * ws[:, None]).T @ ys)]


def chosen(found: Sequence[Group], worth: Callable[[str], float]) -> tuple[float, float, int]:
    """How often the better one is named, of all pairs and of those with a clear winner, and how many of
    these there are; pairs that are worth the same are left out."""
    every, clear = [], []
    for group in found:
        for one, other, sure in group.pairs():
            lead = worth(one.text) - worth(other.text)
            if lead:
                every.append((lead > 0) == (one.rate > other.rate))
                clear += [every[-1]] if sure else []
    return float(np.mean(every)), float(np.mean(clear)), len(clear)


def _cost() -> Figure:
    made = [account(SEED + n, 500, EFFECTS) for n in range(10)]
    patterns(made[0], now=NOW)
    began = time.perf_counter()
    for one in made:
        patterns(one, now=NOW)
    spent = (time.perf_counter() - began) / len(made) * 1000
    return told("own tips, one account of 500 posts", f"{spent:.0f} ms", notes=("once for each version",))
