"""Slack is never called faster than it documents, judged by the simulator's own accounting."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.slack.pacing import IN_CHANNEL, METHODS, PATIENCE, Pacing
from bot.errors import ChatBusy
from bot.testing.chats.slack import methods
from bot.testing.chats.slack.rates import Rates
from bot.testing.clock import FakeClock

CALL = st.tuples(
    st.sampled_from(["chat.postMessage", "chat.update", "views.open", "usergroups.list"]),
    st.sampled_from(["C1", "C2"]),
    st.floats(0.0, 3.0),
)


class Swift(FakeClock):
    async def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))


@given(st.lists(CALL, min_size=1, max_size=200))
def test_whatever_is_asked_for_no_limit_is_broken(calls: list[tuple[str, str, float]]) -> None:
    clock = Swift()
    pacing, judge = Pacing(clock), Rates(clock)

    async def all_of_them() -> None:
        for method, channel, gap in calls:
            clock.advance(gap)
            begun, until = clock.monotonic(), clock.now()
            try:
                await pacing.turn(method, channel)
            except ChatBusy as busy:
                until = busy.until
            if until > clock.now():
                assert clock.monotonic() == begun
                assert until - clock.now() > timedelta(seconds=PATIENCE - 0.1)
                clock.advance(until - clock.now())
                await pacing.turn(method, channel)  # what was promised is kept
            assert clock.monotonic() - begun < 70
            declared = methods.METHODS[method]
            judge.count(method, declared.tier, channel if declared.puts else "")

    asyncio.run(all_of_them())
    assert not judge.breaches


def test_every_paced_method_is_known_to_slack() -> None:
    assert set(METHODS) <= set(methods.METHODS)
    assert {name for name, declared in methods.METHODS.items() if declared.puts} & set(METHODS) <= IN_CHANNEL


async def test_a_channel_that_slack_closed_stays_closed_until_it_said() -> None:
    clock = Swift()
    pacing = Pacing(clock)
    busy = pacing.close("chat.postMessage", "C1", 30)
    assert busy.until == clock.now() + timedelta(seconds=30)
    with pytest.raises(ChatBusy) as caught:
        await pacing.turn("chat.update", "C1")
    assert caught.value.until == busy.until
    await pacing.turn("chat.postMessage", "C2")
    clock.advance(30)
    await pacing.turn("chat.postMessage", "C1")


async def test_a_method_that_slack_closed_stays_closed_everywhere() -> None:
    clock = Swift()
    pacing = Pacing(clock)
    pacing.close("chat.update", "C1", 30)
    for channel in ("C1", "C2"):
        with pytest.raises(ChatBusy):
            await pacing.turn("chat.update", channel)
    await pacing.turn("chat.postMessage", "C1")
