"""The words of advice: the range first, the sample beside it, and never a number that nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.advice_words import brief, ledger_line, percent, record_words, span_words, told
from bot.domain.claims import Record
from bot.domain.forecast import Forecast, Origin, Stage
from bot.domain.heat import HATCH, heat_lines, legend
from bot.domain.marks import plain
from bot.domain.outcomes import Interval, SlotAdvice, SlotScores

TUESDAY = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
CLEAR = SlotAdvice(
    starts_at=TUESDAY,
    local="Tue 17:30",
    lift=Interval(0.31, 0.1, 0.55),
    shown=Interval(0.23, 0.08, 0.41),
    p_better=0.97,
    basis="own",
    n_posts=64,
    explore=False,
    because=(),
    warnings=(),
)
UNCLEAR = replace(CLEAR, shown=None, basis="shared")
NEW = replace(CLEAR, lift=None, shown=None, basis="chart", n_posts=0, warnings=("No data yet: not of you.",))


def words(*advice: SlotAdvice, zone: str = "Europe/Lisbon", audience: str = "", explores: bool = True) -> str:
    return plain(
        told(
            advice,
            account="acme-li",
            platform="LinkedIn",
            zone=zone,
            audience=audience,
            explores=explores,
        )
    )


@pytest.mark.parametrize(
    ("share", "said"), [(0.23, "+23 %"), (-0.07, "−7 %"), (0.0, "+0 %"), (-0.004, "+0 %"), (1.5, "+150 %")]
)
def test_a_share_is_a_whole_number_with_its_sign(share: float, said: str) -> None:
    assert percent(share) == said


def test_a_clear_hour_comes_with_its_range_and_its_sample() -> None:
    later = replace(CLEAR, starts_at=TUESDAY + timedelta(days=2), shown=Interval(0.15, 0.02, 0.29))
    assert words(CLEAR, later, audience="Europe/Berlin") == (
        "Tue 24 Nov 17:30 Lisbon (18:30 Berlin, your audience): +23 % [8, 41] against your usual hour, "
        "from 64 posts.\nThen Thu 26 Nov 17:30 Lisbon +15 % [2, 29]."
    )
    assert span_words(Interval(0.02, -0.07, 0.09)) == "+2 % [−7, 9]"


def test_an_unclear_hour_has_no_number_and_says_what_it_starts_from() -> None:
    said = words(UNCLEAR)
    assert said.startswith(
        "No hour is clearly better yet (64 posts). Starting from the LinkedIn norm: Tue 24 Nov 17:30 Lisbon."
    )
    assert "/besttime acme-li --explore off stops that." in said
    assert "%" not in said
    assert "Every 7th" not in words(UNCLEAR, explores=False)


def test_without_posts_it_is_not_called_learned_and_nothing_is_said_twice() -> None:
    assert words(NEW) == (
        "No data yet: Tue 24 Nov 17:30 Lisbon is the LinkedIn norm, a general pattern, not learned from you."
    )
    assert "your audience's hours" in words(replace(NEW, basis="audience"))


def test_cautions_stand_below_once() -> None:
    twice = replace(CLEAR, warnings=("3 paid posts are left out",))
    assert words(twice, replace(twice, starts_at=TUESDAY + timedelta(1))).count("⚠") == 1


def test_a_card_says_it_in_one_line() -> None:
    assert brief(CLEAR, "LinkedIn") == "+23 % [8, 41] against your usual hour, 64 posts"
    assert brief(UNCLEAR, "LinkedIn") == ("no hour is clearly better yet: 64 posts and your other accounts")
    assert brief(NEW, "LinkedIn") == "the LinkedIn norm, not learned from you"
    assert brief(replace(CLEAR, explore=True), "X") == "tried on purpose, 1 in 7, to learn about this hour"


def test_the_record_says_what_is_taken_off_and_why() -> None:
    assert "Until 30 have, I say 75 %" in record_words(Record())
    assert record_words(Record(pairs=12)).startswith("12 of the 30 claims")
    known = Record(pairs=50, slope=0.6, learned=True)
    assert record_words(known) == (
        "50 claims compared: 60 % of what I compute comes true, and that is what I say."
    )
    wide = replace(known, widen=1.6, bias=-0.12)
    assert record_words(wide).endswith(
        "Posts came out 12 % below the claims on average, so I give ranges 1.6 times as wide."
    )
    assert record_words(replace(known, failing=True)).endswith("so I claim nothing until that ends.")


def test_a_line_of_the_ledger_has_no_outcome_before_there_is_one() -> None:
    row = Forecast(
        id=1,
        delivery_id=1,
        post_id=1,
        brand="acme",
        account="acme-li",
        platform="x",
        content_type="text",
        slot=TUESDAY,
        made_at=TUESDAY,
        origin=Origin.BEST,
        advice=CLEAR,
        method="best_time/1",
        seed=1,
        propensity=1.0,
    )

    def line(one: Forecast, hours: float) -> str:
        return plain(ledger_line(one, "Europe/Lisbon", TUESDAY + timedelta(hours=hours)))

    assert line(row, -1) == "17:30: +31 % [10, 55] → — (still to come)"
    assert line(row, 1) == "17:30: +31 % [10, 55] → — (too young to compare)"
    done = replace(row, stage=Stage.REALISED, realised=-0.05, compared=12)
    assert line(done, 1) == "17:30: +31 % [10, 55] → −5 %, compared with 12 posts"
    void = replace(row, stage=Stage.VOID, why="it was cancelled")
    assert line(void, 1) == "17:30: +31 % [10, 55] → — (it was cancelled)"


def test_the_map_shows_only_hours_that_were_tried() -> None:
    scores = SlotScores(
        means=tuple(h / 168 for h in range(168)), lows=(0.0,) * 168, highs=(1.0,) * 168, basis="own"
    )
    lines = dict(heat_lines(scores, {0, 167}))
    assert (lines["Mon"][0], lines["Sun"][23]) == ("▁", "█")
    assert "".join(lines.values()).count(HATCH) == 166
    assert set("".join(signs for _, signs in heat_lines(scores, ()))) == {HATCH}
    assert dict(heat_lines(scores, {5}))["Mon"][5] not in (HATCH, "▁", "█")
    assert "nothing is known" in legend((), 0, scores)
    assert "never tried (166 of 168 hours). 2 posts." in legend({0, 167}, 2, scores)
