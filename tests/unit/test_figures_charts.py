"""Charts: the picture says what the words say, no letter becomes a box, and each is small."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.charts import (
    Bar,
    Chart,
    PostsChart,
    PublishedChart,
    SlotsChart,
    Tally,
    TotalsChart,
    hour_words,
    in_words,
    shortened,
    tally_words,
)
from bot.domain.counts_in_words import UNKNOWN, change, count, span, times
from bot.figures import drawing
from bot.figures.lettering import STAND_IN, Lettering

LETTERS = "Clarion 新製品のお知らせ 새 소식 مرحبا بالعالم שלום नमस्ते สวัสดี 🚀🎉 Ωμέγα Привет ß"


@pytest.fixture(scope="module")
def letters() -> Lettering:
    return Lettering()


def texts(figure: Any) -> str:
    """Everything that is written on a picture, as it is drawn."""
    return "\n".join(one.get_text() for one in figure.findobj(match=lambda a: hasattr(a, "get_text")))


def patches(axes: Any) -> list[Any]:
    """Bars and cells, as matplotlib has them."""
    return [patch for patch in axes.patches if hasattr(patch, "get_height")]


def hatched_hours(axes: Any) -> set[int]:
    """The hours of the week whose cell is hatched, by where the hatched boxes lie."""
    (patch,) = [one for one in axes.patches if one.get_hatch()]
    corners = {(round(x), round(y)) for x, y in patch.get_path().vertices}
    boxes = {(x, y) for x, y in corners if {(x + 1, y), (x, y + 1), (x + 1, y + 1)} <= corners}
    return {y * 24 + x for x, y in boxes if patch.get_path().contains_point((x + 0.5, y + 0.5))}


def masked(mesh: Any) -> tuple[list[bool], list[float]]:
    """Which cells have no colour, and the values of all."""
    flat = mesh.get_array().ravel()
    values = [float(v) for v in flat.filled(float("nan"))]
    return [v != v for v in values], values


def png_size(content: bytes) -> tuple[int, int]:
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


values = st.one_of(st.none(), st.floats(0, 5e7), st.integers(0, 10**7).map(float))
totals = st.builds(
    TotalsChart,
    title=st.just("Views"),
    unit=st.just("views"),
    periods=st.lists(values, min_size=1, max_size=9).map(
        lambda found: tuple((f"W{n:02}", value) for n, value in enumerate(found))
    ),
    band=st.one_of(
        st.none(), st.lists(st.floats(1, 1e6), min_size=3, max_size=3).map(lambda v: tuple(sorted(v)))
    ),
)
ratios = st.builds(
    PostsChart,
    title=st.just("Posts"),
    bars=st.lists(st.floats(0, 40), max_size=6).map(
        lambda found: tuple(Bar(name=f"P{n} X", ratio=ratio) for n, ratio in enumerate(found))
    ),
)
tallies = st.builds(
    PublishedChart,
    title=st.just("Out"),
    tallies=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=5).map(
        lambda found: tuple(Tally(name=f"N{n}", live=a, failed=b) for n, (a, b) in enumerate(found))
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chart=st.one_of(totals, ratios, tallies))
def test_every_number_of_the_words_is_what_is_drawn(letters: Lettering, chart: Chart) -> None:
    drawn, words = drawing.figure(chart, letters), in_words(chart)
    (axes,) = drawn.axes[:1]
    heights = patches(axes)
    match chart:
        case TotalsChart():
            known = [value for _, value in chart.periods if value is not None]
            bars = [p.get_height() for p in heights if p.get_width() == pytest.approx(0.68)]
            assert bars == pytest.approx(known)
            said = [count(value) for _, value in chart.periods]
            assert all(f"{name} {count(value)}" in words for name, value in chart.periods)
            if chart.band is not None:
                said.append(f"usual {span(chart.band[0], chart.band[2])}")
                assert span(chart.band[0], chart.band[2]) in words
        case PostsChart():
            assert [p.get_width() for p in heights] == pytest.approx([bar.ratio for bar in chart.bars])
            said = [times(bar.ratio) for bar in chart.bars]
            assert all(f"{bar.name} {times(bar.ratio)}" in words for bar in chart.bars)
        case PublishedChart():
            said = [f"{t.live} of {t.live + t.failed} (" for t in chart.tallies]
            assert all(tally_words(tally) in words for tally in chart.tallies)
            if any(tally.live + tally.failed for tally in chart.tallies):
                widths = sorted(p.get_width() for p in heights)
                wanted = [n for t in chart.tallies for n in ((t.live, t.failed) if t.failed else (t.live,))]
                assert widths == pytest.approx(sorted(wanted))
            else:
                said = []
        case _:
            raise AssertionError(chart)
    on_it = texts(drawn)
    assert not [one for one in said if one not in on_it]


def test_the_map_hatches_what_is_not_known_and_colours_only_what_is(letters: Lettering) -> None:
    hours = tuple(0.2 if hour % 24 in (9, 18) and hour < 120 else None for hour in range(168))
    chart = SlotsChart(title="When", place="Lisbon", hours=hours, clear=frozenset({9, 10}))
    drawn = drawing.figure(chart, letters)
    assert hatched_hours(drawn.axes[0]) == {hour for hour, value in enumerate(hours) if value is None}
    (mesh,) = [one for one in drawn.axes[0].collections if hasattr(one, "get_array")]
    coloured = [None if hidden else value for hidden, value in zip(*masked(mesh), strict=True)]
    assert coloured == list(hours)
    assert "hatched: too little is known" in texts(drawn)
    assert "158 of 168 hours" in in_words(chart)
    assert f"best {hour_words(9)} {change(0.2)};" in in_words(chart)
    assert "★" in texts(drawn)
    unclear = replace(chart, clear=frozenset())
    assert "no hour is clearly better or worse" in in_words(unclear)
    assert "★" not in texts(drawing.figure(unclear, letters))


def test_a_map_of_nothing_is_hatched_all_over_and_says_so(letters: Lettering) -> None:
    chart = SlotsChart(title="When", place="Lisbon", hours=(None,) * 168)
    drawn = drawing.figure(chart, letters)
    assert hatched_hours(drawn.axes[0]) == set(range(168))
    assert "no hour is known well enough yet" in in_words(chart)
    assert "★" not in texts(drawn)


@pytest.mark.parametrize(
    "chart",
    [
        TotalsChart(title="Views", unit="views", periods=(("W1", None), ("W2", None))),
        TotalsChart(title="Views", unit="views", periods=(("W1", 0.0), ("W2", 0.0)), band=(0.0, 0.0, 0.0)),
        PostsChart(title="Posts", bars=()),
        PublishedChart(title="Out", tallies=(Tally(name="X", live=0, failed=0),)),
    ],
)
def test_nothing_and_zeros_are_drawn_without_a_fuss(letters: Lettering, chart: Chart) -> None:
    drawn = drawing.figure(chart, letters)
    drawn.canvas.draw()
    assert in_words(chart)
    if not isinstance(chart, TotalsChart):
        assert UNKNOWN in texts(drawn)


def test_every_script_has_its_letters_and_what_none_has_gets_a_mark(letters: Lettering) -> None:
    assert letters.safe(LETTERS) == LETTERS
    assert letters.safe("a\U0001fae8\ue000b\ufe0f") in (f"a\U0001fae8{STAND_IN}b", f"a{STAND_IN}{STAND_IN}b")
    assert letters.safe("costs $5$ or $\\alpha$").count("\\$") == 4


def test_names_of_all_scripts_are_drawn_without_a_missing_glyph(letters: Lettering) -> None:
    """Matplotlib warns for each glyph it lacks, and warnings are errors here."""
    names = [*LETTERS.split(), "P1 X · $x^2$ \\frac{", "x" * 400, "\ue000\U000e0001"]
    bars = tuple(Bar(name=name, ratio=1 + n / 3) for n, name in enumerate(names))
    chart = PostsChart(title=f"Titles {LETTERS}", bars=bars)
    content = drawing._png(drawing.figure(chart, letters))
    assert png_size(content)[0] == 960
    assert len(content) <= drawing.LARGEST


def charts() -> Iterator[Chart]:
    name = "W"
    yield TotalsChart(
        title="Views",
        unit="views",
        periods=tuple((f"{name}{n}", n * 1000.0) for n in range(9)),
        band=(2e3, 4e3, 7e3),
    )
    yield SlotsChart(title="When", place="Lisbon", hours=tuple((h % 7 - 3) / 10 for h in range(168)))
    yield PostsChart(title="Posts", bars=tuple(Bar(name=f"P{n} {LETTERS}", ratio=n + 0.3) for n in range(6)))
    yield PublishedChart(
        title="Out", tallies=tuple(Tally(name=f"Platform {n}", live=n, failed=1) for n in range(6))
    )


def test_pictures_are_small_as_wide_as_a_phone_and_whole() -> None:
    for content in drawing.pictures(list(charts())):
        assert len(content) <= 150_000
        width, height = png_size(content)
        assert width == 960
        assert 300 <= height <= 900
        assert zlib.crc32(b"IEND").to_bytes(4, "big") == content[-4:]
        assert io.BytesIO(content).read(1) == b"\x89"


@pytest.mark.parametrize(
    ("name", "short"), [("Launch day", "Launch day"), ("a\nb", "a b"), ("x" * 40, "x" * 25 + "…"), ("", "")]
)
def test_long_names_are_cut_with_a_mark(name: str, short: str) -> None:
    assert shortened(name) == short
