"""A platform's own code about files and looks, when it breaks: logged, and nothing else is harmed."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import make_log
from bot.domain.delivery import State
from bot.domain.platform import Facts
from bot.domain.post import Part, Variant
from bot.ports import Platform
from bot.registry import load
from bot.services.isolated import guarded_manifest
from tests.unit.demo_world import KEY, open_world

VARIANT = Variant(account="a", platform="demo", parts=(Part(text="x"),))


def breaks(variant: Variant, facts: Facts) -> Any:
    raise SystemExit("a plugin that means it")


def broken(platform: Platform[Any]) -> Platform[Any]:
    return replace(platform, media=breaks, look=breaks)


def test_what_breaks_says_nothing_and_is_logged() -> None:
    text = io.StringIO()
    log = make_log(text)
    registry = load(log=log, builtins="bot.testing.platforms", entry_points=())
    platform = broken(next(iter(registry.platforms.values())))
    kept = guarded_manifest(platform, "mine", watch=registry.watch, log=log)
    assert kept.media is not None
    assert kept.look is not None
    assert kept.media(VARIANT, Facts()) is None
    assert kept.look(VARIANT, Facts()) is None
    assert text.getvalue().count("plugin_broke") == 2
    assert "mine" in text.getvalue()


def test_what_is_not_there_stays_so() -> None:
    registry = load(log=make_log(io.StringIO()), builtins="bot.testing.platforms", entry_points=())
    platform = next(iter(registry.platforms.values()))
    kept = guarded_manifest(platform, "mine", watch=registry.watch, log=make_log(io.StringIO()))
    assert (kept.media, kept.look) == (None, None)


@pytest.mark.parametrize("with_file", [False, True])
async def test_a_post_goes_out_all_the_same(tmp_path: Path, with_file: bool) -> None:
    from bot.testing.picture import png

    (tmp_path / "p.png").write_bytes(png(8, 6))
    async with open_world(tmp_path, dress=broken) as world:
        media = f"--media {tmp_path / 'p.png'}" if with_file else ""
        await world.say("alice", f"/post Hello --at now --to {KEY} {media}")
        await world.say("bob", "/approve P1")
        assert (await world.row()).state is State.LIVE
