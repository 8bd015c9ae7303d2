"""Who is who in a workspace: profiles and user groups, asked of Slack when somebody decides."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.chat.slack.api import WebApi
from bot.errors import ChatRefused
from bot.ports import Clock, Profile

FRESH = 5.0
"""Seconds for which an answer about a group serves: a hundred decisions at once are one question,
and usergroups.* may be asked twenty times a minute."""

NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
NO_GROUP = frozenset({"no_such_subteam", "subteam_not_found"})
MENTION = re.compile(r"<!subteam\^(\w+)(?:\|[^>]*)?>")


class Directory:
    """Profiles and groups of one workspace."""

    def __init__(self, api: WebApi, *, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._ids: dict[str, str] = {}
        self._asked = float("-inf")
        self._members: dict[str, tuple[float, tuple[str, ...] | None]] = {}
        self._asking = asyncio.Lock()

    async def profile(self, user: str) -> Profile | None:
        """Who that is; None when Slack does not know. Raises the `ChatError` family."""
        try:
            told = (await self._api.call("users.info", user=user)).get("user", {})
        except ChatRefused as error:
            if error.detail in NOBODY:
                return None
            raise
        about = told.get("profile") or {}
        names = (about.get("display_name"), about.get("real_name"), told.get("real_name"), told.get("name"))
        return Profile(
            id=str(told.get("id") or user),
            name=next((str(name) for name in names if name), user),
            zone=str(told.get("tz") or ""),
            bot=bool(told.get("is_bot")) or user == "USLACKBOT",
        )

    async def group(self, name: str) -> Sequence[str] | None:
        """Everybody in a user group, by its id, handle or name. Raises the `ChatError` family."""
        wanted = _bare(name)
        async with self._asking:
            now = self._clock.monotonic()
            known = self._members.get(wanted)
            if known is None or now - known[0] >= FRESH:
                known = (now, await self._ask(wanted, now))
                self._members[wanted] = known
        return known[1]

    def forget(self) -> None:
        """A group changed: the next question goes to Slack."""
        self._members.clear()
        self._asked = float("-inf")

    async def _ask(self, wanted: str, now: float) -> tuple[str, ...] | None:
        if now - self._asked >= FRESH:
            told = await self._api.call("usergroups.list", include_disabled=False)
            groups = [g for g in told.get("usergroups", ()) if not g.get("date_delete")]
            self._ids = _found_by(groups)
            self._asked = now
        id_ = self._ids.get(wanted, "")
        if not id_:
            return None
        try:
            told = await self._api.call("usergroups.users.list", usergroup=id_)
        except ChatRefused as error:
            if error.detail in NO_GROUP:
                return None
            raise
        return tuple(str(user) for user in told.get("users", ()))


def _found_by(groups: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Id, handle or name → id. Only ids and handles are unique in a workspace: a group that merely calls
    itself like another's handle is not that one, and a name that two have finds neither."""
    found: dict[str, str] = {}
    for group in groups:
        name, id_ = _bare(str(group.get("name") or "")), str(group.get("id", ""))
        found[name] = id_ if found.get(name, id_) == id_ else ""
    for key in ("handle", "id"):
        found |= {_bare(str(g[key])): str(g.get("id", "")) for g in groups if g.get(key)}
    return found


def _bare(name: str) -> str:
    found = MENTION.fullmatch(name.strip())
    return (found[1] if found else name.strip().lstrip("@")).casefold()
