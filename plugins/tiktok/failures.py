"""Every documented way in which TikTok fails, by a name of its own.

The tables are those of developers.tiktok.com: tiktok-api-v2-error-handling (T-G), creator info (T-C), the
init calls (T-I), the upload host (T-U), the status call (T-S) with its ``fail_reason`` (T-X), and the token
endpoint (T-O). ``sim.fail("POST /v2/post/publish/video/init/", FAILURES["T-I6"])``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.testing.simulator import CUT, LOST_REPLY, Failure


def envelope(
    code: str, message: str = "", *, log_id: str = "20261121100000SIM", **data: Any
) -> dict[str, Any]:
    """TikTok's body."""
    return {"data": data, "error": {"code": code, "message": message, "log_id": log_id}}


def refused(status: int, code: str, message: str = "See the documentation.") -> Failure:
    """A refusal in TikTok's envelope."""
    return Failure(status=status, body=envelope(code, message))


def flat(status: int, code: str, message: str) -> Failure:
    """A refusal of the token endpoint, which has no envelope."""
    body = {"error": code, "error_description": message, "log_id": "20261121100000SIM"}
    return Failure(status=status, body=body)


FAIL_REASONS = (
    "file_format_check_failed",
    "duration_check_failed",
    "frame_rate_check_failed",
    "picture_size_check_failed",
    "internal",
    "video_pull_failed",
    "photo_pull_failed",
    "publish_cancelled",
    "auth_removed",
    "spam_risk_too_many_posts",
    "spam_risk_user_banned_from_posting",
    "spam_risk_text",
    "spam_risk",
)

_HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"

FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        "T-G1": refused(401, "access_token_invalid", "The access token is invalid or not found."),
        "T-G2": refused(401, "scope_not_authorized", "The user did not authorize the scope."),
        "T-G2 missed": refused(401, "scope_permission_missed", "The scope is missing."),
        "T-G3": refused(400, "invalid_params", "The request has a wrong parameter: video_size"),
        "T-G4": refused(400, "invalid_file_upload", "The file does not meet the specification."),
        "T-G5": refused(429, "rate_limit_exceeded", "Too many requests."),
        "T-G6": refused(500, "internal_error", "Something went wrong."),
        "T-G6 done": Failure(status=500, body=envelope("internal_error"), effect=True),
        "T-G6 html": Failure(status=502, headers={"content-type": "text/html"}, body=_HTML),
        "T-C1": refused(200, "spam_risk_too_many_posts", "Daily cap reached."),
        "T-C2": refused(200, "spam_risk_user_banned_from_posting", "Banned."),
        "T-C3": refused(200, "reached_active_user_cap", "Cap reached."),
        "T-I1": refused(400, "invalid_param", "total_chunk_count is wrong"),
        "T-I2": refused(403, "spam_risk_too_many_posts", "Daily cap reached."),
        "T-I3": refused(403, "spam_risk_user_banned_from_posting", "Banned."),
        "T-I4": refused(403, "spam_risk_too_many_pending_share", "Five drafts are pending."),
        "T-I5": refused(403, "reached_active_user_cap", "Cap reached."),
        "T-I6": refused(403, "unaudited_client_can_only_post_to_private_accounts", "See the guidelines."),
        "T-I7": refused(403, "url_ownership_unverified", "Verify the URL prefix."),
        "T-I8": refused(403, "privacy_level_option_mismatch", "Query the creator info again."),
        "T-I9": refused(403, "app_version_check_failed", "The app is older than 31.8."),
        "T-U400": Failure(status=400),
        "T-U403": Failure(status=403),
        "T-U404": Failure(status=404),
        "T-U416": Failure(status=416),
        "T-U500": Failure(status=500),
        "T-U503 stored": Failure(status=503, effect=True),
        "T-S1": refused(400, "invalid_publish_id", "The publish_id does not exist."),
        "T-S2": refused(403, "token_not_authorized_for_specified_publish_id", "Not yours."),
        "T-O1": flat(400, "invalid_grant", "Refresh token is invalid or expired."),
        "T-O1 with 200": flat(200, "invalid_grant", "Refresh token is invalid or expired."),
        "T-O2": flat(401, "invalid_client", "Client key or secret is incorrect."),
        "lost": LOST_REPLY,
        "cut": CUT,
        "cut off": Failure(effect=True, truncate=True),
        **{
            f"T-X {reason}": Failure(
                status=200, body=envelope("ok", status="FAILED", fail_reason=reason, uploaded_bytes=0)
            )
            for reason in FAIL_REASONS
        },
    }
)
"""Named failures for `Simulator.fail`."""
