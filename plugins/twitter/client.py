"""Signed requests to X: the address, the signature, nothing decided."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any

from bot.api import Clock, Http, Reply, Tokens, Transient, Uncertain
from plugins.twitter.oauth1 import Keys, authorization, query_string

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from plugins.twitter.settings import TwitterSettings

CALL_SECONDS, UPLOAD_SECONDS = 30.0, 60.0


class Client:
    """Sends one request as one account. Holds no connection of its own."""

    def __init__(
        self, settings: TwitterSettings, http: Http, clock: Clock, tokens: Tokens | None = None
    ) -> None:
        self._base = settings.base_url.rstrip("/")
        self._keys = None if tokens is not None else keys_of(settings)
        self._tokens = tokens
        self._http = http
        self._clock = clock

    async def ready(self) -> None:
        """Renew what is nearly over now, and not when a post waits for it."""
        if self._tokens is not None:
            await self._tokens.bearer()

    async def may(self, scope: str) -> bool:
        """Whether the account's owner allowed it; keys of OAuth 1.0a have no scopes."""
        return self._tokens is None or scope in await self._tokens.scopes()

    async def once(self, method: str, path: str, body: Mapping[str, Any]) -> Reply:
        """The call that must not be repeated; `Uncertain` means what it says."""
        url = self._base + path
        return await self._send(method, url, json=dict(body), timeout=CALL_SECONDS)

    async def safely(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """A call that may be repeated: a missing answer is only `Transient`."""
        url = self._base + path + (f"?{query_string(query)}" if query else "")
        try:
            return await self._send(
                method,
                url,
                json=None if json is None else dict(json),
                files=files,
                form=form,
                timeout=UPLOAD_SECONDS if files else CALL_SECONDS,
            )
        except Uncertain as error:
            raise Transient("X did not answer.", detail=error.detail) from None

    async def piece(
        self, path: str, number: int, content: Callable[[], AsyncIterator[bytes]], size: int
    ) -> Reply:
        """One numbered piece of a file, as a form (RFC 7578), passed on while it is read.

        ``content`` is made anew for every try and gives ``size`` bytes. May be repeated.
        """
        mark = token_hex(16)
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="segment_index"\r\n\r\n{number}\r\n'
            f'--{mark}\r\nContent-Disposition: form-data; name="media"; filename="{number}.bin"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{mark}--\r\n".encode()

        async def form() -> AsyncIterator[bytes]:
            yield head
            async for part in content():
                yield part
            yield tail

        headers = {
            "content-type": f"multipart/form-data; boundary={mark}",
            "content-length": str(len(head) + size + len(tail)),
        }
        try:
            return await self._send(
                "POST", self._base + path, headers=headers, content=form, timeout=UPLOAD_SECONDS
            )
        except Uncertain as error:
            raise Transient("X did not answer.", detail=error.detail) from None

    async def _send(self, method: str, url: str, **how: Any) -> Reply:
        """One request; a second one only where X did not know the token, which did nothing."""
        if self._tokens is None:
            return await self._once(method, url, self._signed(method, url), **how)
        token = await self._tokens.bearer()
        reply = await self._once(method, url, _bearer(token), **how)
        if reply.status != 401:
            return reply
        token = await self._tokens.renewed(token)
        return await self._once(method, url, _bearer(token), **how)

    async def _once(self, method: str, url: str, leave: Mapping[str, str], **how: Any) -> Reply:
        """A single request; ``leave`` is the header that allows it."""
        headers = {**leave, **how.pop("headers", {})}
        content = how.get("content")
        if callable(content):
            how["content"] = content()
        return await self._http.request(method, url, headers=headers, **how)

    def _signed(self, method: str, url: str) -> dict[str, str]:
        assert self._keys is not None
        return {"authorization": authorization(method, url, self._keys, at=self._clock.now())}


def keys_of(settings: TwitterSettings) -> Keys:
    """The four keys of OAuth 1.0a; raises ValueError when one is missing."""
    four = (settings.api_key, settings.api_secret, settings.access_token, settings.access_token_secret)
    given = tuple(key for key in four if key)
    if len(given) < len(four):
        raise ValueError("an account on X needs its four keys, or has to be connected")
    return Keys(api_key=given[0], api_secret=given[1], access_token=given[2], access_token_secret=given[3])


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
