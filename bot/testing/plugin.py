"""For pytest: fixtures of the kit. pytest finds them by the entry point of the installed package.

Nothing of Clarion is imported until a test asks for a fixture, so that nobody's tests grow
slower because Clarion is installed beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from bot.media.files import FileMedia
    from bot.ports import Deps, Platform
    from bot.testing.bot import Bot
    from bot.testing.clock import FakeClock
    from bot.testing.contract.lent import RememberedLog, WatchedHttp
    from bot.testing.loop import Loop
    from bot.testing.simulator import Simulator


@pytest.fixture
def clarion_guard() -> Iterator[None]:
    """Fail the test if it leaves a socket, a file, a thread or a temporary folder behind."""
    from bot.testing.guards import nothing_left

    with nothing_left():
        yield


@pytest.fixture
def clarion_loop() -> Iterator[Loop]:
    """A loop for plain tests: ``clarion_loop.run(coroutine)``; a task left running fails the test."""
    from bot.testing.loop import Loop

    with Loop() as loop:
        yield loop


@pytest.fixture
def clarion_clock() -> FakeClock:
    """A clock that moves only when told to; simulators take the same one."""
    from bot.testing.clock import FakeClock

    return FakeClock()


@pytest.fixture
def clarion_log() -> RememberedLog:
    """A log whose lines can be read again."""
    from bot.testing.contract.lent import RememberedLog

    return RememberedLog()


@pytest.fixture
def clarion_media(tmp_path: Path) -> FileMedia:
    """A media store in a folder of its own."""
    from bot.media.files import FileMedia

    return FileMedia(tmp_path / "media")


@pytest.fixture
def clarion_http(clarion_loop: Loop, clarion_clock: FakeClock) -> Iterator[WatchedHttp]:
    """The core's own client, which remembers what it was asked."""
    from bot.testing.contract.lent import WatchedHttp

    http = WatchedHttp(clarion_clock)
    yield http
    clarion_loop.run(http.aclose())


@pytest.fixture
def clarion_deps(
    clarion_loop: Loop,
    clarion_http: WatchedHttp,
    clarion_clock: FakeClock,
    clarion_media: FileMedia,
    clarion_log: RememberedLog,
) -> Iterator[Deps]:
    """What the core lends a publisher."""
    from bot.testing.contract.bench import make_deps
    from bot.testing.contract.served import ServedMedia

    links = ServedMedia(clarion_media)
    clarion_loop.run(links.start())
    yield make_deps(clarion_http, clarion_clock, clarion_media, clarion_log, links)
    clarion_loop.run(links.aclose())


@pytest.fixture
def clarion_simulator(
    clarion_loop: Loop, clarion_clock: FakeClock
) -> Iterator[Callable[[Platform[Any]], Simulator]]:
    """Start a platform's simulator: ``clarion_simulator(platform)``; all are closed in the end."""
    from bot.testing.simulator import Simulator

    started: list[Simulator] = []

    def start(platform: Platform[Any]) -> Simulator:
        assert platform.simulate is not None
        simulator: Any = clarion_loop.run(platform.simulate(clarion_clock))
        assert isinstance(simulator, Simulator)
        started.append(simulator)
        return simulator

    yield start
    for simulator in started:
        clarion_loop.run(simulator.aclose())


@pytest.fixture
def clarion_bot(tmp_path: Path) -> Iterator[Callable[..., Bot]]:
    """A whole bot over plugins: ``clarion_bot(mine=my_plugin).say("alice", "/post …")``."""
    from bot.testing.bot import Bot

    with ExitStack() as stack:

        def start(**plugins: object) -> Bot:
            bot = Bot(plugins, tmp_path)
            stack.callback(bot.close)
            return bot

        yield start
