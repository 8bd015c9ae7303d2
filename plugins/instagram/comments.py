"""The first comment below our own post.

Source: instagram-platform/instagram-graph-api/reference/ig-media/comments (2026). There is no key that a
repeat would be known by, so a lost answer is looked for by words and time.
"""

from __future__ import annotations

from datetime import datetime

from bot.api import (
    Confirmed,
    Live,
    Part,
    Proof,
    PublishError,
    Receipt,
    Ref,
    Rejected,
    Uncertain,
    Unclear,
)
from plugins.instagram.answers import instant, number_of, rows_of, same_text
from plugins.instagram.client import PUBLISH_TIMEOUT, Client
from plugins.instagram.errors import Fault

COMMENT = "comment"
"""A comment's ref: ``{"comment": number}``, so that it is never taken for a post."""


class Comments:
    """Writes and finds comments."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, parent: Ref, part: Part) -> Receipt:
        """The one call."""
        media = _media(parent)
        answer = await self._client.ask(
            "POST", f"{media}/comments", body={"message": part.text}, creates=True, timeout=PUBLISH_TIMEOUT
        )
        if isinstance(answer, Fault):
            raise self._client.refusal(answer, creates=True)
        name = answer.get("id")
        if not isinstance(name, str) or not name:
            raise Uncertain("Instagram answered without naming the comment; it may be out.", detail="no id")
        return Receipt(ref={COMMENT: name})

    async def find(self, parent: Ref, part: Part, since: datetime) -> Confirmed:
        """The comment by its words, exactly one, not before ``since``."""
        media = _media(parent)
        answer = await self._client.ask(
            "GET", f"{media}/comments", query={"fields": "id,text,timestamp", "limit": "50"}
        )
        if isinstance(answer, Fault):
            return Unclear(why="Instagram does not show the comments at the moment.")
        ours = [
            row
            for row in rows_of(answer)
            if same_text(str(row.get("text") or ""), part.text)
            and (made := instant(row.get("timestamp"))) is not None
            and made >= since
        ]
        if len(ours) == 1:
            return Live(ref={COMMENT: str(ours[0].get("id"))}, url=None, proof=Proof.READ_BACK)
        if ours:
            return Unclear(why=f"The post has {len(ours)} comments with these words.")
        return Unclear(why="The post does not show the comment.")

    async def remove(self, ref: Ref) -> None:
        """Delete it; one that is gone is no error."""
        answer = await self._client.ask("DELETE", str(ref[COMMENT]))
        if isinstance(answer, Fault) and (answer.code, answer.subcode) != (100, 33):
            error: PublishError = self._client.refusal(answer)
            raise error


def is_comment(ref: Ref) -> bool:
    return isinstance(ref, dict) and COMMENT in ref


def _media(parent: Ref) -> str:
    number = number_of(parent)
    if number is None:
        raise Rejected(
            "Instagram did not tell the post's number, so nothing can be written below it.",
            code="no_parent",
            fix="Write the comment in the Instagram app.",
        )
    return number
