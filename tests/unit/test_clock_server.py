"""The time of the database's server: the same for every process, whatever its machine believes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.clock import ServerClock
from bot.errors import StoreError
from bot.testing.clock import START, FakeClock

SKEW = timedelta(hours=3)


class Server:
    """Somewhere else, three hours ahead; may be away."""

    def __init__(self, own: FakeClock) -> None:
        self.own, self.ahead, self.away = own, SKEW, False
        self._began = own.monotonic()

    async def ask(self) -> datetime:
        if self.away:
            raise StoreError("The database server cannot be reached.")
        return START + self.ahead + timedelta(seconds=self.own.monotonic() - self._began)


async def test_it_tells_the_servers_time_and_carries_it_on() -> None:
    own = FakeClock()
    clock = ServerClock(own, Server(own).ask)
    await clock.keep()
    assert clock.now() == START + SKEW
    own.advance(90)
    assert (clock.now(), clock.monotonic()) == (START + SKEW + timedelta(seconds=90), 90.0)


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_machine_whose_clock_is_set_changes_nothing(hours: int) -> None:
    own = FakeClock()
    clock = ServerClock(own, Server(own).ask)
    await clock.keep()
    own.jump(timedelta(hours=hours))
    assert clock.now() == START + SKEW
    await clock.keep()
    assert clock.now() == START + SKEW


async def test_a_server_that_is_away_leaves_the_time_going_on() -> None:
    own = FakeClock()
    server = Server(own)
    clock = ServerClock(own, server.ask)
    await clock.keep()
    server.away = True
    own.advance(5)
    with pytest.raises(StoreError):
        await clock.keep()
    assert clock.now() == START + SKEW + timedelta(seconds=5)


async def test_what_the_machines_differ_by_is_put_right_at_the_next_look() -> None:
    own = FakeClock()
    server = Server(own)
    clock = ServerClock(own, server.ask)
    await clock.keep()
    server.ahead += timedelta(milliseconds=40)
    await clock.keep()
    assert clock.now() == START + SKEW + timedelta(milliseconds=40)
