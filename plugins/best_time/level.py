"""What else moves a post's numbers than its hour: what kind of post it is, how the account is doing at the
time, and what is always posted at the favourite hour. These are estimated along with the curve and taken
out of it, with the doubt that they leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plugins.best_time.basis import HOURS, SIZE, Floats, waves

CLIP = 2.5
"""Posts are taken no further from the middle than this many robust standard deviations."""

TYPE_SPREAD, DRIFT_SPREAD, FAVOURITE_SPREAD, STEP_SPREAD = 0.45, 0.32, 0.10, 3.0
"""Standard deviations (log) that are expected of kinds of posts, of the slowest drift, of what the posts at
the favourite hour are better or worse by for reasons of their own, and of a jump in how counts are made."""

POSTS_PER_DRIFT, DRIFTS = 15, 60
NOISE, NOISE_POSTS = 0.8, 10
"""Variance of a post around everything known, before anything was seen, and how many posts that is worth."""
LEAST_NOISE = 0.05

JUMP_POSTS, JUMP_SIZE, JUMP_CLEAR = 10, 0.7, 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What an account's posts say of its curve: `gram` (18, 18) and `pull` (18,) are X'WX and X'Wy with
    everything else projected out, `noise` the variance of a post; `usual` is the average of the waves over
    its posts, `around` their covariance."""

    n: int
    gram: Floats
    pull: Floats
    noise: float
    usual: Floats
    around: Floats


@dataclass(frozen=True, slots=True)
class Jump:
    """The numbers stood on another level before and after the post of this index; ``size`` is a log."""

    index: int
    size: float


def middle(values: Floats) -> float:
    """The median; quicker than numpy's for the few values there are."""
    ordered, n = np.sort(values), values.size
    return float(ordered[(n - 1) // 2] + ordered[n // 2]) / 2


def clipped(values: Floats) -> Floats:
    """The values with the far ones drawn in to `CLIP` robust standard deviations of their median."""
    centre = middle(values)
    spread = 1.4826 * middle(np.abs(values - centre))
    spread = max(spread, 0.1 * float(values.std()))
    inside: Floats = np.minimum(np.maximum(values, centre - CLIP * spread), centre + CLIP * spread)
    return inside


def jump(values: Floats) -> Jump | None:
    """The one place where the level of values in order of time changes so sharply that it is no drift.

    Compared are the `JUMP_POSTS` to 60 posts on each side, so that a slow rise is not taken for a jump.
    """
    n = values.size
    if n < 2 * JUMP_POSTS:
        return None
    spread = clipped(values)
    spread = spread - spread.mean()
    total = np.concatenate([[0.0], np.cumsum(spread)])
    at = np.arange(JUMP_POSTS, n - JUMP_POSTS + 1)
    reach = np.minimum(np.minimum(at, n - at), 60)
    sizes = (total[at + reach] - total[at]) / reach - (total[at] - total[at - reach]) / reach
    i = int(np.argmax(np.abs(sizes) * np.sqrt(reach)))
    size, k, r = float(sizes[i]), int(at[i]), int(reach[i])
    before, after = spread[k - r : k], spread[k : k + r]
    scatter = float(np.sqrt((before.var() + after.var()) / r + 1e-4))
    if abs(size) < JUMP_SIZE or abs(size) < JUMP_CLEAR * scatter:
        return None
    near = max(r // 3, 3)
    sharp = middle(spread[k : k + near]) - middle(spread[k - near : k])
    return Jump(k, size) if sharp / size > 0.6 else None


def favourite(hours: Floats) -> tuple[int, int]:
    """The clock hour of the week that most posts went out around, and how many did."""
    slots = np.floor(hours + 0.5).astype(np.int64) % HOURS
    counts = np.bincount(slots, minlength=HOURS)
    best = int(np.argmax(counts))
    return best, int(counts[best])


def columns(kinds: Sequence[str], hours: Floats, jumped: Jump | None) -> tuple[Floats, Floats]:
    """What else can move posts in order of time, (n, m), and the variances expected of it, (m,)."""
    n = hours.size
    parts: list[Floats] = [np.ones(n)]
    sizes = [100.0]
    names = sorted(set(kinds))
    if len(names) > 1:
        held = np.asarray(kinds)
        parts += [(held == name).astype(np.float64) for name in names]
        sizes += [TYPE_SPREAD**2] * len(names)
    place = (np.arange(n) + 0.5) / n
    for k in range(1, min(max(n // POSTS_PER_DRIFT, 1), DRIFTS) + 1):
        parts.append(np.sqrt(2) * np.cos(np.pi * k * place))
        sizes.append(DRIFT_SPREAD**2 / k**2)
    slot, many = favourite(hours)
    if many >= 4:
        parts.append((np.floor(hours + 0.5) % HOURS == slot).astype(np.float64))
        sizes.append(FAVOURITE_SPREAD**2)
    if jumped is not None:
        parts.append((np.arange(n) >= jumped.index).astype(np.float64))
        sizes.append(STEP_SPREAD**2)
    return np.column_stack(parts), np.array(sizes)


def sums(hours: Floats, values: Floats, kinds: Sequence[str], jumped: Jump | None = None) -> Sums:
    """Reduce posts in order of time to what they say of the curve over the week.

    ``hours``: local hours of the week; ``values``: logs of age-adjusted counts. Nothing is learned from
    values that are all the same.
    """
    n = values.size
    around = waves(hours)
    usual = around.mean(axis=0) if n else np.zeros(SIZE)
    spread = (around - usual).T @ (around - usual) / max(n, 1)
    if n < 3 or float(values.std()) < 1e-6:
        nothing = np.zeros((SIZE, SIZE))
        return Sums(n=n, gram=nothing, pull=np.zeros(SIZE), noise=NOISE, usual=usual, around=spread)
    other, sizes = columns(kinds, hours, jumped)
    values = values - middle(values)
    noise = min(max(float(clipped(values).var()), LEAST_NOISE), 3.0)
    known = np.diag(1 / sizes)
    both = other.T @ other
    solve = np.linalg.inv(both / noise + known)
    fitted = np.zeros(n)
    for _ in range(3):
        fitted = other @ (solve @ (other.T @ (fitted + clipped(values - fitted)) / noise))
    left = clipped(values - fitted)
    near = fitted + left
    noise = max((float(left @ left) + NOISE_POSTS * NOISE) / (n + NOISE_POSTS), LEAST_NOISE)
    solve = np.linalg.inv(both / noise + known)
    cross = other.T @ around
    gram = around.T @ around - cross.T @ solve @ cross / noise
    pull = around.T @ near - cross.T @ (solve @ (other.T @ near)) / noise
    return Sums(n=n, gram=(gram + gram.T) / 2, pull=pull, noise=noise, usual=usual, around=spread)
