"""Whose account it is: its number, found by either door, and what Instagram allows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.api import AccountInfo, AppMisconfigured, Deps, Facts, RateLimited
from plugins.instagram.answers import demand_professional, profile, quota, rows_of
from plugins.instagram.client import Client
from plugins.instagram.errors import QUOTA_WAIT, Fault
from plugins.instagram.limits import PUBLISHED
from plugins.instagram.settings import FACEBOOK, InstagramSettings

FRESH = timedelta(minutes=15)
"""How long what Instagram said of its quota is believed."""

TIGHT = 3
"""Posts."""

LINKED = "instagram_business_account{id,username}"


@dataclass(frozen=True, kw_only=True)
class Who:
    """The account's number as the API wants it in paths, and its name."""

    id: str
    username: str = ""


class Account:
    """Asks once who it is."""

    def __init__(self, client: Client, settings: InstagramSettings, deps: Deps) -> None:
        self._client, self._settings, self._deps = client, settings, deps
        self._who: Who | None = None
        self.tight = False
        """Whether so little was left of the quota that it is asked for again before publishing."""

    async def who(self) -> Who:
        """The account; asked for once."""
        if self._who is None:
            self._who = Who(id=self._settings.user_id) if self._settings.user_id else await self._found()
        return self._who

    async def check(self) -> AccountInfo:
        """Calls that fail without a good token, the permission to publish, or a professional account."""
        if self._settings.door == FACEBOOK:
            who = await self.who()
            me = await self._client.get(who.id, fields="id,username,name,followers_count")
        else:
            me = await self._client.get("me", fields="user_id,username,name,account_type,followers_count")
            demand_professional(me.get("account_type"))
            who = self._instagram(me)
        name = str(me.get("username") or who.username)
        if self._settings.user_id and self._settings.user_id != who.id:
            raise AppMisconfigured(
                f"The token belongs to the Instagram account {who.id}, and `user_id` says "
                f"{self._settings.user_id}. Correct one of them."
            )
        await self._client.get(f"{who.id}/content_publishing_limit", fields="config,quota_usage")
        self._who = Who(id=who.id, username=name)
        title = str(me.get("name") or "")
        count = me.get("followers_count")
        return AccountInfo(
            id=who.id,
            handle=f"@{name}" if name else who.id,
            title=title,
            url=profile(name),
            followers=count if isinstance(count, int) and not isinstance(count, bool) else None,
        )

    async def facts(self) -> Facts:
        """How much of its quota the account has used; stale after `FRESH`."""
        who = await self.who()
        told = quota(
            await self._client.get(f"{who.id}/content_publishing_limit", fields="config,quota_usage")
        )
        values: dict[str, Any] = {"username": who.username} if who.username else {}
        if told is not None:
            used, total, _ = told
            values |= {"quota_usage": used, "quota_total": total}
        return Facts(values=values, expires_at=self._deps.clock.now() + FRESH)

    async def demand_room(self) -> None:
        """Raises `RateLimited` when the account has published as much as it may.

        An account that cannot be asked is not held back: publishing itself says so too.
        """
        who = await self.who()
        answer = await self._client.ask(
            "GET", f"{who.id}/content_publishing_limit", query={"fields": "config,quota_usage"}
        )
        told = None if isinstance(answer, Fault) else quota(answer)
        if told is None:
            return
        used, total, _ = told
        self.tight = total - used <= TIGHT
        self._deps.meter.seen(PUBLISHED, left=max(0, total - used))
        if used >= total:
            until = self._deps.clock.now() + QUOTA_WAIT  # the window rolls; nobody says when room comes
            raise RateLimited(until, scope=f"its {total} posts of 24 hours", detail=f"quota {used}/{total}")

    async def _found(self) -> Who:
        if self._settings.door != FACEBOOK:
            return self._instagram(await self._client.get("me", fields="user_id,username,account_type"))
        mine = await self._client.ask("GET", "me", query={"fields": f"id,{LINKED}"})
        linked = None if isinstance(mine, Fault) else _linked(mine)
        if linked is not None:
            return linked
        pages = rows_of(await self._client.get("me/accounts", fields=f"id,name,{LINKED}", limit="100"))
        found = [who for who in map(_linked, pages) if who is not None]
        if len(found) == 1:
            return found[0]
        if not found:
            raise AppMisconfigured(
                "No Instagram account is linked to the Facebook pages of this token. Link it in the "
                "page's settings, or allow instagram_basic and pages_show_list and connect again."
            )
        names = ", ".join(f"{who.username} ({who.id})" for who in found)
        raise AppMisconfigured(f"This token has several Instagram accounts: {names}. Set `user_id` to one.")

    def _instagram(self, me: dict[str, Any]) -> Who:
        # `id` is another number, the app's own for the person; paths want `user_id`
        name = me.get("user_id") or me.get("id")
        if not name:
            raise AppMisconfigured(
                "Instagram did not say whose access this is: the permission instagram_business_basic is "
                "missing. Allow it and connect the account again."
            )
        return Who(id=str(name), username=str(me.get("username") or ""))


def _linked(page: Any) -> Who | None:
    account = page.get("instagram_business_account") if isinstance(page, dict) else None
    if not isinstance(account, dict) or not account.get("id"):
        return None
    return Who(id=str(account["id"]), username=str(account.get("username") or ""))
