"""Reading from X: who we are, what is on the timeline, how a post does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.api import Clock, Ref, Reply
from plugins.twitter.errors import call_error
from plugins.twitter.limits import CHARACTERS
from plugins.twitter.timeline import SLACK, Found, search, snowflake

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from plugins.twitter.client import Client

ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
"""X's ids are digits today; what we need is only that they are safe in an address."""

BATCH = 100
NEWEST = 20
FIELDS = ("created_at", "text", "entities", "conversation_id")
SUBSCRIPTION, SUBSCRIPTIONS = "subscription_type", ("Basic", "Premium", "PremiumPlus")
"""What an account pays X for, told with its name (OpenAPI 2.167)."""

OLD_PARAM, NEW_PARAM = "tweet.fields", "post.fields"
ANSWERED = ("referenced_tweets", "")
EXPANDED = "referenced_posts"
"""What a post answers: a field by its old name, something to be expanded by its new one (OpenAPI 2.167)."""

WHOLE_TEXT = ("note_tweet", "note_post")
ATTACHED = ("attachments", "attachments")
"""Fields by their old and their new name; the second holds what a long post says in full."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose keys we hold. ``subscription``: "Basic", "Premium", "PremiumPlus", "None", or empty: not told."""

    id: str
    username: str = ""
    name: str = ""
    subscription: str = ""


def data_of(reply: Reply) -> dict[str, Any] | None:
    """The ``data`` object of an answer, if there is one."""
    body = reply.json()
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, dict) else None


def id_of(data: Mapping[str, Any] | None) -> str | None:
    """A readable id, else None: no id is made up from what only looks like one."""
    value = (data or {}).get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and ID.fullmatch(value) else None


class Reader:
    """All reads of one account; remembers who it is and how X calls its fields."""

    def __init__(self, client: Client, clock: Clock, *, fields_param: str) -> None:
        self._client = client
        self._clock = clock
        self._param = fields_param
        self._me: Identity | None = None

    @property
    def username(self) -> str:
        """The account's name once it is known, else empty."""
        return self._me.username if self._me else ""

    @property
    def subscribed(self) -> bool:
        """Whether X said that the account pays for longer posts and videos; asks nothing."""
        return self._me is not None and self._me.subscription in SUBSCRIPTIONS

    async def me(self, *, fresh: bool = False) -> Identity:
        """Who the keys belong to. Asked once, since X charges for it, unless ``fresh``."""
        if self._me is None or fresh:
            reply = await self._client.safely("GET", "/2/users/me", query={"user.fields": SUBSCRIPTION})
            data = data_of(reply)
            user_id = id_of(data) if 200 <= reply.status < 300 else None
            if data is None or user_id is None:
                raise call_error(reply, self._clock.now(), "to say whose keys these are")
            self._me = Identity(
                id=user_id,
                username=str(data.get("username") or ""),
                name=str(data.get("name") or ""),
                subscription=str(data.get(SUBSCRIPTION) or ""),
            )
        return self._me

    async def shows(self, post_id: str) -> bool:
        """Whether X shows the post, by its number or on the timeline."""
        reply = await self._get(f"/2/tweets/{post_id}", {}, FIELDS)
        if 200 <= reply.status < 300 and reply.json() is not None:
            return id_of(data_of(reply)) == post_id
        if reply.status != 404:
            raise call_error(reply, self._clock.now(), "to show the post")
        return any(
            isinstance(p, dict) and str(p.get("id")) == post_id
            for p in await self._posts({"max_results": str(BATCH)}, ())
        )

    async def search(self, text: str, *, since: datetime, parents: Sequence[Ref], files: int = 0) -> Found:
        """Look for a text sent at ``since`` with so many files.

        First among the posts with a newer id, which costs next to nothing. Then, once,
        among the newest: an id is only as good as the clock that made it.
        """
        fields = (ANSWERED, *[WHOLE_TEXT] * (len(text) > CHARACTERS), *[ATTACHED] * bool(files))
        recent = {"max_results": str(BATCH), "since_id": str(snowflake(since - SLACK))}
        found = search(await self._posts(recent, fields), text, since=since, parents=parents, files=files)
        if found.matches:
            return found
        newest = await self._posts({"max_results": str(NEWEST)}, fields)
        return search(newest, text, since=since, parents=parents, files=files)

    async def asked(self, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Any]:
        """What X says about up to 100 posts, with these fields."""
        reply = await self._get("/2/tweets", {"ids": ",".join(ids)}, fields)
        body = reply.json()
        if not 200 <= reply.status < 300 or not isinstance(body, dict):
            raise call_error(reply, self._clock.now(), "to show the counts")
        return body

    async def _posts(
        self, query: Mapping[str, str], renamed: Sequence[tuple[str, str]]
    ) -> list[dict[str, Any]]:
        me = await self.me()
        reply = await self._get(f"/2/users/{me.id}/tweets", query, FIELDS, renamed)
        body = reply.json()
        if not 200 <= reply.status < 300 or not isinstance(body, dict):
            raise call_error(reply, self._clock.now(), "to show the timeline")
        return objects(body.get("data"))

    async def _get(
        self,
        path: str,
        query: Mapping[str, str],
        fields: Sequence[str],
        renamed: Sequence[tuple[str, str]] = (),
    ) -> Reply:
        """A read; when X does not know its fields' name any more, once more under the other one."""
        reply = await self._client.safely("GET", path, query={**query, **self._fields(fields, renamed)})
        if reply.status == 400 and self._param.encode() in reply.body:
            self._param = NEW_PARAM if self._param == OLD_PARAM else OLD_PARAM
            reply = await self._client.safely("GET", path, query={**query, **self._fields(fields, renamed)})
        return reply

    def _fields(self, fields: Sequence[str], renamed: Sequence[tuple[str, str]]) -> dict[str, str]:
        anew = self._param == NEW_PARAM
        names = [name for pair in renamed if (name := pair[1] if anew else pair[0])]
        more = {"expansions": EXPANDED} if anew and ANSWERED in renamed else {}
        return {self._param: ",".join((*fields, *names)), **more}


def objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
