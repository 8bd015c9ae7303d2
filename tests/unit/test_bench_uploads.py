"""The benchmark of uploads measures what it says; how much it measures is no test's business."""

from __future__ import annotations

import pytest

from benchmarks import uploads
from benchmarks.simulated import platforms
from bot.domain.platform import Feature


def test_every_platform_that_takes_videos_is_measured() -> None:
    with_video = {name for name, platform in platforms().items() if Feature.VIDEO in platform.features}
    assert set(uploads.names()) == with_video
    assert {"twitter", "linkedin"} <= with_video


@pytest.mark.bench
@pytest.mark.parametrize("name", ["twitter", "linkedin"])
def test_a_small_upload_is_cut_and_goes_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "SIZE", 12_000_000)
    monkeypatch.setattr(uploads, "SMALL", 300_000)
    memory, again, _ = uploads.of_platform(name)
    assert memory.met
    assert again.met
    assert "1 cut" in again.measured
