"""The line of numbers on a live card: never 0 for unknown, never older than it says, never a flood."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.discord.render import render as discord
from bot.chat.slack.render import render as slack
from bot.chat.wording import look_of
from bot.domain.beneath import TIPS, day_words, numbers_row, tip_rows
from bot.domain.card import paint
from bot.domain.delivery import State
from bot.domain.marks import plain
from bot.domain.numbers import (
    OLD,
    RUNGS,
    Brought,
    Numbers,
    due_again,
    from_json,
    line,
    news,
    reads_the_same,
    to_json,
    words,
)
from bot.domain.outcomes import Interval
from bot.domain.sheet import Row, Sheet
from bot.domain.tips import GENERAL, LIMIT, OWN, Suggestion, tip_words
from bot.testing.chats.discord.limits import violations as discord_violations
from bot.testing.chats.slack.limits import violations as slack_violations
from tests.unit.test_domain_card import delivery, row, sheet

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
X = Brought(delivery_id=7, title="X", n=12_400, what="views", at=NOW, usual=(3000, 6000, 38))
LINKEDIN = Brought(delivery_id=8, title="LinkedIn", n=1900, what="views", at=NOW - HOUR)


def numbers(*rows: Brought, **more: object) -> Numbers:
    told: dict[str, object] = {"rows": rows, "out_at": NOW - 30 * HOUR, "shown_at": NOW}
    return Numbers(**(told | more))  # type: ignore[arg-type]


def test_the_line_says_what_each_brought_beside_its_usual() -> None:
    assert words(numbers(X, LINKEDIN)) == "X 12.4 k views (usual 3–6 k) · LinkedIn 1.9 k"


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (replace(LINKEDIN, n=None), "LinkedIn —"),
        (replace(LINKEDIN, n=0), "LinkedIn 0 views"),
        (replace(LINKEDIN, gone=True), "LinkedIn gone (had 1.9 k views)"),
        (replace(LINKEDIN, gone=True, n=None), "LinkedIn gone"),
        (replace(LINKEDIN, what="reactions", n=7), "LinkedIn 7 reactions"),
        (replace(X, usual=(3000, 6000, 6)), "X 12.4 k views (usual 3–6 k, 6 posts)"),
    ],
)
def test_unknown_is_not_nothing_and_gone_is_gone(one: Brought, told: str) -> None:
    assert words(numbers(one)) == told


def test_the_unit_is_said_again_where_it_changes() -> None:
    reactions = replace(LINKEDIN, what="reactions", n=7)
    bluesky = replace(LINKEDIN, title="Bluesky", what="reactions", n=9)
    assert words(numbers(X, reactions, bluesky)).endswith("· LinkedIn 7 reactions · Bluesky 9")


def test_no_number_is_older_than_the_line_says() -> None:
    shown = numbers(X, LINKEDIN)
    assert shown.at == NOW - HOUR
    assert plain(line(shown, "Europe/Lisbon")).endswith("— as of Sat 21 Nov 13:00 Lisbon")
    assert line(numbers(replace(X, n=None, at=None, usual=None)), "UTC") == "X —"


def test_many_targets_are_counted() -> None:
    rows = [replace(X, delivery_id=n, title=f"T{n}") for n in range(11)]
    assert words(numbers(*rows)).endswith("T7 12.4 k (usual 3–6 k) · 3 more in /stats")


def test_the_day_is_that_of_the_numbers() -> None:
    assert day_words(numbers(X), over=True) == " · day 2"
    assert day_words(numbers(X), over=False) == ""
    assert day_words(None, over=True) == ""
    assert day_words(numbers(X, out_at=NOW - 31 * DAY), over=True) == ""


def test_only_what_reads_otherwise_counts() -> None:
    shown = numbers(X)
    assert reads_the_same(shown, numbers(replace(X, n=12_410, at=NOW + HOUR), shown_at=NOW + HOUR))
    assert not reads_the_same(shown, numbers(replace(X, n=12_460)))
    assert not reads_the_same(shown, replace(shown, milestone="milestone: 10,000 views on X"))
    assert reads_the_same(None, numbers(replace(X, n=None)))
    assert not reads_the_same(None, numbers(replace(X, n=0)))


def test_what_is_gone_and_a_milestone_do_not_wait() -> None:
    shown = numbers(X)
    assert not news(shown, numbers(replace(X, n=99_999)))
    assert news(shown, numbers(replace(X, gone=True)))
    assert not news(numbers(replace(X, gone=True)), numbers(replace(X, gone=True)))
    assert news(shown, replace(shown, milestone="milestone: 10,000 views on X"))
    assert news(None, numbers(replace(X, gone=True)))


@pytest.mark.parametrize("printed", [True, False])
def test_a_card_is_painted_a_bounded_number_of_times(printed: bool) -> None:
    """A look every five minutes for 60 days, each with something new to say."""
    out_at, shown_at, painted = NOW, None, []
    for step in range(60 * 288):
        now = out_at + step * timedelta(minutes=5)
        if due_again(shown_at, out_at, now, printed=printed):
            shown_at = now
            painted.append(now - out_at)
    assert len(painted) == (len(RUNGS) if printed else 40)
    assert max(painted) <= OLD
    assert sum(age <= DAY for age in painted) == (2 if printed else 21)


instants = st.integers(0, 2 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC))
rows = st.builds(
    Brought,
    delivery_id=st.integers(1, 99),
    title=st.text(max_size=30),
    n=st.none() | st.integers(0, 10**12),
    what=st.sampled_from(("views", "reactions")),
    at=st.none() | instants,
    usual=st.none() | st.tuples(st.floats(0, 1e9), st.floats(0, 1e9), st.integers(5, 40)),
    gone=st.booleans(),
)
anything = st.builds(
    Numbers,
    rows=st.lists(rows, min_size=1, max_size=25).map(tuple),
    out_at=instants,
    shown_at=instants,
    milestone=st.text(max_size=60),
)


@settings(max_examples=40, deadline=None)
@given(anything)
def test_what_is_kept_comes_back_as_it_was(one: Numbers) -> None:
    assert from_json(to_json(one)) == one


def tip(kind: str = LIMIT, code: str = "fold", text: str = "It is folded.", **more: object) -> Suggestion:
    told: dict[str, object] = {"kind": kind, "code": code, "text": text, "account": "acme-x"}
    return Suggestion(**(told | more))  # type: ignore[arg-type]


def in_review(*tips: Suggestion, rows: tuple[Row, ...] | None = None) -> Sheet:
    return replace(sheet(*(rows or (row(delivery(State.IN_REVIEW)),))), tips=tips)


def test_a_tip_says_how_much_and_how_sure() -> None:
    own = tip(OWN, "question", "Of your last 84 posts, the 12 with a question", fix="Say it.")
    own = replace(own, evidence=Interval(-0.18, -0.27, -0.08), n=84)
    assert tip_words(own) == (
        "Of your last 84 posts, the 12 with a question: −18 % [−27, −8] against the others — Say it."
    )
    assert tip_words(tip(fix="Move it.")) == "It is folded — Move it."


def test_the_card_in_review_shows_the_strongest_tips_and_nothing_general() -> None:
    tips = [
        tip(GENERAL, "digit", "Elsewhere"),
        tip(code="alt", text="No alt."),
        *(tip(text=f"T{n}.") for n in range(5)),
    ]
    told = [f.value for f in paint(in_review(*tips)).fields if f.name == "Tip"]
    assert told == ["T0.", "T1.", "T2."][:TIPS]


@pytest.mark.parametrize("state", [s for s in State if s is not State.IN_REVIEW])
def test_tips_are_for_what_can_still_be_changed(state: State) -> None:
    assert tip_rows(in_review(tip(), rows=(row(delivery(state)),))) == ()


@settings(max_examples=40, deadline=None)
@given(anything, st.lists(st.text(min_size=1, max_size=300), max_size=6))
def test_any_numbers_and_tips_fit_every_chat(one: Numbers, texts: list[str]) -> None:
    live = paint(replace(sheet(row(delivery(State.LIVE))), numbers=one))
    assert numbers_row(one, "UTC")[0].name == "Numbers"
    for card in (live, paint(in_review(*(tip(text=t) for t in texts)))):
        assert slack_violations(slack(card).payload) == []
        assert discord_violations(discord(card).payload) == []


def test_a_live_card_with_numbers_stays_green() -> None:
    card = paint(replace(sheet(row(delivery(State.LIVE))), numbers=numbers(X)))
    assert card.status == "LIVE · day 2"
    assert look_of(card.status).glyph == "🟢"
