"""What runs by itself halts itself and asks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alarms import Kind
from bot.domain.restraint import Try, restraint
from bot.services.alerting.restraint import restrained
from tests.unit.alert_world import CALM, HOUR, newsroom
from tests.unit.demo_world import KEY

LOW = [Try(name=f"P{n}", text=f"text number {n} about {n * 7}", ratio=0.3) for n in range(1, 4)]
NEXT = "something else entirely"


def test_t24_autonomy_halts_itself_on_low_results_or_repeats() -> None:
    found = restraint(LOW, NEXT)
    assert found is not None
    assert found.why == (
        "the last 3 that went out by themselves got less than 0.5 of the usual (P1 0.30x, P2 0.30x, P3 0.30x)"
    )
    assert found.because == ("P1", "P2", "P3")
    good = [*LOW[:2], Try(name="P9", text="good", ratio=1.4)]
    assert restraint(good, NEXT) is None
    same = restraint(good, "Text number 1, about 7!")
    assert same is not None
    assert same.why == "the next one says nearly what P1 said"


def test_t24_unknown_results_are_not_low() -> None:
    unknown = [Try(name=f"P{n}", text=f"other {n}") for n in range(9)]
    assert restraint(unknown, NEXT) is None
    assert restraint([*LOW[:2], *unknown], NEXT) is None
    assert restraint([*LOW, *unknown], NEXT) is not None


@given(st.lists(st.none() | st.floats(0, 5), max_size=12), st.integers(1, 5))
def test_t24_it_halts_exactly_when_the_last_known_ones_are_low(ratios: list[float | None], k: int) -> None:
    tries = [Try(name=str(n), text=f"{n} {n * 31} {n * 57}", ratio=r) for n, r in enumerate(ratios)]
    known = [r for r in ratios if r is not None][-k:]
    low = len(known) == k and max(known) < 0.5
    assert (restraint(tries, NEXT, in_a_row=k) is not None) == low


async def test_t24_it_asks_once_stays_halted_and_a_person_lets_it_go_on(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:

        async def ask(planned: str = NEXT, tries: Sequence[Try] = LOW) -> str:
            return await room.svc.store.write(
                lambda tx: restrained(
                    room.svc, tx, CALM, KEY, what="cross-posting", planned=planned, tries=tries
                )
            )

        assert (await ask()).startswith("halted: the last 3")
        (said,) = await room.look()
        assert said.startswith("I stopped cross-posting to acme-key by myself: the last 3 that went out")
        assert "until bob, carol or dana lets it go on" in said
        assert (await ask()).startswith("halted (A1): ")
        assert await room.look() == []
        (button, *_) = next(m for m in room.world.room.said if "I stopped" in m.text).buttons
        assert button.label == "Let it go on"
        assert await room.world.press("alice", button) == "That is for bob, carol or dana."
        assert (await room.world.press("bob", button)).startswith("bob lets it go on (A1).")
        assert await ask() == "", "what was forgiven does not halt it again"
        assert "is over already" in await room.world.press("bob", button)
        room.world.clock.advance(HOUR)
        worse = [Try(name=f"Q{n}", text=f"more {n * 13}", ratio=0.1) for n in range(3)]
        assert await ask(tries=[*LOW, *worse]) != ""
        opened = await room.svc.store.read(lambda tx: tx.alerts.open("acme", {Kind.AUTONOMY}))
        assert len(opened) == 1


@pytest.mark.parametrize("account", ["other", ""])
async def test_one_account_does_not_halt_another(tmp_path: Path, account: str) -> None:
    async with newsroom(tmp_path) as room:
        assert await room.svc.store.write(
            lambda tx: restrained(room.svc, tx, CALM, KEY, what="x", planned=NEXT, tries=LOW)
        )
        assert (
            await room.svc.store.write(
                lambda tx: restrained(room.svc, tx, CALM, account, what="x", planned=NEXT, tries=[])
            )
            == ""
        )
