"""What is no method: ``response_url``, the upload address, the files themselves."""

from __future__ import annotations

import json

from aiohttp import web

from bot.testing.chats.slack import talking
from bot.testing.chats.slack.limits import refusal
from bot.testing.chats.slack.state import Hook, Json, State

USES = 5


class Doors:
    """Handlers over one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def hook(self, request: web.Request) -> web.StreamResponse:
        """``response_url``: five times within thirty minutes."""
        hook = self._state.hooks.get(request.path)
        if hook is None:
            return web.Response(status=404, text="no_service")
        if self._state.clock.now().timestamp() > hook.until:
            return web.Response(status=404, text="expired_url")
        if hook.uses >= USES:
            return web.Response(status=404, text="used_url")
        try:
            told = json.loads(await request.read())
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        if told.get("delete_original"):
            hook.uses += 1
            self._forget(hook)
            return web.json_response({"ok": True})
        content = {key: told[key] for key in talking.CONTENT if told.get(key) is not None}
        if wrong := refusal(content):
            return web.Response(status=400, text=wrong[0])
        hook.uses += 1
        self._say(hook, told)
        return web.json_response({"ok": True})

    def _say(self, hook: Hook, told: Json) -> None:
        state = self._state
        if told.get("replace_original") and hook.source:
            self._replace(hook, told)
        elif told.get("response_type") == "in_channel":
            talking.put(state, state.channels[hook.channel], told)
        else:
            talking.private(state, hook.user, hook.channel, told)

    def _replace(self, hook: Hook, told: Json) -> None:
        blocks = self._state.labelled(told.get("blocks") or [])
        for message in self._sources(hook):
            message |= {"text": told.get("text", ""), "blocks": blocks}

    def _forget(self, hook: Hook) -> None:
        for message in self._sources(hook):
            if hook.ephemeral:
                self._state.whispers[hook.user].remove(message)
            else:
                del self._state.channels[hook.channel].messages[hook.source]

    def _sources(self, hook: Hook) -> list[Json]:
        if hook.ephemeral:
            return [m for m in self._state.whispers.get(hook.user, ()) if m["ts"] == hook.source]
        found = self._state.channels[hook.channel].messages.get(hook.source)
        return [found] if found is not None else []

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The second step of an upload: the bytes, bare or as a form."""
        file = self._state.files.get(request.match_info["file"])
        if file is None or file.done:
            return web.Response(status=404, text="not found")
        data = await request.read()
        if request.content_type == "multipart/form-data":
            data = b""
            for part in (await request.post()).values():
                data = part.file.read() if isinstance(part, web.FileField) else str(part).encode()
        if len(data) != file.length:
            return web.Response(status=400, text="length does not match")
        file.data = data
        return web.Response(text=f"OK - {len(data)}")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A private file; without the app's token a page to log in, with status 200, as Slack does."""
        file = self._state.files.get(request.match_info["file"].partition("-")[2])
        _, _, token = request.headers.get("authorization", "").partition(" ")
        allowed = token.strip() == self._state.bot_token and self._state.bot_token not in self._state.revoked
        if not allowed or "files:read" not in self._state.scopes:
            return web.Response(text="<!DOCTYPE html><title>Slack: log in</title>", content_type="text/html")
        if file is None or file.data is None:
            return web.Response(status=404)
        return web.Response(body=file.data, content_type="application/octet-stream")
