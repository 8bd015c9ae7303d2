"""What Slack tells an app, field by field: commands, events, interactions.

Source: docs.slack.dev/reference/interaction-payloads, /interactivity/implementing-slash-commands and
/apis/events-api. Somebody who comes through Slack Connect has a foreign ``team``; an app that was
installed for a whole Enterprise Grid gets no team at all.
"""

from __future__ import annotations

from bot.testing.chats.slack.state import Channel, Json, Person, State, View
from bot.testing.chats.slack.viewing import shown

VERIFICATION = "simulated-verification"


def _who(state: State, person: Person) -> Json:
    grid = {"id": state.grid, "name": "Simulated Grid"} if state.grid else None
    named = {"id": person.id, "username": person.name.lower(), "name": person.name.lower()}
    return {
        "user": {**named, "team_id": person.team},
        "api_app_id": state.app,
        "token": VERIFICATION,
        "team": None if state.org_install else {"id": person.team, "domain": "simulated"},
        "enterprise": grid,
        "is_enterprise_install": state.org_install,
    }


def command(state: State, person: Person, channel: Channel, name: str, text: str) -> Json:
    """A slash command."""
    grid = {"enterprise_id": state.grid, "enterprise_name": "Simulated Grid"} if state.grid else {}
    return {
        "token": VERIFICATION,
        "team_id": person.team,
        "team_domain": "simulated",
        **grid,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": person.id,
        "user_name": person.name.lower(),
        "command": name,
        "text": text,
        "api_app_id": state.app,
        "is_enterprise_install": str(state.org_install).lower(),
        "response_url": state.url + state.hook(person.id, channel.id),
        "trigger_id": state.trigger(person.id),
    }


def event(state: State, inner: Json) -> Json:
    """The wrapper of every event; ``event_id`` is the same in every repeat."""
    grid = state.grid or None
    authorization = {
        "enterprise_id": grid,
        "team_id": None if state.org_install else state.team,
        "user_id": state.bot_user,
        "is_bot": True,
        "is_enterprise_install": state.org_install,
    }
    channel = state.channels.get(str(inner.get("channel") or inner.get("item", {}).get("channel")))
    return {
        "token": VERIFICATION,
        "team_id": state.team,
        **({"enterprise_id": grid} if grid else {}),
        "context_team_id": state.team,
        "context_enterprise_id": grid,
        "api_app_id": state.app,
        "event": {**inner, "event_ts": state.ts()},
        "type": "event_callback",
        "event_id": state.id("Ev"),
        "event_time": int(state.clock.now().timestamp()),
        "authorizations": [authorization],
        "is_ext_shared_channel": channel is not None and channel.shared,
        "event_context": state.id("EC"),
    }


def pressed(
    state: State, person: Person, place: Json, block: Json, element: Json, chosen: Json | None
) -> Json:
    """A press in a message or a view; ``place`` says where."""
    action = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    for key in ("text", "value", "style", "confirm"):
        if key in element:
            action[key] = element[key]
    if chosen is not None:
        action["selected_option"] = chosen
    return {
        "type": "block_actions",
        **_who(state, person),
        "trigger_id": state.trigger(person.id),
        "actions": [{**action, "action_ts": state.ts()}],
        **place,
    }


def in_message(state: State, person: Person, channel: Channel, message: Json) -> Json:
    """Where a press happened: in a message."""
    hidden = bool(message.get("is_ephemeral"))
    hook = state.hook(person.id, channel.id, source=message["ts"], ephemeral=hidden)
    container = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": hidden,
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    return {
        "container": container,
        "channel": {"id": channel.id, "name": channel.name},
        **({} if hidden else {"message": message}),
        "state": {"values": {}},
        "response_url": state.url + hook,
    }


def in_view(state: State, view: View, values: Json) -> Json:
    """Where a press happened: in a modal or the Home tab."""
    return {
        "container": {"type": "view", "view_id": view.id},
        "view": {**shown(state, view), "state": {"values": values}},
    }


def submitted(state: State, person: Person, view: View, values: Json) -> Json:
    """A modal that was sent off."""
    return {
        "type": "view_submission",
        **_who(state, person),
        "trigger_id": state.trigger(person.id),
        "view": {**shown(state, view), "state": {"values": values}},
        "response_urls": [],
    }


def closed(state: State, person: Person, view: View) -> Json:
    """A modal that was closed."""
    return {"type": "view_closed", **_who(state, person), "view": shown(state, view), "is_cleared": False}


def suggestion(state: State, person: Person, block: Json, action: str, typed: str, place: Json) -> Json:
    """Somebody types into a list that the app fills."""
    asked = {"action_id": action, "block_id": block["block_id"], "value": typed}
    return {"type": "block_suggestion", **_who(state, person), **asked, **place}


def shortcut(state: State, person: Person, channel: Channel, message: Json, callback: str) -> Json:
    """A shortcut from a message's menu."""
    return {
        "type": "message_action",
        **_who(state, person),
        "callback_id": callback,
        "trigger_id": state.trigger(person.id),
        "response_url": state.url + state.hook(person.id, channel.id),
        "channel": {"id": channel.id, "name": channel.name},
        "message_ts": message["ts"],
        "message": message,
        "action_ts": state.ts(),
    }
