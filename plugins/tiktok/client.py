"""How we talk to TikTok: the token on every call of its API, none on uploads; nothing is repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.api import Deps, Reply, Transient, Uncertain
from plugins.tiktok.errors import refusal
from plugins.tiktok.reading import Said, read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from plugins.tiktok.settings import TikTokSettings

CALL_SECONDS, CHUNK_SECONDS, LAST_SECONDS = 30.0, 120.0, 300.0
"""The last chunk's answer may wait until TikTok has put the file together."""


class Client:
    """One account's door to the API, and to the upload addresses that it gives out."""

    def __init__(self, settings: TikTokSettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps
        self._base = settings.base_url.rstrip("/")

    async def ready(self) -> None:
        """Renew what is nearly over now, and not when a post waits for it."""
        if self._deps.tokens is not None:
            await self._deps.tokens.bearer()

    async def may(self, scope: str) -> bool:
        """Whether the account's owner allowed it; of a token from the settings nobody knows."""
        return self._deps.tokens is None or scope in await self._deps.tokens.scopes()

    async def ask(self, path: str, body: Mapping[str, Any] | None = None, *, method: str = "POST") -> Said:
        """A call that may be repeated: a missing answer is only `Transient`. Any code comes back."""
        try:
            return await self._call(method, path, body)
        except Uncertain as error:
            raise Transient("TikTok did not answer.", detail=error.detail) from None

    async def once(self, path: str, body: Mapping[str, Any]) -> Said:
        """The call that must not be repeated; `Uncertain` means what it says."""
        return await self._call("POST", path, body)

    def data(self, said: Said, *, creates: bool = False) -> Mapping[str, Any]:
        """What a success brings; raises what any other answer means."""
        if not said.good:
            raise refusal(said, self._deps.clock.now(), creates=creates)
        return said.data

    async def put(
        self, url: str, content: AsyncIterator[bytes], headers: Mapping[str, str], *, last: bool
    ) -> Reply:
        """Bytes to an upload address, without our token: the address itself is the secret.

        Raises `Uncertain` when the answer to the last chunk is missing, else `Transient`.
        """
        if not self._trusts(url):
            raise Transient("TikTok named an odd address for the upload.", detail="upload host refused")
        try:
            reply = await self._deps.http.request(
                "PUT", url, headers=headers, content=content, timeout=LAST_SECONDS if last else CHUNK_SECONDS
            )
        except Uncertain as error:
            if last:
                raise
            raise Transient("The upload to TikTok broke off.", detail=error.detail) from None
        self._deps.log.debug("tiktok.upload", status=reply.status, last=last)
        return reply

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Said:
        """One request; a second one only where TikTok did not know the token, which did nothing."""
        tokens, fixed = self._deps.tokens, self._settings.access_token
        token = await tokens.bearer() if tokens is not None else (fixed.reveal() if fixed else "")
        said = await self._send(method, path, body, token)
        if tokens is None or said.status != 401 or said.code not in ("", "access_token_invalid"):
            return said
        return await self._send(method, path, body, await tokens.renewed(token))

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None, token: str) -> Said:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json; charset=UTF-8"}
        reply = await self._deps.http.request(
            method,
            self._base + path,
            headers=headers,
            json=None if body is None else dict(body),
            timeout=CALL_SECONDS,
        )
        said = read(reply)
        self._deps.log.debug(
            "tiktok.call",
            path=path.partition("?")[0],
            status=said.status,
            code=said.code,
            log_id=said.log_id,
        )
        return said

    def _trusts(self, url: str) -> bool:
        target, base = urlsplit(url), urlsplit(self._base)
        return target.scheme == "https" or (target.scheme, target.hostname) == (base.scheme, base.hostname)
