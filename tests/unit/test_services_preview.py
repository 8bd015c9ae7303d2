"""Previews: exactly what each account will get, as text, in a file with a name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.testing.picture import png
from tests.unit.demo_world import KEY, LOOK, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as made:
        yield made


async def test_a_preview_shows_every_part_and_file_and_finding(world: World, tmp_path: Path) -> None:
    picture = tmp_path / "launch.png"
    picture.write_bytes(png(64, 32))
    size = f"{picture.stat().st_size:,}"
    await world.say(
        "alice",
        f'/post "one / two" --thread --to {LOOK} --at "mon 17:30" --media {picture} --alt "a launch"',
    )
    saved = world.app.services.previews / f"P1-v1-{LOOK}.txt"
    assert saved.read_text(encoding="utf-8") == (
        f"P1 v1 for Demo (lookup), account {LOOK}\n"
        "When: mon 17:30 → Mon 23 Nov 17:30 Lisbon\n"
        "\n"
        "— part 1 of 2 —\n"
        "one\n"
        f"[image: launch.png, 64×32, {size} bytes, alt: a launch]\n"
        "\n"
        "— part 2 of 2 —\n"
        "two\n"
        "\n"
        "· 8/500\n"
    )
    said = await world.say("alice", "/preview latest")
    assert said == saved.read_text(encoding="utf-8") + f"saved as {saved}"


async def test_each_account_has_its_own_and_one_can_be_picked(world: World) -> None:
    await world.say("alice", f'/post "Hello" --to {LOOK},{KEY} --for {KEY} "Hello, key" --at now')
    both = await world.say("alice", "/preview P1")
    assert both.count("— text —") == 2
    one = await world.say("alice", f"/preview P1 --to {KEY}")
    assert one.startswith(
        f"P1 v1 for Demo (own key), account {KEY}\nWhen: once approved\n\n— text —\nHello, key\n"
    )
    assert await world.say("alice", "/preview P1 --to acme-blind") == "P1 has nothing for that account."


async def test_what_stands_in_the_way_is_marked_with_the_way_out(world: World) -> None:
    await world.say("alice", f'/post "{"x" * 501}" --to {LOOK} --at now')
    assert "✗ Demo takes 500 characters, this has 501. — shorten it" in await world.say(
        "alice", "/preview P1"
    )


async def test_each_version_has_its_own_file(world: World) -> None:
    await world.say("alice", f'/post "Hello" --to {LOOK} --at now')
    await world.say("alice", '/edit P1 "Hello again"')
    names = sorted(p.name for p in world.app.services.previews.iterdir())
    assert names == [f"P1-v1-{LOOK}.txt", f"P1-v2-{LOOK}.txt"]


async def test_a_disk_that_takes_no_file_costs_the_file_and_not_the_post(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "previews").write_text("a file stands where the folder should be")
    assert "waits for approval" in await world.say("alice", f'/post "Hello" --to {LOOK} --at now')
    assert (await world.say("alice", "/preview P1")).endswith("(could not be saved)")
    assert "preview_not_saved" in world.log.getvalue()
