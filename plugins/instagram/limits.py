"""Instagram's limits, dated, and what files a post of each kind may carry.

Sources: instagram-platform/content-publishing (30 June 2026) and its reference of ``ig-user/media``
(28 September 2026). Where two pages differ the narrower counts.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import Limit, MediaRules, PictureRule, Rate, Scope, VideoRule
from plugins.instagram.options import Kind, kind_of

if TYPE_CHECKING:
    from bot.api import Facts, Variant
    from plugins.instagram.settings import InstagramSettings

CAPTION, HASHTAGS, MENTIONS, ALT, COMMENT = 2200, 30, 20, 1000, 300
FILES = 10
PICTURE_BYTES = 8_000_000
RATIOS = (0.8, 1.91)
WIDTHS = (320, 1440)
REEL_BYTES, STORY_BYTES = 300_000_000, 100_000_000
REEL_SECONDS, STORY_SECONDS = (3.0, 900.0), (3.0, 60.0)
LIFE = timedelta(hours=24)
"""How long a container can be published."""

CONTAINERS = 400
"""Containers in 24 hours."""

READ = date(2026, 9, 28)
MEDIA = "developers.facebook.com: instagram-platform/instagram-graph-api/reference/ig-user/media"
GUIDE = "developers.facebook.com: instagram-platform/content-publishing"
COMMENTS = "developers.facebook.com: instagram-platform/instagram-graph-api/reference/ig-comment/replies"
LIMIT = "developers.facebook.com: instagram-graph-api/reference/ig-user/content_publishing_limit"
CALLS = "developers.facebook.com: graph-api/overview/rate-limiting"

LIMITS = (
    Limit(name="caption", value=CAPTION, unit="characters", as_of=READ, source=MEDIA),
    Limit(name="hashtags", value=HASHTAGS, unit="hashtags", as_of=READ, source=MEDIA),
    Limit(name="mentions", value=MENTIONS, unit="mentions", as_of=READ, source=MEDIA),
    Limit(name="alt text", value=ALT, unit="characters", as_of=READ, source=MEDIA),
    Limit(name="comment", value=COMMENT, unit="characters", as_of=READ, source=COMMENTS),
    Limit(name="files in a carousel", value=FILES, unit="files", as_of=READ, source=MEDIA),
    Limit(name="picture formats", value=("image/jpeg",), unit="types", as_of=READ, source=MEDIA),
    Limit(name="picture size", value=PICTURE_BYTES, unit="bytes", as_of=READ, source=MEDIA),
    Limit(name="picture ratio at least", value=RATIOS[0], unit="width/height", as_of=READ, source=MEDIA),
    Limit(name="picture ratio at most", value=RATIOS[1], unit="width/height", as_of=READ, source=MEDIA),
    Limit(name="reel size", value=REEL_BYTES, unit="bytes", as_of=READ, source=MEDIA),
    Limit(name="reel length at most", value=REEL_SECONDS[1], unit="seconds", as_of=READ, source=MEDIA),
    Limit(name="story video size", value=STORY_BYTES, unit="bytes", as_of=READ, source=MEDIA),
    Limit(
        name="story video length at most", value=STORY_SECONDS[1], unit="seconds", as_of=READ, source=MEDIA
    ),
    Limit(name="posts in 24 hours", value=100, unit="posts", as_of=date(2026, 6, 30), source=GUIDE),
    Limit(name="containers in 24 hours", value=CONTAINERS, unit="containers", as_of=READ, source=MEDIA),
)

PUBLISHED, HOURLY = "limit for 24 hours", "hourly app limit"
RATES = (
    Rate(
        name=PUBLISHED,
        scope=Scope.ACCOUNT,
        limit=100,
        per=timedelta(hours=24),
        as_of=date(2026, 6, 30),
        source=GUIDE,
    ),
    Rate(name=HOURLY, scope=Scope.APP, limit=200, per=timedelta(hours=1), as_of=READ, source=CALLS),
)
"""The guide says 100 posts, the reference 50: the account is asked, and its word counts. The hourly one
is of calls for each of the app's users; percentages in headers say how much of it is used."""


def app_of(settings: InstagramSettings) -> str:
    """The Meta app, where the account says which."""
    return settings.app_id.reveal() if settings.app_id else ""


def media_rules(variant: Variant, facts: Facts) -> MediaRules:
    """What files this variant may carry, by its kind and by how many there are."""
    kind, several = kind_of(variant.options), len(variant.parts[0].media if variant.parts else ()) > 1
    common: dict[str, Any] = {"needed": True, "source": MEDIA, "as_of": READ}
    if kind is Kind.STORY:
        picture = PictureRule(
            formats=("image/jpeg",), most_bytes=PICTURE_BYTES, widths=WIDTHS, aim=(1080, 1920)
        )
        return MediaRules(picture=picture, video=_video(STORY_BYTES, STORY_SECONDS), **common)
    if kind is Kind.REEL:
        return MediaRules(video=_video(REEL_BYTES, REEL_SECONDS), most_pictures=0, **common)
    return MediaRules(
        picture=PictureRule(
            formats=("image/jpeg",),
            most_bytes=PICTURE_BYTES,
            ratios=RATIOS,
            widths=WIDTHS,
            aim=(1080, 1350),
        ),
        video=_video(STORY_BYTES, STORY_SECONDS) if several else _video(REEL_BYTES, REEL_SECONDS),
        most_pictures=FILES,
        most_files=FILES,
        mixed=True,
        **common,
    )


def _video(most_bytes: int, seconds: tuple[float, float]) -> VideoRule:
    """MP4 or MOV with its index in front, H.264 or HEVC 4:2:0, AAC up to 48 kHz and stereo."""
    return VideoRule(
        containers=("mp4", "mov"),
        codecs=("h264", "hevc"),
        audio=("aac",),
        most_bytes=most_bytes,
        seconds=seconds,
        ratios=(0.01, 10.0),
        aim=(1080, 1920),
        widths=(1, 1920),
        fps=(23.0, 60.0),
        bits=25_000_000,
        rates=(16_000, 22_050, 24_000, 32_000, 44_100, 48_000),
        front=True,
        edits=False,
    )
