"""TikTok: previews say what would not fit; everything else says that it comes later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.domain.platform import Call, Checkpoint, Facts, Feature, Finding, Level
from bot.domain.post import Media, MediaKind, Part, Variant
from bot.errors import Unsupported
from plugins import tiktok
from plugins.tiktok.rules import findings as tiktok_findings

VIDEO = Media(
    sha256="0" * 64,
    name="launch.mp4",
    mime="video/mp4",
    kind=MediaKind.VIDEO,
    size=20_000_000,
    width=1080,
    height=1920,
    seconds=61.5,
)
PHOTO = replace(VIDEO, name="a.jpg", mime="image/jpeg", kind=MediaKind.IMAGE, width=1080, seconds=0.0)


def by_code(said: list[Finding]) -> dict[str, Finding]:
    assert len({f.code for f in said}) == len(said)
    return {f.code: f for f in said}


def on_tiktok(text: str, *media: Media) -> dict[str, Finding]:
    part = Part(text=text, media=media)
    return by_code(list(tiktok_findings(Variant(account="acme-tt", platform="tiktok", parts=(part,)))))


def test_a_good_video_is_only_held_back_by_the_version() -> None:
    said = on_tiktok("Caption", VIDEO)
    assert list(said) == ["length", "unsupported"]
    assert said["length"].level is Level.NOTE
    assert said["unsupported"].level is Level.BLOCK
    assert on_tiktok("Caption", VIDEO)["length"].text == "7/2200"
    assert "Take acme-tt out" in on_tiktok("T", VIDEO)["unsupported"].fix


def test_a_video_is_needed() -> None:
    assert on_tiktok("Launch day")["needs_video"].level is Level.BLOCK
    assert "needs_video" not in on_tiktok("Launch day", PHOTO)


@pytest.mark.parametrize(
    ("change", "code", "level"),
    [
        ({"mime": "video/x-msvideo"}, "video_type", Level.BLOCK),
        ({"size": 4_000_000_001}, "video_size", Level.BLOCK),
        ({"width": 359}, "video_sides", Level.BLOCK),
        ({"height": 4097}, "video_sides", Level.BLOCK),
        ({"seconds": 600.5}, "video_length", Level.BLOCK),
        ({"seconds": 181.0}, "video_length", Level.WARN),
    ],
)
def test_tiktok_videos_that_do_not_fit(change: dict[str, Any], code: str, level: Level) -> None:
    said = on_tiktok("t", replace(VIDEO, **change))
    assert set(said) == {"length", code, "unsupported"}
    assert said[code].level is level


def test_what_is_not_known_of_a_video_is_not_held_against_it() -> None:
    unknown = replace(VIDEO, width=0, height=0, seconds=0.0)
    assert set(on_tiktok("t", unknown)) == {"length", "unsupported"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mime": "image/png"}, "image_type"),
        ({"size": 20_000_001}, "image_size"),
        ({"width": 1081}, "image_area"),
    ],
)
def test_tiktok_photos_that_do_not_fit(change: dict[str, Any], code: str) -> None:
    assert set(on_tiktok("t", replace(PHOTO, **change))) == {"length", code, "unsupported"}


def test_tiktok_counts_utf16_units() -> None:
    assert "too_long" not in on_tiktok("😀" * 1100, VIDEO)
    said = on_tiktok("😀" * 1100 + "x", VIDEO)["too_long"]
    assert "2,201" in said.text
    assert "`--for acme-tt" in said.fix
    assert "too_long" not in on_tiktok("😀" * 45 + "\n" + "x" * 4000, PHOTO)
    assert "91" in on_tiktok("😀" * 45 + "x", PHOTO)["too_long"].text
    assert "4,001" in on_tiktok("title\n" + "x" * 4001, PHOTO)["too_long"].text


def test_too_many_files_and_parts() -> None:
    assert "mixed" in on_tiktok("t", VIDEO, PHOTO)
    assert "too_many_images" in on_tiktok("t", *[PHOTO] * 36)
    parts = (Part(text="one", media=(VIDEO,)), Part(text="two"))
    said = by_code(list(tiktok_findings(Variant(account="a", platform="p", parts=parts))))
    assert said["thread"].level is Level.BLOCK


@pytest.mark.parametrize("folder", [tiktok], ids=["tiktok"])
async def test_everything_else_is_told_plainly(folder: Any) -> None:
    (platform,) = folder.register_platforms()
    publisher = platform.connect(platform.settings(), None)
    call = Call(key="k", started_at=datetime(2026, 11, 21, tzinfo=UTC), request_hash="")
    part, checkpoint = Part(text="x"), Checkpoint()
    for attempt in (
        publisher.check(),
        publisher.stage(part, checkpoint),
        publisher.commit(part, checkpoint, call),
        publisher.confirm(part, checkpoint, call),
        publisher.measure(["1"]),
        publisher.remove("1"),
    ):
        with pytest.raises(Unsupported, match=platform.title) as caught:
            await attempt
        assert str(caught.value).endswith(".")
    facts = await publisher.facts()
    assert facts == Facts()
    variant = Variant(account="acme", platform=platform.name, parts=(Part(text="x", media=(VIDEO,)),))
    assert [f.code for f in publisher.inspect(variant, facts)] == ["length", "unsupported"]
    await publisher.aclose()
    await publisher.aclose()


@pytest.mark.parametrize(("folder", "suffix"), [(tiktok, "tt")], ids=["tiktok"])
def test_the_manifests(folder: Any, suffix: str) -> None:
    (platform,) = folder.register_platforms()
    assert platform.features is Feature.NONE
    assert platform.simulate is None
    assert platform.simulated.suffix == suffix
    assert len({limit.name for limit in platform.limits}) == len(platform.limits)
    assert all(limit.source and limit.as_of >= date(2026, 1, 1) for limit in platform.limits)
