"""Slack's Web API through its own SDK: every call paced, every answer checked, every failure classified."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.pacing import Pacing
from bot.chat.slack.refusals import BUSY, UNSURE, refusal
from bot.chat.slack.settings import SlackSettings
from bot.errors import ChatClosed, ChatError
from bot.ports import Clock, Log

TIMEOUT = 15.0
"""Seconds for one call, connection and answer."""

RETRY_AFTER = 30.0
"""Seconds, when a 429 does not say."""

REPEATED = 60.0
"""Seconds for which the SDK's same complaint is not written down again."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class WebApi:
    """One workspace. Nothing is ever sent twice from here: the SDK's own retries are off."""

    def __init__(self, settings: SlackSettings, *, clock: Clock, log: Log) -> None:
        self.pacing = Pacing(clock)
        self.logger = sdk_logger(log)
        self.user_id = ""
        self.bot_id = ""
        self.team_id = ""
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._names: dict[str, str] = {}

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connections of this workspace; made inside the running loop."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT, connect=5.0)
            connector = aiohttp.TCPConnector(limit=32, limit_per_host=16)
            self._session = aiohttp.ClientSession(
                timeout=timeout, connector=connector, trust_env=not self.local
            )
        return self._session

    @property
    def client(self) -> AsyncWebClient:
        """The SDK's client, for whatever wants one."""
        if self._client is None:
            self._client = AsyncWebClient(
                token=self._settings.bot_token.reveal(),
                base_url=self._settings.api,
                timeout=int(TIMEOUT),
                session=self.session,
                logger=self.logger,
                retry_handlers=[],
            )
            if self.local:
                self._client.proxy = None
        return self._client

    @property
    def host(self) -> str:
        """Where the Web API lives."""
        return urlsplit(self._settings.api).hostname or ""

    @property
    def local(self) -> bool:
        """Whether something on this machine stands in for Slack; no proxy leads there."""
        return self.host in LOOPBACK

    async def call(self, method: str, *, channel: str = "", **arguments: Any) -> Mapping[str, Any]:
        """The answer of one method. ``channel``: where it says something, or looks.

        Raises the `ChatError` family; a plain one where it may have been done all the same.
        """
        return (await self.ask(method, channel=channel, **arguments))[0]

    async def ask(
        self, method: str, *, channel: str = "", **arguments: Any
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """As `call`, with the answer's headers (names in lower case)."""
        await self.pacing.turn(method, channel)
        call = getattr(self.client, method.replace(".", "_"))
        if channel:
            arguments["channel_id" if method == "files.completeUploadExternal" else "channel"] = channel
        try:
            answer = await call(**arguments)
        except SlackApiError as error:
            data = error.response.data if isinstance(error.response.data, dict) else {}
            headers = {k.lower(): v for k, v in error.response.headers.items()}
            raise await self._refused(method, channel, error.response.status_code, data, headers) from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError, TypeError) as error:
            # The SDK trips over an answer that is no JSON in several ways of its own.
            raise ChatError(UNSURE, detail=f"{method}: {type(error).__name__}") from None
        return answer.data, {k.lower(): v for k, v in answer.headers.items()}

    async def _refused(
        self, method: str, channel: str, status: int, data: Mapping[str, Any], headers: Mapping[str, str]
    ) -> ChatError:
        code = str(data.get("error", "") or f"http_{status}")
        if status == 429 or code in BUSY:
            return self.pacing.close(method, channel, _seconds(headers.get("retry-after", "")))
        if not data.get("error"):
            return ChatError(UNSURE, detail=f"{method}: {code}")
        failed = refusal(
            code, place=f"#{self._names.get(channel, channel)}", needed=str(data.get("needed", ""))
        )
        if isinstance(failed, ChatClosed) and channel and channel not in self._names and channel[0] in "CG":
            await self._look_up(channel)
            failed = refusal(code, place=self.place(channel), needed=str(data.get("needed", "")))
        return failed

    def place(self, channel: str) -> str:
        """The channel as people know it."""
        return f"#{self._names.get(channel, channel)}"

    def know(self, channel: str, name: str) -> None:
        """What a channel is called, as Slack told beside something else."""
        if name and channel[:1] in ("C", "G") and name not in ("directmessage", "privategroup"):
            self._names[channel] = name

    async def _look_up(self, channel: str) -> None:
        self._names[channel] = channel
        try:
            found = await self.call("conversations.info", channel=channel)
        except ChatError:
            return
        self.know(channel, str(found.get("channel", {}).get("name", "")))

    async def identify(self) -> Mapping[str, str]:
        """Ask who we are; returns the headers, whose ``x-oauth-scopes`` lists what we may."""
        told, headers = await self.ask("auth.test")
        self.user_id = str(told.get("user_id", ""))
        self.bot_id = str(told.get("bot_id", ""))
        self.team_id = str(told.get("team_id", ""))
        return headers

    async def aclose(self) -> None:
        """Close every connection."""
        session, self._session, self._client = self._session, None, None
        if session is not None:
            await session.close()


def _seconds(told: str) -> float:
    return max(1.0, float(told)) if told.isascii() and told.isdigit() else RETRY_AFTER


def sdk_logger(log: Log) -> logging.Logger:
    """A logger for the SDK that tells our log that something is wrong there, never what was in a message."""
    logger = logging.Logger("clarion.slack", level=logging.WARNING)
    logger.propagate = False
    logger.addHandler(_Bridge(log))
    return logger


class _Bridge(logging.Handler):
    """Passes warnings on. They may quote whole payloads: only their beginning goes, without addresses."""

    def __init__(self, log: Log) -> None:
        super().__init__(level=logging.WARNING)
        self._log = log
        self._last: tuple[str, float] = ("", 0.0)

    def emit(self, record: logging.LogRecord) -> None:
        whole = record.getMessage()
        said = whole.partition("\n")[0].partition("{")[0][:120]
        words = " ".join("…" if "://" in word else word for word in said.split())
        code = re.search(r"'error': '(\w+)'", whole)
        facts = f"{words} {code[1] if code else ''}".strip()
        if self._last[0] == facts and record.created - self._last[1] < REPEATED:
            return
        self._last = (facts, record.created)
        self._log.warning("slack_sdk", level=record.levelname.lower(), said=facts)
