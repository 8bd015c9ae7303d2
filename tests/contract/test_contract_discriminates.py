"""The contract tells lies apart: each broken publisher or simulator fails exactly the checks that name it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.testing.contract import Grade, PublisherContract, checks_of
from bot.testing.contract.results import Result, contract_for, grade_of, run_contract
from tests.contract.liars import HELD, HONEST, Lie, lies

LIES = tuple(lies())
FEW = (b"", b"null", {"id": None})
"""Enough strange bodies to tell; the platforms of the house get them all."""


@pytest.fixture(autouse=True)
def nothing_held() -> Iterator[None]:
    yield
    HELD.close()


def results_of(lie: Lie) -> tuple[Result, ...]:
    contract = type("TestLie", (contract_for(lie.platform),), {"strange": FEW, "blocks": 0.05})
    return run_contract(contract)


def broken(results: tuple[Result, ...]) -> set[str]:
    return {r.check.name.removeprefix("test_") for r in results if r.broken}


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.name)
def test_a_lie_fails_the_checks_that_name_it(lie: Lie) -> None:
    results = results_of(lie)
    assert broken(results) == lie.named_by, [r.broken for r in results if r.broken]
    assert grade_of(results) < Grade.PLATINUM


def test_the_honest_one_fails_none() -> None:
    results = run_contract(contract_for(HONEST))
    assert broken(results) == set()
    assert grade_of(results) is Grade.GOLD
    assert {r.check.name for r in results if r.skipped} == {
        "test_a_thread_hangs_together",
        "test_numbers_are_counted_or_left_out",
    }


def test_every_check_is_tried_by_a_lie_or_has_its_reason() -> None:
    tried = {name for lie in LIES for name in lie.named_by}
    unproven = {c.name.removeprefix("test_") for c in checks_of(PublisherContract)} - tried
    assert unproven == set()
