"""A winner's whole way on one console, against the simulators of two real platforms."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import build, make_log
from bot.chat.console import Console
from bot.config import Config
from bot.domain.delivery import State
from bot.domain.proposal import crosspost_key
from bot.registry import load
from bot.testing.clock import FakeClock
from bot.testing.story import BRAND, Stage
from plugins.twitter.simulator import TwitterSimulator

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ORDINARY = 10
USUAL = 1000


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    clock, lines, heard, log = FakeClock(TUESDAY), list[str](), list[str](), make_log(io.StringIO())

    async def read_line() -> str | None:
        return lines.pop(0) if lines else None

    def console(first: int) -> Console:
        return Console(read_line=read_line, write=heard.append, first_ref=first)

    config = Config(path=tmp_path / "config.toml", brands=(replace(BRAND, spacing_s=0),))
    registry = load(log=log, entry_points=())
    async with build(config, clock=clock, env={}, chats=[console], log=log, registry=registry) as app:
        yield Stage(
            app=app, clock=clock, write=lambda _: None, lines=lines, heard=heard, folder=f"{tmp_path}/"
        )


async def _publish(stage: Stage, text: str) -> None:
    await stage.say("alice", f'/post "{text}" --to acme-x --at now')
    await stage.say("bob", "/approve latest")
    await stage.wait(timedelta(minutes=1))


async def test_a_winner_is_proposed_made_reviewed_and_comes_out_once(stage: Stage) -> None:
    x = stage.app.simulators["twitter"]
    assert isinstance(x, TwitterSimulator)
    for number in range(ORDINARY):
        await _publish(stage, f"An ordinary thing, number {number}.")
    await _publish(stage, "Why our card has three previews.")
    posts = sorted(x.world.posts, key=lambda p: p.created_at)
    assert len(posts) == ORDINARY + 1
    for number, post in enumerate(posts):
        views = USUAL * 6 if number == ORDINARY else USUAL + 50 * (number % 5)
        post.metrics.update(impression_count=views, like_count=views // 40)
    await stage.wait(timedelta(hours=26))
    heard = await stage.wait(timedelta(minutes=31))
    assert "R1 · proposal" in heard
    assert f"P{ORDINARY + 1} on X: 6,000 views after " in heard
    assert "its usual at the same age" in heard
    assert "It is not on LinkedIn (acme-li) yet." in heard
    assert "no figure yet: 0 of 10 pairs X → LinkedIn" in heard
    assert "SIMULATED" in heard

    key, made = crosspost_key(ORDINARY + 1, "acme-li"), ORDINARY + 2
    one = await stage.app.services.store.read(lambda tx: tx.proposals.of_key("acme", key))
    assert one is not None
    said = await stage.say("alice", f"/proposals take {one.name}")
    assert f"P{made} is made of {one.name}" in said
    rows = await stage.rows(made)
    assert {name: d.state for name, d in rows.items()} == {"linkedin": State.IN_REVIEW}
    assert "someone else has to approve" in await stage.say("alice", f"/approve P{made}")
    await stage.say("bob", f"/approve P{made}")
    due = rows["linkedin"].due
    assert due is not None
    await stage.wait(due - stage.clock.now() + timedelta(minutes=2))
    (out,) = (await stage.rows(made)).values()
    assert out.state is State.LIVE
    assert out.variant.body == "Why our card has three previews."

    # whatever is looked at again, it stays one proposal for each account and one post
    await stage.wait(timedelta(hours=6))
    svc = stage.app.services
    found = await svc.store.read(lambda tx: tx.proposals.of_source(ORDINARY + 1))
    assert len({(p.source_post, p.account) for p in found}) == len(found)
    assert [p.post_id for p in found if p.account == "acme-li"] == [made]
