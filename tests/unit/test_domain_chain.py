"""The chain of the audit trail: whatever is done to it shows, and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.chain import START, Chained, Link, chain, cut_off, digest, follow
from bot.domain.records import AuditEntry

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def entry(number: int, **changes: object) -> AuditEntry:
    made = AuditEntry(
        at=AT + timedelta(seconds=number),
        brand="acme",
        who="bob",
        what="yes",
        post_id=number,
        facts={"n": number},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def trail(length: int) -> list[Chained]:
    rows: list[Chained] = []
    last = START
    for number in range(length):
        rows.append(chain(entry(number), last))
        last = Link(seq=rows[-1].seq, hash=rows[-1].hash)
    return rows


def test_the_form_of_the_hash_never_changes() -> None:
    """A trail that was written today must be provable with any later version."""
    known = AuditEntry(
        at=AT,
        brand="acme",
        who="bøb",
        what="yes",
        post_id=1,
        delivery_id=None,
        facts={"b": 1, "a": ["x", None]},
    )
    assert digest("0" * 64, 1, known) == ("893b5885c85d5dc9857ed5d7f307511f73b14eea0c7ee9df2e3dbd6c8b5b0a9d")


def test_a_trail_as_it_was_written_is_sound() -> None:
    rows = trail(5)
    faults, last = follow(rows)
    assert faults == ()
    assert last == Link(seq=5, hash=rows[-1].hash)
    assert follow(rows[3:], Link(seq=3, hash=rows[2].hash)) == ((), last)
    assert cut_off(last, last) is None


CHANGES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"who": "mallory"},
        {"what": "no"},
        {"at": AT - timedelta(days=1)},
        {"post_id": 99},
        {"delivery_id": 7},
        {"facts": {}},
        {"brand": "other"},
    ]
)


@given(st.integers(1, 8), st.data())
def test_a_changed_row_is_found_and_named(length: int, data: st.DataObject) -> None:
    rows = trail(length)
    place = data.draw(st.integers(0, length - 1))
    rows[place] = replace(rows[place], entry=replace(rows[place].entry, **data.draw(CHANGES)))
    faults, _ = follow(rows)
    assert [(f.seq, f.what) for f in faults] == [(place + 1, f"entry {place + 1} was changed")]


@given(st.integers(2, 8), st.data())
def test_a_changed_row_with_a_new_hash_shows_behind_it(length: int, data: st.DataObject) -> None:
    rows = trail(length)
    place = data.draw(st.integers(0, length - 2))
    forged = replace(rows[place].entry, who="mallory")
    last = START if place == 0 else Link(seq=place, hash=rows[place - 1].hash)
    rows[place] = chain(forged, last)
    faults, _ = follow(rows)
    assert [f.seq for f in faults] == [place + 2]


@given(st.integers(2, 8), st.data())
def test_removed_rows_are_found_and_named(length: int, data: st.DataObject) -> None:
    rows = trail(length)
    head = Link(seq=length, hash=rows[-1].hash)
    first = data.draw(st.integers(0, length - 1))
    many = data.draw(st.integers(1, length - first))
    del rows[first : first + many]
    faults, last = follow(rows)
    end = cut_off(last, head)
    told = [f.what for f in (*faults, *([end] if end else []))]
    span = f"entry {first + 1} is" if many == 1 else f"entries {first + 1} to {first + many} are"
    assert told == [f"{span} missing"]


@given(st.integers(2, 8), st.data())
def test_rows_that_changed_places_are_found(length: int, data: st.DataObject) -> None:
    rows = trail(length)
    one = data.draw(st.integers(0, length - 2))
    other = data.draw(st.integers(one + 1, length - 1))
    swapped = list(rows)
    swapped[one] = replace(rows[one], entry=rows[other].entry)
    swapped[other] = replace(rows[other], entry=rows[one].entry)
    assert {f.seq for f in follow(swapped)[0]} == {one + 1, other + 1}
    relabelled = list(rows)
    relabelled[one] = replace(rows[other], seq=rows[one].seq)
    relabelled[other] = replace(rows[one], seq=rows[other].seq)
    assert {one + 1, other + 1} <= {f.seq for f in follow(relabelled)[0]}


def test_a_row_that_is_there_twice_is_found() -> None:
    rows = trail(3)
    faults, _ = follow([rows[0], rows[1], rows[1], rows[2]])
    assert [f.what for f in faults] == ["entry 2 is there twice"]


def test_an_end_that_was_written_anew_is_found() -> None:
    rows = trail(3)
    forged = chain(entry(9), Link(seq=2, hash=rows[1].hash))
    _, last = follow([*rows[:2], forged])
    fault = cut_off(last, Link(seq=3, hash=rows[2].hash))
    assert fault is not None
    assert fault.what == "entry 3 is not the one that was written last"
