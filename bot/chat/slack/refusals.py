"""Slack's machine words for "no", and what each means for us and for people. Pure.

The words are those of the methods' own pages (docs.slack.dev/reference/methods, "Errors").
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.errors import ChatClosed, ChatError, ChatRefused

AGAIN = "Install the app again (OAuth & Permissions → Reinstall) and give me the new token."
REMOVED = "I cannot write in {place} any more: somebody removed me. Type /invite there to let me in again."
ARCHIVED = "I cannot write in {place}: it is archived. Unarchive it, or give the brand another channel."
NOT_FOUND = (
    "I cannot find {place}: it is gone, or private and I am not in it. "
    "Type /invite there, or correct its id in the configuration."
)
NO_LONGER = f"Slack no longer accepts my token. {AGAIN}"
NOT_MINE = "Slack does not know my token. Copy it again from OAuth & Permissions."
SCOPE = (
    "Slack does not let me do that: the app lacks {needed}. Add it under OAuth & Permissions and reinstall."
)
RULES = "The rules of this workspace keep me from writing in {place}. A workspace admin can allow it."
ORGANISATION = "Slack does not let me into this workspace. An admin of the organisation can allow the app."
MESSAGES_OFF = "I cannot write to people: switch on the Messages tab under App Home in the app's settings."
WRONG_KIND = "That is the wrong kind of token: bot_token begins with xoxb-, app_token with xapp-."

CLOSED: Mapping[str, str] = MappingProxyType(
    {
        "not_in_channel": REMOVED,
        "user_not_in_channel": REMOVED,
        "channel_not_found": NOT_FOUND,
        "is_archived": ARCHIVED,
        "channel_is_archived": ARCHIVED,
        "is_inactive": ARCHIVED,
        "external_channel_migrating": "{place} is being moved between workspaces; I write there afterwards.",
        "messages_tab_disabled": MESSAGES_OFF,
        "token_revoked": NO_LONGER,
        "token_expired": NO_LONGER,
        "account_inactive": f"Slack removed the app, or its workspace is gone. {AGAIN}",
        "invalid_auth": NOT_MINE,
        "not_authed": NOT_MINE,
        "not_allowed_token_type": WRONG_KIND,
        "missing_scope": SCOPE,
        "no_permission": RULES,
        "restricted_action": RULES,
        "restricted_action_read_only_channel": RULES,
        "restricted_action_thread_only_channel": RULES,
        "restricted_action_non_threadable_channel": RULES,
        "posting_to_channel_denied": RULES,
        "access_denied": ORGANISATION,
        "accesslimited": ORGANISATION,
        "ekm_access_denied": ORGANISATION,
        "enterprise_is_restricted": ORGANISATION,
        "org_login_required": ORGANISATION,
        "team_access_not_granted": ORGANISATION,
        "team_not_found": ORGANISATION,
        "two_factor_setup_required": ORGANISATION,
    }
)
"""It does not let us in; the sentence names the way back."""

UNKNOWN = frozenset(
    {
        *("fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"),
        *("update_failed", "file_update_failed", "server_error", "http_error"),
    }
)
"""Slack itself stumbled; what was asked may have been done all the same."""

BUSY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""The message cannot be repainted; it is said anew."""

NO_THREAD = frozenset(
    {"thread_not_found", "cannot_reply_to_message", "restricted_action_non_threadable_channel"}
)
"""Nothing can be said under that message any more."""

LATE = frozenset({"expired_trigger_id", "invalid_trigger_id", "trigger_expired"})
"""The three seconds in which a form can be shown are over."""

SHOWN = "exchanged_trigger_id"
"""A form was shown for this press."""

HIDDEN = (
    "I cannot see “{name}” in Slack: it was deleted, or it lies in a channel where I am not. "
    "Invite me there, or attach it again."
)

UNSURE = "Slack did not answer; I do not know whether it arrived."


def refusal(code: str, *, place: str, needed: str = "") -> ChatError:
    """What to raise for ``ok: false`` with this ``error``; its ``detail`` is that word.

    ``place``: the channel as people know it; ``needed``: the scope that is missing.
    """
    if code in CLOSED:
        return ChatClosed(CLOSED[code].format(place=place, needed=needed or "a permission"), detail=code)
    if code in UNKNOWN:
        return ChatError(UNSURE, detail=code)
    return ChatRefused(f"Slack does not take that ({code}).", detail=code)
