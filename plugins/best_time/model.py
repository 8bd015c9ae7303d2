"""What was learned of all accounts at an instant: small enough to keep, can be pickled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from bot.api import HERO, PostOutcome
from plugins.best_time.basis import Floats
from plugins.best_time.curve import Pool, pooled
from plugins.best_time.growth import OLD_ENOUGH, learned_tau, share, starting_tau
from plugins.best_time.level import Sums, favourite, jump, sums
from plugins.best_time.rows import History, aware, hours, read, rises
from plugins.best_time.zones import week_hours, zone

VERSION = "best_time/1"

ENOUGH_OF_A_KIND = 60
"""Posts of one kind that earn it a curve of its own, drawn towards the account's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One account. ``sums`` of all posts that count, ``kinds`` of each kind with enough of its own, with
    those of the rest; the other fields say what a person should know about them."""

    platform: str
    zone: str
    sums: Sums
    zoned: bool = True
    kinds: Mapping[str, tuple[Sums, Sums]] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    read_at: datetime | None = None
    favourite: tuple[int, float] = (0, 0.0)
    empty: int = 0
    same: bool = False
    jumped: tuple[datetime, float] | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    young: int = 0
    faulty: int = 0
    fell: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """All accounts of a tenant, what the accounts of a platform have in common, and how fast counts grow."""

    now: datetime
    accounts: Mapping[str, Known]
    pools: Mapping[str, Pool]
    taus: Mapping[str, float]
    version: str = VERSION


def fit(posts: Sequence[PostOutcome], *, zones: Mapping[str, str], now: datetime) -> Model:
    """Learn from what became of posts. Several rows of one post are several readings; the newest counts.

    ``zones``: account → IANA name of the zone whose hours matter, best its audience's. Left out are paid,
    cross-posted and test posts, those too young to judge, and readings that make no sense; zeros are kept.
    Nothing after ``now`` is looked at. Raises ValueError for instants without a zone and unknown zones.
    """
    now = aware(now, "now")
    found = read(posts, now)
    taus = {name: learned_tau(name, *rises(pairs)) for name, pairs in sorted(found.pairs.items())}
    accounts = {
        name: _known(history, zones.get(name), taus) for name, history in sorted(found.accounts.items())
    }
    grouped: dict[str, list[Sums]] = {}
    for one in accounts.values():
        if one.sums.n:
            grouped.setdefault(one.platform.casefold(), []).append(one.sums)
    pools = {name: pool for name, members in grouped.items() if (pool := pooled(members)) is not None}
    return Model(now=now, accounts=accounts, pools=pools, taus=taus)


def _known(history: History, where: str | None, taus: Mapping[str, float]) -> Known:
    """Reduce one account's posts."""
    posts = sorted(history.posts, key=lambda post: (post.published_at, post.post_id))
    platform = posts[-1].platform if posts else ""
    tau = np.array([taus.get(post.platform) or starting_tau(post.platform) for post in posts])
    age = np.array([hours(post.published_at, post.observed_at) for post in posts])
    grown = share(age, tau)
    old = grown >= OLD_ENOUGH
    posts = [post for post, keep in zip(posts, old, strict=True) if keep]
    counts = np.array([post.engagement for post in posts], dtype=np.float64)
    home = zone(where or "UTC")
    at = week_hours((post.published_at for post in posts), home)
    values = np.log1p(counts) - np.log(grown[old])
    kinds = [f"{post.content_type} {HERO}" if HERO in post.flags else post.content_type for post in posts]
    same = len(posts) >= 3 and float(np.ptp(counts)) == 0
    if same:
        values = np.zeros_like(values)
    jumped = jump(values)
    whole = sums(at, values, kinds, jumped)
    slot, most = favourite(at) if posts else (0, 0)
    return Known(
        platform=platform,
        zone=where or "UTC",
        zoned=where is not None,
        sums=whole,
        kinds=_kinds(at, values, [post.content_type for post in posts], whole),
        since=posts[0].published_at if posts else None,
        until=posts[-1].published_at if posts else None,
        read_at=max((post.observed_at for post in posts), default=None),
        favourite=(slot, most / len(posts) if posts else 0.0),
        empty=int((counts == 0).sum()),
        same=same,
        jumped=(posts[jumped.index].published_at, float(np.exp(jumped.size))) if jumped else None,
        left_out=dict(sorted(history.left_out.items())),
        young=int((~old).sum()),
        faulty=history.faulty,
        fell=history.fell,
    )


def _kinds(at: Floats, values: Floats, names: Sequence[str], whole: Sums) -> Mapping[str, tuple[Sums, Sums]]:
    """The kinds that have enough posts for a curve of their own, if there is more than one kind."""
    held = np.asarray(names)
    found: dict[str, tuple[Sums, Sums]] = {}
    for name in sorted(set(names)):
        of_it = held == name
        if of_it.sum() < ENOUGH_OF_A_KIND or of_it.all():
            continue
        own = sums(at[of_it], values[of_it], [name] * int(of_it.sum()))
        rest = sums(at[~of_it], values[~of_it], list(held[~of_it]))
        found[name] = (replace(own, usual=whole.usual, around=whole.around), rest)
    return found
