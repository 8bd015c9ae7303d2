"""Where Slack comes in: bolt's app behind a socket that we open, or behind signed HTTP that Slack calls."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any, Protocol

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.chat.slack.api import WebApi
from bot.chat.slack.listen import Ear
from bot.chat.slack.manifest import SHORTCUT
from bot.chat.slack.settings import PATH, SlackSettings
from bot.config.secret import Secret
from bot.errors import ChatClosed

ANY = re.compile("")
PING = 5.0
"""Seconds between pings on the socket; four without an answer and it is opened anew."""

GOODBYE = 3.0
"""Seconds for a socket to be closed by both sides."""


class Door(Protocol):
    """A way for Slack to reach us."""

    async def open(self) -> None:
        """From now on requests come in."""

    async def close(self) -> None:
        """No more requests come in; nothing of the door is left running."""


def signed_only(secret: Secret) -> Any:
    """Signature and age are checked by the SDK before a byte of the body is understood, which bolt's own
    check would come after."""
    verifier = SignatureVerifier(secret.reveal())

    @web.middleware
    async def checked(request: web.Request, handler: Any) -> web.StreamResponse:
        stamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        try:
            good = verifier.is_valid(await request.read(), stamp, signature)
        except ValueError:  # a timestamp that is no number, a body that is no text
            good = False
        if not good:
            return web.json_response({"error": "invalid request"}, status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    return checked


def bolt_app(settings: SlackSettings, *, api: WebApi, ear: Ear) -> AsyncApp:
    """Bolt with our listeners. It asks Slack nothing by itself: who we are was asked before."""

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=api.team_id or None,
            bot_user_id=api.user_id or None,
            bot_id=api.bot_id or None,
            bot_token=settings.bot_token.reveal(),
        )

    secret = "" if settings.socket_mode or not settings.signing_secret else settings.signing_secret.reveal()
    api.logger.setLevel(logging.ERROR)  # it warns that tokens it finds are not used, which is meant so
    app = AsyncApp(
        name="clarion",
        client=api.client,
        logger=api.logger,
        signing_secret=secret,
        request_verification_enabled=bool(secret),
        authorize=authorize,
        attaching_conversation_kwargs_enabled=False,
    )
    api.logger.setLevel(logging.WARNING)

    async def write_down(body: dict[str, Any], next: Any) -> Any:
        refused = await ear.event(body) if "event" in body else None
        return refused if refused is not None else await next()

    async def acknowledged(ack: Any) -> None:
        await ack()

    app.use(ear.kept(write_down))
    app.command(ANY)(ear.listener(ear.command))
    app.block_action(ANY)(ear.listener(ear.press))
    app.view_submission(ANY)(ear.listener(ear.form))
    app.view_closed(ANY)(acknowledged)
    app.message_shortcut(SHORTCUT)(ear.listener(ear.shortcut))
    app.options(ANY)(ear.listener(ear.options))
    app.event(ANY)(ear.listener(ear.happened))
    return app


class SocketDoor:
    """Socket Mode. The SDK opens the socket again by itself, for as long as it takes."""

    def __init__(self, app: AsyncApp, token: Secret, *, api: WebApi, ear: Ear, ping: float = PING) -> None:
        self._handler = AsyncSocketModeHandler(
            app, token.reveal(), logger=api.logger, web_client=api.client, ping_interval=ping
        )
        self._client = self._handler.client
        if api.local:
            self._client.proxy = None
        self._ear = ear
        self._client.message_listeners.append(ear.kept(self._greeted))
        self._handling = ear.kept(self._handler.handle)
        self._client.socket_mode_request_listeners[:] = [self._handling]

    async def _greeted(self, client: Any, message: dict[str, Any], raw: str | None = None) -> None:
        if message.get("type") == "hello":
            await self._ear.connected()

    async def open(self) -> None:
        await self._client.connect()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        client = self._client
        try:
            async with asyncio.timeout(GOODBYE):
                await client.close()  # type: ignore[no-untyped-call]
        except TimeoutError:  # nobody answers; the SDK waits for the other side to close as well
            await client.aiohttp_client_session.close()
        tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
        running = [task for task in tasks if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class HttpDoor:
    """Signed requests at one path. ``port`` is the one that was taken, where 0 was asked for."""

    def __init__(self, app: AsyncApp, address: tuple[str, int], secret: Secret, *, api: WebApi) -> None:
        pages = app.web_app(path=PATH)
        pages.middlewares.append(signed_only(secret))
        self._runner = web.AppRunner(pages, access_log=None, shutdown_timeout=2.0, logger=api.logger)
        self._host, self.port = address

    async def open(self) -> None:
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, self._host, self.port)
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise ChatClosed(
                f"I cannot listen on {self._host}:{self.port} for Slack ({error.strerror or 'taken'}).",
                detail="listen",
            ) from None
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        await self._runner.cleanup()
