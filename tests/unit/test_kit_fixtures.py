"""The kit's fixtures as a stranger's plain tests use them: no async test, no plugin of pytest's but ours."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import State
from bot.domain.platform import AccountInfo
from bot.ports import Deps, Platform
from bot.testing import scaffold
from bot.testing.bot import Bot
from bot.testing.clock import FakeClock
from bot.testing.contract.lent import RememberedLog, WatchedHttp
from bot.testing.guards import Leaked, nothing_left
from bot.testing.loop import Loop
from bot.testing.scaffold.publisher import NoticeboardSettings
from bot.testing.simulator import LOST_REPLY, Simulator

PLATFORM: Platform[Any] = next(iter(scaffold.register_platforms()))


def test_a_publisher_talks_to_its_simulator(
    clarion_loop: Loop,
    clarion_deps: Deps,
    clarion_http: WatchedHttp,
    clarion_simulator: Callable[[Platform[Any]], Simulator],
) -> None:
    from bot.config import Secret

    simulator = clarion_simulator(PLATFORM)
    settings = NoticeboardSettings(token=Secret("simulated-token"), base_url=simulator.url)
    info = clarion_loop.run(PLATFORM.connect(settings, clarion_deps).check())
    assert info == AccountInfo(id="1", handle="@acme")
    assert [asked.url for asked in clarion_http.asked] == [f"{simulator.url}/me"]


def test_the_fixtures_share_one_clock(
    clarion_deps: Deps, clarion_clock: FakeClock, clarion_log: RememberedLog
) -> None:
    assert clarion_deps.clock is clarion_clock
    assert clarion_deps.log is clarion_log


def test_a_whole_bot_publishes_through_a_plugin(clarion_guard: None, clarion_bot: Callable[..., Bot]) -> None:
    bot = clarion_bot(board=scaffold)
    assert "IN REVIEW" in bot.say("alice", '/post "Hello" --at now')
    assert "LIVE" in bot.say("bob", "/approve latest")
    assert list(bot.simulator("noticeboard").visible().values()) == ["Hello"]
    assert bot.deliveries()[0].state is State.LIVE
    bot.close()


def test_a_whole_bot_finds_a_lost_post(clarion_bot: Callable[..., Bot]) -> None:
    bot = clarion_bot(board=scaffold)
    bot.simulator("noticeboard").fail("POST /notices", LOST_REPLY)
    bot.say("alice", '/post "Hello" --at now')
    bot.say("bob", "/approve latest")
    assert bot.deliveries()[0].state is State.UNCONFIRMED
    bot.wait(timedelta(minutes=1))
    assert bot.deliveries()[0].state is State.LIVE
    assert len(bot.simulator("noticeboard").visible()) == 1


def _open_socket() -> object:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    return listening


def _start_thread() -> object:
    over = threading.Event()
    threading.Thread(target=over.wait, name="forgotten").start()
    return over


def _make_folder() -> object:
    return tempfile.mkdtemp(prefix="clarion-left-")


def _open_file(folder: Path) -> object:
    return (folder / "left.txt").open("w")


@pytest.mark.parametrize("kind", ["socket", "thread", "folder", "file"])
def test_the_guard_names_what_is_left(kind: str, tmp_path: Path) -> None:
    leaks: dict[str, Callable[[], object]] = {
        "socket": _open_socket,
        "thread": _start_thread,
        "folder": _make_folder,
        "file": lambda: _open_file(tmp_path),
    }
    word = {"socket": "socket:", "thread": "forgotten", "folder": "clarion-left-", "file": "left.txt"}[kind]
    kept: list[Any] = []
    with pytest.raises(Leaked, match=word), nothing_left():
        kept.append(leaks[kind]())
    (left,) = kept
    match kind:
        case "thread":
            left.set()
        case "folder":
            assert not Path(left).exists()
        case _:
            left.close()


def test_a_loop_names_the_tasks_left_on_it() -> None:
    async def leave() -> None:
        asyncio.get_running_loop().create_task(asyncio.sleep(60), name="forgotten")

    with pytest.raises(Leaked, match="forgotten"), Loop() as loop:
        loop.run(leave())
