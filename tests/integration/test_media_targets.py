"""One file for every platform of the house: only the renditions that are needed, and each fits its target."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.fitting import MediaRules, Plan, Step, Taste, explain, judge
from bot.domain.platform import Facts
from bot.domain.post import Media, MediaKind, Part, Variant
from bot.log import make_log
from bot.media.files import FileMedia
from bot.media.studio import FileStudio
from bot.registry import load
from tests.integration.media_clips import clip, picture


def rules_for(media: Media) -> Mapping[str, MediaRules]:
    """What every platform that takes files takes now, by its name."""
    found = {}
    for name, platform in load(log=make_log(io.StringIO())).platforms.items():
        if platform.media is not None:
            variant = Variant(account="a", platform=name, parts=(Part(text="Hello", media=(media,)),))
            found[name] = platform.media(variant, Facts())
    return found


@pytest.fixture
def store(tmp_path: Path) -> FileMedia:
    return FileMedia(tmp_path / "media")


@pytest.fixture
def studio(store: FileMedia, tmp_path: Path) -> FileStudio:
    return FileStudio(store, tmp_path / "studio")


async def to_all(
    studio: FileStudio, media: Media, taste: Taste | None = None
) -> Mapping[str, tuple[Media, Plan]]:
    """What each platform gets that takes such a file; every one must be kept as it is by its own rules."""
    made = {}
    for name, rules in rules_for(media).items():
        verdict = judge(media, rules, taste)
        if verdict.plan is None:
            assert all(fault.fix for fault in verdict.faults if not fault.mended), name
            continue
        result = await studio.fit(media, verdict.plan)
        again = judge(result, rules)
        assert (again.faults, again.plan) == ((), Plan(step=Step.KEEP)), name
        made[name] = (result, verdict.plan)
    return made


async def test_a_wide_video_fits_everywhere_and_is_encoded_only_where_it_must_be(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    media = await store.add(clip(tmp_path / "a.mp4", "-b:v", "900k", size="640x360", seconds=3.5))
    made = await to_all(studio, media)
    assert len(made) >= 6
    encoded = {name for name, (_, plan) in made.items() if plan.step is Step.VIDEO}
    assert not encoded, "every platform takes a plain 16:9 video"
    renditions = {result.sha256 for result, _ in made.values()}
    assert len(renditions) <= 2, "the file itself, and once without an edit list"


async def test_a_shape_that_was_wished_for_is_made_once_for_all(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    media = await store.add(clip(tmp_path / "a.mp4", "-b:v", "900k", size="640x360", seconds=3.5))
    made = await to_all(studio, media, Taste(shape=(1, 1)))
    assert len(made) >= 6
    for result, _ in made.values():
        assert result.width == result.height
    assert len({result.sha256 for result, _ in made.values()}) < len(made)


async def test_a_picture_fits_wherever_pictures_are_taken(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    tall = await store.add(picture(tmp_path / "tall.png", (400, 1200), mode="RGBA"))
    made = await to_all(studio, tall)
    assert len(made) >= 5
    assert {result.kind for result, _ in made.values()} == {MediaKind.IMAGE}
    frames = [Image.new("RGB", (400, 300), colour) for colour in ("red", "green", "blue", "white") * 4]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=250)
    moving = await to_all(studio, await store.add(tmp_path / "a.webp"))
    assert len(moving) >= 5


async def test_every_rule_can_be_read_by_people(store: FileMedia, tmp_path: Path) -> None:
    media = await store.add(picture(tmp_path / "a.jpg"))
    for name, rules in rules_for(media).items():
        for sentence in explain(rules):
            assert sentence.endswith("."), name
            assert "  " not in sentence
            assert "None" not in sentence
        assert rules.source, name
        assert rules.as_of is not None, name
