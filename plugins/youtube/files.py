"""What files YouTube takes: nearly every video there is.

Source: support.google.com/youtube/answer/1722171 (formats) and developers.google.com/youtube/v3/docs/videos,
read in November 2026. Names of containers and codecs are ffmpeg's.
"""

from __future__ import annotations

from bot.api import Facts, MediaRules, Variant, VideoRule
from plugins.youtube.options import Kind, kind_of
from plugins.youtube.rules import READ, SECONDS_LIMIT, SHORT_SECONDS, SIZE_LIMIT, UNVERIFIED_SECONDS, VIDEOS

CONTAINERS = ("mp4", "mov", "webm", "mkv", "avi", "mpeg", "flv", "3gp")
CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mpeg2video", "prores", "dnxhd", "mjpeg")
AUDIO = ("aac", "mp3", "opus", "vorbis", "ac3", "eac3", "flac", "pcm_s16le", "pcm_s24le", "alac")
PIXELS = ("yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le")


def media_rules(variant: Variant, facts: Facts) -> MediaRules:
    """What files the variant may carry now: nearly every video, upright or square for a Short."""
    short = kind_of(variant.options) is Kind.SHORT
    longest = SECONDS_LIMIT if facts.values.get("long_uploads") is not False else UNVERIFIED_SECONDS
    return MediaRules(
        video=VideoRule(
            containers=CONTAINERS,
            codecs=CODECS,
            audio=AUDIO,
            most_bytes=SIZE_LIMIT,
            seconds=(0.0, float(SHORT_SECONDS if short else longest)),
            ratios=(0.1, 1.0) if short else None,
            aim=(1080, 1920) if short else None,
            channels=8,
            pixels=PIXELS,
        ),
        most_pictures=0,
        needed=True,
        source=VIDEOS,
        as_of=READ,
    )
