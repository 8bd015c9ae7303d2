"""The contract tells lies apart: each broken publisher or simulator fails exactly the checks that name it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.testing.contract import Grade, PublisherContract, checks_of
from bot.testing.contract.results import Result, contract_for, grade_of, run_contract
from tests.contract.liars import HELD, HONEST, Lie, lies

LIES = tuple(lies())
FEW: tuple[Any, ...] = (b"", b"[]", {})
"""Enough strange bodies to tell; the platforms of the house get them all."""

WORST = frozenset(
    (
        "doubling simulator",
        "RetriesLostAnswers",
        "MakesReceiptsUp",
        "SaysLiveWithoutAnId",
        "InventsAbsence",
        "LeaksIntoErrors",
        "Waits",
        "LiesInFacts",
    )
)
"""Double posts, lies, leaks and hangs: tried with every check each time. The others take a minute."""


@pytest.fixture(autouse=True)
def nothing_held() -> Iterator[None]:
    yield
    HELD.close()


def results_of(lie: Lie, only: frozenset[str] = frozenset()) -> tuple[Result, ...]:
    facts = {"strange": FEW, "blocks": 0.05, "samples": lie.samples, "handing": lie.handing}
    return run_contract(type("TestLie", (contract_for(lie.platform),), facts), only)


def broken(results: tuple[Result, ...]) -> set[str]:
    return {r.check.name.removeprefix("test_") for r in results if r.broken}


def exact(lie: Lie) -> None:
    results = results_of(lie)
    assert broken(results) == lie.named_by, [r.broken for r in results if r.broken]
    assert grade_of(results) < Grade.PLATINUM


@pytest.mark.parametrize("lie", [lie for lie in LIES if lie.name in WORST], ids=lambda lie: lie.name)
def test_the_worst_fail_exactly_the_checks_that_name_them(lie: Lie) -> None:
    exact(lie)


@pytest.mark.chaos
@pytest.mark.parametrize("lie", [lie for lie in LIES if lie.name not in WORST], ids=lambda lie: lie.name)
def test_every_lie_fails_exactly_the_checks_that_name_it(lie: Lie) -> None:
    exact(lie)


@pytest.mark.parametrize("lie", [lie for lie in LIES if lie.name not in WORST], ids=lambda lie: lie.name)
def test_every_lie_fails_the_checks_that_name_it(lie: Lie) -> None:
    assert broken(results_of(lie, frozenset(f"test_{name}" for name in lie.named_by))) == lie.named_by


def test_the_honest_one_fails_none() -> None:
    results = run_contract(contract_for(HONEST))
    assert broken(results) == set()
    assert grade_of(results) is Grade.GOLD
    assert {r.check.name for r in results if r.skipped} == {
        "test_a_file_that_fits_is_not_blocked",
        "test_a_video_survives_a_crash_after_every_step",
        "test_an_upload_goes_on_after_a_cut",
        "test_checkpoints_say_until_when_they_hold",
        "test_media_rules_are_whole_and_dated",
        "test_what_is_handed_over_says_what_to_do",
        "test_a_change_may_be_repeated_whatever_breaks",
        "test_a_comment_goes_below_the_post",
        "test_what_cannot_be_changed_is_refused",
        "test_what_is_gone_is_told_apart_from_trouble",
        "test_what_is_out_can_be_changed_and_read_back",
        "test_a_link_card_carries_what_was_approved",
        "test_a_thread_hangs_together",
        "test_numbers_are_counted_or_left_out",
    }


def test_every_check_has_a_lie_that_it_names() -> None:
    tried = {name for lie in LIES for name in lie.named_by}
    assert {c.name.removeprefix("test_") for c in checks_of(PublisherContract)} - tried == set()
    assert {lie.name for lie in LIES} >= WORST
