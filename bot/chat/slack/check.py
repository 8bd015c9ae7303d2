"""Whether Slack is set up: each token, scope and channel proved by a real call."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.slack.api import WebApi
from bot.chat.slack.manifest import SCOPES
from bot.chat.slack.outbound import Voice
from bot.chat.slack.settings import SlackSettings
from bot.domain.message import Message, Target
from bot.errors import ChatClosed, ChatError

PROBE = "Clarion is testing whether it can post here. This message goes away by itself."


async def problems(
    settings: SlackSettings, api: WebApi, channels: Sequence[str], *, voice: Voice
) -> tuple[str, ...]:
    """One sentence for each; none when all is well. What goes before breaks what comes after."""
    try:
        headers = await api.identify()
    except ChatError as error:
        return (f"slack: {error}",)
    found = [*_scopes(headers.get("x-oauth-scopes", "")), *await _socket(settings, api)]
    for channel in dict.fromkeys(channels):
        found += await _channel(api, voice, channel)
    return tuple(f"slack: {problem}" for problem in found)


def _scopes(told: str) -> list[str]:
    held = {scope.strip() for scope in told.split(",")}
    missing = [(scope, why) for scope, why in SCOPES.items() if scope not in held]
    if not told or not missing:
        return []
    names = ", ".join(f"{scope} ({why})" for scope, why in missing)
    return [f"the app lacks {names}. Add that under OAuth & Permissions → Scopes, then reinstall the app."]


async def _socket(settings: SlackSettings, api: WebApi) -> list[str]:
    if not settings.app_token:
        return []
    try:
        await api.call("apps.connections.open", app_token=settings.app_token.reveal())
    except ChatClosed as error:
        if error.detail == "missing_scope":
            return [
                "the app token lacks connections:write. Make one under Basic Information → App-Level Tokens."
            ]
        return [
            "Slack does not accept the app token, or Socket Mode is off. Switch Socket Mode on and make "
            "a token under Basic Information → App-Level Tokens."
        ]
    except ChatError as error:
        return [f"Socket Mode cannot be tested now: {error}"]
    return []


async def _channel(api: WebApi, voice: Voice, channel: str) -> list[str]:
    try:
        about = (await api.call("conversations.info", channel=channel)).get("channel", {})
        api.know(channel, str(about.get("name") or ""))
        place = api.place(channel)
        if about.get("is_archived"):
            return [f"{place} is archived. Unarchive it, or give the brand another channel."]
        if about.get("is_member") is False:
            return [f"I am not in {place}. Type /invite @Clarion there."]
        return await _probe(api, voice, channel)
    except ChatError as error:
        return [f"{api.place(channel)}: {error}"]


async def _probe(api: WebApi, voice: Voice, channel: str) -> list[str]:
    """A card is posted and taken away again."""
    message = Message(title="Test card", text=PROBE, footer="clarion check")
    ref = await voice.send(Target(chat="slack", channel=channel), message, key=f"check:{channel}")
    try:
        await api.call("chat.delete", channel=channel, ts=ref)
    except ChatError as error:
        return [f"the test card stays in {api.place(channel)}: {error} Delete it by hand."]
    return []
