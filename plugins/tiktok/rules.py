"""What TikTok's limits, and what it allows the account now, mean for a variant. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.api import Facts, Finding, Level, Media, MediaKind, Variant
from plugins.tiktok.causes import UNAUDITED
from plugins.tiktok.limits import (
    CAPTION_LIMIT,
    FPS,
    PHOTO_BYTES,
    PHOTO_SIDE,
    PHOTO_TEXT_LIMIT,
    PHOTO_TITLE_LIMIT,
    PHOTO_TYPES,
    PHOTOS,
    SECONDS_LIMIT,
    SIDES,
    SURE_SECONDS,
    VIDEO_BYTES,
    VIDEO_TYPES,
    longest,
    photo_words,
    utf16_length,
)
from plugins.tiktok.options import DIRECT, IN_APP, ONLY_ME, Choices, chosen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def findings(variant: Variant, facts: Facts, mode: str = DIRECT) -> Iterator[Finding]:
    """Everything worth saying about ``variant``; ``mode`` is the account's own."""
    videos = [m for m in variant.media if m.kind is MediaKind.VIDEO]
    photos = [m for m in variant.media if m.kind is not MediaKind.VIDEO]
    text = variant.parts[0].text.strip() if variant.parts else ""
    options = variant.part(0).options if variant.parts else variant.options
    choices = chosen(options, mode)
    if len(variant.parts) > 1:
        yield _block("thread", f"TikTok has no threads; this has {len(variant.parts)} parts.", "Make it one.")
    if photos and not videos:
        yield from _photo_text(text, choices.title, variant.account)
    else:
        yield from _caption(text, variant.account)
    if not variant.media:
        yield _block(
            "needs_video",
            "TikTok needs a video or photos.",
            f"Add one, or drop {variant.account} from this post.",
        )
    if len(videos) > 1 or (videos and photos):
        yield _block("mixed", "TikTok takes one video, or photos, not both.", "Keep the video only.")
    for video in videos:
        yield from _video(video, facts)
    yield from _photos(photos)
    if photos and not videos and facts.values.get("links") is False:
        yield _block(
            "no_public_url",
            "TikTok fetches photos from a web address, and I have none.",
            "Set [web] public_url to a domain that is verified in TikTok's developer portal, or use a video.",
        )
    yield from _choices(choices, facts, videos)


def _choices(choices: Choices, facts: Facts, videos: Sequence[Media]) -> Iterator[Finding]:
    if choices.cover_at and videos:
        most = min((v.seconds for v in videos if v.seconds), default=0.0)
        if choices.cover_ms is None or (most and choices.cover_ms > most * 1000):
            yield _block(
                "cover",
                f"The video has no picture at second {choices.cover_at!r} to be its cover.",
                "Give the second as a number, such as 1.5.",
            )
    if not choices.direct:
        yield Finding(
            level=Level.NOTE,
            code="handed_over",
            text="It goes to the inbox of TikTok's app. Somebody pastes the caption and finishes it there "
            "within 24 hours.",
        )
        return
    yield from _held_back(facts)
    if not choices.privacy or choices.privacy == IN_APP:
        yield _block(
            "privacy",
            "TikTok wants a person to choose who can see it.",
            "Choose that, or make it a draft (mode: inbox).",
        )
    elif choices.privacy != ONLY_ME and facts.values.get("audited") is False:
        yield _block("unaudited", UNAUDITED, "Choose “only me”, or make it a draft (mode: inbox).")
    elif "username" in facts.values and choices.privacy not in facts.values.get("privacy_level_options", ()):
        yield _block(
            "privacy",
            "TikTok does not offer this account the audience that was chosen.",
            "Choose another one.",
        )
    if choices.branded_content and choices.privacy == ONLY_ME:
        yield _block(
            "private_ad",
            "TikTok takes no branded content that only you can see.",
            "Choose another audience, or take the mark off.",
        )
    yield from _switched_off(choices, facts)
    also = " and the Branded Content Policy" if choices.branded_content else ""
    yield Finding(
        level=Level.NOTE,
        code="terms",
        text=f"By posting, you agree to TikTok's Music Usage Confirmation{also}.",
    )


def _held_back(facts: Facts) -> Iterator[Finding]:
    """What TikTok says against posting now."""
    if facts.values.get("direct") is False:
        yield _block(
            "scope",
            "TikTok does not allow this app to post directly for the account.",
            "Connect it again and leave every permission ticked, or make it a draft (mode: inbox).",
        )
    match facts.values.get("held_back"):
        case "spam_risk_user_banned_from_posting":
            yield _block(
                "banned",
                "TikTok has banned this account from posting.",
                "Look at the account's notices in TikTok's app and appeal there.",
            )
        case "spam_risk_too_many_posts":
            yield _warn(
                "full", "TikTok takes no more posts of this account today.", "It may have to wait a day."
            )
        case "reached_active_user_cap":
            yield _warn("full", "TikTok lets nobody more use this app today.", "It may have to wait a day.")


def _switched_off(choices: Choices, facts: Facts) -> Iterator[Finding]:
    wished = (
        (choices.comments, "comment_disabled", "comments"),
        (choices.duet, "duet_disabled", "duets"),
        (choices.stitch, "stitch_disabled", "stitches"),
    )
    for wish, fact, name in wished:
        if wish and facts.values.get(fact) is True:
            yield _block(
                f"no_{name}",
                f"This account has {name} switched off on TikTok.",
                f"Leave {name} off, or switch them on in TikTok's settings.",
            )


def _caption(text: str, account: str) -> Iterator[Finding]:
    length = utf16_length(text)
    yield Finding(level=Level.NOTE, code="length", text=f"{length}/{CAPTION_LIMIT}")
    if length > CAPTION_LIMIT:
        yield _too_long("characters", CAPTION_LIMIT, length, account)


def _photo_text(text: str, chosen_title: str, account: str) -> Iterator[Finding]:
    title, rest = map(utf16_length, photo_words(text, chosen_title))
    yield Finding(
        level=Level.NOTE,
        code="length",
        text=f"title {title}/{PHOTO_TITLE_LIMIT}, description {rest}/{PHOTO_TEXT_LIMIT}",
    )
    if title > PHOTO_TITLE_LIMIT:
        where = (
            "characters in the title of photos" if chosen_title else "characters in the first line of photos"
        )
        yield _too_long(where, PHOTO_TITLE_LIMIT, title, account)
    if rest > PHOTO_TEXT_LIMIT:
        yield _too_long("characters after the first line", PHOTO_TEXT_LIMIT, rest, account)


def _video(video: Media, facts: Facts) -> Iterator[Finding]:
    if video.mime not in VIDEO_TYPES:
        yield _block(
            "video_type", f"TikTok takes MP4, MOV and WebM; {video.name} is {video.mime}.", "Convert it."
        )
    if video.size > VIDEO_BYTES:
        yield _block(
            "video_size",
            f"TikTok takes videos of 4 GB; {video.name} has {video.size / 1e9:.1f} GB.",
            "Shorten it.",
        )
    if video.size == 0:
        yield _block("video_size", f"{video.name} is empty.", "Use another file.")
    sides = [side for side in (video.width, video.height) if side]
    if any(not SIDES[0] <= side <= SIDES[1] for side in sides):
        yield _block(
            "video_sides",
            f"TikTok takes sides of {SIDES[0]} to {SIDES[1]} pixels; "
            f"{video.name} is {video.width}×{video.height}.",
            "Scale it.",
        )
    fps = video.stream.fps if video.stream else 0.0
    if fps and not FPS[0] <= fps <= FPS[1]:
        yield _block(
            "video_fps",
            f"TikTok takes {FPS[0]:.0f} to {FPS[1]:.0f} frames a second; {video.name} has {fps:.3g}.",
            "Convert it to 30 frames a second.",
        )
    most, known = longest(facts), "seconds" in facts.values
    if video.seconds > most:
        whose = "this account" if most < SECONDS_LIMIT else "anybody"
        yield _block(
            "video_length",
            f"TikTok takes videos of {most / 60:g} minutes from {whose}; "
            f"{video.name} has {video.seconds / 60:.1f}.",
            "Trim it.",
        )
    elif video.seconds > SURE_SECONDS and not known:
        yield _warn(
            "video_length",
            f"{video.name} is longer than 3 minutes, which not every TikTok account may post.",
            "Cut it to be safe.",
        )


def _photos(photos: Sequence[Media]) -> Iterator[Finding]:
    if len(photos) > PHOTOS:
        yield _block(
            "too_many_images", f"TikTok takes {PHOTOS} photos, this has {len(photos)}.", "Keep fewer."
        )
    for photo in photos:
        if photo.mime not in PHOTO_TYPES:
            yield _block(
                "image_type", f"TikTok takes JPG and WebP; {photo.name} is {photo.mime}.", "Convert it."
            )
        if min(photo.width, photo.height) > PHOTO_SIDE:
            yield _warn(
                "image_area",
                f"TikTok takes photos of 1080p; {photo.name} is {photo.width}×{photo.height}.",
                "Scale it down to be safe.",
            )
        if photo.size > PHOTO_BYTES:
            yield _block(
                "image_size",
                f"TikTok takes photos of 20 MB; {photo.name} has {photo.size / 1e6:.1f} MB.",
                "Make it smaller.",
            )


def _too_long(what: str, limit: int, length: int, account: str) -> Finding:
    return _block(
        "too_long",
        f"TikTok takes {limit:,} {what}, this has {length:,}.",
        f'Shorten it, or `--for {account} "…"` gives TikTok its own text.',
    )


def _block(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)


def _warn(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.WARN, code=code, text=text, fix=fix)
