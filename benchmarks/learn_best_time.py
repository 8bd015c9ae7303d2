"""Best times against the truth of simulated worlds: regret, harm, intervals, claims, trying, cost."""

from __future__ import annotations

import resource
import statistics
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks.learn import at_least, at_most, told
from benchmarks.naive_times import beside
from benchmarks.real_times import figures as real_figures
from benchmarks.table import Figure, spread
from benchmarks.worlds import NOW, PLATFORMS, World, world, worlds
from plugins.best_time.api import PostOutcome, SlotAdvice, fit, recommend

ACCOUNTS, SEED = 600, 26_000
WEEK = (NOW, NOW + timedelta(days=7))
FLAT = 1e-6
"""A spread at which no hour differs from another."""

MISSES = 0.02
"""An account is harmed where the advised hour is this much worse than its usual, and a claim is true where
it is this much better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What advice came to over many accounts; `ratio` is what was shown over what was true, of claims."""

    regret: float
    uplift: float
    harm: float
    covered: float
    claims: float
    true: float
    ratio: float
    basis: frozenset[str]
    tried: float


def advise(
    one: World, *, audience: bool, together: object = None, explore: bool = False, k: int = 1
) -> SlotAdvice:
    """The first advice for the coming week, fitted to this account alone or to a model of many."""
    model = together or fit(one.posts, zones={one.account: one.zone}, now=NOW)
    return recommend(
        model,  # type: ignore[arg-type]
        account_id=one.account,
        platform=one.platform,
        content_type="k0",
        tz=one.zone,
        window=WEEK,
        now=NOW,
        rng=np.random.default_rng(zlib.crc32(one.account.encode())),
        audience=one.audience if audience else None,
        chart=one.chart.tolist(),
        k=k,
        explore=explore,
    )[0]


def score(
    found: Sequence[World],
    *,
    audience: bool = True,
    together: bool = False,
    explore: bool = False,
    k: int = 1,
) -> Score:
    """Hold the first advice of every account against its truth."""
    model = None
    if together:
        posts = [post for one in found for post in one.posts]
        model = fit(posts, zones={one.account: one.zone for one in found}, now=NOW)
    said = [advise(one, audience=audience, together=model, explore=explore, k=k) for one in found]
    hours = [at.starts_at.weekday() * 24 + at.starts_at.hour for at in said]
    lifts = np.array([one.lift(hour) for one, hour in zip(found, hours, strict=True)])
    inside = [a.lift.lo <= lift <= a.lift.hi for a, lift in zip(said, lifts, strict=True) if a.lift]
    claimed = np.array([a.shown is not None for a in said])
    shown = np.array([a.shown.mean for a in said if a.shown is not None])
    true = lifts[claimed]
    return Score(
        regret=float(np.mean([one.regret(hour) for one, hour in zip(found, hours, strict=True)])),
        uplift=float(lifts.mean()),
        harm=float((lifts < -MISSES).mean()),
        covered=float(np.mean(inside)) if inside else float("nan"),
        claims=float(claimed.mean()),
        true=float((true > MISSES).mean()) if true.size else float("nan"),
        ratio=float(shown.mean() / true.mean()) if true.size and true.mean() > 0 else float("nan"),
        basis=frozenset(a.basis for a in said),
        tried=float(np.mean([a.explore for a in said])),
    )


BARS = {(0.1, 80): (0.115, 0.20), (0.2, 80): (0.190, 0.18), (0.2, 300): (0.155, 0.10)}
"""(spread, posts) → the most regret and harm."""


def cells() -> list[Figure]:
    """Every size of effect and history, with audience hours and without, beside the naive ways."""
    figures: list[Figure] = []
    covered: list[float] = []
    note = (f"best time: {ACCOUNTS} accounts a cell, one model each, worlds of seed {SEED} on",)
    for size in (0.1, 0.2):
        for n in (0, 20, 40, 80, 150, 300):
            found = worlds(SEED + n + int(1000 * size), ACCOUNTS, n, size)
            one, name = score(found), f"sd {size}, {n} posts"
            naive = beside(found)
            regret, harm = BARS.get((size, n), (None, None))
            if regret is not None and harm is not None:
                figures.append(at_most(f"{name}: regret", one.regret, regret, beside=naive, notes=note))
                figures.append(at_most(f"{name}: harm", one.harm, harm))
            elif n <= 20:
                chart = float(np.mean([w.regret(int(np.argmax(w.chart))) for w in found]))
                figures.append(at_most(f"{name}: regret", one.regret, chart + 0.005, beside=naive))
            else:
                figures.append(told(f"{name}: regret", f"{one.regret:.3f}", beside=naive))
            blind = score(found, audience=False)
            if n:
                covered.append(one.covered)
                met = 0.72 <= one.covered <= 0.99
                figures.append(_figure(f"{name}: 80 % intervals cover", ".72–.99", one.covered, met))
                figures.append(at_least(f"{name}: the same without audience", blind.covered, 0.68))
            if n in {80, 300}:
                figures.append(told(f"{name}: claims", f"{one.claims:.3f}"))
                if one.claims:
                    figures.append(at_least(f"{name}: claims that are true", one.true, 0.78))
                    figures.append(at_most(f"{name}: shown over true", one.ratio, 2.0))
            many = score(found, together=True)
            figures.append(told(f"{name}: regret, all accounts in one model", f"{many.regret:.3f}"))
    figures.append(at_least("80 % intervals, mean of all cells", float(np.mean(covered)), 0.78))
    for n, bar in ((40, 0.08), (80, 0.08), (300, 0.22)):
        one = score(worlds(SEED + 7 * n, ACCOUNTS, n, FLAT))
        figures.append(at_most(f"no true effect, {n} posts: claims", one.claims, bar))
    return figures


def _figure(name: str, bar: str, measured: float, met: bool) -> Figure:
    return Figure(name=name, bar=bar, measured=f"{measured:.3f}", met=met)


def online(size: float, accounts: int, weeks: int = 26, each: int = 4, seed: int = 5) -> dict[str, float]:
    """The average regret of weeks of posting at advised hours, by policy; the truth answers every post."""
    rng = np.random.default_rng(seed)
    lost: dict[str, list[float]] = {"habit": [], "the best": [], "the best, 1 in 7 tried": []}
    for i in range(accounts):
        start = world(rng, f"o{i}", PLATFORMS[i % len(PLATFORMS)], 20, size)
        lost["habit"].append(float(1 - start.usual / np.exp(np.max(start.truth))))
        for name, explore in (("the best", False), ("the best, 1 in 7 tried", True)):
            posts, now = list(start.posts), NOW
            for _ in range(weeks):
                model = fit(posts, zones={start.account: "UTC"}, now=now)
                for _ in range(each):
                    [said] = recommend(
                        model,
                        account_id=start.account,
                        platform=start.platform,
                        content_type="k0",
                        tz="UTC",
                        window=(now, now + timedelta(days=7)),
                        now=now,
                        rng=rng,
                        chart=start.chart.tolist(),
                        k=1,
                        explore=explore,
                    )
                    hour = said.starts_at.weekday() * 24 + said.starts_at.hour
                    lost[name].append(start.regret(hour))
                    count = np.exp(6 + start.truth[hour] + rng.standard_t(4) * 0.64)
                    at = said.starts_at
                    kind = f"k{rng.integers(3)}"
                    posts.append(
                        PostOutcome(
                            f"n{len(posts)}",
                            start.account,
                            start.platform,
                            kind,
                            at,
                            at + timedelta(days=60),
                            count // 1,
                        )
                    )
                now += timedelta(days=7)
                posts = [p if p.observed_at <= now else _seen(p, now) for p in posts]
    return {name: float(np.mean(values)) for name, values in lost.items()}


def _seen(post: PostOutcome, now: datetime) -> PostOutcome:
    """The post as if it had been read now, with what it has in the end."""
    return PostOutcome(
        post.post_id,
        post.account_id,
        post.platform,
        post.content_type,
        post.published_at,
        max(post.published_at, now),
        post.engagement,
    )


def snapshots(posts: int, readings: int, accounts: int) -> list[PostOutcome]:
    """Rows as the store gives them: several readings of each post of many accounts."""
    rng = np.random.default_rng(3)
    rows: list[PostOutcome] = []
    for i in range(posts):
        out = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=int(rng.integers(0, 170 * 1440)))
        size = float(np.exp(rng.normal(6, 1)))
        name, platform = f"acc{i % accounts}", PLATFORMS[i % accounts % 5]
        for reading in range(readings):
            age = 0.5 * 2**reading
            grown = 1 - np.exp(-((age / 24) ** 0.7))
            rows.append(
                PostOutcome(
                    str(i), name, platform, "text", out, out + timedelta(hours=age), size * grown // 1
                )
            )
    return rows


def cost() -> list[Figure]:
    """A million rows to advice for 500 accounts; and one account alone."""
    rows = snapshots(100_000, 10, 500)
    zones = {f"acc{i}": ("Europe/Berlin", "America/New_York")[i % 2] for i in range(500)}
    rng = np.random.default_rng(0)

    def ask(model: object, name: str, platform: str) -> None:
        recommend(
            model,  # type: ignore[arg-type]
            account_id=name,
            platform=platform,
            content_type="text",
            tz=zones[name],
            window=WEEK,
            now=NOW,
            rng=rng,
        )

    start = time.perf_counter()
    model = fit(rows, zones=zones, now=NOW)
    for i, name in enumerate(zones):
        ask(model, name, PLATFORMS[i % 5])
    whole = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    alone = [row for row in rows if row.account_id == "acc0"]
    newest = [row for i, row in enumerate(alone) if i % 10 == 9]
    times = []
    for _ in range(50):
        start = time.perf_counter()
        ask(fit(newest, zones=zones, now=NOW), "acc0", "x")
        times.append(1000 * (time.perf_counter() - start))
    middle = statistics.median(times)
    return [
        Figure(
            name="1 M rows → 500 accounts' advice", bar="≤ 6 s", measured=f"{whole:.1f} s", met=whole <= 6
        ),
        Figure(
            name="… memory of the process", bar="≤ 600 MB", measured=f"{memory:.0f} MB", met=memory <= 600
        ),
        Figure(
            name="one account (200 posts)",
            bar="≤ 5 ms",
            measured=f"{spread(times, '.1f')} ms",
            met=middle <= 5,
        ),
    ]


async def measure() -> list[Figure]:
    """All of it."""
    figures = cost() + cells() + real_figures()
    for size in (0.1, 0.2):
        lost = online(size, 60)
        said = ", ".join(
            f"{name} {value:.3f}" for name, value in lost.items() if name != "the best, 1 in 7 tried"
        )
        figures.append(
            told(
                f"26 weeks of 4 posts, sd {size}: regret",
                f"{lost['the best, 1 in 7 tried']:.3f}",
                beside=said,
            )
        )
    share = score(worlds(SEED, ACCOUNTS, 80, 0.1), explore=True).tried
    figures.append(
        Figure(
            name="hours that are tried", bar="1 in 7", measured=f"{share:.3f}", met=abs(share - 1 / 7) < 0.045
        )
    )
    return figures


__all__ = ["Score", "advise", "cells", "cost", "measure", "online", "score", "snapshots"]
