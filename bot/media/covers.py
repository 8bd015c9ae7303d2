"""Pictures out of a video: one for its cover, or some to choose from on one sheet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bot.domain.post import Media
from bot.domain.sizes_in_words import as_length
from bot.errors import BadInput
from bot.media import encode, ffmpeg
from bot.media.stills import FORMATS

GAP = 0.15
"""Seconds before the end at which there is still a frame."""

DULL = 12.0
"""Spread of brightness (of 255) below which a frame is black, white or fog, and another is tried."""

NEARBY = 0.45
"""How far from its place another is looked for, of the distance between two."""

CELL, EDGE = 360, 6
"""Pixels: the long side of a picture on the sheet, and the space between."""

QUALITY = 2
"""ffmpeg's scale for JPEG, 2 is the best."""


async def take(source: Path, media: Media, at: float, place: Path, *, name: str = "frame.jpg") -> Path:
    """The picture at ``at`` seconds as a JPEG in ``place``; near the end, the last there is.

    Raises `BadInput` where there is none.
    """
    target = place / name
    last = max(0.0, media.seconds - GAP)
    for moment in dict.fromkeys((min(at, last) if media.seconds else at, max(0.0, last - 1.0), 0.0)):
        line = ["-hide_banner", "-nostdin", "-y", "-v", "error", *ffmpeg.GUARDS, "-ss", f"{moment:.3f}"]
        line += ["-threads", "2", "-i", f"file:{source}", "-map", "0:V:0", "-frames:v", "1", "-vf"]
        line += ["scale=w='max(1,round(iw*sar))':h=ih,setsar=1", "-q:v", str(QUALITY), "-f", "image2"]
        line += ["-update", "1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", f"file:{target}"]
        with suppress(BadInput):
            await encode.run(line, seconds=0.0)
        if await asyncio.to_thread(holds_something, target):
            return target
    raise BadInput(f"No picture could be taken out of {media.name}: it is damaged. Export it anew.")


async def choose(source: Path, media: Media, count: int, place: Path) -> Sequence[tuple[float, Path]]:
    """Pictures spread evenly, none of them black if there is a better one nearby; each with its second."""
    step = media.seconds / count if media.seconds else 0.0
    shots = []
    for number in range(count):
        middle = step * (number + 0.5)
        tried: list[tuple[float, float, Path]] = []
        for away in (0.0, NEARBY, -NEARBY):
            at = middle + away * step
            shot = await take(source, media, at, place, name=f"{number}-{len(tried)}.jpg")
            tried.append((await asyncio.to_thread(_spread, shot), round(at, 2), shot))
            if tried[-1][0] >= DULL or not step:
                break
        _, at, shot = max(tried, key=lambda one: one[0])
        shots.append((at, shot))
    return shots


def holds_something(path: Path) -> bool:
    """Whether a file came into being and is not empty."""
    return path.exists() and path.stat().st_size > 0


def _spread(path: Path) -> float:
    from PIL import Image, ImageStat

    with Image.open(path, formats=FORMATS) as image:
        return float(ImageStat.Stat(image.convert("L").resize((64, 64))).stddev[0])


def lay_out(shots: Sequence[tuple[float, Path]], media: Media, target: Path) -> None:
    """The sheet: numbered from 1, each with its time, as a JPEG."""
    from PIL import Image, ImageDraw, ImageFont

    across = min(len(shots), 3 if media.width >= media.height else 5)
    down = -(-len(shots) // across)
    longest = max(media.width, media.height) or 1
    wide = max(2, CELL * (media.width or 1) // longest)
    tall = max(2, CELL * (media.height or 1) // longest)
    size = (across * (wide + EDGE) + EDGE, down * (tall + EDGE) + EDGE)
    sheet = Image.new("RGB", size, (24, 24, 24))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(20)
    for number, (at, path) in enumerate(shots):
        left = EDGE + number % across * (wide + EDGE)
        top = EDGE + number // across * (tall + EDGE)
        with Image.open(path, formats=FORMATS) as image:
            sheet.paste(image.convert("RGB").resize((wide, tall)), (left, top))
        words = f"{number + 1}  {as_length(at)}"
        box = pen.textbbox((left + 8, top + 6), words, font=font)
        pen.rectangle((box[0] - 5, box[1] - 4, box[2] + 5, box[3] + 4), fill=(0, 0, 0))
        pen.text((left + 8, top + 6), words, font=font, fill=(255, 255, 255))
    sheet.save(target, "JPEG", quality=82, optimize=True)
