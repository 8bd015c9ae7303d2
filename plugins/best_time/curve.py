"""The curve of an account: what is usual on its platform, what its other accounts showed, its own posts.

A curve is a draw from N(s·m, s²·Λ): m is the expected shape, Λ how far accounts differ from it, and s how
much the hour matters to this account at all. Nobody knows s, so several are tried and weighed by how well
each explains the posts. Where the hour matters little the interval is narrow around nothing, where it
matters much it is wide until the posts have shown it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from plugins.best_time.basis import SHAPE, SIZE, WEEK, Floats
from plugins.best_time.level import Sums

SPREADS = (0.02, 0.06, 0.10, 0.15, 0.22, 0.32)
"""The values of s that are tried: standard deviation over the week of the log of what the hour brings."""

WEIGHTS = (0.10, 0.21, 0.28, 0.22, 0.13, 0.06)
"""How probable each is before anything was seen; the study behind this found 0.04 to 0.13 for real accounts
(reference: optimizer, section 3)."""

SOBER = (1.5, 1.8, 1.2, 0.4, 0.15, 0.05)
"""By how much more or less each is believed when a number is shown to a person: the hour that is shown is
the one that looked best of many, and it looks better than it is most of all where hours matter little."""

OWN_PART, COMMON_PART = 0.5, 0.3
"""Which parts of the variance are an account's own, and the doubt about what its platform has in common."""

DOUBTS, DOUBT_WEIGHTS = (0.02, 0.10, 0.30, 1.00), (0.25, 0.35, 0.25, 0.15)
"""That doubt, where other accounts can tell how large it is: what is tried, and how probable each is."""

KIND_PART = 0.1
"""How far one kind of posts may differ from an account's others, as a part of the variance of its curve."""

Others = tuple[float, Floats, Floats]
"""What the other accounts of a platform showed of the common curve: typical spread, precision, pull."""

PSEUDO_ACCOUNTS = 15.0
"""How many accounts the `WEIGHTS` above are worth when a platform's own are learned."""

ROUGH = 0.42
"""What an hour can differ by from any smooth curve, as a part of s; chosen so that 80 % intervals held the
truth in 79 % of simulated accounts or more, whatever the size of the effect (`make bench-learn`)."""

EIGHTY = 1.2815515655446004


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What all accounts of a platform have in common: ``precision`` and ``pull`` of their shared curve, at
    the typical spread ``typical``, and how the spreads were found to be weighted."""

    accounts: int
    posts: int
    typical: float
    weights: tuple[float, ...]
    precision: Floats
    pull: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Logs of what each of 168 hours brings against the account's usual: means, the ends of the 80 %
    intervals, standard deviations, and the chance that it is better than usual. ``sober`` are the
    means as they are shown to people, ``spread`` the s that is now expected."""

    means: Floats
    lows: Floats
    highs: Floats
    sds: Floats
    better: Floats
    sober: Floats
    spread: float


def _told(account: Sums, within: float) -> tuple[Floats, Floats]:
    """What one account says of the curve it shares, when accounts differ from it with spread ``within``."""
    gram, pull = account.gram / account.noise, account.pull / account.noise
    inverse = np.linalg.inv(gram + np.diag(1 / (OWN_PART * within**2 * SHAPE)))
    kept = gram @ inverse
    precision = gram - kept @ gram
    return (precision + precision.T) / 2, pull - kept @ pull


def pooled(accounts: Sequence[Sums]) -> Pool | None:
    """What the accounts of one platform have in common; None for a single one."""
    if len(accounts) < 2:
        return None
    blank = _prior(np.zeros(SIZE), np.zeros(SIZE), None)
    chances = np.stack([_posterior(one, *blank)[2] for one in accounts])
    start = np.array(WEIGHTS)
    weights = start
    for _ in range(15):
        belief = np.exp(chances - chances.max(axis=1, keepdims=True)) * weights
        belief /= belief.sum(axis=1, keepdims=True)
        weights = (belief.sum(axis=0) + PSEUDO_ACCOUNTS * start) / (len(accounts) + PSEUDO_ACCOUNTS)
    typical = float(np.sqrt(weights @ np.square(SPREADS)))
    precision, pull = np.zeros((SIZE, SIZE)), np.zeros(SIZE)
    for one in accounts:
        added, drawn = _told(one, typical)
        precision += added
        pull += drawn
    return Pool(
        accounts=len(accounts),
        posts=sum(one.n for one in accounts),
        typical=typical,
        weights=tuple(float(weight) for weight in weights),
        precision=precision,
        pull=pull,
    )


def _prior(common: Floats, own: Floats, others: Others | None) -> tuple[Floats, Floats]:
    """Means (S, 18) and covariances (S, 18, 18) of the curve for each spread, before the account's own
    posts: the platform's pattern as the others corrected it, and what is expected of this account alone."""
    spreads = np.array(SPREADS)
    middle, doubt = common, np.diag(COMMON_PART * SHAPE)
    if others is not None:
        middle, doubt = _corrected(common, others)
    covariance = np.diag(OWN_PART * SHAPE) + doubt
    return spreads[:, None] * (middle + own), (spreads**2)[:, None, None] * covariance


def _corrected(common: Floats, others: Others) -> tuple[Floats, Floats]:
    """Mean and covariance, at a spread of 1, of what accounts have in common after the others were seen.

    How far a platform's pattern may be off is not known either: `DOUBTS` are tried and weighed.
    """
    typical, precision, pull = others
    doubt = 1 / (np.array(DOUBTS)[:, None] * typical**2 * SHAPE)
    start = typical * common
    full = precision + np.eye(SIZE) * doubt[:, None, :]
    after = np.linalg.inv(full)
    drawn = pull + doubt * start
    middles = np.einsum("dpq,dq->dp", after, drawn)
    evidence = 0.5 * (np.log(doubt).sum(axis=1) - np.linalg.slogdet(full)[1])
    evidence += 0.5 * (np.einsum("dp,dp->d", drawn, middles) - doubt @ start**2)
    weights = np.exp(evidence - evidence.max()) * DOUBT_WEIGHTS
    weights /= weights.sum()
    middle = weights @ middles
    off = middles - middle
    covariance = np.einsum("d,dpq->pq", weights, after) + np.einsum("d,dp,dq->pq", weights, off, off)
    return middle / typical, covariance / typical**2


def _posterior(own: Sums, means: Floats, covariances: Floats) -> tuple[Floats, Floats, Floats]:
    """Means, covariances and log evidence after the posts, for each spread."""
    inverse = np.linalg.inv(covariances)
    precision = inverse + own.gram / own.noise
    known = (inverse @ means[:, :, None])[:, :, 0]
    pull = known + own.pull / own.noise
    after = np.asarray(np.linalg.inv(precision), dtype=np.float64)
    centre = (after @ pull[:, :, None])[:, :, 0]
    evidence: Floats = 0.5 * (np.linalg.slogdet(inverse)[1] - np.linalg.slogdet(precision)[1])
    evidence -= 0.5 * (means * known).sum(axis=1)
    evidence += 0.5 * (pull * centre).sum(axis=1)
    return centre, after, evidence


def curve(
    own: Sums,
    common: Floats,
    shape: Floats,
    pool: Pool | None,
    member: Sums | None,
    rest: Sums | None = None,
) -> Curve:
    """The curve of an account whose posts are reduced to ``own``.

    ``common`` and ``shape``: coefficients, at a spread of 1, of what is expected of every account of the
    platform and of this one on top. ``pool``: what its platform's accounts have in common, of which
    ``member`` is its own part that must not count twice. ``rest``: the account's other kinds of posts, when
    ``own`` is of one kind only.
    """
    others = None
    weights = np.array(WEIGHTS)
    if pool is not None:
        precision, pull = pool.precision, pool.pull
        if member is not None:
            added, drawn = _told(member, pool.typical)
            precision, pull = precision - added, pull - drawn
        others = (pool.typical, precision, pull)
        weights = np.array(pool.weights)
    means, covariances = _prior(common, shape, others)
    contrast = WEEK - own.usual
    belief = np.log(weights)
    if rest is not None:
        means, after, evidence = _posterior(rest, means, covariances)
        covariances = after + (np.array(SPREADS) ** 2)[:, None, None] * np.diag(KIND_PART * SHAPE)
        belief = belief + evidence
    means, covariances, evidence = _posterior(own, means, covariances)
    belief = belief + evidence
    weights = np.exp(belief - belief.max())
    weights /= weights.sum()
    swing = ((means @ own.around) * means).sum(axis=1)
    swing += (covariances * own.around).sum(axis=(1, 2))
    middles = means @ contrast.T - 0.5 * swing[:, None]
    variances = _spread(contrast, covariances)
    mean, sd = _mixed(middles, variances, weights)
    return Curve(
        means=mean,
        lows=mean - EIGHTY * sd,
        highs=mean + EIGHTY * sd,
        sds=sd,
        better=ndtr(mean / sd),
        sober=(weights * SOBER) @ middles / float(weights @ np.array(SOBER)),
        spread=float(np.sqrt(weights @ np.square(SPREADS))),
    )


def _spread(contrast: Floats, covariances: Floats) -> Floats:
    """Variances (S, 168) of the contrasts, with what no smooth curve follows."""
    smooth = ((contrast @ covariances) * contrast).sum(axis=-1)
    rough: Floats = smooth + (ROUGH * np.array(SPREADS))[:, None] ** 2
    return rough


def _mixed(means: Floats, variances: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of a mixture over the first axis."""
    mean = weights @ means
    variance = weights @ (variances + means**2) - mean**2
    return mean, np.sqrt(np.maximum(variance, 1e-12))
