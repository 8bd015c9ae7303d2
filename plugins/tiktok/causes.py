"""Why TikTok says no: what it calls it, what that means, who can do something, and what.

One table for the sentences people read, for the manual and for the tests. Source: developers.tiktok.com,
content-posting-api-reference-direct-post, -photo-post, -get-video-status and tiktok-api-v2-error-handling
(November 2026).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.api import Cause, Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

YOU, APP, PLATFORM = Owner.YOU, Owner.APP, Owner.PLATFORM

UNAUDITED = (
    "TikTok has not audited this app: until then it may only post what “only me” can see, and only while "
    "the account itself is private."
)

REFUSALS = (
    Cause(
        code="unaudited_client_can_only_post_to_private_accounts",
        cause=UNAUDITED,
        owner=APP,
        fix="Send it as a draft to the app's inbox instead, or have the app audited by TikTok.",
    ),
    Cause(
        code="privacy_level_option_mismatch",
        cause="TikTok no longer offers this account the audience that was chosen.",
        owner=YOU,
        fix="Choose who can see it anew and have it approved again.",
    ),
    Cause(
        code="spam_risk_user_banned_from_posting",
        cause="TikTok has banned this account from posting.",
        owner=YOU,
        fix="Look at the account's notices in TikTok's app and appeal there.",
    ),
    Cause(
        code="url_ownership_unverified",
        cause="TikTok fetches photos only from an address that belongs to its app, and ours is not verified.",
        owner=APP,
        fix="Verify the domain of [web] public_url in TikTok's developer portal, then send it again.",
    ),
    Cause(
        code="app_version_check_failed",
        cause="TikTok's app on the phone is too old for photo drafts (31.8 or newer is needed).",
        owner=YOU,
        fix="Update TikTok on the phone, then send it again.",
    ),
    Cause(
        code="scope_not_authorized",
        cause="TikTok was not asked, or did not allow, that this app posts for the account in this way.",
        owner=YOU,
        fix="Connect the account again with `clarion connect` and leave every permission ticked.",
    ),
    Cause(
        code="scope_permission_missed",
        cause="TikTok was not asked, or did not allow, that this app posts for the account in this way.",
        owner=YOU,
        fix="Connect the account again with `clarion connect` and leave every permission ticked.",
    ),
    Cause(
        code="invalid_file_upload",
        cause="TikTok does not accept the file.",
        owner=YOU,
        fix="Convert it to MP4 with H.264 and send it again.",
    ),
)
"""Codes of calls that mean `Rejected`."""

FAILS = (
    Cause(
        code="file_format_check_failed",
        cause="TikTok does not accept the file's format.",
        owner=YOU,
        fix="Convert it to MP4 with H.264.",
    ),
    Cause(
        code="duration_check_failed",
        cause="The video is too long or too short for this TikTok account.",
        owner=YOU,
        fix="Trim it.",
    ),
    Cause(
        code="frame_rate_check_failed",
        cause="TikTok takes 23 to 60 frames a second, and this video has another rate.",
        owner=YOU,
        fix="Convert it to 30 frames a second.",
    ),
    Cause(
        code="picture_size_check_failed",
        cause="TikTok takes sides of 360 to 4096 pixels (photos: 1080p), and this has others.",
        owner=YOU,
        fix="Scale it.",
    ),
    Cause(
        code="internal",
        cause="TikTok had a fault of its own while it worked on the post; nothing was posted.",
        owner=PLATFORM,
        fix="Try again, which sends it anew.",
    ),
    Cause(
        code="video_pull_failed",
        cause="TikTok could not fetch the video from our media server.",
        owner=APP,
        fix="See that [web] public_url can be reached from outside, then try again.",
    ),
    Cause(
        code="photo_pull_failed",
        cause="TikTok could not fetch the photos from our media server.",
        owner=APP,
        fix="See that [web] public_url can be reached from outside, then try again.",
    ),
    Cause(
        code="publish_cancelled",
        cause="It was cancelled on TikTok before it was posted.",
        owner=YOU,
        fix="Try again if it was not meant so.",
    ),
    Cause(
        code="auth_removed",
        cause="This account's access was taken away while TikTok worked on the post; nothing was posted.",
        owner=YOU,
        fix="Connect the account again, then try again.",
    ),
    Cause(
        code="spam_risk_too_many_posts",
        cause="TikTok takes no more posts of this account for a day; nothing was posted.",
        owner=PLATFORM,
        fix="Try again tomorrow.",
    ),
    Cause(
        code="spam_risk_user_banned_from_posting",
        cause="TikTok has banned this account from posting.",
        owner=YOU,
        fix="Look at the account's notices in TikTok's app and appeal there.",
    ),
    Cause(
        code="spam_risk_text",
        cause="TikTok takes the caption for spam.",
        owner=YOU,
        fix="Change the words, above all links and tags, then try again.",
    ),
    Cause(
        code="spam_risk",
        cause="TikTok takes the post for spam.",
        owner=YOU,
        fix="Change it, wait a day, then try again.",
    ),
)
"""``fail_reason`` of a post that TikTok had taken and then could not publish."""

OTHERS = (
    Cause(
        code="access_token_invalid",
        cause="TikTok does not accept this account's access any more.",
        owner=YOU,
        fix="Connect the account again. What waits goes out then.",
    ),
    Cause(
        code="invalid_params",
        cause="TikTok finds something wrong in what was asked, and names it.",
        owner=YOU,
        fix="Edit the post; if that does not help, report it as a fault of mine.",
    ),
    Cause(
        code="rate_limit_exceeded",
        cause="A limit a minute is used up.",
        owner=PLATFORM,
        fix="The account waits a minute.",
    ),
    Cause(
        code="spam_risk_too_many_posts (before sending)",
        cause="TikTok takes about 15 posts of an account in 24 hours, from all apps together.",
        owner=PLATFORM,
        fix="The account waits a day.",
    ),
    Cause(
        code="spam_risk_too_many_pending_share",
        cause="Five drafts of the last 24 hours are unfinished; TikTok takes no sixth.",
        owner=YOU,
        fix="Finish or delete some in TikTok's app. It is tried again every hour.",
    ),
    Cause(
        code="reached_active_user_cap",
        cause="So many people have used this app today that TikTok lets nobody more in.",
        owner=APP,
        fix="The account waits a day; an audited app has a higher limit.",
    ),
    Cause(
        code="invalid_publish_id",
        cause="TikTok does not know the post that we ask about.",
        owner=PLATFORM,
        fix="You are asked whether it is there.",
    ),
    Cause(
        code="token_not_authorized_for_specified_publish_id",
        cause="TikTok does not let this access ask about the post, which another access has sent.",
        owner=PLATFORM,
        fix="You are asked whether it is there.",
    ),
    Cause(
        code="500, 502, 503, 504, or no answer",
        cause="TikTok has a fault of its own.",
        owner=PLATFORM,
        fix="A video's upload is looked up and taken up where it stopped; about photos you may be asked.",
    ),
)

CAUSES: tuple[Cause, ...] = (
    *REFUSALS,
    *(c for c in FAILS if c.code not in {r.code for r in REFUSALS}),
    *OTHERS,
)


def by_code(causes: tuple[Cause, ...]) -> Mapping[str, Cause]:
    """One of the tables, to look codes up in."""
    return MappingProxyType({cause.code: cause for cause in causes})
