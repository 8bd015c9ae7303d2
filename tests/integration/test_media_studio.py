"""Files made to fit by real encoders: what comes out satisfies the rules, is made once, leaves nothing."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from bot.domain.fitting import Fill, MediaRules, Plan, Sound, Step, Taste, judge
from bot.domain.look import Look
from bot.domain.post import Link, Media, MediaKind, Part, Variant
from bot.errors import BadInput, Rejected, StoreFull
from bot.media import encode, ffmpeg
from bot.media.files import FileMedia
from bot.media.studio import FileStudio
from bot.media.workroom import sweep, workplace
from tests.integration.media_clips import ANY, TALL, clip, make_clips, picture, run

ODD = ["plain", "silent", "turned", "back", "placed", "uneven", "oblong", "deep", "web", "laced", "other",
       "fast", "surround"]  # fmt: skip


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture
def store(tmp_path: Path) -> FileMedia:
    return FileMedia(tmp_path / "media")


@pytest.fixture
def studio(store: FileMedia, tmp_path: Path) -> Iterator[FileStudio]:
    yield FileStudio(store, tmp_path / "studio")
    room = tmp_path / "studio" / "making"
    assert not room.exists() or not list(room.iterdir()), "nothing half is left"


Clips = dict[str, Path]


async def fitted(studio: FileStudio, media: Media, rules: MediaRules, taste: Taste | None = None) -> Media:
    """What the studio makes of it; it must then be kept as it is."""
    plan = judge(media, rules, taste).plan
    assert plan is not None
    made = await studio.fit(media, plan)
    again = judge(made, rules)
    assert again.plan is not None
    assert (again.faults, again.plan.step) == ((), Step.KEEP)
    return made


def frame_of(path: Path, at: float = 0.5) -> Any:
    """One frame as numbers, height × width × RGB."""
    line = [ffmpeg.executable(), "-v", "error", "-i", str(path), "-ss", str(at), "-frames:v", "1"]
    target = path.with_name(f"{path.name}-{at}.png")
    subprocess.run([*line, "-f", "image2", str(target)], check=True, timeout=30)
    with Image.open(target) as image:
        return np.asarray(image.convert("RGB")).astype(float)


def output(line: list[str]) -> subprocess.CompletedProcess[str]:
    """What a program says."""
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=30)


def files_below(folder: Path) -> list[Path]:
    """Every file, however deep."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


# --- video ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD)
async def test_every_odd_video_fits_where_anything_goes_and_where_little_does(
    store: FileMedia, studio: FileStudio, clips: Clips, name: str
) -> None:
    media = await store.add(clips[name])
    anywhere = await fitted(studio, media, ANY)
    tall = await fitted(studio, media, TALL)
    assert 0.5 <= tall.width / tall.height <= 0.8
    assert abs(tall.seconds - media.seconds) < 0.15
    assert tall.stream is not None
    assert bool(tall.stream.audio) == (name not in ("silent", "uneven"))
    assert {made.origin for made in (anywhere, tall) if made.sha256 != media.sha256} <= {media.sha256}


async def test_a_compliant_video_is_not_touched(store: FileMedia, studio: FileStudio, clips: Clips) -> None:
    media = await store.add(clips["plain"])
    assert await fitted(studio, media, ANY) is media


async def test_the_pictures_are_not_made_anew_where_only_the_rest_is_wrong(
    store: FileMedia, studio: FileStudio, clips: Clips
) -> None:
    """The coded pictures of the source are the very ones of the result."""
    sums = set()
    media = await store.add(clips["plain"])
    for plan in (
        Plan(step=Step.REMUX, format="video/mp4", edits=False),
        Plan(step=Step.SOUND, format="video/mp4", sound=Sound.AAC, channels=1),
    ):
        made = await studio.fit(media, plan)
        for file in (media, made):
            line = [ffmpeg.executable(), "-v", "error", "-i", str(store.path(file)), "-map", "0:v"]
            sums.add(output([*line, "-c", "copy", "-f", "hash", "-"]).stdout)
    assert len(sums) == 1


async def test_a_turned_video_is_upright_once_it_is_made_anew(
    store: FileMedia, studio: FileStudio, clips: Clips
) -> None:
    media = await store.add(clips["turned"])
    plan = Plan(step=Step.VIDEO, format="video/mp4", size=(90, 160), sound=Sound.COPY)
    made = await studio.fit(media, plan)
    assert (made.width, made.height) == (90, 160)
    assert made.stream is not None
    assert made.stream.turned == 0
    seen = frame_of(store.path(made))
    source = np.rot90(frame_of(store.path(await store.add(clips["plain"]))), -1)
    assert float(np.abs(seen - source).mean()) < 12


async def test_what_is_brighter_than_a_screen_is_brought_to_it(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    """A phone's HLG: white paper (75 % of the signal, ITU-R BT.2408) is bright and has no tint."""
    path = tmp_path / "phone.mov"
    tags = ["-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc"]
    run("-f", "lavfi", "-i", "color=0xbfbfbf:s=64x64:r=30:d=0.5", "-vf",
        "scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le", *tags, "-c:v", "libx265",
        "-x265-params", "log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc", "-tag:v", "hvc1",
        str(path))  # fmt: skip
    media = await store.add(path)
    assert media.stream is not None
    assert media.stream.hdr
    made = await fitted(studio, media, ANY)
    assert made.stream is not None
    assert (made.stream.hdr, made.stream.pixels) == (False, "yuv420p")
    red, green, blue = frame_of(store.path(made), 0.2).mean((0, 1))
    assert max(red, green, blue) - min(red, green, blue) < 8
    assert 150 < green < 252


async def test_a_trim_keeps_what_was_asked_for(store: FileMedia, studio: FileStudio, tmp_path: Path) -> None:
    media = await store.add(clip(tmp_path / "long.mp4", seconds=4.0))
    made = await fitted(studio, media, ANY, Taste(start=1.0, end=2.5))
    assert made.seconds == pytest.approx(1.5, abs=0.1)
    assert float(np.abs(frame_of(store.path(made), 0.0) - frame_of(store.path(media), 1.0)).mean()) < 8


async def test_too_many_bytes_are_met_by_one_more_pass_or_refused(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    noisy = tmp_path / "noisy.mp4"
    run("-f", "lavfi", "-i", "nullsrc=s=160x90:r=30:d=2,geq=random(1)*255:128:128", "-pix_fmt", "yuv420p",
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "5", str(noisy))  # fmt: skip
    media = await store.add(noisy)
    assert media.size > 600_000
    most = 150_000
    made = await studio.fit(media, Plan(step=Step.VIDEO, format="video/mp4", size=(160, 90), most_bytes=most,
                                        sound=Sound.NONE))  # fmt: skip
    assert made.size <= most
    with pytest.raises(Rejected, match="stays larger than 9,000 bytes") as caught:
        await studio.fit(media, Plan(step=Step.VIDEO, format="video/mp4", most_bytes=9_000, sound=Sound.NONE))
    assert caught.value.fix


async def test_loudness(store: FileMedia, studio: FileStudio, tmp_path: Path) -> None:
    quiet = clip(tmp_path / "quiet.mp4", "-af", "volume=-25dB", seconds=4.0)
    media = await store.add(quiet)
    made = await fitted(studio, media, ANY, Taste(level=True))
    line = [ffmpeg.executable(), "-hide_banner", "-i", str(store.path(made)), "-vn"]
    line += ["-af", "ebur128", "-f", "null", "-"]
    said = output(line).stderr
    heard = float(said.rpartition("I:")[2].split()[0])
    assert heard == pytest.approx(-14, abs=1.5)
    silent = await store.add(clip(tmp_path / "silent.mp4", "-af", "volume=0"))
    with pytest.raises(BadInput, match="it is silent"):
        await studio.fit(silent, Plan(step=Step.SOUND, format="video/mp4", sound=Sound.AAC, loud=-14.0))


async def test_a_moving_picture_becomes_a_video(store: FileMedia, studio: FileStudio, tmp_path: Path) -> None:
    first, *rest = [Image.new("RGB", (65, 41), colour) for colour in ("red", "green", "blue")]
    for name in ("a.webp", "a.gif"):
        first.save(tmp_path / name, save_all=True, append_images=rest, duration=400)
        media = await store.add(tmp_path / name)
        made = await fitted(studio, media, MediaRules(video=ANY.video))
        assert (made.kind, made.name) == (MediaKind.VIDEO, "a.mp4")
        assert made.seconds == pytest.approx(1.2, abs=0.25)
        red = frame_of(store.path(made), 0.1).mean((0, 1))
        assert red[0] > 200 > 60 > red[1]


async def test_a_crop_follows_what_stands_out(store: FileMedia, studio: FileStudio, tmp_path: Path) -> None:
    for x, left in ((20, True), (270, False)):
        path = tmp_path / f"{x}.mp4"
        run("-f", "lavfi", "-i",
            f"color=0x304050:s=320x180:r=30:d=1,drawbox=x={x}:y=60:w=30:h=60:c=yellow:t=fill"
            ",noise=alls=6", "-pix_fmt", "yuv420p", "-c:v", "libx264", str(path))  # fmt: skip
        media = await store.add(path)
        plan = Plan(step=Step.VIDEO, format="video/mp4", size=(90, 160), fill=Fill.CROP, sound=Sound.NONE)
        frame = frame_of(store.path(await studio.fit(media, plan)))
        yellow = (frame[..., 0] > 180) & (frame[..., 2] < 120)
        assert yellow.sum() > 400, ("left" if left else "right", int(yellow.sum()))


# --- made once, told, bounded ------------------------------------------------------------------------


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


async def test_one_encoder_at_a_time(store: FileMedia, studio: FileStudio, clips: Clips) -> None:
    media = await store.add(clips["plain"])
    most = 0

    def count(_: float) -> None:
        nonlocal most
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


# --- covers and cards -------------------------------------------------------------------------------


async def test_covers_and_a_sheet_to_choose_from(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    path = tmp_path / "dark.mp4"
    run("-f", "lavfi", "-i", "color=black:s=160x90:r=30:d=1.2", "-f", "lavfi",
        "-i", "testsrc2=s=160x90:r=30:d=2.8",
        "-filter_complex", "[0][1]concat", "-pix_fmt", "yuv420p", "-c:v", "libx264", str(path))  # fmt: skip
    media = await store.add(path)
    cover = await studio.frame(media, 2.0)
    assert (cover.mime, cover.width, cover.height) == ("image/jpeg", 160, 90)
    assert (await studio.frame(media, 99.0)).kind is MediaKind.IMAGE, "beyond the end is the last one"
    sheet, times = await studio.sheet(media, count=3)
    assert sheet.mime == "image/jpeg"
    assert len(times) == 3
    assert times[0] > 0.9, "nobody wants the black one"
    assert list(times) == sorted(times)
    again = await studio.sheet(media, count=3)
    assert (again[0].sha256, list(again[1])) == (sheet.sha256, list(times))


async def test_cards(store: FileMedia, studio: FileStudio, clips: Clips, tmp_path: Path) -> None:
    film = await store.add(clips["plain"], alt="a test picture")
    photo = await store.add(picture(tmp_path / "a.png"))
    link = Link(url="https://example.com", title="Why", image=photo)
    variant = Variant(account="a", platform="demo", parts=(Part(text="Hello", media=(film,), link=link),))
    drawn = await studio.cards([(Look(name="Acme"), variant), (Look(name="Acme"), variant)])
    assert len(drawn) == 2
    for card in drawn:
        assert card.picture.mime == "image/jpeg"
        assert card.picture.size <= 300_000
        assert "Hello" in card.words


# --- the same as moviepy ----------------------------------------------------------------------------


async def test_our_frames_are_those_of_plain_moviepy(
    store: FileMedia, studio: FileStudio, tmp_path: Path
) -> None:
    path = tmp_path / "soft.mp4"
    scene = "gradients=s=160x90:r=30:d=0.6:speed=0.05:seed=3"
    run("-f", "lavfi", "-i", scene, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-crf", "12", str(path))
    media = await store.add(path)
    ours, words = {}, list[str]()
    for fill in Fill:
        plan = Plan(step=Step.VIDEO, format="video/mp4", size=(90, 160), fill=fill, sound=Sound.NONE)
        ours[fill] = store.path(await studio.fit(media, plan))
        centre = await studio._centre(media, tmp_path) if fill is Fill.CROP else (0.5, 0.5)
        words += [str(path), str(tmp_path / f"{fill}.mp4"), json.dumps(asdict(plan)), json.dumps(centre)]
    output([sys.executable, "-m", "bot.media.reference", *words])
    for fill in Fill:
        for at in (0.1, 0.4):
            apart = np.abs(frame_of(ours[fill], at) - frame_of(tmp_path / f"{fill}.mp4", at))
            assert float(apart.mean()) < (4 if fill is not Fill.BLUR else 8), (fill, at)
