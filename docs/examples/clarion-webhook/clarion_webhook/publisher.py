"""One webhook. Every request is signed; the key of a post makes it once, however often it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bot.api import (
    Absent,
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
    Variant,
)

from clarion_webhook.rules import findings
from clarion_webhook.signing import key_of, sign

COUNTS = ("views", "likes", "comments", "shares")


@dataclass(frozen=True, kw_only=True)
class WebhookSettings:
    """``base_url`` is the receiver's address; a wrong secret is told when the configuration is read."""

    secret: Secret
    base_url: str

    def __post_init__(self) -> None:
        key_of(self.secret.reveal())


class WebhookPublisher:
    """Implements `bot.api.Publisher`."""

    def __init__(self, settings: WebhookSettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps

    async def check(self) -> AccountInfo:
        """Ask the receiver who it is; the signature of the question is checked there."""
        me = _fields(await self._free("GET", "/"))
        if not isinstance(me.get("id"), str):
            raise Transient("The webhook did not say who it is.")
        return AccountInfo(id=me["id"], handle=str(me.get("name") or me["id"]))

    async def facts(self) -> Facts:
        """The topics that the receiver knows, good for an hour."""
        topics = _fields(await self._free("GET", "/")).get("topics")
        known = [topic for topic in topics if isinstance(topic, str)] if isinstance(topics, list) else []
        return Facts(values={"topics": known}, expires_at=self._deps.clock.now() + timedelta(hours=1))

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        """Pure: no call, no file."""
        return tuple(findings(variant, tuple(facts.values.get("topics", ()))))

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        """One file a call, streamed from the disk and named by its digest, so that it arrives once."""
        done = list(checkpoint.data.get("files", ()))
        if len(done) == len(part.media):
            return Ready(checkpoint=checkpoint)
        media = part.media[len(done)]
        await self._deps.media.check(media)
        await self._free(
            "PUT",
            f"/files/{media.sha256}",
            signed=media.sha256,
            content=self._deps.media.stream(media),
            more={"content-type": media.mime, "content-length": str(media.size)},
            timeout=600.0,
        )
        until = self._deps.clock.now() + timedelta(days=1)
        return More(checkpoint=Checkpoint(data={"files": [*done, media.sha256]}, expires_at=until))

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        """The one call that publishes. Its id is the call's key: a receiver makes nothing twice for it."""
        files = [
            {"sha256": m.sha256, "name": m.name, "type": m.mime, "alt": m.alt}
            for m in part.media
            if m.sha256 in checkpoint.data.get("files", ())
        ]
        if len(files) != len(part.media):
            raise Transient("The files are not at the webhook yet; nothing was posted.")
        body = {"text": part.text, "files": files, "options": dict(part.options)}
        if call.parents:
            body["below"] = call.parents[-1]
        text = json.dumps(body, ensure_ascii=False)
        more = {"content-type": "application/json"}
        reply = await self._call("POST", "/posts", id=call.key, signed=text, content=text.encode(), more=more)
        if error := self._refusal(reply):
            raise error
        ref, url = _fields(reply).get("id"), _fields(reply).get("url")
        if reply.status not in (200, 201) or not isinstance(ref, str) or not isinstance(url, str):
            raise Uncertain(detail=f"status {reply.status}")
        return Receipt(ref=ref, url=url)

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        """Ask by our own key. The receiver makes one post for a key, so a key it does not know is proof."""
        reply = await self._free("GET", f"/keys/{quote(call.key, safe='')}", missing_is_fine=True)
        if reply.status == 404:
            return Absent()
        ref, url = _fields(reply).get("id"), _fields(reply).get("url")
        if not isinstance(ref, str) or not isinstance(url, str):
            raise Transient("The webhook's answer could not be read.")
        return Live(ref=ref, url=url, proof=Proof.READ_BACK)

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        """What the receiver counts; what it leaves out stays unknown."""
        counted: dict[str, Metrics | Gone] = {}
        for ref in refs:
            reply = await self._free("GET", f"/posts/{quote(str(ref), safe='')}", missing_is_fine=True)
            seen = {n: v for n, v in _fields(reply).items() if n in COUNTS and isinstance(v, int)}
            counted[str(ref)] = Gone() if reply.status == 404 else Metrics(**seen)
        return counted

    async def remove(self, ref: Ref) -> None:
        """Take it down; one that is gone already counts as removed."""
        await self._free("DELETE", f"/posts/{quote(str(ref), safe='')}", missing_is_fine=True)

    async def aclose(self) -> None:
        """Nothing is open: the connections are the core's."""

    async def _call(
        self,
        method: str,
        path: str,
        *,
        id: str = "",
        signed: str = "",
        more: Mapping[str, str] | None = None,
        timeout: float = 15.0,
        **body: Any,
    ) -> Reply:
        at = int(self._deps.clock.now().timestamp())
        headers = sign(self._settings.secret.reveal(), id=id or f"{method} {path}", at=at, content=signed)
        url = self._settings.base_url.rstrip("/") + path
        return await self._deps.http.request(
            method, url, headers={**headers, **(more or {})}, timeout=timeout, **body
        )

    async def _free(self, method: str, path: str, *, missing_is_fine: bool = False, **body: Any) -> Reply:
        """A call that may be repeated: a missing or unreadable answer is only `Transient`."""
        try:
            reply = await self._call(method, path, **body)
        except Uncertain as missing:
            raise Transient(detail=missing.detail) from None
        # a proxy in front of the receiver may say 404 too, but not in the receiver's words
        if missing_is_fine and reply.status == 404 and _fields(reply).get("error") == "unknown":
            return reply
        if error := self._refusal(reply):
            raise error
        if not 200 <= reply.status < 300 or not isinstance(reply.json(), dict):
            raise Transient(detail=f"status {reply.status}")
        return reply

    def _refusal(self, reply: Reply) -> PublishError | None:
        """What the receiver's no means; None when it did not say no."""
        said = str(_fields(reply).get("error") or "no reason given")
        match reply.status:
            case 401:
                return AuthExpired("The webhook does not accept our signature: compare the two secrets.")
            case 403:
                return AppMisconfigured(f"The webhook does not let us do that: {said}.")
            case 429:
                wait = reply.headers.get("retry-after", "")
                seconds = float(wait) if wait.isdigit() else 60.0
                return RateLimited(self._deps.clock.now() + timedelta(seconds=seconds))
            case 408:
                return None
            case status if 400 <= status < 500:
                return Rejected(f"The webhook said: {said}.", detail=f"status {status}")
        return None


def _fields(reply: Reply) -> Mapping[str, Any]:
    """The answer's fields; none when it is not a JSON object."""
    body = reply.json()
    return body if isinstance(body, dict) else {}
