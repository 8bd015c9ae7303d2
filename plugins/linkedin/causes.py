"""Why LinkedIn says no: what it calls it, what that means, who can do something, and what.

One table for the sentences people read, for the manual and for the tests. Source:
learn.microsoft.com/en-us/linkedin, shared/api-guide/concepts/error-handling,
marketing/error-responses and the error table of the Posts API (2026).
"""

from __future__ import annotations

from bot.api import Cause, Owner

YOU, APP, PLATFORM = Owner.YOU, Owner.APP, Owner.PLATFORM

_BAD_FILE = "LinkedIn does not accept the file"

REFUSALS = (
    Cause(
        code="MEDIA_ASSET_PROCESSING_FAILED",
        cause=f"{_BAD_FILE}: it could not process it.",
        owner=YOU,
        fix="Use another file, for example the same picture as JPG, or the video as MP4 with H.264.",
    ),
    Cause(
        code="INVALID_IMAGE_ID",
        cause=f"{_BAD_FILE}: it belongs to another author, or is gone.",
        owner=PLATFORM,
        fix="Send the post again; the image is then uploaded anew.",
    ),
    Cause(
        code="INVALID_VIDEO_ID",
        cause=f"{_BAD_FILE}: the video belongs to another author, or is gone.",
        owner=PLATFORM,
        fix="Send the post again; the video is then uploaded anew.",
    ),
    Cause(
        code="EXPIRED_UPLOAD_URL",
        cause=f"{_BAD_FILE}: its upload was too late.",
        owner=PLATFORM,
        fix="Send the post again.",
    ),
    Cause(
        code="UPDATING_ASSET_FAILED",
        cause=f"{_BAD_FILE}: its upload broke.",
        owner=PLATFORM,
        fix="Send the post again.",
    ),
    Cause(
        code="FIELD_LENGTH_TOO_LONG",
        cause="LinkedIn finds the text too long.",
        owner=YOU,
        fix="Shorten it.",
    ),
)
"""Refusals with a sentence of ours; the first five are tried once more with a new upload."""

OTHERS = (
    Cause(
        code="DUPLICATE_POST",
        cause="The post repeats an earlier one of the same author, which LinkedIn names.",
        owner=YOU,
        fix="Change the wording; the same text may be refused for a day, even after a deletion.",
    ),
    Cause(
        code="MEDIA_ASSET_WAITING_UPLOAD",
        cause="LinkedIn is still working on the file.",
        owner=PLATFORM,
        fix="The post is tried again by itself.",
    ),
    Cause(
        code="NONEXISTENT_VERSION",
        cause="LinkedIn no longer answers the API version that the account is set to.",
        owner=APP,
        fix="Set `version` of the account to a newer one. Everything waits meanwhile.",
    ),
    Cause(
        code="INVALID_ACCESS_TOKEN",
        cause="LinkedIn does not know this account's access.",
        owner=YOU,
        fix="Connect the account again. What waits goes out then.",
    ),
    Cause(
        code="REVOKED_ACCESS_TOKEN",
        cause="This account's access was revoked, by its owner or by a consent to other permissions.",
        owner=YOU,
        fix="Connect the account again. What waits goes out then.",
    ),
    Cause(
        code="EXPIRED_ACCESS_TOKEN",
        cause="This account's access ended after 60 days.",
        owner=YOU,
        fix="Connect the account again. What waits goes out then.",
    ),
    Cause(
        code="ACCESS_DENIED",
        cause="The app lacks a permission, or whoever connected the page has no posting role on it.",
        owner=APP,
        fix="Grant the permission that the card names, and connect the account again.",
    ),
    Cause(
        code="TOO_MANY_REQUESTS",
        cause="A limit of LinkedIn is used up; it does not say for how long.",
        owner=PLATFORM,
        fix="The account waits a minute, then longer, at most until midnight UTC.",
    ),
    Cause(
        code="MISSING_FIELD",
        cause="LinkedIn finds something missing in the post and names it.",
        owner=YOU,
        fix="Edit the post; if that does not help, report it as a fault of mine.",
    ),
    Cause(
        code="NOT_FOUND",
        cause="What was asked for is gone.",
        owner=PLATFORM,
        fix="When it was to be taken down, that is done.",
    ),
    Cause(
        code="Unable to obtain activity",
        cause="The post is so new that LinkedIn takes no comments below it yet.",
        owner=PLATFORM,
        fix="The comment is tried again by itself.",
    ),
    Cause(
        code="PUBLISH_FAILED",
        cause="LinkedIn took the post and then could not publish it.",
        owner=PLATFORM,
        fix="Try again; if there is a picture, use another file.",
    ),
    Cause(
        code="500, 502, 503, 504, 999, or no answer",
        cause="LinkedIn has a fault of its own, and the post may be out all the same.",
        owner=PLATFORM,
        fix="A page's post is looked for; about a member's you are asked. Uploads are tried again.",
    ),
)

CAUSES: tuple[Cause, ...] = (*REFUSALS, *OTHERS)
