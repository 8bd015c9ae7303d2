"""Every way in which a call to the Web API can go wrong, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.testing.simulator import CUT, LOST_REPLY, Failure


def said(error: str, *, effect: bool = False, **extra: object) -> Failure:
    """Slack's way of saying no: HTTP 200 and ``ok: false``."""
    return Failure(status=200, body={"ok": False, "error": error, **extra}, effect=effect)


ERRORS = (
    # everywhere
    *("access_denied", "account_inactive", "accesslimited", "deprecated_endpoint", "ekm_access_denied"),
    *("enterprise_is_restricted", "fatal_error", "internal_error", "invalid_arg_name", "invalid_arguments"),
    *("invalid_array_arg", "invalid_auth", "invalid_charset", "invalid_form_data", "invalid_post_type"),
    *("method_deprecated", "missing_post_type", "no_permission", "not_allowed_token_type", "not_authed"),
    *("org_login_required", "request_timeout", "service_unavailable", "team_access_not_granted"),
    *("team_added_to_org", "token_expired", "token_revoked", "two_factor_setup_required"),
    # messages
    *("as_user_not_supported", "block_mismatch", "cant_delete_message", "cant_update_message"),
    *("channel_not_found", "channel_is_archived", "edit_window_closed", "external_channel_migrating"),
    *("invalid_attachments", "invalid_blocks", "invalid_blocks_format", "invalid_metadata_format"),
    *("invalid_metadata_schema", "is_archived", "is_inactive", "markdown_text_conflict"),
    *("message_limit_exceeded", "message_not_found", "messages_tab_disabled", "metadata_too_large"),
    *("msg_blocks_too_long", "msg_too_long", "no_text", "not_in_channel", "rate_limited"),
    *("restricted_action", "restricted_action_non_threadable_channel"),
    *("restricted_action_read_only_channel", "restricted_action_thread_only_channel"),
    *("slack_connect_file_link_sharing_blocked", "team_not_found", "too_many_attachments"),
    *("update_failed", "user_not_in_channel", "thread_not_found", "bad_timestamp", "no_item_specified"),
    # people
    *("user_not_found", "user_not_visible", "users_not_found", "no_such_subteam", "subteam_not_found"),
    *("plan_upgrade_required", "cannot_dm_bot", "user_disabled"),
    # views
    *("duplicate_external_id", "exchanged_trigger_id", "expired_trigger_id", "hash_conflict"),
    *("invalid_trigger_id", "not_enabled", "not_found", "push_limit_reached", "view_too_large"),
    # files
    *("file_not_found", "file_update_failed", "invalid_channel", "posting_to_channel_denied"),
    *("file_uploads_disabled", "file_deleted", "storage_limit_reached"),
)

FAULTS: Mapping[str, Failure] = MappingProxyType(
    {
        **{error: said(error) for error in ERRORS},
        "missing_scope": said("missing_scope", needed="chat:write", provided="commands"),
        "ratelimited": Failure(
            status=429, headers={"retry-after": "30"}, body={"ok": False, "error": "ratelimited"}
        ),
        "http_500": Failure(status=500, body=b"Internal Server Error"),
        "http_502": Failure(status=502, body=b"<html><body>Bad Gateway</body></html>"),
        "http_503": Failure(status=503, body=b"upstream connect error"),
        "not_json": Failure(status=200, body=b"<html><body>Log in to your network</body></html>"),
        "done_but_fatal": said("fatal_error", effect=True),
        "done_but_internal": said("internal_error", effect=True),
        "done_but_500": Failure(status=500, body=b"Internal Server Error", effect=True),
        "lost_reply": LOST_REPLY,
        "cut": CUT,
        "truncated": Failure(status=200, truncate=True, effect=True),
        "slow": Failure(delay=10.0, effect=True),
    }
)
"""What `Workspace.fail` understands. ``lost_reply``, ``done_but_…``, ``truncated``, ``slow`` do the work."""
