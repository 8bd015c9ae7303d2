"""What TikTok allows an account now: asked for the review, and again before every direct post.

Source: developers.tiktok.com, content-posting-api-reference-query-creator-info (November 2026). TikTok
answers some refusals here with HTTP 200.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.api import Rejected, Transient
from plugins.tiktok.options import IN_APP, ONLY_ME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.tiktok.client import Client
    from plugins.tiktok.options import Choices
    from plugins.tiktok.reading import Said

QUERY = "/v2/post/publish/creator_info/query/"


@dataclass(frozen=True, kw_only=True)
class Creator:
    """One account as TikTok sees it now. ``seconds``: the longest video it may post, 0 where unknown."""

    username: str = ""
    nickname: str = ""
    audiences: tuple[str, ...] = ()
    no_comments: bool = False
    no_duet: bool = False
    no_stitch: bool = False
    seconds: int = 0


def creator_of(data: Mapping[str, Any]) -> Creator:
    """Read the answer; what is missing is unknown."""
    audiences, seconds = data.get("privacy_level_options"), data.get("max_video_post_duration_sec")
    return Creator(
        username=_text(data.get("creator_username")),
        nickname=_text(data.get("creator_nickname")),
        audiences=tuple(a for a in audiences if isinstance(a, str)) if isinstance(audiences, list) else (),
        no_comments=data.get("comment_disabled") is True,
        no_duet=data.get("duet_disabled") is True,
        no_stitch=data.get("stitch_disabled") is True,
        seconds=seconds if isinstance(seconds, int) and not isinstance(seconds, bool) else 0,
    )


async def ask_creator(client: Client) -> Said:
    """The answer as it came, refusals with HTTP 200 included."""
    return await client.ask(QUERY)


async def allowed_creator(client: Client, choices: Choices) -> Creator:
    """The account right before a direct post; raises `Rejected` when what was chosen is no longer offered,
    and what `Client.data` raises."""
    creator = creator_of(client.data(await ask_creator(client)))
    if not creator.audiences:
        raise Transient("TikTok did not say what it allows this account.", detail="no privacy_level_options")
    if not choices.privacy or choices.privacy == IN_APP:
        raise Rejected(
            "Nobody has chosen who can see it on TikTok.",
            code="no_privacy",
            fix="Choose who can see it, or make it a draft, and have it approved again.",
        )
    if choices.privacy not in creator.audiences:
        raise Rejected(
            "TikTok no longer offers this account the audience that was chosen.",
            code="privacy_level_option_mismatch",
            fix="Choose who can see it anew and have it approved again.",
        )
    if choices.branded_content and choices.privacy == ONLY_ME:
        raise Rejected(
            "TikTok takes no branded content that only you can see.",
            code="private_ad",
            fix="Choose another audience, or take the mark off.",
        )
    return creator


def _text(value: object) -> str:
    return value.strip()[:100] if isinstance(value, str) else ""
