"""The idea, what each account will get of it, and the parts that go out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from bot.errors import BadInput

Json: TypeAlias = Any
"""A value `json` can write: str, int, float, bool, None, or lists and dicts of them."""


OURS = frozenset({"left_out", "fit", "trim", "shape", "level"})
"""Options of a variant that say something to us and nothing to a publisher."""


class MediaKind(StrEnum):
    """What kind of file it is; a GIF of one frame is an image."""

    IMAGE = "image"
    GIF = "gif"
    VIDEO = "video"
    DOCUMENT = "document"
    CAPTIONS = "captions"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Stream:
    """What a video holds, as it was probed; empty or 0 where unknown.

    ``container``: "mp4", "mov", "webm"; ``video`` and ``audio``: codecs as "h264", "aac"; ``fps``
    frames and ``bits`` bits per second; ``turned``: degrees clockwise that a player turns it by (its
    width and height in `Media` are as it is seen); ``front``: the index lies before the data, so that
    it plays while it loads; ``steady``: a constant frame rate; ``edits``: it has an edit list; ``square``:
    its pixels are; ``hdr``: brighter than a usual screen shows. Of a picture it tells ``pixels`` ("rgb",
    "rgba", "gray", "palette", "cmyk", "rgb16", "gray16"), ``profile`` (of its colours), ``turned``, and
    ``place``: it says where it was taken.
    """

    container: str = ""
    video: str = ""
    audio: str = ""
    profile: str = ""
    pixels: str = ""
    fps: float = 0.0
    bits: int = 0
    turned: int = 0
    front: bool = True
    steady: bool = True
    edits: bool = False
    progressive: bool = True
    rate: int = 0
    channels: int = 0
    square: bool = True
    place: bool = False
    hdr: bool = False


@dataclass(frozen=True, kw_only=True)
class Media:
    """A file, by content. ``sha256`` is its name in the media store.

    ``width`` and ``height`` in pixels, ``size`` in bytes, ``seconds`` of a video, ``pages`` of a
    document; 0 where unknown. ``alt`` describes it for people who do not see it. ``cover`` is the
    picture a video is announced with, ``captions`` are its subtitles, each with its ``language``
    (BCP 47). ``origin``: the file a person gave, where this was made from it; empty where it is that file.
    """

    sha256: str
    name: str
    mime: str
    kind: MediaKind
    size: int
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    alt: str = ""
    pages: int = 0
    language: str = ""
    stream: Stream | None = None
    cover: Media | None = None
    captions: tuple[Media, ...] = ()
    origin: str = ""

    @property
    def with_it(self) -> tuple[Media, ...]:
        """The files that go with this one."""
        return (*((self.cover,) if self.cover else ()), *self.captions)


class PartRole(StrEnum):
    """What a part is to the ones before it."""

    POST = "post"
    SEGMENT = "segment"
    COMMENT = "comment"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, kw_only=True)
class Link:
    """The card a link is shown with, as it was when people approved it. ``image`` is a copy of ours."""

    url: str
    title: str = ""
    description: str = ""
    image: Media | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """One object on the platform: the post itself, a segment of its thread, a comment below it.

    ``after``: seconds to wait once the part before it is out; 0 is at once. The first part
    is the post, whatever ``role`` says of the others.
    """

    text: str
    media: tuple[Media, ...] = ()
    options: Mapping[str, Json] = field(default_factory=dict)
    role: PartRole = PartRole.SEGMENT
    after: int = 0
    link: Link | None = None

    @property
    def files(self) -> tuple[Media, ...]:
        """Everything that is posted; covers and captions go with their video (`Media.with_it`)."""
        image = self.link.image if self.link else None
        return (*self.media, image) if image else self.media


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The post as one account will get it. ``parts`` go out in order."""

    account: str
    platform: str
    parts: tuple[Part, ...]
    options: Mapping[str, Json] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n\n".join(p.text for p in self.parts)

    @property
    def body(self) -> str:
        """The post's own words, without what is said below it later."""
        return "\n\n".join(p.text for p in self.parts if p.role in (PartRole.POST, PartRole.SEGMENT))

    @property
    def media(self) -> tuple[Media, ...]:
        return tuple(m for p in self.parts for m in p.media)

    def part(self, index: int) -> Part:
        """One part as a publisher gets it: what was chosen for the whole post stands in its options too."""
        part = self.parts[index]
        chosen = {name: value for name, value in self.options.items() if name not in OURS}
        return replace(part, options={**chosen, **part.options}) if chosen else part

    @property
    def carried(self) -> Variant:
        """The same with every part as a publisher gets it."""
        return replace(self, parts=tuple(self.part(index) for index in range(len(self.parts))))


@dataclass(frozen=True, kw_only=True)
class Post:
    """The idea. ``version`` counts edits; ``wish`` is what was said about time."""

    id: int
    brand: str
    author: str
    brief: str
    wish: str
    version: int
    created_at: datetime
    campaign: str = ""

    @property
    def name(self) -> str:
        return f"P{self.id}"


def fingerprint(variant: Variant, wish: str) -> str:
    """SHA-256 (hex) over everything an approval signs for one target.

    Text, media bytes (by their own hash) with alt text, account, options, parts and the
    wish about time; not the instant the wish resolves to, nor file names.
    """
    signed = {
        "account": variant.account,
        "platform": variant.platform,
        "options": dict(variant.options),
        "wish": wish,
        "parts": [
            {"text": p.text, "options": dict(p.options), "media": _signed_media(p.media), **_signed_extras(p)}
            for p in variant.parts
        ],
    }
    text = json.dumps(signed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def part_hash(part: Part) -> str:
    """SHA-256 (hex) over one part as it will be sent; the ``request_hash`` of a call."""
    signed: list[Json] = [part.text, _signed_media(part.media), dict(part.options)]
    if extras := _signed_extras(part):
        signed.append(extras)
    text = json.dumps(signed, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _signed_media(media: Sequence[Media]) -> list[list[Json]]:
    return [[m.sha256, m.alt, *_signed_beside(m)] for m in media]


def _signed_beside(media: Media) -> list[Json]:
    """What goes with a video; left out where there is nothing, so that old signatures stay valid."""
    cover = _signed_media([media.cover]) if media.cover else []
    captions = [[m.sha256, m.language] for m in media.captions]
    return [cover, captions] if cover or captions else []


def _signed_extras(part: Part) -> dict[str, Json]:
    """What most parts do not have; left out where it says nothing, so that old signatures stay valid."""
    extras: dict[str, Json] = {}
    if part.role is not PartRole.SEGMENT:
        extras["role"] = part.role.value
    if part.after:
        extras["after"] = part.after
    if part.link is not None:
        image = _signed_media([part.link.image]) if part.link.image else []
        extras["link"] = [part.link.url, part.link.title, part.link.description, image]
    return extras


def variant_to_json(variant: Variant) -> Json:
    """The variant as plain JSON; `variant_from_json` is its inverse."""
    return asdict(variant)


def variant_from_json(data: Mapping[str, Json]) -> Variant:
    """Rebuild a variant from `variant_to_json`."""
    return Variant(
        account=data["account"],
        platform=data["platform"],
        options=dict(data.get("options", {})),
        parts=tuple(
            Part(
                text=p["text"],
                options=dict(p.get("options", {})),
                media=tuple(map(media_from_json, p.get("media", ()))),
                role=PartRole(p.get("role", PartRole.SEGMENT)),
                after=p.get("after", 0),
                link=_link_from_json(p["link"]) if p.get("link") else None,
            )
            for p in data["parts"]
        ),
    )


def media_to_json(media: Media) -> Json:
    """A file's description as plain JSON; `media_from_json` is its inverse."""
    return asdict(media)


def media_from_json(data: Mapping[str, Json]) -> Media:
    """Rebuild what `media_to_json` wrote."""
    stream, cover = data.get("stream"), data.get("cover")
    return Media(
        **{
            **data,
            "kind": MediaKind(data["kind"]),
            "stream": Stream(**stream) if stream else None,
            "cover": media_from_json(cover) if cover else None,
            "captions": tuple(map(media_from_json, data.get("captions", ()))),
        }
    )


def _link_from_json(data: Mapping[str, Json]) -> Link:
    image = data.get("image")
    return Link(**{**data, "image": media_from_json(image) if image else None})


def with_alts(media: Sequence[Media], alts: Sequence[str]) -> tuple[Media, ...]:
    """The same files, described in order; those beyond the last description keep theirs.

    Raises `BadInput` when there are more descriptions than files.
    """
    if len(alts) > len(media):
        files = len(media) or "no"
        raise BadInput(f"There are {len(alts)} descriptions (--alt) for {files} files (--media).")
    described = (replace(m, alt=alt) for m, alt in zip(media, alts, strict=False))
    return (*described, *media[len(alts) :])
