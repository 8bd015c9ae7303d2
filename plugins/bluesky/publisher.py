"""One Bluesky account: a key of our own for every post, so that whether it is out can be proved.

Facts: com.atproto.repo.{putRecord, getRecord, deleteRecord}, observed on a server of our own (2026).
``putRecord`` with ``"swapRecord": null`` creates at a free key, changes nothing when the same record is
there and is refused when another is; it may be repeated for ever.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import (
    Absent,
    AccountInfo,
    Call,
    Checkpoint,
    Confirmed,
    Deps,
    Facts,
    Finding,
    Gone,
    Live,
    Metrics,
    More,
    Part,
    Proof,
    PublishError,
    Ready,
    Receipt,
    Ref,
    Rejected,
    Staged,
    Transient,
    Uncertain,
    Unclear,
    Unsupported,
    Variant,
)
from plugins.bluesky import reading
from plugins.bluesky.client import Client
from plugins.bluesky.errors import error_of
from plugins.bluesky.files import BLOB_LIFE, FileUpload
from plugins.bluesky.records import (
    POST,
    Place,
    files_of,
    parent_of,
    place_of,
    record_of,
    same_post,
    stamp,
)
from plugins.bluesky.richtext import facets, handles
from plugins.bluesky.rules import findings
from plugins.bluesky.tid import make_tid
from plugins.bluesky.video import VideoUpload, forbidden

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugins.bluesky.settings import BlueskySettings

FACTS_LAST = timedelta(hours=1)
STALE = timedelta(minutes=10)
"""How old a staged time may be. Feeds sort by it, so a post that waited for hours would appear far down."""

UNRESOLVED = frozenset({"InvalidRequest", "HandleNotFound"})
"""What a handle that nobody has is answered with (com.atproto.identity.resolveHandle)."""


class BlueskyPublisher:
    """Implements `bot.api.Publisher` for one account of the AT Protocol."""

    def __init__(self, settings: BlueskySettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps
        self._client = Client(settings, deps)
        self._files = FileUpload(self._client, deps)
        self._videos = VideoUpload(self._client, deps)

    async def check(self) -> AccountInfo:
        """Who is signed in; asks the account's server each time, so it proves the session."""
        me = self._client.read(await self._client.query("com.atproto.server.getSession"))
        return reading.account(me)

    async def facts(self) -> Facts:
        """The account's names, and whether it may send a video now."""
        pair = await self._client.session.pair()
        values: dict[str, Any] = {"did": pair.did, "handle": pair.handle}
        try:
            limits = await self._videos.limits()
        except PublishError as error:
            # Facts are for the review; a video service that is away stops no text.
            self._deps.log.debug("bluesky.video_limits", error=type(error).__name__)
            limits = None
        if limits is not None:
            why = forbidden(limits, 1)
            values["video_allowed"] = why is None
            if why is not None:
                values |= {"video_why": str(why), "video_fix": why.fix}
        return Facts(values=values, expires_at=self._deps.clock.now() + FACTS_LAST)

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        """What is wrong, or worth saying, before any upload."""
        return tuple(findings(variant, facts))

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        """Choose the key once, then bring the files; the key stays whatever else is staged anew.

        A checkpoint that was ready once never expires as a whole, because the post may have been sent
        with its key, and a second key could make a second post: files that lapse later are brought anew
        one by one (`FileUpload`).
        """
        pair = await self._client.session.pair()
        now = self._deps.clock.now()
        # under another account the old key means nothing: what it may have brought is not ours to know
        data = dict(checkpoint.data) if checkpoint.data.get("did") == pair.did else {}
        if "rkey" not in data:
            dids = await self._resolved(handles(part.text))
            data |= {"did": pair.did, "rkey": make_tid(now), "created_at": stamp(now)}
            data["facets"] = facets(part.text, dids)
            if files_of(part):
                return More(checkpoint=Checkpoint(data=data, expires_at=now + BLOB_LIFE))
        elif now - datetime.fromisoformat(data["created_at"]) > STALE:
            data["created_at"] = stamp(now)
        staged = await self._files.stage(part, Checkpoint(data=data))
        if isinstance(staged, Ready):
            return Ready(checkpoint=Checkpoint(data={**staged.checkpoint.data, "ready": True}))
        if data.get("ready"):
            return staged
        return replace(staged, checkpoint=replace(staged.checkpoint, expires_at=now + BLOB_LIFE))

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        """Put the record under its key. Raises `Uncertain` whenever it may be there without an answer."""
        data, pair = checkpoint.data, await self._client.session.pair()
        if "rkey" not in data or any("blob" not in b for b in data.get("blobs", {}).values()):
            raise Transient("The post is not prepared for Bluesky yet; nothing was posted.", detail="no rkey")
        if data["did"] != pair.did:
            raise Rejected(
                "This account signs in as somebody else now than when the post was prepared.",
                code="other_account",
                fix="See whether `identifier` is right, then /retry.",
                restage=True,
            )
        place = Place(repo=pair.did, rkey=data["rkey"])
        record = record_of(part, data, reply=await self._reply(part, call))
        reply = await self._client.create(
            "com.atproto.repo.putRecord",
            {
                "repo": place.repo,
                "collection": POST,
                "rkey": place.rkey,
                "record": record,
                "swapRecord": None,
            },
        )
        answer = self._client.read(reply, creates=True)
        if answer.get("uri") != place.uri or not isinstance(answer.get("cid"), str):
            raise Uncertain("Bluesky answered without naming the post; it may be out.", detail="no uri")
        return Receipt(ref=place.uri, url=place.url)

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        """Look under the key: the record there is the proof, and so is its absence."""
        data = checkpoint.data
        place = place_of(call.ref)
        if place is None and "rkey" in data:
            place = Place(repo=str(data["did"]), rkey=str(data["rkey"]))
        if place is None:
            return Unclear(why="The post's key was not kept.", look_at=await self._profile())
        pair = await self._client.session.pair()
        if place.repo not in (pair.did, pair.handle):
            return Unclear(why="This account signs in as somebody else now.", look_at=place.url)
        reply = await self._record(place)
        if error_of(reply) == "RecordNotFound":
            return Absent()
        found = self._client.read(reply).get("value")
        if not isinstance(found, dict):
            raise Transient("Bluesky's answer could not be read.", detail="getRecord without a value")
        if found.get("text") != part.text:
            return Unclear(why="Another text lies where this post belongs.", look_at=place.url)
        if "rkey" in data and not same_post(found, record_of(part, data, reply=found.get("reply"))):
            self._deps.log.warning("bluesky.record_differs", rkey=place.rkey)
        return Live(ref=place.uri, url=place.url, proof=Proof.READ_BACK)

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        """Counts of up to 25 posts per call; Bluesky counts no views.

        What the counting server does not name may only be new to it: the account's own server knows
        whether it is gone.
        """
        found: dict[str, Metrics | Gone] = {}
        places = {place.uri: place for ref in refs if (place := place_of(ref)) is not None}
        uris = tuple(places)
        for start in range(0, len(uris), reading.BATCH):
            batch = uris[start : start + reading.BATCH]
            reply = await self._client.query("app.bsky.feed.getPosts", {"uris": batch})
            if error_of(reply) == "InvalidRequest":
                # a server with nobody to pass the question on to; the uris are well-formed
                raise Unsupported("This account's server counts neither likes nor replies.")
            found |= reading.counts(self._client.read(reply), batch)
        for uri, place in places.items():
            if uri not in found and error_of(await self._record(place)) == "RecordNotFound":
                found[uri] = Gone()
        return found

    async def remove(self, ref: Ref) -> None:
        """Take one post down; the server answers the same when it is gone already."""
        place, pair = place_of(ref), await self._client.session.pair()
        if place is None or place.repo not in (pair.did, pair.handle):
            raise Rejected("That is not a post of this Bluesky account.", code="bad_ref")
        reply = await self._client.procedure(
            "com.atproto.repo.deleteRecord", {"repo": pair.did, "collection": POST, "rkey": place.rkey}
        )
        if error_of(reply) != "RecordNotFound":
            self._client.read(reply)

    async def aclose(self) -> None:
        """Nothing of our own is open; the session ends by itself."""

    async def _record(self, place: Place) -> Any:
        return await self._client.query(
            "com.atproto.repo.getRecord", {"repo": place.repo, "collection": POST, "rkey": place.rkey}
        )

    async def _reply(self, part: Part, call: Call) -> dict[str, Any] | None:
        """Root and parent with the hash of what they say, read from where they lie."""
        refs = parent_of(part, call.parents)
        if refs is None:
            return None
        strong: dict[str, dict[str, str]] = {}
        for ref in dict.fromkeys(map(str, refs)):
            place = place_of(ref)
            if place is None:
                raise Rejected("The post that this one answers is not on Bluesky.", code="bad_parent")
            reply = await self._record(place)
            if error_of(reply) == "RecordNotFound":
                raise Rejected(
                    "The post that this one answers is gone.",
                    code="parent_gone",
                    fix="Take down what is out, or leave it as it is; the rest cannot follow.",
                )
            found = self._client.read(reply)
            if not isinstance(found.get("cid"), str) or not isinstance(found.get("uri"), str):
                raise Transient("Bluesky did not name the post to answer.", detail="getRecord without cid")
            strong[ref] = {"uri": found["uri"], "cid": found["cid"]}
        return {"root": strong[str(refs[0])], "parent": strong[str(refs[1])]}

    async def _resolved(self, names: Sequence[str]) -> dict[str, str]:
        """Whom the handles mean; one that nobody has stays plain text."""
        dids: dict[str, str] = {}
        for name in names:
            reply = await self._client.query("com.atproto.identity.resolveHandle", {"handle": name})
            if error_of(reply) in UNRESOLVED:
                continue
            did = self._client.read(reply).get("did")
            if isinstance(did, str) and did.startswith("did:"):
                dids[name] = did
        return dids

    async def _profile(self) -> str:
        return f"https://bsky.app/profile/{(await self._client.session.pair()).did}"
