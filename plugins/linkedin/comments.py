"""Comments below our own post: LinkedIn's threads. Plain text, no little text.

Source: learn.microsoft.com/en-us/linkedin, community-management/shares/comments-api (2026), and
field reports: right after the post its comments may not exist yet, which creates nothing.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from bot.api import Live, Part, Proof, Receipt, Rejected, Reply, Transient, Uncertain, Unclear
from plugins.linkedin.answers import created_urn, elements, instant, post_url
from plugins.linkedin.client import Client, encoded
from plugins.linkedin.errors import message_of
from plugins.linkedin.little_text import same_text
from plugins.linkedin.rules import ORGANIZATION

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMENT = re.compile(r"urn:li:comment:\((?P<post>urn:li:\w+:\d+),(?P<id>\d+)\)")


class Comments:
    """Writes, finds and removes comments of one author."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, author: str, post: str, part: Part) -> Receipt:
        """Comment on ``post``, once. Raises `Transient` while LinkedIn has no place for comments yet."""
        path = f"/rest/socialActions/{encoded(post)}/comments"
        body = {"actor": author, "object": post, "message": {"text": part.text}}
        reply = await self._client.call("POST", path, json=body, creates=True)
        if reply.status == 404 or (reply.status == 400 and "activity" in message_of(reply).casefold()):
            raise Transient(
                "LinkedIn has no place for comments below the post yet", detail=f"status={reply.status}"
            )
        self._client.expect(reply, creates=True, author=author)
        named = created_urn(reply)
        if named is None:
            raise Uncertain(
                "LinkedIn answered without naming the comment; it may be out.",
                detail=f"status={reply.status} no id",
            )
        urn = comment_urn(post, named)
        return Receipt(ref=urn, url=comment_url(urn))

    async def find(self, author: str, post: str, part: Part, since: datetime) -> Live | Unclear:
        """The comment with this text since then, exactly one. Only a page's comments can be read."""
        if not author.startswith(ORGANIZATION):
            return Unclear(why="LinkedIn lets nobody read a member's comments.", look_at=post_url(post))
        reply = await self._client.call("GET", f"/rest/socialActions/{encoded(post)}/comments?count=100")
        if reply.status == 403:
            return Unclear(why="LinkedIn does not let this app read comments.", look_at=post_url(post))
        if reply.status == 404:
            return Unclear(why="LinkedIn does not show the post's comments.", look_at=post_url(post))
        self._client.read(reply, author=author)
        ours = [c for c in elements(reply) if _is_ours(c, author, part.text, since)]
        if len(ours) != 1:
            many = f"The post has {len(ours)} such comments" if ours else "The post's comments do not show it"
            return Unclear(why=f"{many}.", look_at=post_url(post))
        urn = comment_urn(post, str(ours[0].get("commentUrn") or ours[0].get("id")))
        return Live(ref=urn, url=comment_url(urn), proof=Proof.READ_BACK)

    async def remove(self, author: str, urn: str) -> Reply:
        """Take a comment away; the answer is the caller's to judge."""
        found = COMMENT.fullmatch(urn)
        if found is None:
            raise Rejected("That is not a comment of LinkedIn.", code="bad_ref")
        path = f"/rest/socialActions/{encoded(found['post'])}/comments/{found['id']}?actor={encoded(author)}"
        return await self._client.call("DELETE", path, restli_method="DELETE")


def comment_urn(post: str, named: str) -> str:
    """The comment's whole URN; LinkedIn names it by that or by its number alone."""
    named = unquote(named)
    return named if COMMENT.fullmatch(named) else f"urn:li:comment:({post},{named})"


def comment_url(urn: str) -> str:
    """Where the comment can be seen."""
    found = COMMENT.fullmatch(urn)
    return f"{post_url(found['post'])}?commentUrn={encoded(urn)}" if found else ""


def _is_ours(comment: Mapping[str, Any], author: str, text: str, since: datetime) -> bool:
    created, message = comment.get("created"), comment.get("message")
    at = instant(created.get("time")) if isinstance(created, dict) else None
    said = message.get("text") if isinstance(message, dict) else None
    return comment.get("actor") == author and at is not None and at >= since and same_text(text, str(said))
