"""Signed requests to X: the address, the signature, nothing decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.api import Clock, Http, Reply, Transient, Uncertain
from plugins.twitter.oauth1 import Keys, authorization, query_string

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.twitter.settings import TwitterSettings

CALL_SECONDS, UPLOAD_SECONDS = 30.0, 60.0


class Client:
    """Sends one request as one account. Holds no connection of its own."""

    def __init__(self, settings: TwitterSettings, http: Http, clock: Clock) -> None:
        self._base = settings.base_url.rstrip("/")
        self._keys = Keys(
            api_key=settings.api_key,
            api_secret=settings.api_secret,
            access_token=settings.access_token,
            access_token_secret=settings.access_token_secret,
        )
        self._http = http
        self._clock = clock

    async def once(self, method: str, path: str, body: Mapping[str, Any]) -> Reply:
        """The call that must not be repeated; `Uncertain` means what it says."""
        url = self._base + path
        return await self._http.request(
            method, url, headers=self._headers(method, url), json=dict(body), timeout=CALL_SECONDS
        )

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
            return await self._http.request(
                method,
                url,
                headers=self._headers(method, url),
                json=None if json is None else dict(json),
                files=files,
                form=form,
                timeout=UPLOAD_SECONDS if files else CALL_SECONDS,
            )
        except Uncertain as error:
            raise Transient("X did not answer.", detail=error.detail) from None

    def _headers(self, method: str, url: str) -> dict[str, str]:
        return {"authorization": authorization(method, url, self._keys, at=self._clock.now())}
