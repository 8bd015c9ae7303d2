"""Small real files of every kind, made once for all tests by ffmpeg and Pillow."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from bot.domain.demands import MediaRules, PictureRule, VideoRule
from bot.media.ffmpeg import executable

TALL_VIDEO = VideoRule(
    containers=("mp4", "mov"),
    codecs=("h264", "hevc"),
    audio=("aac",),
    most_bytes=3_000_000,
    seconds=(1, 90),
    ratios=(0.5, 0.8),
    aim=(90, 160),
    widths=(64, 1920),
    fps=(23, 60),
    front=True,
    edits=False,
    rates=(48_000,),
)
"""A platform that wants upright video and little else."""

ANY_VIDEO = VideoRule(
    containers=("mp4",), codecs=("h264",), audio=("aac",), most_bytes=9_000_000, seconds=(0.5, 140)
)
FEED_PICTURE = PictureRule(
    formats=("image/jpeg",), most_bytes=100_000, ratios=(0.8, 1.91), widths=(32, 400), aim=(80, 100)
)
TALL = MediaRules(video=TALL_VIDEO, picture=FEED_PICTURE)
ANY = MediaRules(
    video=ANY_VIDEO, picture=PictureRule(formats=("image/jpeg", "image/png"), most_bytes=100_000)
)


def run(*arguments: str) -> None:
    """ffmpeg, with its sentence when it fails."""
    line = [executable(), "-v", "error", "-nostdin", "-y", *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def clip(target: Path, *extra: str, size: str = "160x90", seconds: float = 1.0, sound: bool = True) -> Path:
    """A moving picture with a tone, H.264 and AAC, its index in front; ``extra`` comes last."""
    line = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=30:d={seconds}"]
    line += ["-f", "lavfi", "-i", f"sine=r=48000:d={seconds}"] if sound else []
    line += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-threads", "1"]
    line += ["-c:a", "aac", "-ac", "2", "-movflags", "+faststart"] if sound else ["-movflags", "+faststart"]
    run(*line, *extra, str(target))
    return target


def make_clips(folder: Path) -> dict[str, Path]:
    """Every odd video by name; a second of 160 × 90 each."""
    plain = clip(folder / "plain.mp4")
    found = {"plain": plain, "silent": clip(folder / "silent.mp4", sound=False)}

    def derive(name: str, *arguments: str, before: tuple[str, ...] = ()) -> None:
        target = folder / name
        run(*before, "-i", str(plain), *arguments, str(target))
        found[target.stem] = target

    copy = ("-c", "copy", "-movflags", "+faststart")
    derive("turned.mp4", *copy, before=("-display_rotation", "-90"))
    derive("back.mp4", "-c", "copy")
    derive("placed.mp4", *copy, "-metadata", "location=+48.85+002.35/")
    derive("uneven.mp4", "-vf", "select='not(mod(n,7))+not(mod(n,5))'", "-fps_mode", "vfr", "-an")
    derive("oblong.mp4", "-vf", "setsar=4/3", "-c:a", "copy")
    derive("deep.mov", "-pix_fmt", "yuv420p10le", "-c:v", "libx264", "-c:a", "pcm_s16le")
    derive("web.webm", "-c:v", "libvpx", "-b:v", "200k", "-c:a", "libopus")
    derive("laced.mp4", "-vf", "scale=160:96,interlace", "-flags", "+ilme+ildct", "-c:a", "copy")
    derive("other.mkv", "-c", "copy")
    derive("fast.mp4", "-vf", "fps=90", "-c:a", "copy")
    derive("surround.mp4", "-c:v", "copy", "-ac", "6")
    derive("song.mp4", "-vn", "-c:a", "copy")
    return found


def picture(target: Path, size: tuple[int, int] = (160, 90), mode: str = "RGB", **options: object) -> Path:
    """A gradient with a bright spot, so that turning, cropping and colours show."""
    down, across = np.mgrid[0 : size[1], 0 : size[0]]
    red = across / size[0] * 200
    green = down / size[1] * 200
    blue = np.full(size[::-1], 60.0)
    data = np.stack([red, green, blue], -1).astype(np.uint8)
    image = Image.fromarray(data).convert(mode)
    image.save(target, **options)  # type: ignore[arg-type]
    return target
