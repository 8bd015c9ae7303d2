"""One TikTok account: a video's last chunk, or the request to fetch photos, is what cannot be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.api import (
    AccountInfo,
    Call,
    Checkpoint,
    Confirmed,
    Deps,
    Facts,
    Finding,
    Gone,
    Live,
    MediaKind,
    Metrics,
    Part,
    Pending,
    Proof,
    PublishError,
    Receipt,
    Ref,
    Rejected,
    Staged,
    Transient,
    Unclear,
    Unsupported,
    Variant,
)
from plugins.tiktok.causes import UNAUDITED
from plugins.tiktok.client import Client
from plugins.tiktok.counts import Counts
from plugins.tiktok.creator import allowed_creator, ask_creator, creator_of
from plugins.tiktok.oauth import DIRECT as DIRECT_SCOPE
from plugins.tiktok.options import IN_APP, INBOX, ONLY_ME, Choices, chosen
from plugins.tiktok.photos import Photos
from plugins.tiktok.rules import findings
from plugins.tiktok.status import Asked, judge, later, permalink, profile
from plugins.tiktok.uploads import STATUS, Uploads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugins.tiktok.settings import TikTokSettings

ME = "/v2/user/info/?fields=open_id,display_name"
FACTS_LAST = timedelta(minutes=5)
FIRST_LOOK = timedelta(seconds=5)

HELD_BACK = frozenset(
    {"spam_risk_too_many_posts", "spam_risk_user_banned_from_posting", "reached_active_user_cap"}
)
"""What TikTok answers about a creator with HTTP 200."""

NO_SCOPE = frozenset({"scope_not_authorized", "scope_permission_missed"})


class TikTokPublisher:
    """Implements `bot.api.Publisher` for one creator."""

    def __init__(self, settings: TikTokSettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps
        self._client = Client(settings, deps)
        self._uploads = Uploads(self._client, deps)
        self._photos = Photos(self._client, deps)
        self._counts = Counts(self._client)

    async def check(self) -> AccountInfo:
        """Who the access belongs to, and whether it may post."""
        data = self._client.data(await self._client.ask(ME, method="GET"))
        user = data.get("user")
        user = user if isinstance(user, dict) else {}
        open_id = user.get("open_id")
        if not isinstance(open_id, str) or not open_id:
            raise Transient("TikTok did not say whose access this is.", detail="user/info without open_id")
        facts = (await self.facts()).values
        name = str(user.get("display_name") or facts.get("nickname") or "")
        username = str(facts.get("username") or "")
        notes = () if self._settings.audited else (UNAUDITED,)
        return AccountInfo(
            id=open_id,
            handle=f"@{username}" if username else name,
            title=name,
            url=profile(username) if username else "",
            notes=notes,
        )

    async def facts(self) -> Facts:
        """What TikTok offers this creator now; soon stale, because it may change with every post."""
        values: dict[str, Any] = {
            "direct": await self._client.may(DIRECT_SCOPE),
            "audited": self._settings.audited,
            "links": self._deps.links is not None,
            "privacy_level_options": [IN_APP],
        }
        if values["direct"]:
            said = await ask_creator(self._client)
            if said.code in NO_SCOPE:
                values["direct"] = False
            elif said.code in HELD_BACK:
                values["held_back"] = said.code
            else:
                values |= self._of_creator(self._client.data(said))
        return Facts(values=values, expires_at=self._deps.clock.now() + FACTS_LAST)

    def _of_creator(self, data: Mapping[str, Any]) -> dict[str, Any]:
        creator = creator_of(data)
        offered = [a for a in creator.audiences if self._settings.audited or a == ONLY_ME]
        first = [IN_APP] if self._settings.mode == INBOX else []
        return {
            "username": creator.username,
            "nickname": creator.nickname,
            "privacy_level_options": [*first, *offered, *([] if first else [IN_APP])],
            "comment_disabled": creator.no_comments,
            "duet_disabled": creator.no_duet,
            "stitch_disabled": creator.no_stitch,
            **({"seconds": creator.seconds} if creator.seconds > 0 else {}),
        }

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        return tuple(findings(variant, facts, self._settings.mode))

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        await self._client.ready()
        choices = self._choices(part)
        if part.media[0].kind is MediaKind.VIDEO:
            return await self._uploads.stage(part, choices, checkpoint)
        return await self._photos.stage(part, choices)

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt | Pending:
        choices = self._choices(part)
        if part.media[0].kind is MediaKind.VIDEO:
            if choices.direct:
                await allowed_creator(self._client, choices)
            publish_id = await self._uploads.finish(part.media[0], checkpoint)
        else:
            publish_id = await self._photos.post(part, choices)
        return Pending(check_at=self._deps.clock.now() + FIRST_LOOK, ref=publish_id)

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        """Ask TikTok by the publish id: it says posted, handed over, failed, or how far it is."""
        choices, username = self._choices(part), str(checkpoint.data.get("creator") or "")
        where, now = profile(username) if username else "", self._deps.clock.now()
        publish_id = str(call.ref or checkpoint.data.get("publish_id") or "")
        if not publish_id:
            return await self._look_for(part, choices, call, where)
        video = part.media[0] if part.media[0].kind is MediaKind.VIDEO else None
        asked = Asked(
            publish_id=publish_id,
            caption=part.text,
            privacy=choices.privacy if choices.direct else "",
            username=username,
            started_at=call.started_at,
            size=video.size if video else 0,
            ends=checkpoint.expires_at,
        )
        try:
            data = self._client.data(await self._client.ask(STATUS, {"publish_id": publish_id}))
        except Transient:
            return later(asked, now)  # an answer that is missing says nothing about the post
        except Rejected as error:
            self._deps.log.warning("tiktok.status_refused", detail=error.detail)
            return Unclear(why=f"TikTok did not let me ask: {error}", look_at=where)
        return judge(data, asked, now)

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        """Public counts of our own posts; one that TikTok does not show is unknown."""
        return await self._counts.of([str(ref) for ref in refs])

    async def remove(self, ref: Ref) -> None:
        raise Unsupported("TikTok lets no app take posts down; please do it in TikTok.")

    async def aclose(self) -> None:
        """Nothing of our own is open."""

    async def _look_for(self, part: Part, choices: Choices, call: Call, where: str) -> Confirmed:
        """Photos whose publish id got lost: only a public post can be found again."""
        try:
            found = await self._photos.find(part, choices, call.started_at)
        except Transient:
            raise
        except PublishError as error:
            return Unclear(why=f"TikTok did not let me look: {error}", look_at=where)
        if isinstance(found, str):
            return Unclear(why=found, look_at=where)
        post_id, link = found
        username = where.rpartition("@")[2]
        return Live(ref=post_id, url=link or permalink(username, post_id, photo=True), proof=Proof.READ_BACK)

    def _choices(self, part: Part) -> Choices:
        if not part.media:
            raise Rejected("TikTok needs a video or photos.", code="needs_video", fix="Add one.")
        return chosen(part.options, self._settings.mode)
