"""Every way a server of the AT Protocol is known to refuse, by the number it has in the team's reference."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.testing.simulator import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping


def problem(name: str, message: str) -> dict[str, Any]:
    """The error body (atproto.com/specs/xrpc)."""
    return {"error": name, "message": message}


def failure(status: int, name: str, message: str, **headers: str) -> Failure:
    """An answer with that body."""
    return Failure(
        status=status,
        headers={k.replace("_", "-"): v for k, v in headers.items()},
        body=problem(name, message),
    )


_HTML = b"<html><head><title>502 Bad Gateway</title></head><body></body></html>"

FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        "B-F1": failure(400, "ExpiredToken", "Token has expired"),
        "B-F2": failure(400, "InvalidToken", "Token could not be verified"),
        "B-F3": failure(401, "AuthMissing", "Authentication Required"),
        "B-F4": failure(401, "AuthenticationRequired", "Invalid identifier or password"),
        "B-F5": failure(401, "AuthFactorTokenRequired", "A sign in code has been sent to your email address"),
        "B-F6": failure(400, "AccountTakedown", "Account has been taken down"),
        "B-F6 deactivated": failure(400, "AccountDeactivated", "Account is deactivated"),
        "B-F7": failure(
            400,
            "InvalidRequest",
            "Invalid app.bsky.feed.post record: grapheme too big (maximum 300, got 301) at $.record.text",
        ),
        "B-F7 date": failure(
            400,
            "InvalidRequest",
            'Invalid app.bsky.feed.post record: Missing required key "createdAt" at $.record',
        ),
        "B-F8": failure(400, "BlobNotFound", "Could not find blob: bafkreisim9"),
        "B-F9": failure(400, "InvalidMimeType", "Referenced Mimetype does not match stored blob"),
        "B-F9 size": failure(400, "InvalidSize", "Referenced size does not match stored blob"),
        "B-F10": failure(400, "InvalidSwap", "Record was at bafyreisim1"),
        "B-F11": failure(
            400,
            "RecordNotFound",
            "Could not locate record: at://did:plc:sim/app.bsky.feed.post/3m5zxqjn2ic2z",
        ),
        "B-F12": failure(413, "PayloadTooLarge", "request entity too large"),
        "B-F12 old": failure(400, "InvalidRequest", "blob too big (maximum 1000000, got 1400000)"),
        "B-F13": failure(429, "RateLimitExceeded", "Rate Limit Exceeded"),
        "B-F13 after": failure(429, "RateLimitExceeded", "Rate Limit Exceeded", retry_after="40"),
        "B-F14": failure(500, "InternalServerError", "Internal Server Error"),
        "B-F14 created": Failure(
            status=500, body=problem("InternalServerError", "Internal Server Error"), effect=True
        ),
        "B-F15": failure(502, "UpstreamFailure", "Upstream Failure"),
        "B-F16": Failure(status=502, headers={"content-type": "text/html"}, body=_HTML),
        "B-F16 empty": Failure(status=504),
        "B-F17": Failure(effect=True, drop=True),
        "B-F18": Failure(drop=True),
        "B-F19": Failure(effect=True, truncate=True),
        "B-F20": failure(501, "MethodNotImplemented", "Method Not Implemented"),
        "B-V1": failure(400, "DailyLimitExceeded", "Daily upload limit exceeded"),
        "B-V2": failure(403, "UploadForbidden", "User is not allowed to upload videos"),
        "B-V3": failure(400, "VideoTooLarge", "Video is too large"),
        "B-V4": failure(400, "VideoTooLong", "Video is too long"),
        "B-V5": failure(400, "BadAspectRatio", "Aspect ratio is not supported"),
        "B-V6": failure(400, "UnsupportedContentType", "Only video/mp4 is supported"),
        "B-V7": failure(429, "TooManyOpenUploads", "Too many open uploads"),
        "B-V8": failure(503, "ServiceOverloaded", "Try again later"),
        "B-V9": failure(400, "UploadExpired", "Upload has expired"),
        "B-V10": failure(400, "UploadNotFound", "No such upload"),
        "B-V11": failure(400, "MissingParts", "Parts are missing"),
        "B-V12": failure(400, "PartSizeMismatch", "Part has another size"),
        "B-V13": failure(400, "UploadAlreadyCompleted", "Upload was completed"),
        "B-V14": failure(400, "UploadAborted", "Upload was aborted"),
        "B-V15": failure(409, "UploadNotReady", "Upload is not ready"),
        "B-V16": failure(400, "UploadFailed", "Upload failed"),
        "B-V17": failure(400, "InvalidPartNumber", "No such part"),
    }
)
"""Named failures for `Simulator.fail`; those with a V are the video service's.

What is not here happens by state: sessions that end, points that are used up, blobs that are collected,
jobs that fail (``videos.fail_next``), an account that is suspended (``accounts``).
"""
