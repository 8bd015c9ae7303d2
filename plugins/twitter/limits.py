"""X's limits as dated facts.

Read in X's documentation, copies of 2026-08-22 and September 2026; a limit that X
changes is changed here and nowhere else.
"""

from __future__ import annotations

from datetime import date

from bot.api import Limit

CHARACTERS = 280
LONG_CHARACTERS = 25_000
ALT_CHARACTERS = 1_000
IMAGES = 4
GIFS = 1
IMAGE_BYTES = 5 * 1024 * 1024
GIF_BYTES = 15 * 1024 * 1024
GIF_WIDTH, GIF_HEIGHT = 1280, 1080
CASHTAGS = 1
IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
TEXT_PRICE_MILLS = 15
LINK_PRICE_MILLS = 200
"""Thousandths of a US dollar per post, without and with a link (x-api/getting-started/pricing)."""

READ = date(2026, 8, 22)
COUNTING = "docs.x.com/fundamentals/counting-characters"
CREATE = "docs.x.com/x-api/posts/create-post"
MEDIA = "docs.x.com/x-api/media/quickstart"
CHANGES = "docs.x.com/changelog"
PRICES = "docs.x.com/x-api/getting-started/pricing"

LIMITS = (
    Limit(name="text", value=CHARACTERS, unit="characters", as_of=READ, source=COUNTING),
    Limit(name="text with Premium", value=LONG_CHARACTERS, unit="characters", as_of=READ, source=CREATE),
    Limit(name="alt text", value=ALT_CHARACTERS, unit="characters", as_of=READ, source=MEDIA),
    Limit(name="images", value=IMAGES, unit="images", as_of=READ, source=CREATE),
    Limit(name="animated GIFs", value=GIFS, unit="images", as_of=READ, source=CREATE),
    Limit(name="image formats", value=IMAGE_TYPES, unit="", as_of=READ, source=MEDIA),
    Limit(name="image size", value=IMAGE_BYTES, unit="bytes", as_of=READ, source=MEDIA),
    Limit(name="GIF size", value=GIF_BYTES, unit="bytes", as_of=READ, source=MEDIA),
    Limit(name="GIF width", value=GIF_WIDTH, unit="pixels", as_of=READ, source=MEDIA),
    Limit(name="GIF height", value=GIF_HEIGHT, unit="pixels", as_of=READ, source=MEDIA),
    Limit(name="cashtags", value=CASHTAGS, unit="cashtags", as_of=READ, source=CHANGES),
    Limit(name="price of a post", value=TEXT_PRICE_MILLS / 1000, unit="USD", as_of=READ, source=PRICES),
    Limit(name="price of a link post", value=LINK_PRICE_MILLS / 1000, unit="USD", as_of=READ, source=PRICES),
    Limit(
        name="posts in 15 minutes",
        value=100,
        unit="posts",
        as_of=READ,
        source="docs.x.com/x-api/fundamentals/rate-limits",
    ),
)
