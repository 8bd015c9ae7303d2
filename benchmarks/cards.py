"""What a preview card costs: processor time once the media is decoded, bytes, and the very first one."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path

from benchmarks.table import Figure, spread
from bot.domain.look import Look
from bot.domain.platform import Facts
from bot.domain.post import Link, Media, MediaKind, Part, Variant
from bot.log import make_log
from bot.registry import load

ROUNDS = 3
BAR_SECONDS, BAR_BYTES = 0.120, 300_000
WORDS = {
    "Latin": "We rebuilt the whole pipeline over the summer, this we learned about #publishing. " * 3,
    "Arabic": "مرحبا بالعالم! اليوم نطلق Clarion 1.0 (الإصدار الأول) بعد عام، إِنَّ مَعَ الْعُسْرِ يُسْرًا. " * 3,
    "CJK": "今日、Clarion 1.0 をリリースしました。「二重投稿は決してない」という約束を守るため、" * 4,
    "emoji": "👨‍👩‍👧‍👦 🧑🏽‍💻 🇵🇹🇩🇪 ❤️‍🔥 1️⃣2️⃣ 👍🏿 ✅ launch! " * 8,
    "long word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4,
}
SIZES = {"wide": (1920, 1080), "tall": (1080, 1920), "square": (1600, 1600), "fourth": (2400, 1600)}


def _write(folder: Path) -> Mapping[str, Path]:
    """Pictures with as much detail as a photo has: noise, softened."""
    from PIL import Image, ImageFilter

    paths = {}
    for name, size in SIZES.items():
        layers = [
            Image.effect_noise(size, 120).filter(ImageFilter.GaussianBlur(radius)) for radius in (2, 3, 4)
        ]
        paths[name] = folder / f"{name}.jpg"
        Image.merge("RGB", layers).save(paths[name], quality=90)
    return paths


def _posts(looks: Mapping[str, Callable[[Variant, Facts], Look]]) -> dict[str, list[tuple[Look, Variant]]]:
    """Each text with one picture, with four, with an upright video and with a link, on every platform."""

    def media(name: str, kind: MediaKind = MediaKind.IMAGE) -> Media:
        width, height = SIZES[name]
        return Media(
            sha256=name,
            name=f"{name}.jpg",
            mime="image/jpeg",
            kind=kind,
            size=1,
            width=width,
            height=height,
            seconds=42.0 if kind is MediaKind.VIDEO else 0.0,
        )

    found: dict[str, list[tuple[Look, Variant]]] = {}
    for name, text in WORDS.items():
        link = Link(
            url="https://example.com/why", title=text[:60], description=text[:90], image=media("wide")
        )
        for part in (
            Part(text=text, media=(media("wide"),)),
            Part(text=text, media=tuple(map(media, SIZES))),
            Part(text=text, media=(media("tall", MediaKind.VIDEO),)),
            Part(text=text, link=link),
        ):
            for platform, look in looks.items():
                post = Variant(account="acme", platform=platform, parts=(part,))
                found.setdefault(name, []).append((look(post, Facts()), post))
    return found


def _least(path: Path) -> float:
    """Processor seconds of one resizing and one JPEG: what no card can be without."""
    from PIL import Image

    with Image.open(path) as image:
        image.draft("RGB", (1080, 1080))
        image.load()
        began = time.process_time()
        image.resize((720, 900), Image.Resampling.BICUBIC).save(BytesIO(), "JPEG", quality=86)
    return time.process_time() - began


def _measure(folder: Path) -> Sequence[Figure]:
    from bot.media.cards.drawing import Cards
    from bot.media.cards.pictures import Pictures

    looks = {n: p.look for n, p in load(log=make_log(sys.stderr)).platforms.items() if p.look is not None}
    files, posts = _write(folder), _posts(looks)
    began = time.process_time()
    Cards().draw(posts["Latin"][:1], files)
    first = time.process_time() - began
    cards = Cards()
    cards.draw([post for group in posts.values() for post in group], files)
    each: dict[str, list[float]] = {}
    sizes: list[int] = []
    for name, group in posts.items():
        for post in group:
            spent = []
            for _ in range(ROUNDS):
                decoded = Pictures(files)
                for media in post[1].media:
                    decoded.get(media.sha256)
                link = post[1].parts[0].link
                if link and link.image:
                    decoded.get(link.image.sha256)
                began = time.process_time()
                (card,) = cards.draw_with([post], decoded)
                spent.append(time.process_time() - began)
            each.setdefault(name, []).append(statistics.median(spent))
            sizes.append(len(card.jpeg))
    began = time.process_time()
    for name in SIZES:
        Pictures(files).get(name)
    decoding = (time.process_time() - began) / len(SIZES)
    least = statistics.median(_least(files["wide"]) for _ in range(ROUNDS))
    note = f"{len(sizes)} cards of {len(looks)} platforms, processor time, median of {ROUNDS}; (from – to)"
    figures = [
        Figure(
            name=f"card: {name}",
            bar=f"≤ {BAR_SECONDS * 1000:.0f} ms",
            measured=f"{spread([s * 1000 for s in seconds], '.0f')} ms",
            limit=f"{least * 1000:.0f} ms",
            met=max(seconds) <= BAR_SECONDS,
            notes=(note, "client limit: one resizing and one JPEG of that size, no letter drawn"),
        )
        for name, seconds in each.items()
    ]
    return [
        *figures,
        Figure(
            name="card: bytes",
            bar=f"≤ {BAR_BYTES // 1000} kB",
            measured=f"{spread([size / 1000 for size in sizes], '.0f')} kB",
            met=max(sizes) <= BAR_BYTES,
        ),
        Figure(name="card: the first one, fonts loaded", bar="told", measured=f"{first * 1000:.0f} ms"),
        Figure(
            name="card: decoding a picture, once a post", bar="told", measured=f"{decoding * 1000:.0f} ms"
        ),
    ]


async def measure() -> Sequence[Figure]:
    """Every text on every platform with the files it may have."""
    with tempfile.TemporaryDirectory() as folder:
        return await asyncio.to_thread(_measure, Path(folder))
