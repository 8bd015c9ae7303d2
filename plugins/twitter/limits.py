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
VIDEO_BYTES, LONG_VIDEO_BYTES = 512 * 1024 * 1024, 1000 * 4 * 1024 * 1024
VIDEO_SECONDS, LONG_VIDEO_SECONDS = 140, 125 * 60
"""X's pages disagree: 512 MB and 140 s on the older, 8 GB and 20 minutes (16 GB and 125 minutes with Premium)
on those of September 2026. The smaller is taken everywhere; an account's settings may say more. More bytes
than the second number are not sent: it is a thousand pieces of 4 MiB."""

VIDEO_LEAST_SECONDS = 0.5
VIDEO_WIDTHS, VIDEO_HEIGHTS = (32, 1280), (32, 1024)
VIDEO_RATIOS, VIDEO_FPS = (1 / 3, 3.0), (1.0, 60.0)
VIDEO_TYPES = ("video/mp4", "video/quicktime")
CAPTION_TYPES = ("text/srt", "text/vtt")
CAPTION_BYTES = 512 * 1024
CASHTAGS = 1
IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
TEXT_PRICE_MILLS = 15
LINK_PRICE_MILLS = 200
"""Thousandths of a US dollar per post, without and with a link (x-api/getting-started/pricing)."""

READ = date(2026, 8, 22)
COUNTING = "docs.x.com/fundamentals/counting-characters"
CREATE = "docs.x.com/x-api/posts/create-post"
MEDIA = "docs.x.com/x-api/media/quickstart"
BEST = "docs.x.com/x-api/media/quickstart/best-practices"
SUBTITLES = "docs.x.com/x-api/media/create-media-subtitles"
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
    Limit(name="video formats", value=VIDEO_TYPES, unit="", as_of=READ, source=MEDIA),
    Limit(name="video size", value=VIDEO_BYTES, unit="bytes", as_of=READ, source=BEST),
    Limit(name="video length", value=VIDEO_SECONDS, unit="seconds", as_of=READ, source=BEST),
    Limit(
        name="video length with Premium", value=LONG_VIDEO_SECONDS, unit="seconds", as_of=READ, source=BEST
    ),
    Limit(name="video width", value=VIDEO_WIDTHS[1], unit="pixels", as_of=READ, source=BEST),
    Limit(name="video height", value=VIDEO_HEIGHTS[1], unit="pixels", as_of=READ, source=BEST),
    Limit(name="frames per second", value=VIDEO_FPS[1], unit="frames", as_of=READ, source=BEST),
    Limit(name="subtitle formats", value=CAPTION_TYPES, unit="", as_of=READ, source=SUBTITLES),
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
