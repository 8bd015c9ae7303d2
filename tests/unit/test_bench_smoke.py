"""The benchmarks measure what they say; how much they measure is no test's business."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks import burst
from benchmarks.stored import BRAND, account_names, multiply, put
from benchmarks.table import Figure, render
from bot.domain.delivery import State
from bot.domain.post import fingerprint
from bot.store import open_store


def test_the_table_says_what_is_met_and_tells_each_condition_once() -> None:
    figures = [
        Figure(name="fast", bar="≤ 1 s", measured="0.5 s", met=True, notes=("here",)),
        Figure(name="slow", bar="≤ 1 s", measured="2 s", limit="0.1 s", met=False, notes=("here",)),
        Figure(name="odd", bar="told", measured="3"),
    ]
    head, _, *rows = render(figures).splitlines()
    assert head.split() == ["figure", "bar", "measured", "client", "limit", "met"]
    assert [row.split()[-1] for row in rows[:3]] == ["yes", "NO", "–"]
    assert rows[3:] == ["", "* here"]


async def test_copied_posts_are_like_those_that_were_written(tmp_path: Path) -> None:
    file, names = tmp_path / "clarion.db", account_names(3)
    store = await open_store(f"sqlite+aiosqlite:///{file}")
    now = datetime.now(UTC)
    await put(store, [(name, f"of {name}", now - timedelta(hours=1)) for name in names])
    multiply(file, templates=len(names), many=20, apart=timedelta(minutes=10))
    rows = await store.read(lambda tx: tx.deliveries.unfinished(BRAND))
    due = await store.read(lambda tx: tx.deliveries.waiting_accounts(now))
    posts = await store.read(lambda tx: [tx.posts.get(row.post_id) for row in rows])
    await store.aclose()
    assert [row.id for row in rows] == list(range(1, 21))
    assert set(due) == set(names)
    for row, post in zip(rows, posts, strict=True):
        assert post is not None
        assert row.fingerprint == fingerprint(row.variant, post.wish)
        assert (row.state, row.account) == (State.SCHEDULED, row.variant.account)
        assert row.due == row.wake_at


@pytest.mark.bench
async def test_a_small_burst_goes_out_whole_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("POSTS", 40), ("ACCOUNTS", 5), ("STORED", 200), ("ROUNDS", 1)):
        monkeypatch.setattr(burst, name, value)
    monkeypatch.setattr(burst, "AHEAD", timedelta(seconds=0.5))
    figures = {figure.name: figure for figure in await burst.measure()}
    assert figures["burst: accounts out of order"].met
