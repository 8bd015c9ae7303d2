"""The benchmark of acknowledgements measures what it says; how much it measures is no test's business."""

from __future__ import annotations

import pytest

from benchmarks import acks, chats
from benchmarks.acks import Storm


def test_percentiles_are_of_what_was_acknowledged() -> None:
    storm = Storm(latencies=[n / 1000 for n in range(100, 0, -1)], lost=1, cpu=0.0)
    assert [storm.at(part) for part in (0.5, 0.99, 1)] == [50, 99, 100]
    assert Storm(latencies=[], lost=5, cpu=0.0).at(0.5) == float("inf")


@pytest.mark.bench
async def test_a_small_storm_is_acknowledged_and_everything_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (acks, chats):
        monkeypatch.setattr(module, "RATE", 5)
    figures = {figure.name: figure for figure in await acks.measure(1.0)}
    for service in ("slack", "discord"):
        assert figures[f"{service}: commands without an ack"].met
        assert figures[f"{service}: published meanwhile"].met
        assert figures[f"{service}: calls over its rates"].met
