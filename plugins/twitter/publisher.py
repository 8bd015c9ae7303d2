"""One account on X. The create is the only call that cannot be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.api import (
    AccountInfo,
    AuthExpired,
    Call,
    Checkpoint,
    Confirmed,
    Deps,
    Facts,
    Finding,
    Gone,
    Live,
    Metrics,
    Part,
    Proof,
    PublishError,
    RateLimited,
    Receipt,
    Ref,
    Rejected,
    Staged,
    Transient,
    Unclear,
    Variant,
)
from plugins.twitter import reading
from plugins.twitter.budget import report
from plugins.twitter.client import Client
from plugins.twitter.counting import invalid_points, line_ends
from plugins.twitter.counts import Counts
from plugins.twitter.errors import call_error, create_error, detail
from plugins.twitter.files import minutes
from plugins.twitter.limits import (
    CHARACTERS,
    LONG_CHARACTERS,
    LONG_VIDEO_BYTES,
    LONG_VIDEO_SECONDS,
    VIDEO_BYTES,
    VIDEO_SECONDS,
)
from plugins.twitter.oauth import MEDIA_SCOPE
from plugins.twitter.options import chosen
from plugins.twitter.ratelimit import quiet_until
from plugins.twitter.reading import Reader
from plugins.twitter.rules import inspect
from plugins.twitter.uploads import Uploads, cover_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugins.twitter.settings import TwitterSettings

FACTS_LAST = timedelta(days=1)
TOO_LONG = frozenset({"video_too_long", "not_permitted"})
"""Refusals that are mostly about the length of a video (field reports of 2026)."""


class TwitterPublisher:
    """Implements `bot.api.Publisher` for one account on X."""

    def __init__(self, settings: TwitterSettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps
        self._client = Client(settings, deps.http, deps.clock, deps.tokens)
        self._uploads = Uploads(self._client, deps)
        self._reader = Reader(self._client, deps.clock, fields_param=settings.fields_param)
        self._counts = Counts(self._reader, deps.clock)

    async def check(self) -> AccountInfo:
        """Who the keys belong to; asks X each time, so it proves them."""
        me = await self._reader.me(fresh=True)
        return AccountInfo(
            id=me.id, handle=f"@{me.username}" if me.username else "", title=me.name, url=self._profile()
        )

    async def facts(self) -> Facts:
        """What texts and videos this account may post: by its settings, and by what X said when it was asked
        whose keys these are. X charges for asking, so it is not asked again."""
        premium = self._settings.premium or self._reader.subscribed
        seconds = LONG_VIDEO_SECONDS if premium else VIDEO_SECONDS
        size = LONG_VIDEO_BYTES if premium else VIDEO_BYTES
        return Facts(
            values={
                "premium": premium,
                "characters": LONG_CHARACTERS if premium else CHARACTERS,
                "video_seconds": self._settings.video_seconds or seconds,
                "video_bytes": min(self._settings.video_bytes or size, LONG_VIDEO_BYTES),
            },
            expires_at=self._deps.clock.now() + FACTS_LAST,
        )

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        """What is wrong, or worth saying, before any upload."""
        return inspect(variant, facts)

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        """Upload, wait for or describe one file per call. A text alone is ready without a call."""
        await self._client.ready()
        if part.media and not await self._client.may(MEDIA_SCOPE):
            raise Rejected(
                "X was not asked to let this app upload files when the account was connected.",
                code="scope",
                fix="Connect the account again with `clarion connect`, then /retry.",
            )
        return await self._uploads.stage(part, checkpoint)

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        """Create the post, once. Raises `Uncertain` whenever it may be out without an id."""
        reply = await self._client.once("POST", "/2/tweets", _body(part, checkpoint, call))
        report(self._deps.meter, reply, self._deps.clock.now())
        data = reading.data_of(reply)
        post_id = reading.id_of(data) if 200 <= reply.status < 300 else None
        if post_id is None:
            raise _said_of(part, create_error(reply, self._deps.clock.now()))
        return Receipt(
            ref=post_id, url=self._link(post_id), quiet_until=quiet_until(reply, self._deps.clock.now())
        )

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        """Look for the post. X has no key of ours, so not finding it proves nothing."""
        try:
            if reading.id_of({"id": call.ref}) is not None:
                return await self._look_up(str(call.ref))
            return await self._look_for(part, call)
        except (AuthExpired, RateLimited, Transient):
            raise
        except PublishError as error:
            self._deps.log.warning("x_confirm_refused", detail=error.detail)
            return Unclear(why=f"X did not let me look: {error}", look_at=self._profile())

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        """Counts of up to 100 posts per call."""
        return await self._counts.of(refs)

    async def remove(self, ref: Ref) -> None:
        """Delete one post; one that X does not find is gone already."""
        post_id = reading.id_of({"id": ref})
        if post_id is None:
            raise Rejected("That is not a post of X.", code="bad_ref")
        reply = await self._client.safely("DELETE", f"/2/tweets/{post_id}")
        if reply.status == 404:
            return
        if not 200 <= reply.status < 300:
            raise call_error(reply, self._deps.clock.now(), "to delete the post")
        deleted = (reading.data_of(reply) or {}).get("deleted")
        if deleted is False:
            raise Rejected(
                "X did not delete the post.",
                code="not_deleted",
                fix="Delete it in X's own app.",
                detail=detail(reply),
            )
        if deleted is not True:
            raise Transient("X did not say whether the post is deleted.", detail=detail(reply))

    async def aclose(self) -> None:
        """Nothing to let go of: the connections are the core's."""

    async def _look_up(self, post_id: str) -> Confirmed:
        if await self._reader.shows(post_id):
            return Live(ref=post_id, url=self._link(post_id), proof=Proof.READ_BACK)
        return Unclear(why="X gave the post a number but does not show it.", look_at=self._link(post_id))

    async def _look_for(self, part: Part, call: Call) -> Confirmed:
        found = await self._reader.search(
            part.text, since=call.started_at, parents=call.parents, files=len(part.media)
        )
        if len(found.matches) == 1:
            post_id = found.matches[0]
            return Live(ref=post_id, url=self._link(post_id), proof=Proof.READ_BACK)
        if found.matches:
            why = f"X shows {len(found.matches)} posts with this text since then."
            return Unclear(why=why, look_at=self._profile())
        if found.earlier:
            return Unclear(
                why="X shows no such post since then, only an older one with the same text.",
                look_at=self._link(found.earlier[0]),
            )
        return Unclear(why="X's timeline does not show it.", look_at=self._profile())

    def _username(self) -> str:
        return self._settings.handle.strip().removeprefix("@") or self._reader.username

    def _profile(self) -> str:
        return f"https://x.com/{self._username()}".rstrip("/")

    def _link(self, post_id: str) -> str:
        return f"https://x.com/{self._username() or 'i'}/status/{post_id}"


def _body(part: Part, checkpoint: Checkpoint, call: Call) -> dict[str, Any]:
    """The post as X wants it; the text is always sent, X's backend refuses its absence (OpenAPI 2.167)."""
    if invalid_points(part.text):
        raise Rejected(
            "The text holds a sign that X refuses.", code="invalid_text", fix="Type the text anew."
        )
    body: dict[str, Any] = {"text": line_ends(part.text)}
    if part.media:
        ids = [str(m["id"]) for m in checkpoint.data.get("media", ()) if "id" in m]
        if len(ids) != len(part.media):
            raise Transient("The files are not uploaded yet.")
        cover = cover_id(checkpoint, part)
        body["media"] = {"media_ids": ids} | ({"preview_media_id": cover} if cover else {})
    if call.parents:
        body["reply"] = {"in_reply_to_tweet_id": str(call.parents[-1])}
    return body | chosen(part.options, first=not call.parents)


def _said_of(part: Part, error: PublishError) -> PublishError:
    """X's refusal of a video that is too long does not say how long ours is."""
    seconds = sum(media.seconds for media in part.media)
    if not isinstance(error, Rejected) or not seconds or error.code not in TOO_LONG:
        return error
    why = f"That usually means a video longer than this account may post; yours has {minutes(seconds)}."
    return Rejected(f"{error} {why}", code=error.code, fix="Trim it with /edit.", detail=error.detail)
