"""One account on Murmur. Creates carry a key of ours, so that none is made twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.api import (
    AccountInfo,
    AppMisconfigured,
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
    More,
    Part,
    Proof,
    PublishError,
    RateLimited,
    Ready,
    Receipt,
    Ref,
    Rejected,
    Reply,
    Secret,
    Staged,
    Transient,
    Uncertain,
    Unclear,
    Variant,
)

from clarion_murmur.rules import LINKS, findings

COUNTS = ("favourites_count", "reblogs_count", "replies_count")
SLACK = timedelta(seconds=60)
"""How far the platform's clock may be behind ours when a post is looked for by its time."""


@dataclass(frozen=True, kw_only=True)
class MurmurSettings:
    """The keys of ``[accounts.X]``. A `Secret` never shows itself; ``reveal`` it only to send it."""

    token: Secret
    base_url: str = "https://api.murmur.example"


class MurmurPublisher:
    """Implements `bot.api.Publisher`."""

    def __init__(self, settings: MurmurSettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps

    async def check(self) -> AccountInfo:
        """Who the token belongs to; a call that the platform really answers."""
        me = _fields(await self._free("GET", "/api/v1/accounts/verify_credentials"))
        if not isinstance(me.get("id"), str):
            raise Transient("Murmur did not say whose token this is.")
        return AccountInfo(id=me["id"], handle=f"@{me.get('username', '')}")

    async def facts(self) -> Facts:
        """What this account may do now; nothing here depends on the account."""
        return Facts()

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        """Pure: no call, no file."""
        return tuple(findings(variant))

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        """Upload one picture a call; the checkpoint is plain JSON and survives a crash."""
        done = list(checkpoint.data.get("pictures", ()))
        if len(done) == len(part.media):
            return Ready(checkpoint=checkpoint)
        media = part.media[len(done)]
        file = {"file": (media.name, await self._deps.media.read(media), media.mime)}
        alt = {"description": media.alt}
        picture = _fields(await self._free("POST", "/api/v2/media", files=file, form=alt)).get("id")
        if not isinstance(picture, str):
            raise Transient("Murmur took the picture and did not name it.")
        until = self._deps.clock.now() + timedelta(hours=24)
        return More(checkpoint=Checkpoint(data={"pictures": [*done, picture]}, expires_at=until))

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        """The one call that publishes: made once, and whatever is not clear is `Uncertain`."""
        body = {"status": part.text, "media_ids": list(checkpoint.data.get("pictures", ()))}
        if call.parents:
            body["in_reply_to_id"] = call.parents[-1]
        reply = await self._call("POST", "/api/v1/statuses", key=call.key, json=body)
        if error := self._refusal(reply):
            raise error
        post = _fields(reply).get("id")
        if reply.status != 200 or not isinstance(post, str):
            raise Uncertain(detail=f"status {reply.status}")
        return Receipt(ref=post, url=LINKS + post)

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        """Look among our newest posts; one that is not to be seen may still be out, so: `Unclear`."""
        listed = (await self._free("GET", "/api/v1/accounts/self/statuses")).json()
        posts = listed if isinstance(listed, list) else []
        found = [str(p["id"]) for p in posts if _is_ours(p, part, call.started_at - SLACK)]
        if len(found) != 1:
            return Unclear(why=f"Murmur shows {len(found)} such posts.", look_at=LINKS)
        return Live(ref=found[0], url=LINKS + found[0], proof=Proof.READ_BACK)

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        """One call a post: Murmur has no batch."""
        counted: dict[str, Metrics | Gone] = {}
        for ref in refs:
            reply = await self._free("GET", f"/api/v1/statuses/{ref}", gone_is_fine=True)
            seen = _fields(reply)
            counts = [seen.get(name) for name in COUNTS]
            if reply.status == 404:
                counted[str(ref)] = Gone()
            elif all(isinstance(count, int) for count in counts):
                counted[str(ref)] = Metrics(**dict(zip(("likes", "shares", "comments"), counts, strict=True)))
        return counted

    async def remove(self, ref: Ref) -> None:
        """Take it down; one that is gone already counts as removed."""
        await self._free("DELETE", f"/api/v1/statuses/{ref}", gone_is_fine=True)

    async def aclose(self) -> None:
        """Nothing is open: the connections are the core's."""

    async def _call(self, method: str, path: str, *, key: str = "", **body: Any) -> Reply:
        headers = {"authorization": f"Bearer {self._settings.token.reveal()}"}
        headers |= {"idempotency-key": key} if key else {}
        url = self._settings.base_url + path
        return await self._deps.http.request(method, url, headers=headers, timeout=15.0, **body)

    async def _free(self, method: str, path: str, *, gone_is_fine: bool = False, **body: Any) -> Reply:
        """A call that may be repeated: a missing or unreadable answer is only `Transient`."""
        try:
            reply = await self._call(method, path, **body)
        except Uncertain as missing:
            raise Transient(detail=missing.detail) from None
        if gone_is_fine and reply.status == 404:
            return reply
        if error := self._refusal(reply):
            raise error
        if not 200 <= reply.status < 300 or not isinstance(reply.json(), dict | list):
            raise Transient(detail=f"status {reply.status}")
        return reply

    def _refusal(self, reply: Reply) -> PublishError | None:
        """What the platform's no means; None when it did not say no."""
        said = str(_fields(reply).get("error") or "no reason given")
        match reply.status:
            case 401:
                return AuthExpired("Murmur no longer accepts this account.")
            case 403:
                return AppMisconfigured(f"Murmur does not let this app do that: {said}.")
            case 429:
                wait = reply.headers.get("retry-after", "")
                seconds = float(wait) if wait.isdigit() else 60.0
                return RateLimited(self._deps.clock.now() + timedelta(seconds=seconds))
            case status if 400 <= status < 500:
                return Rejected(f"Murmur said: {said}.", detail=f"status {status}")
        return None


def _fields(reply: Reply) -> Mapping[str, Any]:
    """The answer's fields; none when it is not a JSON object."""
    body = reply.json()
    return body if isinstance(body, dict) else {}


def _is_ours(post: Any, part: Part, since: datetime) -> bool:
    """The same words, and not an older post with the same words."""
    match post:
        case {"id": str(), "text": part.text, "created_at": str(at)}:
            return datetime.fromisoformat(at) >= since
    return False
