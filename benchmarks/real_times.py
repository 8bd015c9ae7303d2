"""Best times on real posts: learn from the first 60 % of each account, look at the last 40 %.

What counts is how much better those later posts did that went out in the quarter of their hours which
the model, or the averages of raw cells, had put first. Observational: good content may have gone to good
hours. Learning from shuffled outcomes shows what of it is chance.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.learn import shared
from benchmarks.table import Figure
from benchmarks.worlds import Floats
from plugins.best_time.api import PostOutcome, fit, score_slots

Accounts = Mapping[str, Sequence[PostOutcome]]
Rows = Iterator[tuple[str, str, datetime, float]]
LEAST, TRAIN, TOP = 40, 0.6, 0.75
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def pages(file: Path) -> Rows:
    """Nine pages; the file does not say in which zone its times are, so they are taken as they stand."""
    with file.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            count = sum(float(row[name]) for name in ("num_reactions", "num_comments", "num_shares"))
            yield (
                row["account_id"],
                row["status_type"],
                datetime.fromisoformat(row["status_published"]),
                count,
            )


def tweets(file: Path) -> Rows:
    """Two accounts."""
    with file.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            count = sum(float(row[name]) for name in ("retweets", "favorites", "replies"))
            yield row["user"], "text", datetime.fromisoformat(row["created_at"]), count


def accounts(rows: Rows, platform: str) -> Accounts:
    """Posts by account in order of time, all of them old; wall times taken for UTC."""
    found: dict[str, list[PostOutcome]] = {}
    for i, (name, kind, wall, count) in enumerate(rows):
        at = wall.replace(tzinfo=UTC)
        seen = at + timedelta(days=400)
        found.setdefault(name, []).append(PostOutcome(str(i), name, platform, kind, at, seen, count))
    return {
        name: sorted(posts, key=lambda post: post.published_at)
        for name, posts in found.items()
        if len(posts) >= LEAST
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Relative: how much better later posts in the first quarter of hours did. ``slope`` is what of the
    predicted difference (log) came, ``n`` the later posts."""

    model: float
    raw: float
    slope: float
    n: int


def held_out(found: Accounts, *, last: int | None = None, shuffle: random.Random | None = None) -> Held:
    """Learn from the earlier posts (the ``last`` of them, with outcomes shuffled), judge by the later."""
    early: dict[str, list[PostOutcome]] = {}
    for name, posts in found.items():
        train = list(posts[: int(len(posts) * TRAIN)])
        early[name] = train[-last:] if last else train
        if shuffle is not None:
            counts = [post.engagement for post in early[name]]
            shuffle.shuffle(counts)
            early[name] = [
                replace(post, engagement=count) for post, count in zip(early[name], counts, strict=True)
            ]
    model = fit(
        [post for posts in early.values() for post in posts], zones=dict.fromkeys(early, "UTC"), now=LATER
    )
    gains: dict[str, list[float]] = {"model": [], "raw": []}
    weights: list[float] = []
    thought: list[Floats] = []
    came: list[Floats] = []
    for name, posts in found.items():
        later = posts[int(len(posts) * TRAIN) :]
        hours = np.array([_hour(post) for post in later])
        left = residuals(later)
        scores = score_slots(model, account_id=name, platform=later[0].platform, content_type="")
        means = np.log1p(np.array(scores.means))
        ties = 1e-9 * np.random.default_rng(0).random(hours.size)
        for way, values in (("model", means), ("raw", _cells(early[name]))):
            order = values[hours] + ties
            gains[way].append(float(left[order >= np.quantile(order, TOP)].mean()))
        weights.append(float(hours.size))
        thought.append(means[hours] - means[hours].mean())
        came.append(left)
    predicted, real = np.concatenate(thought), np.concatenate(came)
    return Held(
        model=float(np.expm1(np.average(gains["model"], weights=weights))),
        raw=float(np.expm1(np.average(gains["raw"], weights=weights))),
        slope=float(predicted @ real / (predicted @ predicted)),
        n=int(sum(weights)),
    )


def _hour(post: PostOutcome) -> int:
    return post.published_at.weekday() * 24 + post.published_at.hour


def _cells(posts: Sequence[PostOutcome]) -> Floats:
    hours = [_hour(post) for post in posts]
    total = np.bincount(hours, [post.engagement for post in posts], 168)
    many = np.bincount(hours, minlength=168)
    average = total.sum() / many.sum()
    cells: Floats = np.where(many > 0, total / np.maximum(many, 1), average)
    return cells


def residuals(posts: Sequence[PostOutcome], around: int = 15) -> Floats:
    """Logs of counts without the kind of post and the level of the neighbours in time; average 0."""
    values = np.log1p(np.array([post.engagement for post in posts]))
    kinds = np.array([post.content_type for post in posts])
    middle = float(np.median(values))
    for kind in sorted(set(kinds.tolist())):
        same = kinds == kind
        values[same] -= (np.median(values[same]) - middle) * same.sum() / (same.sum() + 5)
    level = [np.median(values[max(0, i - around) : i + around + 1]) for i in range(values.size)]
    left = values - np.array(level)
    scale = 4 * 1.4826 * float(np.median(np.abs(left - np.median(left)))) + 1e-9
    left = np.clip(left, np.median(left) - scale, np.median(left) + scale)
    centred: Floats = left - left.mean()
    return centred


SETS: Mapping[str, tuple[str, Callable[[Path], Rows], str]] = {
    "nine pages": ("fb_live_thailand_uci.csv", pages, "facebook"),
    "two accounts' tweets": ("tweets_obama_trump_538.csv", tweets, "x"),
}
SHUFFLES = 20


def figures() -> list[Figure]:
    """What was seen on real posts, or a line that says they are not here."""
    said: list[Figure] = []
    for name, (file, read, platform) in SETS.items():
        path = shared(file)
        if path is None:
            said.append(Figure(name=f"real: {name}", bar="told", measured="the data is not here"))
            continue
        found = accounts(read(path), platform)
        for last in (None, 64):
            held = held_out(found, last=last)
            which = "all earlier posts" if last is None else f"the last {last} earlier posts"
            said.append(
                Figure(
                    name=f"real: {name}, {which}",
                    bar="told",
                    measured=f"{held.model:+.1%} (slope {held.slope:.2f}, {held.n} posts)",
                    limit=f"raw cells {held.raw:+.1%}",
                )
            )
        chance = [held_out(found, shuffle=random.Random(i)).model for i in range(SHUFFLES)]
        said.append(
            Figure(
                name=f"real: {name}, {SHUFFLES} shuffles",
                bar="± 3 %",
                measured=f"{np.mean(chance):+.1%} (sd {np.std(chance):.1%})",
                met=bool(abs(np.mean(chance)) <= 0.03),
            )
        )
    return said


__all__ = ["SETS", "Held", "accounts", "figures", "held_out", "residuals"]
