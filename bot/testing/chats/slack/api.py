"""The Web API's door: who calls, with what, how often; then the method."""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from aiohttp import web

from bot.testing.chats.slack.methods import METHODS, Method
from bot.testing.chats.slack.rates import Rates
from bot.testing.chats.slack.state import Json, Refuse, State

STRUCTURED = frozenset(("attachments", "blocks", "files", "metadata", "view"))
"""Arguments that a form carries as JSON."""


def handler(name: str, state: State, rates: Rates) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """What answers ``/api/<name>``."""

    async def handle(request: web.Request) -> web.StreamResponse:
        method = METHODS[name]
        scopes = {"connections:write"} if method.app else state.scopes
        headers = {
            "x-oauth-scopes": ",".join(sorted(scopes)),
            "x-accepted-oauth-scopes": method.scopes.replace(" ", ","),
            "x-slack-req-id": state.id("req"),
        }
        try:
            args = arguments(request, await request.read())
            admit(state, method, token(request, args))
            wait = rates.count(name, method.tier, _place(state, args) if method.puts else "")
            if wait:
                headers["retry-after"] = str(math.ceil(wait))
                answer: Json = {"ok": False, "error": "ratelimited"}
                return web.json_response(answer, status=429, headers=headers)
            for key in method.needed.split():
                if args.get(key) in (None, ""):
                    raise Refuse("invalid_arguments", response_metadata={"messages": [f"missing {key}"]})
            answer = {"ok": True, **method.do(state, args)}
        except Refuse as no:
            answer = {"ok": False, "error": no.error, **no.extra}
        return web.json_response(answer, headers=headers)

    return handle


async def unknown(request: web.Request) -> web.StreamResponse:
    """A method that Slack, or this workspace, does not have."""
    return web.json_response({"ok": False, "error": "unknown_method", "req_method": request.path})


def _place(state: State, args: Json) -> str:
    """One name for a conversation, however it was called."""
    name = str(args.get("channel") or args.get("channel_id") or "")
    try:
        return state.channel(name).id
    except Refuse:
        return name


def arguments(request: web.Request, body: bytes) -> Json:
    """Query, form or JSON alike. Raises `Refuse` for what cannot be read."""
    args: Json = dict(request.query)
    kind = request.content_type
    if body and kind == "application/json":
        try:
            told = json.loads(body)
        except ValueError:
            raise Refuse("invalid_json") from None
        if not isinstance(told, dict):
            raise Refuse("json_not_object")
        args |= told
    elif body and kind == "application/x-www-form-urlencoded":
        args |= parse_qsl(body.decode(), keep_blank_values=True)
    elif body:
        raise Refuse("invalid_post_type")
    for key, value in args.items():
        if isinstance(value, str):
            args[key] = _read(key, value)
    return {key: value for key, value in args.items() if value is not None}


def _read(key: str, value: str) -> object:
    if key in STRUCTURED and value:
        try:
            return json.loads(value)
        except ValueError:
            raise Refuse("invalid_blocks_format" if key == "blocks" else "invalid_arguments") from None
    return {"true": True, "false": False}.get(value, value) if key not in ("text", "name") else value


def token(request: web.Request, args: Json) -> str:
    """The caller's token, from the header or the arguments."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else str(args.pop("token", ""))


def admit(state: State, method: Method, told: str) -> None:
    """Raises `Refuse` unless the token may call the method."""
    if not told:
        raise Refuse("not_authed")
    if told in state.revoked:
        raise Refuse(state.revoked[told])
    known = {state.bot_token: False, state.app_token: True}
    found = next((app for own, app in known.items() if hmac.compare_digest(own, told)), None)
    if found is None:
        raise Refuse("invalid_auth")
    if found != method.app:
        raise Refuse("not_allowed_token_type")
    if not method.app and method.scopes and not state.scopes & set(method.scopes.split()):
        provided = ",".join(sorted(state.scopes))
        raise Refuse("missing_scope", needed=method.scopes.split()[0], provided=provided)
