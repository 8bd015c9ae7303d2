"""What became of a `media_publish` whose answer is missing.

The container is the proof: it publishes once, and says whether it did. It does not name the post, so that
is looked for among the account's newest, by words, kind and time, and only exactly one counts; a post that
is out and not found has the container for its ref.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.api import (
    Absent,
    Call,
    Checkpoint,
    Confirmed,
    Deps,
    Live,
    Part,
    Pending,
    Proof,
    Refused,
    Unclear,
)
from plugins.instagram.account import Account
from plugins.instagram.answers import CONTAINER, is_ours, profile, rows_of
from plugins.instagram.causes import Course
from plugins.instagram.client import Client
from plugins.instagram.containers import HIDDEN
from plugins.instagram.errors import Fault, broken_container
from plugins.instagram.options import Kind, kind_of

SLACK = timedelta(seconds=60)
"""How far Meta's clock may be from ours."""

PATIENCE = timedelta(seconds=150)
"""How long a container that says it is not published is asked again before we believe it: a call that we
lost sight of may still be at work. Then the same container is published, which can happen only once."""

LISTED = timedelta(seconds=60)
"""How long a new post may be missing in the account's list."""

FIELDS = "id,caption,timestamp,permalink,media_type,media_product_type"


def container_of(part: Part, checkpoint: Checkpoint) -> str:
    """The container that is published; empty when none was made."""
    around, files = checkpoint.data.get("around", {}), checkpoint.data.get("files", ())
    entry = around if len(part.media) > 1 else (files[0] if files else {})
    return str(entry.get("id") or "")


class Finder:
    """Reads the container, then the account's newest posts."""

    def __init__(self, client: Client, account: Account, deps: Deps) -> None:
        self._client, self._account, self._deps = client, account, deps

    async def named(self, number: str) -> Live:
        """A post whose number the platform has told us: it is out, whether or not it can be read now."""
        answer = await self._client.ask("GET", number, query={"fields": "id,permalink,timestamp"})
        if isinstance(answer, Fault):
            return Live(ref=number, url=None, proof=Proof.RECEIPT)
        return Live(ref=number, url=_text(answer.get("permalink")), proof=Proof.READ_BACK)

    async def look(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        """What the container says; raises `PublishError` when nobody says anything."""
        container = container_of(part, checkpoint)
        if not container:
            return Absent(keep_checkpoint=False)
        now = self._deps.clock.now()
        age = now - call.started_at
        answer = await self._client.ask("GET", container, query={"fields": "status_code,status"})
        if isinstance(answer, Fault):
            if answer.course is not Course.AGAIN:
                raise self._client.refusal(answer)
            if age < HIDDEN:
                return Pending(check_at=now + timedelta(seconds=20))
            who = await self._account.who()
            return Unclear(why="Instagram no longer shows what was prepared.", look_at=profile(who.username))
        match answer.get("status_code"):
            case "PUBLISHED":
                return await self._published(part, container, call)
            case "EXPIRED":
                return Absent(keep_checkpoint=False)
            case "ERROR":
                return self._broken(str(answer.get("status") or ""))
        if age < PATIENCE:
            return Pending(check_at=now + timedelta(seconds=30))
        return Absent(keep_checkpoint=True)

    def _broken(self, status: str) -> Confirmed:
        fault = broken_container(status)
        if fault.course in (Course.AFRESH, Course.FETCH):
            return Absent(keep_checkpoint=False)
        cause, fix = fault.words
        return Refused(reason=f"{cause} {fix}".strip())

    async def _published(self, part: Part, container: str, call: Call) -> Confirmed:
        now = self._deps.clock.now()
        found = await self._newest(part, call)
        early = now - call.started_at < LISTED
        # a story has no words to be known by: only one that is alone when ours must be listed is ours
        certain = not early or kind_of(part.options) is not Kind.STORY
        if len(found) == 1 and certain:
            row = found[0]
            return Live(ref=str(row["id"]), url=_text(row.get("permalink")), proof=Proof.READ_BACK)
        if early and len(found) < 2:
            return Pending(check_at=now + timedelta(seconds=15))
        # published for certain; which of the account's posts it is, nobody says
        return Live(ref={CONTAINER: container}, url=None, proof=Proof.READ_BACK)

    async def _newest(self, part: Part, call: Call) -> list[dict[str, Any]]:
        """The account's posts that may be ours; none when it cannot be asked."""
        who = await self._account.who()
        edge = "stories" if kind_of(part.options) is Kind.STORY else "media"
        answer = await self._client.ask("GET", f"{who.id}/{edge}", query={"fields": FIELDS, "limit": "25"})
        if isinstance(answer, Fault):
            return []
        since, until = call.started_at - SLACK, self._deps.clock.now() + SLACK
        return [dict(row) for row in rows_of(answer) if is_ours(row, part, since, until)]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
