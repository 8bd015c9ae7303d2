"""What a video holds: the boxes first, then what ``ffmpeg -i`` says of its streams."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from bot.domain.post import Stream
from bot.errors import BadInput
from bot.media import ffmpeg
from bot.media.boxes import Boxes, walk

PATIENCE = 20.0
"""Seconds that looking may take; it takes a fiftieth of one (measured 2026-11, ffmpeg 9.0.2)."""

LARGEST_SIDE = 8_192
"""Pixels; what no platform of ours takes and no small machine decodes."""

CODECS = MappingProxyType(
    {"avc1": "h264", "avc3": "h264", "hvc1": "hevc", "hev1": "hevc", "av01": "av1", "vp09": "vp9"}
)
BOXED = ("mov,mp4,m4a,3gp,3g2,mj2",)

VIDEO = re.compile(r"^  Stream #0:\d+.*?: Video: (?P<rest>.*)$", re.MULTILINE)
AUDIO = re.compile(r"^  Stream #0:\d+.*?: Audio: (?P<rest>.*)$", re.MULTILINE)
INPUT = re.compile(r"^Input #0, (?P<format>\S+), from", re.MULTILINE)
LENGTH = re.compile(r"^  Duration: (?P<h>\d+):(?P<m>\d\d):(?P<s>[\d.]+)", re.MULTILINE)
TURNED = re.compile(r"rotation of (?P<by>-?[\d.]+) degrees")


@dataclass(frozen=True, kw_only=True)
class Probed:
    """What was found; sizes in pixels as they are seen, ``seconds`` 0 where unknown."""

    width: int
    height: int
    seconds: float
    stream: Stream


def probe(path: Path, name: str) -> Probed:
    """Look into a video, in this thread; raises `BadInput` for one that is damaged or none.

    ``name`` is for people. Without ffmpeg the boxes alone must do.
    """
    with path.open("rb") as file:
        head = file.read(64)
    boxed = head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
    boxes = walk(path) if boxed else None
    if boxes is not None and not boxes.indexed:
        raise BadInput(
            f"{name} is cut off or damaged: its index is missing. Send it again, or export it anew."
        )
    try:
        ffmpeg.executable()
    except BadInput:
        if boxes is None or boxes.video is None:
            raise
        return _of_boxes(boxes, name)
    said = ffmpeg.look(["-hide_banner", "-nostdin", *ffmpeg.GUARDS, "-i", f"file:{path}"], timeout=PATIENCE)[
        1
    ]
    found = read(said, name)
    if b"webm" in head:
        found = replace(found, stream=replace(found.stream, container="webm"))
    if boxes is not None:
        found = _with_boxes(found, boxes)
        if not boxes.whole and not boxes.pieces:
            raise BadInput(f"{name} is cut off: its end is missing. Send it again, or export it anew.")
    if max(found.width, found.height) > LARGEST_SIDE:
        raise BadInput(
            f"{name} is {found.width}×{found.height}; at most {LARGEST_SIDE:,} pixels a side can be handled."
        )
    return found


def read(said: str, name: str) -> Probed:
    """What ``ffmpeg -i`` said; raises `BadInput` where it found no video."""
    source, video = INPUT.search(said), _first_video(said)
    if source is None or video is None:
        if source is not None and AUDIO.search(said):
            raise BadInput(f"{name} holds sound and no pictures. Platforms want a video.")
        raise BadInput(
            f"{name} is damaged or not the kind of video its first bytes say. Export it anew, as MP4."
        )
    parts = re.split(r", (?![^(]*\))", video)
    width, height, square = _size(video)
    if not (width and height):
        raise BadInput(f"{name} is damaged: its pictures have no size. Export it anew, as MP4.")
    turned = _turned(said)
    if turned % 180:
        width, height = height, width
    fps = _number(r"([\d.]+)(k?) fps", video)
    ticks = _number(r"([\d.]+)(k?) tbr", video)
    pixels = parts[1].split("(")[0].strip() if len(parts) > 1 else ""
    profile = re.match(r"\w+ \(([^)]*)\)", parts[0])
    container = _container(source["format"], said)
    length = LENGTH.search(said)
    heard = AUDIO.search(said)
    sound = heard["rest"] if heard else ""
    return Probed(
        width=width,
        height=height,
        seconds=int(length["h"]) * 3600 + int(length["m"]) * 60 + float(length["s"]) if length else 0.0,
        stream=Stream(
            container=container,
            video=parts[0].split()[0],
            audio=sound.split()[0].rstrip(",") if sound else "",
            profile=profile[1] if profile and "/" not in profile[1] else "",
            pixels=pixels,
            fps=fps or ticks,
            bits=int(_number(r"([\d.]+)() kb/s", video) * 1000) or _all_bits(said),
            turned=turned,
            steady=not (fps and ticks) or abs(fps / ticks - 1) < 0.05,
            progressive=re.search(r"(top|bottom) (coded )?first", video) is None,
            rate=int(_number(r"([\d.]+)() Hz", sound)),
            channels=_channels(sound),
            hdr=re.search(r"smpte2084|arib-std-b67", video) is not None,
            square=square,
            place=bool(re.search(r"^ +(location|com\.apple\.quicktime\.location)\S* *:", said, re.MULTILINE)),
        ),
    )


def _first_video(said: str) -> str | None:
    """The stream that is shown: covers of songs are streams of pictures too."""
    return next((m["rest"] for m in VIDEO.finditer(said) if "(attached pic)" not in m["rest"]), None)


def _size(video: str) -> tuple[int, int, bool]:
    """Width and height as they are seen, and whether the pixels are square."""
    match = re.search(r", (\d+)x(\d+)(?:,? \[?SAR (\d+):(\d+))?", video)
    if match is None:
        return 0, 0, True
    width, height = int(match[1]), int(match[2])
    across, down = int(match[3] or 1), int(match[4] or 1)
    if across == down or not (across and down):
        return width, height, True
    return max(1, round(width * across / down)), height, False


def _turned(said: str) -> int:
    """Degrees clockwise; ffmpeg tells them counter-clockwise."""
    match = TURNED.search(said)
    return round(-float(match["by"]) / 90) * 90 % 360 if match else 0


def _container(names: str, said: str) -> str:
    if names in BOXED:
        return "mov" if re.search(r"major_brand +: qt", said) or "major_brand" not in said else "mp4"
    return "mkv" if names.startswith("matroska") else names.split(",")[0]


def _channels(sound: str) -> int:
    for word, count in (("mono", 1), ("stereo", 2), ("5.1", 6), ("7.1", 8), ("quad", 4)):
        if f", {word}" in sound:
            return count
    return int(_number(r"(\d+)() channels", sound))


def _number(pattern: str, text: str) -> float:
    match = re.search(pattern, text)
    return float(match[1]) * (1000 if match[2] else 1) if match else 0.0


def _all_bits(said: str) -> int:
    return int(_number(r"bitrate: ([\d.]+)() kb/s", said) * 1000)


def _with_boxes(found: Probed, boxes: Boxes) -> Probed:
    video = boxes.video
    stream = replace(found.stream, front=boxes.front, edits=any(track.edits for track in boxes.tracks))
    if video is not None and video.frames:
        stream = replace(stream, steady=video.steady)
    return replace(found, stream=stream, seconds=found.seconds or boxes.seconds)


def _of_boxes(boxes: Boxes, name: str) -> Probed:
    video = boxes.video
    if video is None or not (video.width and video.height):
        raise BadInput(f"{name} holds no pictures. Platforms want a video.")
    sound = next((track for track in boxes.tracks if track.kind == "soun"), None)
    sideways = video.turned % 180
    stream = Stream(
        container="mov" if boxes.brand == "qt  " else "mp4",
        video=CODECS.get(video.codec, video.codec),
        audio={"mp4a": "aac"}.get(sound.codec, sound.codec) if sound else "",
        fps=round(video.frames / video.seconds, 2) if video.seconds and video.frames else 0.0,
        turned=video.turned,
        steady=video.steady,
        front=boxes.front,
        edits=any(track.edits for track in boxes.tracks),
    )
    return Probed(
        width=video.height if sideways else video.width,
        height=video.width if sideways else video.height,
        seconds=boxes.seconds,
        stream=stream,
    )
