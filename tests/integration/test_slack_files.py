"""Files that people give in Slack: fetched with the token, from Slack alone, safely named, never too much."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.slack.download import LARGEST, safe_name
from bot.domain.message import Attachment
from bot.errors import BadInput, ChatClosed, ChatError, ChatRefused
from bot.testing.simulator import Failure
from tests.integration.slack_world import World, quiet


def given_file(ref: str, name: str = "a.png") -> Attachment:
    return Attachment(name=name, ref=ref)


def announced(world: World, ref: str, size: int) -> None:
    """Slack tells another size than the file has."""
    url = f"{world.slack.url}/files-pri/T0-{ref}/film.mp4"
    told = {"id": ref, "name": "film.mp4", "size": size, "url_private_download": url}
    world.slack.fail("* /api/files.info", Failure(status=200, body={"ok": True, "file": told}))


def empty(folder: Path) -> bool:
    return not list(folder.iterdir())


async def test_a_file_comes_through_whole(tmp_path: Path) -> None:
    async with quiet() as world:
        data = bytes(range(256)) * 4_000
        file = given_file(world.slack.upload("U1", "launch day.png", data))
        first = await world.chat.download(file, tmp_path)
        second = await world.chat.download(file, tmp_path)
        assert first.parent == second.parent == tmp_path
        assert (first.name, second.name) == ("launch_day.png", "launch_day-2.png")
        assert first.read_bytes() == second.read_bytes() == data


@pytest.mark.parametrize("code", ["file_not_found", "file_deleted"])
async def test_a_file_that_is_gone(code: str, tmp_path: Path) -> None:
    async with quiet() as world:
        file = given_file(world.slack.upload("U1", "a.png", b"x"))
        world.slack.go_wrong("files.info", code)
        with pytest.raises(ChatRefused, match=r"cannot see “a.png” .* attach it again"):
            await world.chat.download(file, tmp_path)
        assert empty(tmp_path)


async def test_a_file_too_large_is_not_fetched(tmp_path: Path) -> None:
    async with quiet() as world:
        ref = world.slack.upload("U1", "film.mp4", b"x")
        announced(world, ref, LARGEST + 1)
        with pytest.raises(BadInput, match="at most 1 GB"):
            await world.chat.download(given_file(ref), tmp_path)
        assert world.slack.count("GET /files-pri/{file}/{rest:.*}") == 0


async def test_a_file_larger_than_announced_is_cut_off(tmp_path: Path) -> None:
    async with quiet() as world:
        ref = world.slack.upload("U1", "film.mp4", b"x" * 100_000)
        announced(world, ref, 10)
        with pytest.raises(BadInput, match="larger than Slack said"):
            await world.chat.download(given_file(ref), tmp_path)
        assert empty(tmp_path)


async def test_a_file_cut_on_its_way_is_not_taken_for_whole(tmp_path: Path) -> None:
    async with quiet() as world:
        ref = world.slack.upload("U1", "film.mp4", b"x" * 100_000)
        announced(world, ref, 200_000)
        with pytest.raises(ChatError, match="did not come through"):
            await world.chat.download(given_file(ref), tmp_path)
        assert empty(tmp_path)


async def test_without_the_scope_slack_shows_a_page_to_log_in(tmp_path: Path) -> None:
    async with quiet() as world:
        ref = world.slack.upload("U1", "a.png", b"\x89PNG")
        info = world.slack.state.scopes
        info.discard("files:read")
        with pytest.raises(ChatClosed, match="files:read"):
            await world.chat.download(given_file(ref), tmp_path)
        assert empty(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.png",
        "https://slack.com.evil.example/a.png",
        "http://files.slack.com/a.png",
        "https://evilslack.com/a.png",
        "file:///etc/passwd",
        "",
    ],
)
async def test_the_token_goes_to_slack_and_to_nobody_else(url: str, tmp_path: Path) -> None:
    async with quiet() as world:
        downloads = world.chat._downloads
        assert not downloads._trusted(url)
        assert downloads._trusted("https://files.slack.com/files-pri/T1-F1/a.png")
        assert downloads._trusted(f"{world.slack.url}/files-pri/T1-F1/a.png")


@given(st.text(max_size=300))
def test_names_are_names_only(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 110
    assert safe == Path(safe).name
    assert safe[0] not in "._-"
    assert "/" not in safe
    assert "\\" not in safe
    assert "\0" not in safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Launch day.PNG", "Launch_day.PNG"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        ("C:\\a\\b.mp4", "b.mp4"),
        ("über.jpg", "über.jpg"),
        ("no ending", "no_ending"),
    ],
)
def test_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe
