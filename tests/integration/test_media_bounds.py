"""Renditions are made once, are told about, are bounded, can be called off, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from bot.domain.fitting import Fill, Plan, Sound, Step
from bot.errors import BadInput, Rejected, StoreFull
from bot.media import encode, ffmpeg
from bot.media.files import FileMedia
from bot.media.studio import FileStudio
from bot.media.workroom import sweep, workplace
from tests.integration.media_clips import clip, picture, run

Clips = dict[str, Path]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return {"plain": clip(tmp_path_factory.mktemp("clips") / "plain.mp4")}


@pytest.fixture
def store(tmp_path: Path) -> FileMedia:
    return FileMedia(tmp_path / "media")


@pytest.fixture
def studio(store: FileMedia, tmp_path: Path) -> Iterator[FileStudio]:
    yield FileStudio(store, tmp_path / "studio")
    room = tmp_path / "studio" / "making"
    assert not room.exists() or not list(room.iterdir()), "nothing half is left"


def files_below(folder: Path) -> list[Path]:
    """Every file, however deep."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_the_same_is_made_once_and_the_same_again(
    store: FileMedia, studio: FileStudio, clips: Clips, tmp_path: Path
) -> None:
    media = await store.add(clips["plain"], alt="one")
    plan = Plan(step=Step.VIDEO, format="video/mp4", size=(90, 160), fill=Fill.BLUR, sound=Sound.COPY)
    heard: list[float] = []
    first = await studio.fit(media, plan, told=heard.append)
    assert heard[-1] == 1.0
    assert all(0 <= share <= 1 for share in heard)
    before = store.path(first).stat().st_mtime_ns
    second = await studio.fit(replace(media, alt="two", name="other.mov"), plan)
    assert store.path(first).stat().st_mtime_ns == before, "it was made once"
    assert (second.sha256, second.alt, second.name) == (first.sha256, "two", "other.mp4")
    elsewhere = await FileStudio(store, tmp_path / "elsewhere").fit(media, plan)
    assert elsewhere.sha256 == first.sha256, "the same plan makes the same bytes"


async def test_nothing_stays_open(store: FileMedia, studio: FileStudio, clips: Clips) -> None:
    media, me = await store.add(clips["plain"]), psutil.Process()
    plan = Plan(step=Step.VIDEO, format="video/mp4", sound=Sound.NONE)
    await studio.fit(media, replace(plan, size=(64, 64)))
    before = me.num_fds()
    for side in range(66, 78, 2):
        await studio.fit(media, replace(plan, size=(side, 64)))
        await studio.frame(media, side / 100)
    assert me.num_fds() <= before
    assert not me.children(recursive=True)


async def test_what_was_lost_is_made_again(store: FileMedia, studio: FileStudio, clips: Clips) -> None:
    media = await store.add(clips["plain"])
    plan = Plan(step=Step.REMUX, format="video/mp4", edits=False)
    first = await studio.fit(media, plan)
    store.path(first).unlink()
    assert (await studio.fit(media, plan)).sha256 == first.sha256
    await store.check(first)


async def test_the_cache_lets_go_of_the_oldest_and_never_of_what_is_signed(
    store: FileMedia, tmp_path: Path
) -> None:
    studio = FileStudio(store, tmp_path / "studio")
    studio.cache._quota = 1_500
    made = []
    for number in range(4):
        media = await store.add(picture(tmp_path / f"{number}.png", (60 + number, 60)))
        plan = Plan(step=Step.PICTURE, format="image/jpeg", size=(60, 60))
        made.append(await studio.fit(media, plan))
    for number, file in enumerate(sorted((tmp_path / "studio" / "made").glob("*.json"))):
        os.utime(file, ns=(number, number))
    sizes = {m.sha256: m.size for m in made}
    signed = {made[0].sha256}
    studio.cache.trim(signed)
    left = [m for m in made if store.path(m).exists()]
    assert made[0] in left
    assert len(left) < 4
    assert sum(sizes[m.sha256] for m in left if m.sha256 not in signed) <= 1_500


async def test_who_is_named_is_asked_only_when_there_is_too_much(store: FileMedia, tmp_path: Path) -> None:
    studio = FileStudio(store, tmp_path / "studio")
    media = await store.add(picture(tmp_path / "one.png", (60, 60)))
    made = await studio.fit(media, Plan(step=Step.PICTURE, format="image/jpeg", size=(60, 60)))
    asked: list[str] = []

    async def named() -> set[str]:
        asked.append("who?")
        return set() if len(asked) > 1 else {made.sha256}

    assert await studio.trim(named) == 0
    assert not asked
    studio.cache._quota = made.size - 1
    assert await studio.trim(named) == 0
    assert store.path(made).exists()
    assert await studio.trim(named) == 1
    assert not store.path(made).exists()
    assert store.path(media).exists()


async def test_one_encoder_at_a_time(store: FileMedia, studio: FileStudio, clips: Clips) -> None:
    media = await store.add(clips["plain"])
    most = 0

    def count(_: float) -> None:
        nonlocal most
        with suppress(psutil.NoSuchProcess):  # it ended while it was looked at
            alive = [c for c in psutil.Process().children(recursive=True) if "ffmpeg" in c.name()]
            most = max(most, len(alive))

    plans = [
        Plan(step=Step.VIDEO, format="video/mp4", size=(160, side), sound=Sound.COPY)
        for side in (90, 96, 100)
    ]
    await asyncio.gather(*(studio.fit(media, plan, told=count) for plan in plans))
    assert most <= 1


SLOW = ("-f", "lavfi", "-i", "testsrc2=s=640x360:r=30:d=600", "-c:v", "libx264", "-preset", "placebo")


async def test_a_cancelled_rendition_leaves_no_child_and_no_file(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    path = tmp_path / "slow.mp4"
    run(
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=640x360:r=30:d=20",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        str(path),
    )
    media = await store.add(path)
    kept = files_below(tmp_path)
    started = asyncio.Event()
    plan = Plan(step=Step.VIDEO, format="video/mp4", size=(1280, 720), sound=Sound.NONE)
    making = asyncio.ensure_future(studio.fit(media, plan, told=lambda _: started.set()))
    async with asyncio.timeout(60):
        await started.wait()
        assert [c for c in psutil.Process().children(recursive=True) if "ffmpeg" in c.name()]
        making.cancel()
        loop = asyncio.get_running_loop()
        before = loop.time()
        with pytest.raises(asyncio.CancelledError):
            await making
    assert loop.time() - before < encode.POLITE + encode.FIRM + 1
    assert not [c for c in psutil.Process().children(recursive=True) if "ffmpeg" in c.name()]
    assert files_below(tmp_path) == kept


async def test_a_child_that_takes_no_hint_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "POLITE", 0.05)
    monkeypatch.setattr(encode, "FIRM", 0.05)
    stubborn = "trap '' INT TERM; echo out_time_us=1; while :; do read -t 1 x < /dev/zero; sleep 0.05; done"
    monkeypatch.setattr(ffmpeg, "bounded", lambda arguments, most_bytes: ["/bin/sh", "-c", stubborn])
    started = asyncio.Event()
    task = asyncio.ensure_future(encode.run([], seconds=1.0, told=lambda _: started.set()))
    async with asyncio.timeout(20):
        await started.wait()
        (child,) = psutil.Process().children()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not child.is_running()


async def test_a_rendition_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "PATIENCE", 0.3)
    monkeypatch.setattr(encode, "PER_SECOND", 0.0)
    with pytest.raises(BadInput, match="took too long for this machine"):
        await encode.run([*SLOW, "-f", "null", "-"], seconds=600.0)
    assert not psutil.Process().children()


async def test_bounds_hold_in_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = ["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "nullsrc=s=640x360:r=30:d=2"]
    with pytest.raises(BadInput, match="beyond what can be handled"):
        await encode.run([*line, "-c:v", "rawvideo", "-f", "rawvideo", str(tmp_path / "out")], seconds=2.0,
                         most_bytes=100_000)  # fmt: skip
    assert (tmp_path / "out").stat().st_size <= 200_000
    monkeypatch.setattr(ffmpeg, "ADDRESS_SPACE", 200 * 1024**2)
    with pytest.raises(BadInput):
        await encode.run([*line, "-f", "null", "-"], seconds=2.0)


async def test_a_video_damaged_in_the_middle_says_so(
    store: FileMedia, studio: FileStudio, clips: Clips, tmp_path: Path
) -> None:
    data = bytearray(clips["plain"].read_bytes())
    start = data.index(b"mdat") + 8
    data[start : len(data)] = os.urandom(len(data) - start)
    path = tmp_path / "noise.mp4"
    path.write_bytes(bytes(data))
    media = await store.add(path)
    plan = Plan(step=Step.VIDEO, format="video/mp4", size=(90, 160), sound=Sound.AAC)
    with pytest.raises((BadInput, Rejected)) as caught:
        await studio.fit(media, plan)
    assert "Export it anew" in str(caught.value) + getattr(caught.value, "fix", "")


async def test_bytes_that_changed_are_not_made_into_anything(
    store: FileMedia, studio: FileStudio, clips: Clips
) -> None:
    media = await store.add(clips["plain"])
    with store.path(media).open("ab") as file:
        file.write(b"x")
    with pytest.raises(Rejected, match="is not the file that was approved"):
        await studio.fit(media, Plan(step=Step.REMUX, format="video/mp4"))


def test_what_a_dead_owner_left_is_swept_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    orphan = tmp_path / "orphan"
    orphan.mkdir()
    (orphan / "lock").touch()
    (orphan / "made.mp4").write_bytes(b"half")
    with workplace(tmp_path) as place:
        assert sweep(tmp_path) == 1
        assert place.exists()
        assert not orphan.exists()
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(StoreFull, match="too little room on the disk"), workplace(tmp_path, needs=2**60):
        pytest.fail("it began")
    assert not list(tmp_path.iterdir())
