"""Texts, looks and pictures that cards are tried with."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image, ImageDraw

from bot.domain.post import Media, MediaKind, Part, Variant

WORDS = {
    "latin": (
        "launch day Clarion reply refusal approval signature über naïve Ångström façade "
        "jolly gypsy Ἀθῆναι Київ https://example.com/a/b?c=d #launch @acme — “quoted” "
        "3,214 €5.00 f(x) a/b"
    ),
    "arabic": (
        "مرحبا بالعالم اليوم نطلق الإصدار الأول اقرأ المزيد إِنَّ مَعَ الْعُسْرِ يُسْرًا ١٤٤٧ #إطلاق (جديد) قال: «نعم»، ؟"
    ),
    "hebrew": ("שלום עולם טקסט בעברית עִם נִקּוּד (חדש) 2026 #השקה"),
    "cjk": (
        "今日、 リリースしました。 「二重投稿」 这是一个测试， "
        "我们发布了新版本。 한국어 텍스트입니다. ＃新商品 ラーメン（税込）"
    ),
    "emoji": ("👨‍👩‍👧‍👦 🧑🏽‍💻 🇵🇹🇩🇪 ❤️‍🔥 1️⃣2️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👍🏿 ✅ 🫶🏼 ☕ 🐦‍🔥 🫩 ©️ ♥︎"),
    "indic": ("हिन्दी में क्ष त्र ज्ञ परीक्षण। ไทยภาษา ทดสอบ ที่ยาว தமிழ் ಕನ್ನಡ తెలుగు ខ្មែរ မြန်မာ"),
}
"""Words of some scripts, with a blank between them."""

WHOLE = {
    "long": [
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "https://example.com/a/very/long/path/without/any/end?with=query&and=more&more=evenmore#fragment",
        "W" * 90,
        "i" * 200,
        "ـ" * 60 + "مستشفياتهم" * 6,
        "語" * 70,
        "👩🏽‍🚀" * 30,
    ],
    "odd": [
        "Z\u0335\u0322\u031b\u0317\u0301\u0344algo",
        "a\u200bb",
        "tab\there",
        "\u202eevil\u202c",
        "\ufeffbom",
        "Ꮳ",
        "\n",
        "\n\n",
    ],
}
"""Pieces that are longer than a line, or strange."""


def made_texts(count: int = 200, *, seed: int = 5) -> list[str]:
    """The same texts every time: most of one script, a third of several."""
    dice = random.Random(seed)
    texts = []
    pools = {**{name: words.split() for name, words in WORDS.items()}, **WHOLE}
    names = list(pools)
    for number in range(count):
        main = names[number % len(names)]
        pool = list(pools[main])
        if number % 3 == 0:
            pool += pools[dice.choice(names)] + pools[dice.choice(names)]
        words = [dice.choice(pool) for _ in range(dice.choice((1, 3, 8, 20, 45)))]
        texts.append("".join(word + dice.choice((" ", " ", " ", " ", "\n", "")) for word in words))
    return texts


def write_picture(path: Path, size: tuple[int, int] = (640, 360), *, noise: bool = False) -> Path:
    """A picture with a yellow disc in its middle, or one that no encoder can make small."""
    if noise:
        image = Image.effect_noise(size, 90).convert("RGB")
    else:
        image = Image.new("RGB", size, "#20508a")
        side = min(size) // 3
        middle = (size[0] // 2, size[1] // 2)
        box = (middle[0] - side, middle[1] - side, middle[0] + side, middle[1] + side)
        ImageDraw.Draw(image).ellipse(box, fill="#ffd23c")
    image.save(path, quality=90)
    return path


def media(
    sha256: str,
    size: tuple[int, int] = (640, 360),
    *,
    kind: MediaKind = MediaKind.IMAGE,
    seconds: float = 0.0,
    alt: str = "",
    cover: Media | None = None,
    pages: int = 0,
) -> Media:
    return Media(
        sha256=sha256,
        name=f"{sha256}.jpg",
        mime="image/jpeg",
        kind=kind,
        size=1,
        width=size[0],
        height=size[1],
        seconds=seconds,
        alt=alt,
        cover=cover,
        pages=pages,
    )


def variant(text: str, *files: Media, platform: str = "somewhere", **options: object) -> Variant:
    return Variant(account="acme", platform=platform, parts=(Part(text=text, media=files),), options=options)
