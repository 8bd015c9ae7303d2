"""The state machine as data: which ways there are, and which there must never be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.delivery import (
    BACKOFF,
    EDITABLE,
    FINAL,
    LATE_AFTER,
    LATE_AFTER_PLATFORM,
    TRANSITIONS,
    Delivery,
    PartProgress,
    PartState,
    State,
    backoff,
    may_become,
    too_late,
)
from bot.domain.post import Part, Variant

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STATES = st.sampled_from([*State])


def delivery(parts: int = 1, **changes: object) -> Delivery:
    variant = Variant(account="a", platform="p", parts=tuple(Part(text=f"t{i}") for i in range(parts)))
    made = Delivery(
        id=1,
        post_id=1,
        brand="acme",
        account="a",
        platform="p",
        variant=variant,
        fingerprint="f",
        version=1,
        state=State.SCHEDULED,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def reachable(start: State, *, without: frozenset[State] = frozenset()) -> set[State]:
    seen, todo = {start}, [start]
    while todo:
        for state in TRANSITIONS[todo.pop()] - without - seen:
            seen.add(state)
            todo.append(state)
    return seen


def test_every_state_has_its_row_and_no_row_leads_nowhere_known() -> None:
    assert set(TRANSITIONS) == set(State)
    assert set().union(*TRANSITIONS.values()) <= set(State)


@pytest.mark.parametrize("state", sorted(set(State) - {State.SCHEDULED, State.PUBLISHING, State.UNCONFIRMED}))
def test_nothing_is_sent_without_having_been_scheduled(state: State) -> None:
    assert State.PUBLISHING not in reachable(state, without=frozenset({State.SCHEDULED}))


def test_only_an_answer_or_a_word_makes_it_live() -> None:
    before = {state for state, after in TRANSITIONS.items() if State.LIVE in after}
    assert before == {State.PUBLISHING, State.UNCONFIRMED, State.HANDED_OVER}


def test_what_is_on_its_way_or_out_never_becomes_editable_in_one_step() -> None:
    for state in (State.PUBLISHING, State.UNCONFIRMED, State.LIVE, State.PARTIAL, State.REMOVED):
        touchable = TRANSITIONS[state] & EDITABLE
        assert touchable <= {State.SCHEDULED, State.HELD, State.REFUSED}, state


def test_the_end_is_the_end() -> None:
    assert TRANSITIONS[State.REMOVED] == frozenset()
    assert TRANSITIONS[State.LIVE] == {State.REMOVED}
    assert TRANSITIONS[State.CANCELLED] == {State.DRAFT, State.IN_REVIEW, State.APPROVED}
    assert {State.LIVE, State.CANCELLED, State.REMOVED} == FINAL
    assert not FINAL & EDITABLE


def test_every_state_but_the_end_has_a_way_to_an_end() -> None:
    for state in State:
        assert reachable(state) & FINAL, state


@given(STATES, STATES)
def test_staying_put_is_allowed_and_the_rest_is_the_table(before: State, after: State) -> None:
    assert may_become(before, after) == (before is after or after in TRANSITIONS[before])


@given(st.integers(-3, 20))
def test_backoff_grows_and_then_asks_a_person(tries: int) -> None:
    wait = backoff(tries)
    if not 1 <= tries <= len(BACKOFF):
        assert wait is None
        return
    assert wait is not None
    assert wait > timedelta(0)
    longer = backoff(tries + 1)
    assert longer is None or longer > wait


@given(st.timedeltas(timedelta(hours=-5), timedelta(hours=5)), st.booleans())
def test_what_we_missed_is_late_sooner_than_what_a_platform_delayed(age: timedelta, platform: bool) -> None:
    late = too_late(delivery(due=NOW - age, platform_wait=platform), NOW)
    assert late == (age > (LATE_AFTER_PLATFORM if platform else LATE_AFTER))


def test_without_a_due_time_nothing_is_late() -> None:
    assert not too_late(delivery(due=None), NOW)


@given(st.lists(st.sampled_from([*PartState]), max_size=5))
def test_the_next_part_is_the_first_that_is_neither_out_nor_removed(states: list[PartState]) -> None:
    rows = tuple(PartProgress(index=i, state=state) for i, state in enumerate(states))
    row = replace(delivery(parts=5), parts=rows)
    expected = next(
        (i for i in range(5) if i >= len(states) or states[i] in (PartState.WAITING, PartState.STAGED)), None
    )
    assert row.next_part == expected


def test_links_are_those_of_parts_that_are_still_out() -> None:
    rows = (
        PartProgress(index=0, state=PartState.OUT, url="https://a"),
        PartProgress(index=1, state=PartState.REMOVED, url="https://b"),
        PartProgress(index=2, state=PartState.OUT, url=None),
    )
    found = replace(delivery(parts=3), parts=rows)
    assert found.urls == ("https://a",)
    assert found.progress(1) is rows[1]
    assert found.progress(7) == PartProgress(index=7)
