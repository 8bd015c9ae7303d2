"""How we talk to an account's server and to the video service: XRPC over HTTPS (atproto.com/specs/xrpc)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from bot.api import AuthExpired, Deps, Reply, Transient, Uncertain
from plugins.bluesky.errors import SESSION_OVER, detail_of, error_of, refusal
from plugins.bluesky.limits import DAY, HOUR, POINTS
from plugins.bluesky.session import Pair, Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from plugins.bluesky.settings import BlueskySettings

READ_TIMEOUT, WRITE_TIMEOUT, UPLOAD_TIMEOUT = 8.0, 20.0, 300.0
VIDEO_SERVICE = "https://video.bsky.app"


class Client:
    """One account's calls. Reads are repeated once when the session turned out to be over; writes never."""

    def __init__(self, settings: BlueskySettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps
        self.session = Session(settings, deps)

    async def query(self, nsid: str, params: Mapping[str, Any] | None = None) -> Reply:
        """A read at the account's server; any status but a lapsed session comes back."""
        return await self._again("GET", nsid, params)

    async def procedure(self, nsid: str, body: Mapping[str, Any]) -> Reply:
        """A write that may be repeated: taking down, signing out."""
        return await self._again("POST", nsid, None, content=_dumped(body), mime="application/json")

    async def upload(
        self, nsid: str, content: bytes | AsyncIterator[bytes], mime: str, *, size: int
    ) -> Reply:
        """Bytes for the account's server; the same bytes again are the same blob."""
        return await self._again(
            "POST", nsid, None, content=content, mime=mime, size=size, timeout=UPLOAD_TIMEOUT
        )

    async def create(self, nsid: str, body: Mapping[str, Any]) -> Reply:
        """The one irreversible call, sent once, its body as it stands: a null stays a null.

        Raises `Uncertain` when no whole answer came; a lapsed session is forgotten, and said.
        """
        pair = await self.session.pair()
        reply = await self._send(
            "POST",
            f"{pair.host}/xrpc/{nsid}",
            pair.access,
            content=_dumped(body),
            mime="application/json",
            timeout=WRITE_TIMEOUT,
        )
        self._meter(reply)
        if error_of(reply) in SESSION_OVER:
            proven = self.session.proven
            self.session.drop()
            if not proven and error_of(reply) == "InvalidToken":
                raise refusal(reply, self._deps.clock.now())
            raise Transient(
                "Bluesky wants this account to sign in anew; nothing was posted.", detail=detail_of(reply)
            )
        self.session.proven = self.session.proven or reply.status < 400
        return reply

    async def service_token(self, nsid: str, audience: str) -> str:
        """A token for the video service, good for half an hour (com.atproto.server.getServiceAuth)."""
        ends = int(self._deps.clock.now().timestamp()) + 1800
        reply = await self.query(
            "com.atproto.server.getServiceAuth", {"aud": audience, "lxm": nsid, "exp": ends}
        )
        token = self.read(reply).get("token")
        if not isinstance(token, str):
            raise Transient("Bluesky did not let its video service know us.", detail=detail_of(reply))
        return token

    async def video(
        self,
        method: str,
        nsid: str,
        token: str,
        params: Mapping[str, Any] | None = None,
        *,
        content: bytes | AsyncIterator[bytes] | None = None,
        mime: str = "",
        size: int = 0,
    ) -> Reply:
        """One call to the video service, with its own token; nothing there is visible to anybody."""
        url = f"{await self.video_url()}/xrpc/{nsid}{_query(params)}"
        timeout = UPLOAD_TIMEOUT if content is not None else READ_TIMEOUT
        try:
            return await self._send(
                method, url, token, content=content, mime=mime, size=size, timeout=timeout
            )
        except Uncertain as error:
            raise _lost(error) from None

    async def video_url(self) -> str:
        """Where videos are prepared for this account."""
        if self._settings.video_url:
            return self._settings.video_url.rstrip("/")
        host = (await self.session.pair()).host
        return VIDEO_SERVICE if urlsplit(host).scheme == "https" else host

    def read(self, reply: Reply, *, creates: bool = False) -> dict[str, Any]:
        """The JSON object of a success; raises what the answer means otherwise."""
        if not 200 <= reply.status < 300:
            raise refusal(reply, self._deps.clock.now(), creates=creates)
        body = reply.json()
        if not isinstance(body, dict):
            unclear = Uncertain if creates else Transient
            raise unclear("Bluesky's answer could not be read.", detail=f"status={reply.status} not JSON")
        return body

    async def _again(
        self,
        method: str,
        nsid: str,
        params: Mapping[str, Any] | None,
        *,
        content: bytes | AsyncIterator[bytes] | None = None,
        mime: str = "",
        size: int = 0,
        timeout: float = READ_TIMEOUT,
    ) -> Reply:
        pair = await self.session.pair()
        how: dict[str, Any] = {"content": content, "mime": mime, "size": size, "timeout": timeout}
        reply = await self._ask(method, pair, nsid, params, how)
        if error_of(reply) not in SESSION_OVER:
            self.session.proven = self.session.proven or reply.status < 400
            return reply
        if not isinstance(content, bytes | None):
            # a stream cannot be read twice; the next try finds a new session
            await self.session.renewed(pair)
            raise Transient("Bluesky wants this account to sign in anew.", detail=detail_of(reply))
        pair = await self.session.renewed(pair)
        reply = await self._ask(method, pair, nsid, params, how)
        if error_of(reply) in SESSION_OVER:
            self.session.drop()
            raise AuthExpired(
                "Bluesky does not accept the session it has just given out. Set a new app password.",
                detail=detail_of(reply),
            )
        return reply

    async def _ask(
        self, method: str, pair: Pair, nsid: str, params: Mapping[str, Any] | None, how: Mapping[str, Any]
    ) -> Reply:
        try:
            return await self._send(method, f"{pair.host}/xrpc/{nsid}{_query(params)}", pair.access, **how)
        except Uncertain as error:
            raise _lost(error) from None

    async def _send(
        self,
        method: str,
        url: str,
        token: str,
        *,
        content: bytes | AsyncIterator[bytes] | None = None,
        mime: str = "",
        size: int = 0,
        timeout: float,
    ) -> Reply:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if mime:
            headers["Content-Type"] = mime
        if size and not isinstance(content, bytes):
            headers["Content-Length"] = str(size)
        reply = await self._deps.http.request(method, url, headers=headers, content=content, timeout=timeout)
        endpoint = f"{method} {urlsplit(url).path}"
        self._deps.log.debug("bluesky.call", endpoint=endpoint, status=reply.status, error=error_of(reply))
        return reply

    def _meter(self, reply: Reply) -> None:
        """Pass on what the headers say is left of the account's points; a create costs three."""
        policy = reply.headers.get("ratelimit-policy", "")
        rate = HOUR if policy.endswith("w=3600") else DAY if policy.endswith("w=86400") else None
        left, reset = (reply.headers.get(f"ratelimit-{k}", "") for k in ("remaining", "reset"))
        if rate is None or not (left.isdigit() and reset.isdigit() and len(reset) <= 11):
            return
        self._deps.meter.seen(
            rate.name, left=int(left) // POINTS, until=datetime.fromtimestamp(int(reset), UTC)
        )


def _lost(error: Uncertain) -> Transient:
    return Transient("Bluesky's answer is missing; asking again does no harm.", detail=error.detail)


def _dumped(body: Mapping[str, Any]) -> bytes:
    """JSON by hand: ``"swapRecord": null`` must be on the wire, without it a put overwrites."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _query(params: Mapping[str, Any] | None) -> str:
    return f"?{urlencode(params, doseq=True)}" if params else ""
