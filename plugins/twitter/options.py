"""What a person may choose for a post on X, and how X wants to hear it.

Source: OpenAPI 2.167, ``CreatePostsRequest``; its body takes nothing that is not named there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.api import Finding, Level, OptionKind, PostOption

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REPLIES, AI, PAID, COMMUNITY = "reply_settings", "made_with_ai", "paid_partnership", "community_id"
REPLY_SETTINGS = ("following", "mentionedUsers", "subscribers", "verified")
COMMUNITY_ID = re.compile(r"[0-9]{1,19}")

OPTIONS = (
    PostOption(
        name=REPLIES,
        title="Who can reply",
        help="Everybody, unless you choose otherwise.",
        kind=OptionKind.CHOICE,
        choices=(
            ("everyone", "Everybody"),
            ("following", "Accounts you follow"),
            ("mentionedUsers", "Accounts the post mentions"),
            ("subscribers", "Subscribers"),
            ("verified", "Verified accounts"),
        ),
        default="everyone",
    ),
    PostOption(
        name=AI,
        title="Made with AI",
        help="Says that its pictures or video were made with AI.",
        kind=OptionKind.FLAG,
        default=False,
    ),
    PostOption(
        name=PAID,
        title="Paid partnership",
        help="Says that somebody paid for the post.",
        kind=OptionKind.FLAG,
        default=False,
    ),
    PostOption(
        name=COMMUNITY,
        title="Community",
        help="The number in the community's address; without it the post is on the profile.",
        most=19,
    ),
)


def chosen(options: Mapping[str, Any], *, first: bool) -> dict[str, Any]:
    """What is added to the body. Who may reply, and where, is said once, with the ``first`` post."""
    found: dict[str, Any] = {name: True for name in (AI, PAID) if options.get(name) is True}
    if first and options.get(REPLIES) in REPLY_SETTINGS:
        found[REPLIES] = options[REPLIES]
    if first and COMMUNITY_ID.fullmatch(str(options.get(COMMUNITY) or "")):
        found[COMMUNITY] = str(options[COMMUNITY])
    return found


def mistakes(options: Mapping[str, Any]) -> Iterator[Finding]:
    """Choices that X does not know."""
    replies, community = options.get(REPLIES), str(options.get(COMMUNITY) or "")
    if replies and replies not in (*REPLY_SETTINGS, "everyone"):
        yield Finding(
            level=Level.BLOCK,
            code=REPLIES,
            text=f"X does not know “{replies}” as those who can reply.",
            fix=f"Choose everyone, {', '.join(REPLY_SETTINGS)}.",
        )
    if community and not COMMUNITY_ID.fullmatch(community):
        yield Finding(
            level=Level.BLOCK,
            code=COMMUNITY,
            text=f"“{community[:40]}” is not the number of a community on X.",
            fix="Take the digits at the end of the community's address.",
        )
