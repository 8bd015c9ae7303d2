"""A workspace with two people and a channel, and a bolt app in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.testing.chats.slack import Workspace
from bot.testing.chats.slack.state import Json
from bot.testing.clock import FakeClock

CARD: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*P1* · acme"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "a1",
                "text": {"type": "plain_text", "text": "Approve"},
                "value": "approve:post:1:1",
            }
        ],
    },
]
MODAL: Json = {
    "type": "modal",
    "callback_id": "reason",
    "private_metadata": "P1",
    "title": {"type": "plain_text", "text": "Why not?"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 100},
        },
        {
            "type": "input",
            "block_id": "label",
            "optional": True,
            "label": {"type": "plain_text", "text": "Label"},
            "element": {"type": "external_select", "action_id": "pick", "min_query_length": 0},
        },
    ],
}


@asynccontextmanager
async def living(**how: Any) -> AsyncIterator[Workspace]:
    world = Workspace(FakeClock(), **how)
    world.add_user("U1ANA", "Ana", "Europe/Lisbon")
    world.add_user("U2BOB", "Bob", "America/New_York")
    world.add_channel("C1LAUNCH", "launch", ["U1ANA", "U2BOB"])
    async with world.running():
        yield world


class App:
    """A bolt app that does a little of everything; ``heard`` is what reached its listeners."""

    def __init__(self, world: Workspace) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.retries: list[str] = []
        self.deaf = False
        web_client = AsyncWebClient(world.state.bot_token, base_url=world.base_url)
        self.bolt = AsyncApp(client=web_client, signing_secret=world.state.signing_secret)
        self.bolt.command("/clarion")(self.command)
        self.bolt.action("a1")(self.action)
        self.bolt.view("reason")(self.submitted)
        self.bolt.options("pick")(self.options)
        self.bolt.shortcut("make_post")(self.shortcut)
        for kind in ("reaction_added", "app_mention", "app_home_opened"):
            self.bolt.event(kind)(self.event)

    async def command(self, ack: Any, body: Json, respond: Any) -> None:
        self.heard.append(("command", body))
        await ack()
        await respond(text=f"heard {body['text']}")

    async def action(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        self.heard.append(("action", body))
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        await ack()

    async def submitted(self, ack: Any, body: Json) -> None:
        self.heard.append(("view", body))
        text = body["view"]["state"]["values"]["why"]["text"]["value"]
        await (ack(response_action="errors", errors={"why": "Say more."}) if len(text) < 3 else ack())

    async def options(self, ack: Any, payload: Json) -> None:
        await ack(
            options=[
                {"text": {"type": "plain_text", "text": f"{payload['value']} {n}"}, "value": str(n)}
                for n in range(3)
            ]
        )

    async def shortcut(self, ack: Any, body: Json) -> None:
        self.heard.append(("shortcut", body))
        await ack()

    async def event(self, body: Json, request: Any) -> None:
        self.heard.append(("event", body))
        self.retries += request.headers.get("x-slack-retry-num", [])


@asynccontextmanager
async def socket(world: Workspace) -> AsyncIterator[App]:
    app = App(world)
    handler = AsyncSocketModeHandler(app.bolt, world.state.app_token, ping_interval=0.05)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await world.sockets.connected.wait()
    try:
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
        await handler.client.aiohttp_client_session.close()


@asynccontextmanager
async def listening(world: Workspace) -> AsyncIterator[App]:
    app = App(world)
    server = app.bolt.server(port=0, path="/slack/events", host="127.0.0.1")
    runner = web.AppRunner(server.web_app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.pages.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield app
    finally:
        await runner.cleanup()


async def settled(check: Any) -> None:
    """Wait until something holds; the work after an ack goes on by itself."""
    async with asyncio.timeout(5):
        while not check():  # noqa: ASYNC110 - the other side of a socket sets no event here
            await asyncio.sleep(0.005)
