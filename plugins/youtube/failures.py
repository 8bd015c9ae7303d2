"""Every way YouTube is known to refuse, by its own word for it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.testing.simulator import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

STATES = MappingProxyType({400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED"})


def problem(status: int, reason: str, message: str, domain: str = "global", **more: str) -> dict[str, Any]:
    """Google's error body."""
    one = {"message": message, "domain": domain, "reason": reason, **more}
    state = {"status": STATES[status]} if status in STATES else {}
    return {"error": {"code": status, "message": message, "errors": [one], **state}}


def failure(status: int, reason: str, message: str, domain: str = "global", **more: str) -> Failure:
    """A refusal."""
    return Failure(status=status, body=problem(status, reason, message, domain, **more))


class Refused(Exception):
    """An answer found while judging a call."""

    def __init__(self, answer: Failure) -> None:
        super().__init__(answer.status)
        self.failure = answer


def refused(status: int, reason: str, message: str, domain: str = "global") -> Refused:
    """A refusal, to be raised."""
    return Refused(failure(status, reason, message, domain))


VIDEO, QUOTA, USAGE = "youtube.video", "youtube.quota", "usageLimits"
_HTML = b"<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>"

FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        "authError": failure(
            401,
            "authError",
            "Invalid credentials",
            location="Authorization",
            locationType="header",
        ),
        "youtubeSignupRequired": failure(401, "youtubeSignupRequired", "Unauthorized", "youtube.header"),
        "quotaExceeded": failure(403, "quotaExceeded", "Daily quota used up.", QUOTA),
        "dailyLimitExceeded": failure(403, "dailyLimitExceeded", "Daily limit exceeded.", USAGE),
        "rateLimitExceeded": failure(403, "rateLimitExceeded", "Rate limit exceeded.", USAGE),
        "userRateLimitExceeded": failure(403, "userRateLimitExceeded", "User rate limit exceeded.", USAGE),
        "429": Failure(status=429, headers={"retry-after": "90"}, body=problem(429, "", "Too many requests")),
        "insufficientPermissions": failure(403, "insufficientPermissions", "Insufficient permission"),
        "scope details": Failure(
            status=403,
            body={
                "error": {
                    "code": 403,
                    "message": "Request had insufficient authentication scopes.",
                    "status": "PERMISSION_DENIED",
                    "details": [{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "domain": "googleapis.com"}],
                }
            },
        ),
        "accessNotConfigured": failure(403, "accessNotConfigured", "API not enabled.", USAGE),
        "forbidden": failure(403, "forbidden", "Forbidden", VIDEO),
        "forbiddenLicenseSetting": failure(403, "forbiddenLicenseSetting", "Bad license", VIDEO),
        "forbiddenPrivacySetting": failure(403, "forbiddenPrivacySetting", "Bad privacy", VIDEO),
        "channelSuspended": failure(403, "channelSuspended", "The channel is suspended.", "youtube.common"),
        "authenticatedUserAccountSuspended": failure(
            403, "authenticatedUserAccountSuspended", "The account is suspended.", "youtube.common"
        ),
        "channelClosed": failure(403, "channelClosed", "The channel is closed.", "youtube.common"),
        "uploadLimitExceeded": failure(
            400, "uploadLimitExceeded", "Channel upload limit reached, try tomorrow.", VIDEO
        ),
        **{
            reason: failure(400, reason, f"The request has an {reason}.", VIDEO)
            for reason in (
                "invalidTitle",
                "invalidDescription",
                "invalidTags",
                "invalidCategoryId",
                "invalidPublishAt",
                "invalidVideoMetadata",
                "invalidFilename",
                "defaultLanguageNotSet",
                "mediaBodyRequired",
                "invalidRecordingDetails",
                "invalidVideoGameRating",
            )
        },
        "no reason": Failure(status=400, body={"error": {"code": 400, "message": "Precondition failed"}}),
        "videoNotFound": failure(404, "videoNotFound", "The video cannot be found.", VIDEO),
        "backendError": failure(503, "backendError", "Backend error"),
        "500": failure(500, "internalError", "Internal error"),
        "502": Failure(status=502, headers={"content-type": "text/html"}, body=_HTML),
        "504": Failure(status=504),
        "404 session": Failure(status=404),
        "410 session": Failure(status=410),
        "invalidImage": failure(400, "invalidImage", "The image is invalid.", "youtube.thumbnail"),
        "thumbnail forbidden": failure(403, "forbidden", "Not allowed.", "youtube.thumbnail"),
        "uploadRateLimitExceeded": failure(
            429, "uploadRateLimitExceeded", "Too many thumbnails.", "youtube.thumbnail"
        ),
        "playlistNotFound": failure(404, "playlistNotFound", "No such playlist.", "youtube.playlistItem"),
        "playlistItemsNotAccessible": failure(
            403, "playlistItemsNotAccessible", "Forbidden", "youtube.playlistItem"
        ),
        "playlistContainsMaximumNumberOfVideos": failure(
            403, "playlistContainsMaximumNumberOfVideos", "Full", "youtube.playlistItem"
        ),
        "captions invalidMetadata": failure(400, "invalidMetadata", "Bad language", "youtube.caption"),
        "captions contentRequired": failure(400, "contentRequired", "No content", "youtube.caption"),
        "lost": Failure(effect=True, drop=True),
        "cut": Failure(drop=True),
        "cut off": Failure(effect=True, truncate=True),
    }
)
"""Named failures for `Simulator.fail`. What is not here happens by state: a chunk of which less is stored
(``store_at_most``), a session that ends (``end_sessions``), a processing that fails (``ends``), a token
that is revoked or lacks a scope (``gate``, ``desk``), a channel's daily limit (``gate.uploads_left``)."""

PROCESSED = ("processed", "", "succeeded", "")
ENDS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        **{
            reason: ("failed", reason, "failed", "transcodeFailed")
            for reason in ("conversion", "invalidFile", "emptyFile", "tooSmall", "codec", "uploadAborted")
        },
        **{
            reason: ("rejected", reason, "succeeded", "")
            for reason in (
                "copyright",
                "inappropriate",
                "duplicate",
                "termsOfUse",
                "uploaderAccountSuspended",
                "length",
                "claim",
                "uploaderAccountClosed",
                "trademark",
                "legal",
            )
        },
        **{
            reason: ("uploaded", "", "failed", reason)
            for reason in ("uploadFailed", "transcodeFailed", "streamingFailed", "other")
        },
        "terminated": ("uploaded", "", "terminated", ""),
        "deleted": ("deleted", "", "succeeded", ""),
    }
)
"""How a processing can end badly: upload status, its reason, processing status, its reason."""
