"""Bluesky's limits, dated, and how often it may be written to.

Sources: the lexicons and the server of github.com/bluesky-social/atproto (August 2026) and the pages
"Rate limits" and "Video" of docs.bsky.app (2026).
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.api import Counting, Limit, MediaRules, PictureRule, Rate, Scope, VideoRule

GRAPHEMES = 300
"""Characters as a reader counts them (app.bsky.feed.post, ``maxGraphemes``)."""

TEXT_BYTES = 3000
"""UTF-8 bytes of the same text (app.bsky.feed.post, ``maxLength``)."""

IMAGES = 4
"""Images of a post (app.bsky.embed.images). The newer gallery of ten is not drawn by every app yet."""

IMAGE_BYTES = 2_000_000
"""One image; a server from before April 2026 takes half (app.bsky.embed.images)."""

OLD_IMAGE_BYTES = 1_000_000
THUMB_BYTES = 1_000_000
"""The picture of a link's card (app.bsky.embed.external)."""

VIDEO_BYTES = 300_000_000
VIDEO_SECONDS = 600.0
"""Videos since about August 2026 (field reports; the service checks its own limits first)."""

CAPTIONS, CAPTION_BYTES = 20, 20_000
LANGS = 3
TAG_GRAPHEMES = 64
ALT_GRAPHEMES = 2000
"""Of an image's description. The record has no bound; Bluesky's own apps stop here."""

IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")

READ = date(2026, 11, 21)
_POST = "github.com/bluesky-social/atproto: lexicons/app/bsky/feed/post.json"
_EMBED = "github.com/bluesky-social/atproto: lexicons/app/bsky/embed"
_RATES = "docs.bsky.app/docs/advanced-guides/rate-limits"

LIMITS = (
    Limit(name="text", value=GRAPHEMES, unit="characters", as_of=READ, source=_POST),
    Limit(name="text in bytes", value=TEXT_BYTES, unit="bytes", as_of=READ, source=_POST),
    Limit(name="languages of a post", value=LANGS, unit="languages", as_of=READ, source=_POST),
    Limit(name="hashtag", value=TAG_GRAPHEMES, unit="characters", as_of=READ, source=_POST),
    Limit(name="images in a post", value=IMAGES, unit="images", as_of=READ, source=f"{_EMBED}/images.json"),
    Limit(name="image size", value=IMAGE_BYTES, unit="bytes", as_of=READ, source=f"{_EMBED}/images.json"),
    Limit(name="image formats", value=IMAGE_TYPES, unit="types", as_of=READ, source=f"{_EMBED}/images.json"),
    Limit(
        name="alt text",
        value=ALT_GRAPHEMES,
        unit="characters",
        as_of=READ,
        source="Bluesky's own apps; not stated",
    ),
    Limit(
        name="picture of a link's card",
        value=THUMB_BYTES,
        unit="bytes",
        as_of=READ,
        source=f"{_EMBED}/external.json",
    ),
    Limit(name="video size", value=VIDEO_BYTES, unit="bytes", as_of=READ, source=f"{_EMBED}/video.json"),
    Limit(
        name="video length",
        value=VIDEO_SECONDS,
        unit="seconds",
        as_of=READ,
        source="field reports; not stated",
    ),
    Limit(
        name="subtitles of a video", value=CAPTIONS, unit="files", as_of=READ, source=f"{_EMBED}/video.json"
    ),
    Limit(
        name="subtitles in bytes",
        value=CAPTION_BYTES,
        unit="bytes",
        as_of=READ,
        source=f"{_EMBED}/video.json",
    ),
    Limit(name="sign-ins", value=300, unit="a day", as_of=READ, source=_RATES),
)

POINTS = 3
"""What one create costs of the account's points (docs.bsky.app, "Rate limits")."""

HOUR = Rate(
    name="hourly limit",
    scope=Scope.ACCOUNT,
    limit=5000 // POINTS,
    per=timedelta(hours=1),
    as_of=READ,
    source=_RATES,
)
DAY = Rate(
    name="daily limit",
    scope=Scope.ACCOUNT,
    limit=35_000 // POINTS,
    per=timedelta(hours=24),
    as_of=READ,
    source=_RATES,
)
RATES = (HOUR, DAY)

COUNTING = Counting(
    at_once=25,
    rates=(
        Rate(
            name="limit of requests",
            scope=Scope.ACCOUNT,
            limit=1500,
            per=timedelta(minutes=5),
            as_of=READ,
            source=_RATES,
        ),
    ),
)
"""A server takes 3000 requests in five minutes from one address; reading leaves half of them to posts."""

MEDIA = MediaRules(
    picture=PictureRule(
        formats=("image/jpeg", "image/png", "image/webp"), most_bytes=OLD_IMAGE_BYTES, aim=(2000, 2000)
    ),
    video=VideoRule(
        containers=("mp4",),
        codecs=("h264",),
        audio=("aac", ""),
        most_bytes=VIDEO_BYTES,
        seconds=(0.1, VIDEO_SECONDS),
        aim=(1920, 1080),
        front=True,
    ),
    most_pictures=IMAGES,
    most_files=IMAGES,
    source=_EMBED,
    as_of=READ,
)
"""Pictures are kept below what older servers take, so that nobody has to know how old one is. What moves
becomes a video: a GIF would stand still."""
