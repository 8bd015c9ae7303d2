"""Winners among real posts: every page and account has some, none has too many, whatever its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from benchmarks.real_posts import FACEBOOK, THAI, TWEETS, one_page, pages, tweets
from bot.domain.outcomes import PAID, PostOutcome
from plugins.cross_post.api import Absolute, Relative, high_performers

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEAST_POSTS = 100
"""Of accounts that are looked at: with fewer, one post more or less is more than one percent."""


@pytest.mark.parametrize(
    ("file", "read"), [(THAI, pages), (TWEETS, tweets), (FACEBOOK, one_page)], ids=["pages", "tweets", "page"]
)
def test_every_account_has_winners_and_none_has_too_many(
    file: Path, read: Callable[[], list[PostOutcome]]
) -> None:
    if not file.is_file():
        pytest.skip(f"{file.name} is not here")
    posts = read()
    found = high_performers(posts, policy=Relative(), now=NOW)
    many, high = Counter(p.account_id for p in posts), Counter(p.account_id for p in found)
    shares = [high[name] / n for name, n in many.items() if n >= LEAST_POSTS]
    assert all(0.01 <= share <= 0.25 for share in shares), shares
    assert 0.04 <= float(np.median(shares)) <= 0.15, shares
    assert all(p.ratio >= 1.5 for p in found)
    assert not {p.post_id for p in found} & {p.post_id for p in posts if PAID in p.flags}


@pytest.mark.skipif(not FACEBOOK.is_file(), reason="facebook_metrics_uci.csv is not here")
def test_ten_times_the_views_are_the_same_winners_but_for_the_fixed_rule() -> None:
    posts = one_page()
    larger = [replace(p, views=(p.views or 0.0) * 10) for p in posts]

    def found(rows: list[PostOutcome], policy: Relative | Absolute) -> set[str]:
        return {p.post_id for p in high_performers(rows, policy=policy, now=NOW)}

    assert found(larger, Relative()) == found(posts, Relative())
    fixed = Absolute(rate=0.001)
    assert len(found(larger, fixed)) > 1.4 * len(found(posts, fixed)) > 0
