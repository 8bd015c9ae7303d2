"""Delivery to the app's request URL: signed, judged by status and time.

Source: docs.slack.dev/authentication/verifying-requests-from-slack and /apis/events-api.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession

from bot.clock import SystemClock
from bot.testing.chats.slack.delivery import COMMANDS, EVENTS, PATIENCE, Attempt, Delivery, within
from bot.testing.chats.slack.state import Json, State


def signed(secret: str, body: bytes, at: float) -> dict[str, str]:
    """Slack's headers for a body sent at ``at`` (seconds of Unix time)."""
    digest = hmac.new(secret.encode(), b"v0:%d:" % int(at) + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": str(int(at)), "x-slack-signature": f"v0={digest}"}


class Pages:
    """Posts to ``url``; ``skew`` seconds are added to the time that is signed."""

    def __init__(self, state: State) -> None:
        self.url = ""
        self.skew = 0.0
        self.statuses: list[int] = []
        self._state = state
        self._real = SystemClock()
        self._session: ClientSession | None = None

    def body(self, delivery: Delivery) -> tuple[bytes, str]:
        """What is posted, and its content type."""
        form = "application/x-www-form-urlencoded"
        if delivery.kind == EVENTS:
            return json.dumps(delivery.payload).encode(), "application/json"
        if delivery.kind == COMMANDS:
            return urlencode(delivery.payload).encode(), form
        return urlencode({"payload": json.dumps(delivery.payload)}).encode(), form

    async def carry(self, delivery: Delivery, attempt: Attempt, reason: str) -> None:
        """One request. Its answer has to be there within three seconds and of the 200s."""
        attempt.via = "http"
        body, kind = self.body(delivery)
        stamp = self._real.now().timestamp() + self.skew
        headers = {"content-type": kind, **signed(self._state.signing_secret, body, stamp)}
        if attempt.number:
            headers |= {"x-slack-retry-num": str(attempt.number), "x-slack-retry-reason": reason}
        since = self._real.monotonic()
        posting = asyncio.ensure_future(self.posted(body, headers))
        if not await within(self._state.clock, PATIENCE, posting) or posting.cancelled():
            attempt.fault = "http_timeout"
            return
        try:
            status, answered, text = posting.result()
        except (ClientError, OSError):
            attempt.fault = "connection_failed"
            return
        attempt.final = answered.get("x-slack-no-retry") == "1"
        if not 200 <= status < 300:
            attempt.fault = "http_error"
            return
        attempt.latency = self._real.monotonic() - since
        attempt.answer = _read(text)

    async def posted(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], str]:
        """Post a body as it is; status, headers (lower case) and text of the answer."""
        if self._session is None:
            self._session = ClientSession(auto_decompress=True)
        async with self._session.post(self.url, data=body, headers=headers) as response:
            self.statuses.append(response.status)
            text = await response.text()
            return response.status, {k.lower(): v for k, v in response.headers.items()}, text

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()


def _read(text: str) -> Json | None:
    if not text.strip():
        return None
    try:
        told = json.loads(text)
    except ValueError:
        return {"text": text}
    return told if isinstance(told, dict) else {"text": str(told)}
