"""Makes files fit: the one place where pictures and videos are made anew."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.domain.demands import Fill, Plan, Step
from bot.domain.fitting import after
from bot.domain.post import Media, MediaKind, Variant
from bot.domain.sizes_in_words import as_length
from bot.domain.video_plans import BUFFER, POOREST, ROOM, SPOKEN
from bot.errors import BadInput, Rejected
from bot.media import encode, ffmpeg
from bot.media.cache import Cache, key_of
from bot.media.covers import choose, lay_out, take
from bot.media.graph import Order, arguments, measuring, same_shape
from bot.media.lettering import find_lettering
from bot.media.pictures import make
from bot.media.subject import TALL, WIDE, centre
from bot.media.workroom import sweep, workplace
from bot.ports import MediaStore
from bot.ports.studio import Drawn, Lettering

if TYPE_CHECKING:
    from bot.domain.look import Look
    from bot.media.cards.drawing import Cards

EDITION = "1"
"""Counts up when the same plan makes other bytes than before."""

ENDINGS = MappingProxyType(
    {
        "image/jpeg": ".jpg",
        "image/png": ".png",
        "image/webp": ".webp",
        "image/gif": ".gif",
        "video/mp4": ".mp4",
        "video/quicktime": ".mov",
    }
)
LOOKS = 5
"""Frames that a crop looks at to find its subject."""

FIRST = 0.1
"""The share of a video after which the picture is taken that stands for it where nobody chose one."""

ROOMY, LEAST_ROOM = 4, 64_000_000
"""How many times the bound the first pass may write before it is stopped, and the bytes it always may."""

CLOSE = 0.25
"""Seconds by which a rendition's length may differ from what was planned."""


class FileStudio:
    """Implements `bot.ports.studio.Studio` over a media store; one encoder runs at a time."""

    def __init__(self, store: MediaStore, folder: Path) -> None:
        self._store = store
        self._room = folder / "making"
        self._cache = Cache(folder / "made", store)
        self._encoder = asyncio.Semaphore(1)
        self._quick = asyncio.Semaphore(1)  # pictures and covers do not wait for a film
        self._swept = False
        self._drawing: Cards | None = None

    @property
    def cache(self) -> Cache:
        """Which renditions there are."""
        return self._cache

    async def fit(self, media: Media, plan: Plan, *, told: Callable[[float], None] | None = None) -> Media:
        if plan.step is Step.KEEP:
            return media
        key, made = self._known(media, plan)
        if made is None:
            await self._store.check(media)
            async with self._quick if plan.step is Step.PICTURE else self._encoder:
                key, made = self._known(media, plan)  # somebody may have been quicker
                made = made or await self._make(media, plan, key, told)
        if told is not None:
            told(1.0)
        return _in_place_of(media, made)

    def _known(self, media: Media, plan: Plan) -> tuple[str, Media | None]:
        """Under which key it belongs, and what lies there.

        Plans that differ only in a bound that is far away make the same bytes, so targets share them.
        """
        near = plan.step is Step.PICTURE or bool(plan.bits)
        key = key_of(media.sha256, ["fit", asdict(plan if near else replace(plan, most_bytes=0))], _makers())
        made = self._cache.find(key)
        if made is None or not plan.most_bytes or made.size <= plan.most_bytes:
            return key, made
        key = key_of(media.sha256, ["fit", asdict(plan)], _makers())
        return key, self._cache.find(key)

    async def frame(self, media: Media, at: float) -> Media:
        at = round(max(0.0, at), 2)
        key = key_of(media.sha256, ["frame", at], _makers())
        if (made := self._cache.find(key)) is None:
            await self._store.check(media)
            async with self._quick:
                with workplace(self._room) as place:
                    picture = await take(self._store.path(media), media, at, place)
                    made = await self._add(picture, f"{Path(media.name).stem}-cover.jpg", media)
            self._cache.keep(key, made)
        return made

    async def sheet(self, media: Media, *, count: int = 9) -> tuple[Media, Sequence[float]]:
        if count < 1:
            raise BadInput("A contact sheet shows at least one picture.")
        key = key_of(media.sha256, ["sheet", count], _makers())
        times_key = key_of(media.sha256, ["sheet times", count], _makers())
        made, kept = self._cache.find(key), self._cache.find(times_key)
        if made is not None and kept is not None:
            return made, [float(word) for word in kept.alt.split()]
        await self._store.check(media)
        async with self._quick:
            with workplace(self._room) as place:
                shots = await choose(self._store.path(media), media, count, place)
                target = place / "sheet.jpg"
                await asyncio.to_thread(lay_out, shots, media, target)
                made = await self._add(target, f"{Path(media.name).stem}-covers.jpg", media)
        times = [at for at, _ in shots]
        self._cache.keep(key, made)
        self._cache.keep(times_key, replace(made, alt=" ".join(f"{at:.2f}" for at in times)))
        return made, times

    async def cards(self, posts: Sequence[tuple[Look, Variant]], *, dark: bool = False) -> Sequence[Drawn]:
        files = [(file, look.at) for look, variant in posts for file in _shown(variant)]
        pictures = await self._pictures(files)
        drawn = await asyncio.to_thread(self._cards().draw, posts, pictures, dark=dark)
        made = []
        with workplace(self._room) as place:
            for number, card in enumerate(drawn):
                target = place / f"preview-{number + 1}.jpg"
                await asyncio.to_thread(target.write_bytes, card.jpeg)
                picture = await self._store.add(target, alt=card.words)
                made.append(Drawn(picture=picture, words=card.words))
                note = key_of(picture.sha256, "card", {})
                await asyncio.to_thread(self._cache.keep, note, picture)
        return made

    async def lettering(self, media: Media) -> Lettering:
        await self._store.check(media)
        async with self._quick:
            return await asyncio.to_thread(find_lettering, self._store.path(media), media.name)

    async def trim(self, named: Callable[[], Awaitable[Collection[str]]]) -> int:
        if not await asyncio.to_thread(lambda: self._cache.full):
            return 0
        return await asyncio.to_thread(self._cache.trim, await named())

    def _cards(self) -> Cards:
        """Loaded when first needed, kept for its fonts."""
        if self._drawing is None:
            from bot.media.cards.drawing import Cards

            self._drawing = Cards()
        return self._drawing

    async def _pictures(self, files: Sequence[tuple[Media, float | None]]) -> Mapping[str, Path]:
        """What stands for each file on a card, by the file's hash; what has no picture is left out."""
        found: dict[str, Path] = {}
        for file, at in files:
            if file.sha256 in found:
                continue
            picture: Media | None = file if file.kind in (MediaKind.IMAGE, MediaKind.GIF) else None
            if file.kind is MediaKind.VIDEO:
                with suppress(BadInput, Rejected):
                    picture = file.cover or await self.frame(file, file.seconds * FIRST if at is None else at)
            if picture is not None:
                found[file.sha256] = self._store.path(picture)
        return found

    async def _make(self, media: Media, plan: Plan, key: str, told: Callable[[float], None] | None) -> Media:
        if not self._swept:
            self._swept = True
            await asyncio.to_thread(sweep, self._room)
        with workplace(self._room, needs=min(media.size, plan.most_bytes or media.size)) as place:
            target = place / f"made{ENDINGS.get(plan.format, '')}"
            if plan.step is Step.PICTURE:
                data = await asyncio.to_thread(make, self._store.path(media), plan, media.name)
                await asyncio.to_thread(target.write_bytes, data)
            else:
                await self._encode(media, plan, target, told)
            stem = Path(media.name).stem or "file"
            made = await self._add(target, stem + ENDINGS.get(plan.format, ""), media)
        _verify(made, media, plan)
        self._cache.keep(key, made)
        return made

    async def _encode(
        self, media: Media, plan: Plan, target: Path, told: Callable[[float], None] | None
    ) -> None:
        source = str(self._store.path(media))
        order = Order(source=source, target=str(target), media=media, plan=plan)
        length = after(media, plan).seconds
        if plan.loud:
            said = await encode.run(measuring(order), seconds=media.seconds)
            order = replace(order, loudness=_measured(said))
        if _cuts_off(media, plan):
            order = replace(order, centre=await self._centre(media, target.parent))
        room = max(ROOMY * plan.most_bytes, LEAST_ROOM) if plan.most_bytes else 0
        await encode.run(arguments(order), seconds=length, most_bytes=room, told=told)
        size = await asyncio.to_thread(_size, target)
        if not plan.most_bytes or size <= plan.most_bytes or plan.step is not Step.VIDEO:
            return
        bits = int(ROOM * plan.most_bytes * 8 / (length + BUFFER)) - SPOKEN
        order = replace(order, bits=max(POOREST // 2, int(bits * 0.9)))
        await encode.run(arguments(order), seconds=length, most_bytes=room, told=told)

    async def _centre(self, media: Media, place: Path) -> tuple[float, float]:
        """Where the subject lies in a few frames over the whole of it; the middle where none can be read."""
        path, pixels = self._store.path(media), b""
        for number in range(LOOKS):
            at = media.seconds * (number + 0.5) / LOOKS
            shot = place / f"{number}.rgb"
            line = ["-hide_banner", "-nostdin", "-y", "-v", "error", *ffmpeg.GUARDS, "-ss", f"{at:.2f}"]
            line += ["-noaccurate_seek", "-skip_frame", "nokey", "-i", f"file:{path}", "-map", "0:V:0"]
            line += ["-frames:v", "1", "-fps_mode", "passthrough", "-vf"]
            line += [f"scale={WIDE}:{TALL}:flags=area,format=rgb24", "-f", "rawvideo", f"file:{shot}"]
            with suppress(BadInput):
                await encode.run(line, seconds=0.0)
                pixels += await asyncio.to_thread(shot.read_bytes)
        return await asyncio.to_thread(centre, pixels, frames=LOOKS)

    async def _add(self, path: Path, name: str, media: Media) -> Media:
        """Into the store, under a name that a person knows, with what it was made from."""
        if not await asyncio.to_thread(_size, path):
            raise BadInput(f"Nothing came of {media.name}: it is damaged. Export it anew.")
        return replace(await self._store.add(path), name=name, origin=media.sha256)


def _shown(variant: Variant) -> Sequence[Media]:
    """Every file that a card shows."""
    return [file for part in variant.parts for file in part.files]


def _size(path: Path) -> int:
    """Bytes; 0 for what is not there."""
    return path.stat().st_size if path.exists() else 0


def _in_place_of(media: Media, made: Media) -> Media:
    """A rendition may have been made for another post: the words and what goes with it are this one's."""
    stem = Path(media.name).stem or "file"
    return replace(
        made,
        name=stem + Path(made.name).suffix,
        alt=media.alt,
        cover=media.cover,
        captions=media.captions,
        origin=media.origin or media.sha256,
    )


def _cuts_off(media: Media, plan: Plan) -> bool:
    if plan.step is not Step.VIDEO or plan.size is None or not (media.width and media.height):
        return False
    return plan.fill is Fill.CROP and not same_shape((media.width, media.height), plan.size)


def _verify(made: Media, media: Media, plan: Plan) -> None:
    """What came out must be what was planned; raises `Rejected` where it is not, so that nobody signs it."""
    want, stream = after(media, plan), made.stream
    wrong = ""
    if plan.most_bytes and made.size > plan.most_bytes:
        raise Rejected(
            f"{media.name} stays larger than {plan.most_bytes:,} bytes at any quality worth showing.",
            code="media",
            fix="Trim it, or choose a smaller one.",
        )
    if made.kind is not want.kind and not (want.kind is MediaKind.GIF and made.kind is MediaKind.IMAGE):
        wrong = f"{made.kind} instead of {want.kind}"
    elif plan.size is not None and made.kind is not MediaKind.GIF and (made.width, made.height) != plan.size:
        wrong = f"{made.width}×{made.height} instead of {plan.size[0]}×{plan.size[1]}"
    elif made.kind is MediaKind.VIDEO and stream is not None and want.stream is not None:
        if want.seconds and abs(made.seconds - want.seconds) > CLOSE:
            wrong = f"{as_length(made.seconds)} instead of {as_length(want.seconds)}"
        elif plan.step is Step.VIDEO and (stream.video, stream.pixels) != ("h264", "yuv420p"):
            wrong = f"{stream.video} {stream.pixels}"
        elif not stream.front or (stream.edits and not plan.edits):
            wrong = "its index"
    if wrong:
        raise Rejected(
            f"{media.name} did not come out as it should ({wrong}).",
            code="media",
            fix="Export it anew as MP4 (H.264), then attach it again.",
        )


def _measured(said: str) -> Mapping[str, str]:
    """The JSON at the end of what `loudnorm` says; raises `BadInput` for sound that cannot be measured."""
    found = re.search(r"\{[^{}]*\"input_i\"[^{}]*\}", said)
    values: dict[str, str] = json.loads(found[0]) if found else {}
    usable = all(
        re.fullmatch(r"-?\d+(\.\d+)?", str(value))
        for key, value in values.items()
        if key != "normalization_type"
    )
    if not values or not usable:
        raise BadInput(
            "The sound of this video cannot be measured: it is silent. Leave its loudness as it is."
        )
    return values


def _makers() -> Mapping[str, str]:
    """Versions of everything that decides about bytes."""
    from PIL import __version__ as pillow

    try:
        program = Path(ffmpeg.executable()).name
    except BadInput:
        program = ""
    return {"edition": EDITION, "pillow": pillow, "ffmpeg": program}
