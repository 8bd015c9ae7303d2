"""Every way LinkedIn is known to refuse, by the number it has in the team's reference."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.testing.simulator import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping


def problem(status: int, code: str, message: str, service: int | None = None) -> dict[str, Any]:
    """LinkedIn's error body."""
    return {
        "status": status,
        **({"serviceErrorCode": service} if service is not None else {}),
        "code": code,
        "message": message,
    }


def duplicate(urn: str) -> dict[str, Any]:
    """The body of a 422 that names the earlier post."""
    return {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": "com.linkedin.content.common.exception.BadRequestResponseException: "
        f"Content is a duplicate of {urn}",
        "errorDetails": {
            "inputErrors": [
                {"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}
            ]
        },
        "status": 422,
    }


def _failure(status: int, code: str, message: str, service: int | None = None) -> Failure:
    body = problem(status, code, message, service)
    return Failure(status=status, headers={"x-restli-error-response": "true"}, body=body)


_HTML = b"<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>"

FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        "L-F1": Failure(status=422, body=duplicate("urn:li:share:7390000000000000001")),
        "L-F2": _failure(426, "NONEXISTENT_VERSION", "Requested version 20251101 is not active"),
        "L-F3": _failure(
            400,
            "VERSION_MISSING",
            "A version must be present. Please specify a version by adding the Linkedin-Version header.",
        ),
        "L-F4": _failure(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600),
        "L-F5": _failure(
            401, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user", 65601
        ),
        "L-F6": _failure(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65602),
        "L-F7": Failure(
            status=401,
            body={"message": "Empty oauth2_access_token", "serviceErrorCode": 401, "status": 401},
        ),
        "L-F8": _failure(
            403, "ACCESS_DENIED", "Not enough permissions to access: posts.CREATE.20260901", 100
        ),
        "L-F9": _failure(
            429,
            "TOO_MANY_REQUESTS",
            "Resource level throttle limit for calls to this resource is reached.",
            101,
        ),
        "L-F10": _failure(400, "MEDIA_ASSET_WAITING_UPLOAD", "Media asset is waiting upload"),
        "L-F11": _failure(400, "MEDIA_ASSET_PROCESSING_FAILED", "Media asset failed processing"),
        "L-F12": _failure(400, "INVALID_IMAGE_ID", "Image id is invalid"),
        "L-F12 video": _failure(400, "INVALID_VIDEO_ID", "Video id is invalid"),
        "expired": _failure(400, "EXPIRED_UPLOAD_URL", "The upload URL has expired"),
        "asset": _failure(400, "UPDATING_ASSET_FAILED", "The asset could not be updated"),
        "restricted": _failure(403, "ACCESS_DENIED", "Member is restricted", 100),
        "L-F13": _failure(
            400, "FIELD_LENGTH_TOO_LONG", "commentary length 3105 can't exceeded maximum 3000 length"
        ),
        "L-F14": _failure(400, "MISSING_FIELD", "visibility is required but missing"),
        "L-F15": _failure(404, "NOT_FOUND", "Could not find entity"),
        "L-F16": _failure(500, "INTERNAL_SERVER_ERROR", "Internal Server Error"),
        "L-F16 created": Failure(
            status=500, body=problem(500, "INTERNAL_SERVER_ERROR", "Internal Server Error"), effect=True
        ),
        "L-F17": Failure(status=502, headers={"content-type": "text/html"}, body=_HTML),
        "L-F17 empty": Failure(status=504),
        "L-F20": Failure(effect=True, drop=True),
        "L-F21": Failure(status=403),
        "L-F23": Failure(
            status=404, body={"status": 404, "message": "Unable to obtain activity urn:li:activity:1"}
        ),
        "L-F23 400": Failure(
            status=400, body={"status": 400, "message": "Unable to obtain activity urn:li:activity:1"}
        ),
        "999": Failure(status=999, headers={"content-type": "text/html"}, body=_HTML),
        "cut": Failure(effect=True, truncate=True),
    }
)
"""Named failures for `Simulator.fail`; the numbers are those of the team's LinkedIn reference.

What is not here happens by state: a silent truncation, a late failure (``fail_late``), a
changed consent (``consent``), an image of another author.
"""
