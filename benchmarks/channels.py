"""Channels as they might be: their own size, noise, growth and habits, on fixed seeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from bot.domain.outcomes import PostOutcome

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def post(
    number: int,
    views: float | None,
    *,
    engagement: float | None = None,
    days_old: float | None = None,
    age_days: float | None = None,
    account: str = "a",
    platform: str = "youtube",
    kind: str = "video",
    flags: frozenset[str] = frozenset(),
) -> PostOutcome:
    """A post; the larger its number, the younger, and it was read now unless ``age_days`` says otherwise."""
    out = NOW - timedelta(days=200 - number if days_old is None else days_old)
    seen = NOW if age_days is None else out + timedelta(days=age_days)
    return PostOutcome(
        post_id=str(number),
        account_id=account,
        platform=platform,
        content_type=kind,
        published_at=out,
        observed_at=seen,
        engagement=(views or 0.0) * 0.05 if engagement is None else engagement,
        views=views,
        flags=flags,
    )


def ordinary(count: int = 20, usual: float = 1000.0) -> list[PostOutcome]:
    """Posts that scatter by a quarter around the usual, the oldest first."""
    factors = (0.8, 1.0, 1.25, 0.9, 1.1)
    return [post(n, usual * factors[n % len(factors)]) for n in range(count)]


def channel(seed: int, *, count: int | None = None) -> list[PostOutcome]:
    """One channel: size from hundreds to millions, noise (sd of the log) .3 to 1.3 with heavy or light tails,
    growth or decline to a tenth or tenfold over its life, quiet and busy weeks, a few young posts."""
    rng = np.random.default_rng(seed)
    n = count or int(rng.integers(120, 600))
    size, sd = 10 ** rng.uniform(2.8, 6.0), rng.uniform(0.3, 1.3)
    tail = rng.choice(["normal", "t4", "skewed"])
    noise = {
        "normal": rng.normal(size=n),
        "t4": rng.standard_t(4, size=n) / np.sqrt(2.0),
        "skewed": rng.gamma(2.0, size=n) / np.sqrt(2.0) - np.sqrt(2.0),
    }[str(tail)]
    trend = np.linspace(0.0, rng.uniform(-2.3, 2.3), n)
    drift = np.cumsum(rng.normal(scale=0.03, size=n))
    final = size * np.exp(trend + drift + sd * noise)
    gaps = rng.exponential(2.0, size=n)
    ages = np.cumsum(gaps[::-1])[::-1] + 0.1
    grown = 1.0 - np.exp(-((ages * 24.0 / 120.0) ** 0.7))
    views = rng.poisson(np.minimum(final * grown, 1e12)).astype(float)
    rate = rng.beta(40.0, 960.0, size=n)
    return [
        post(i, v, engagement=float(np.floor(v * r)), days_old=float(a), account=f"channel {seed}")
        for i, (v, r, a) in enumerate(zip(views, rate, ages, strict=True))
    ]


def times_ten(posts: list[PostOutcome]) -> list[PostOutcome]:
    return [replace(p, views=None if p.views is None else p.views * 10) for p in posts]
