"""Effects of variants on the log of a metric, with their covariance. Closed forms and a few iterations.

Every fit answers with the effects of variants 1, 2, … against variant 0, the covariance of these and how
many degrees of freedom stand behind it; None where the observations cannot tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.api import BlockObs, Metric, TestPlan
from plugins.experiments.power import UNFAIR

Array = np.ndarray
LEAST_NOISE, HUBER, ROUNDS = 0.03, 1.5, 30


@dataclass(frozen=True)
class Effects:
    """``variances`` are those of each variant's own mean (for shrinking), ``raw_z`` the test of each pair
    where a better one than effect over error is known."""

    log: Array
    covariance: Array
    freedom: float
    variances: Array
    raw_z: Array | None = None

    def against(self, one: int, other: int) -> tuple[float, float]:
        """The log lift of one variant over the other, and its standard error."""
        full = np.zeros(len(self.variances))
        full[one], full[other] = 1.0, -1.0
        pick = full[1:]
        return float(pick @ self.log), float(np.sqrt(max(pick @ self.covariance @ pick, 1e-18)))


def of_split(plan: TestPlan, rows: Sequence[BlockObs]) -> Effects | None:
    """Counts of everybody who was shown something at the same time; the test is that of two shares."""
    names = plan.spec.variants
    shown = np.array([sum(r.impressions or 0 for r in rows if r.variant == v) for v in names], float)
    clicks = np.array([sum(r.clicks or 0 for r in rows if r.variant == v) for v in names], float)
    if (shown <= 0).any() or clicks.sum() <= 0:
        return None
    fair = 1.0 if plan.spec.ours else UNFAIR
    own = fair * np.maximum(1 / (clicks + 0.5) - 1 / (shown + 1), 1e-12)
    log = np.log((clicks + 0.5) / (shown + 1))
    rates = clicks / shown
    n = len(names)
    z = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            pooled = (clicks[i] + clicks[j]) / (shown[i] + shown[j])
            variance = fair * pooled * (1 - pooled) * (1 / shown[i] + 1 / shown[j])
            z[i, j] = (rates[i] - rates[j]) / np.sqrt(variance) if variance > 0 else 0.0
    return Effects(log[1:] - log[0], np.diag(own[1:]) + own[0], 1e6, own, z)


def of_days(plan: TestPlan, rows: Sequence[BlockObs]) -> Effects | None:
    """Days of one post: log metric on variant and a quadratic age, each day by how much it tells."""
    day = np.array([r.block for r in rows], float)
    age = day / max(plan.days - 1, 1) * 2 - 1
    base = np.stack([np.ones(len(rows)), age, age**2], 1)
    which = _dummies(plan, rows)
    places = [plan.spec.variants.index(r.variant) for r in rows]
    if np.min(np.bincount(places, minlength=len(plan.spec.variants))) < 2:
        return None
    counting = np.zeros(len(rows))
    if plan.spec.metric == Metric.CTR:
        shown = np.array([r.impressions or 0 for r in rows], float)
        clicks = np.array([r.clicks or 0 for r in rows], float)
        y = np.log((clicks + 0.5) / (shown + 1))
        counting = 1 / np.maximum(shown * clicks.sum() / shown.sum(), 0.5)
    else:
        y = np.log(np.array([_value(plan, r) for r in rows], float) + 0.5)
    return _weighed(y, np.hstack([base, which]), counting, which.shape[1])


def of_posts(plan: TestPlan, rows: Sequence[BlockObs]) -> Effects | None:
    """Posts with a variant each: what accounts have anyway is taken out, and single hits count less."""
    accounts = sorted({r.account for r in rows})
    level = np.array([[float(r.account == a) for a in accounts] for r in rows])
    return _robust(_logs(plan, rows), np.hstack([level, _dummies(plan, rows)]), len(plan.spec.variants) - 1)


def of_pairs(plan: TestPlan, rows: Sequence[BlockObs]) -> Effects | None:
    """The same item on two accounts: the difference within each item, less what the accounts differ by."""
    named: dict[str, list[BlockObs]] = {}
    for row in rows:
        named.setdefault(row.item or str(plan.blocks[row.block].group), []).append(row)
    first, second = plan.spec.variants
    both = [
        (next(r for r in pair if r.variant == first), next(r for r in pair if r.variant == second))
        for pair in named.values()
        if {r.variant for r in pair} == {first, second} and len(pair) == 2
    ]
    if len(both) < 3:
        return None
    difference = _logs(plan, [b for _, b in both]) - _logs(plan, [a for a, _ in both])
    accounts = sorted({r.account for pair in both for r in pair})
    side = np.array([[(b.account == x) * 1.0 - (a.account == x) for x in accounts[1:]] for a, b in both])
    design = np.hstack([side.reshape(len(both), -1), np.ones((len(both), 1))])
    return _robust(difference, design, 1)


def _dummies(plan: TestPlan, rows: Sequence[BlockObs]) -> Array:
    return np.array([[float(r.variant == v) for v in plan.spec.variants[1:]] for r in rows])


def _value(plan: TestPlan, row: BlockObs) -> float:
    if plan.spec.metric == Metric.VIEWS and row.views is not None:
        return row.views
    return row.value if row.value is not None else 0.0


def _logs(plan: TestPlan, rows: Sequence[BlockObs]) -> Array:
    if plan.spec.metric == Metric.CTR and all(r.value is None for r in rows):
        return np.log([((r.clicks or 0) + 0.5) / ((r.impressions or 0) + 1) for r in rows])
    return np.log1p([_value(plan, r) for r in rows])


def _weighed(y: Array, design: Array, counting: Array, arms: int) -> Effects | None:
    """Least squares where a day's variance is its counting error and a noise that all share."""
    n, p = design.shape
    if n - p < 1 or np.linalg.matrix_rank(design) < p:
        return None
    plain = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    noise = max(float(plain @ plain) / (n - p) - float(counting.mean()), LEAST_NOISE**2)
    weight = 1 / (noise + counting)
    root = np.sqrt(weight)[:, None]
    inverse = np.linalg.inv((design * root).T @ (design * root))
    beta = inverse @ (design.T @ (weight * y))
    left = y - design @ beta
    scale = max(float(weight @ left**2) / (n - p), 1e-12)
    # the noise was estimated too, where days are weighed by it
    return _effects(beta, inverse * scale, max(n - p - int(counting.any()), 1), arms)


def _robust(y: Array, design: Array, arms: int) -> Effects | None:
    """Huber's regression with his correction for few observations (Huber 1973; k 1.5)."""
    design = design[:, np.r_[design[:, :-arms].any(0), [True] * arms]] if arms < design.shape[1] else design
    n, p = design.shape
    if n - p < 2 or np.linalg.matrix_rank(design) < p:
        return None
    beta = np.linalg.lstsq(design, y, rcond=None)[0]
    scale = 1.0
    for _ in range(ROUNDS):
        left = y - design @ beta
        scale = max(1.4826 * float(np.median(np.abs(left))) * float(np.sqrt(n / (n - p))), 1e-9)
        weight = np.minimum(1.0, HUBER * scale / np.maximum(np.abs(left), 1e-12))
        fresh = np.linalg.solve(design.T @ (design * weight[:, None]), design.T @ (weight * y))
        done = np.abs(fresh - beta).max() < 1e-9
        beta = fresh
        if done:
            break
    left = y - design @ beta
    inside = float((np.abs(left) <= HUBER * scale).mean())
    pulled = np.clip(left, -HUBER * scale, HUBER * scale)
    correction = 1 + p / n * (1 - inside) / max(inside, 1e-9)
    variance = correction**2 * float(pulled @ pulled) / (n - p) / max(inside, 1e-9) ** 2
    return _effects(beta, np.linalg.inv(design.T @ design) * max(variance, 1e-12), n - p, arms)


def _effects(beta: Array, covariance: Array, freedom: float, arms: int) -> Effects:
    cov = covariance[-arms:, -arms:]
    # variants were shown equally often, so what two of them share is the variance of the first one's mean
    shared = float(cov[0, 1]) if arms > 1 else float(cov[0, 0]) / 2
    own = np.r_[shared, np.maximum(np.diag(cov) - shared, 1e-12)]
    return Effects(beta[-arms:], cov, freedom, np.maximum(own, 1e-12))
