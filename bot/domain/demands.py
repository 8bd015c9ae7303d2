"""What files a platform takes, as declared facts; and what is found out, and planned, about one file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class PictureRule:
    """What pictures are taken. ``ratios``: narrowest and widest, width over height; sizes in pixels.

    ``aim``: the size that a picture of a ratio that is not taken is made in. ``moving``: pictures that move
    are taken as they are. ``colours``: as `bot.domain.post.Stream.pixels` says of pictures.
    """

    formats: tuple[str, ...]
    most_bytes: int
    ratios: tuple[float, float] | None = None
    widths: tuple[int, int] | None = None
    heights: tuple[int, int] | None = None
    most_pixels: int = 0
    aim: tuple[int, int] | None = None
    moving: bool = False
    colours: tuple[str, ...] = ("rgb", "rgba", "gray", "palette")


@dataclass(frozen=True, kw_only=True)
class VideoRule:
    """What videos are taken.

    ``containers`` and codecs as in `bot.domain.post.Stream`; ``seconds``, ``fps``, ``widths``,
    ``heights`` (pixels): least and most; ``ratios`` as in `PictureRule`. ``aim``: the size in pixels
    that a rendition is made in, and the ratio that looks right here. ``bits``: most bits per second,
    0 is no bound. ``front``: the index must lie before the data; ``edits``: edit lists are taken;
    ``turned``: a mark that says how to turn it is obeyed; ``steady``: the frame rate must be constant.
    """

    containers: tuple[str, ...]
    codecs: tuple[str, ...]
    audio: tuple[str, ...]
    most_bytes: int
    seconds: tuple[float, float]
    least_bytes: int = 0
    ratios: tuple[float, float] | None = None
    aim: tuple[int, int] | None = None
    widths: tuple[int, int] | None = None
    heights: tuple[int, int] | None = None
    fps: tuple[float, float] | None = None
    bits: int = 0
    rates: tuple[int, ...] = ()
    channels: int = 2
    front: bool = False
    edits: bool = True
    pixels: tuple[str, ...] = ("yuv420p", "yuvj420p")
    turned: bool = True
    steady: bool = False


@dataclass(frozen=True, kw_only=True)
class DocumentRule:
    """What documents are taken."""

    formats: tuple[str, ...]
    most_bytes: int
    most_pages: int


@dataclass(frozen=True, kw_only=True)
class MediaRules:
    """Everything a post may carry; None is not taken. ``mixed``: pictures and videos in one post.

    ``needed``: a post without a file is refused. ``source`` and ``as_of``: where and when this was read.
    """

    picture: PictureRule | None = None
    gif: PictureRule | None = None
    video: VideoRule | None = None
    document: DocumentRule | None = None
    most_pictures: int = 1
    most_files: int = 1
    mixed: bool = False
    needed: bool = False
    source: str = ""
    as_of: date | None = None


class Step(StrEnum):
    """What has to be done to a file, from nothing to everything."""

    KEEP = "keep"
    PICTURE = "picture"
    REMUX = "remux"
    SOUND = "sound"
    VIDEO = "video"


class Sound(StrEnum):
    """What happens to the sound: it stays as it is, it becomes AAC, there is none."""

    COPY = "copy"
    AAC = "aac"
    NONE = "none"


class Fill(StrEnum):
    """How another shape is filled: cut off at the sides, on its own blurred picture, or on a plain ground."""

    CROP = "crop"
    BLUR = "blur"
    PAD = "pad"


@dataclass(frozen=True, kw_only=True)
class Taste:
    """What a person wished about a file, read from a variant's options; None leaves it to us.

    ``shape``: a ratio as (9, 16). ``start`` and ``end``: seconds of the part that is kept. ``level``: the
    sound is brought to the usual loudness (−14 LUFS).
    """

    fill: Fill | None = None
    shape: tuple[int, int] | None = None
    start: float = 0.0
    end: float | None = None
    level: bool = False


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way in which a file does not fit. ``mended``: we can put it right without a person.

    ``have`` and ``want`` are for people ("16:9", "9:16"), ``fix`` is the way out for what is not mended.
    """

    code: str
    have: str
    want: str
    mended: bool
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a file becomes one that fits; as JSON it names the rendition in the cache.

    ``size`` in pixels (even for videos), ``format`` a media type; ``bits`` per second and
    ``most_bytes`` bound the result, 0 is no bound; ``start`` and ``end`` in seconds. ``edits``: it may keep
    an edit list; ``rate`` (Hz) and ``channels`` of new sound; ``loud`` in LUFS, 0 leaves it;
    ``still``: the first picture of one that moves.
    """

    step: Step
    format: str = ""
    size: tuple[int, int] | None = None
    fill: Fill = Fill.CROP
    fps: float = 0.0
    bits: int = 0
    most_bytes: int = 0
    start: float = 0.0
    end: float | None = None
    sound: Sound = Sound.COPY
    rate: int = 48_000
    channels: int = 2
    loud: float = 0.0
    edits: bool = True
    still: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a platform would say to a file, and what we can do about it; no plan where we cannot."""

    faults: tuple[Fault, ...] = ()
    plan: Plan | None = None
