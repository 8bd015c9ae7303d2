"""The methods about conversations: messages, what was said, reactions."""

from __future__ import annotations

import base64
from typing import Any

from bot.testing.chats.slack.limits import refusal
from bot.testing.chats.slack.state import Channel, Json, Refuse, State

CONTENT = ("text", "blocks", "attachments", "markdown_text", "metadata")


def checked(args: Json, *, update: bool = False) -> None:
    """Raises `Refuse` for content that Slack does not take."""
    if wrong := refusal({k: args[k] for k in CONTENT if k in args}, update=update):
        raise Refuse(wrong[0], response_metadata={"messages": wrong[1]}, errors=wrong[1])


def writable(state: State, name: str) -> Channel:
    """The conversation, if the app may write there."""
    channel = state.channel(name)
    if channel.archived:
        raise Refuse("is_archived")
    if state.bot_user not in channel.members and "chat:write.public" not in state.scopes:
        raise Refuse("not_in_channel")
    return channel


def put(state: State, channel: Channel, args: Json, *, user: str = "") -> Json:
    """A new message in a conversation; ``user``: somebody other than the app."""
    ts = state.ts()
    author = user or state.bot_user
    message: Json = {
        "type": "message",
        "user": author,
        "ts": ts,
        "text": args.get("text") or args.get("markdown_text") or "",
        "team": state.people[author].team,
    }
    if not user:
        message |= {"bot_id": state.bot_id, "app_id": state.app}
    if args.get("blocks"):
        message["blocks"] = state.labelled(args["blocks"])
    for key in ("metadata", "files", "attachments"):
        if args.get(key):
            message[key] = args[key]
    if thread := args.get("thread_ts"):
        parent = channel.messages.get(thread)
        if parent is None:
            raise Refuse("thread_not_found")
        message["thread_ts"] = thread
        if args.get("reply_broadcast"):
            message["subtype"] = "thread_broadcast"
        parent["thread_ts"] = thread
        parent["reply_count"] = parent.get("reply_count", 0) + 1
        parent["latest_reply"] = ts
    channel.messages[ts] = message
    return message


def post(state: State, args: Json) -> Json:
    """chat.postMessage"""
    channel = writable(state, args["channel"])
    checked(args)
    message = put(state, channel, args)
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def update(state: State, args: Json) -> Json:
    """chat.update"""
    channel = state.channel(args["channel"])
    message = state.message(args["channel"], args["ts"])
    if channel.archived:
        raise Refuse("is_inactive")
    if message.get("bot_id") != state.bot_id:
        raise Refuse("cant_update_message")
    if state.bot_user not in channel.members:
        raise Refuse("not_in_channel")
    checked(args, update=True)
    message["text"] = args.get("text", message["text"])
    if args.get("blocks"):
        message["blocks"] = state.labelled(args["blocks"])
    elif args.get("text") or "blocks" in args:
        message.pop("blocks", None)
    if "metadata" in args:
        message["metadata"] = args["metadata"]
    message["edited"] = {"user": state.bot_user, "ts": state.ts()}
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}


def delete(state: State, args: Json) -> Json:
    """chat.delete"""
    channel = state.channel(args["channel"])
    if state.message(args["channel"], args["ts"]).get("bot_id") != state.bot_id:
        raise Refuse("cant_delete_message")
    del channel.messages[args["ts"]]
    return {"channel": channel.id, "ts": args["ts"]}


def whisper(state: State, args: Json) -> Json:
    """chat.postEphemeral"""
    channel = writable(state, args["channel"])
    if args["user"] not in state.people:
        raise Refuse("user_not_found")
    if args["user"] not in channel.members:
        raise Refuse("user_not_in_channel")
    checked(args)
    said = private(state, args["user"], channel.id, args)
    return {"message_ts": said["ts"]}


def private(state: State, user: str, channel: str, args: Json) -> Json:
    """A message that one person sees; `chat.update` cannot reach it."""
    said: Json = {"type": "message", "subtype": "bot_message", "ts": state.ts(), "is_ephemeral": True}
    said |= {"channel": channel, "user": user, "text": args.get("text", ""), "bot_id": state.bot_id}
    if args.get("blocks"):
        said["blocks"] = state.labelled(args["blocks"])
    if args.get("thread_ts"):
        said["thread_ts"] = args["thread_ts"]
    state.whispers.setdefault(user, []).append(said)
    return said


def permalink(state: State, args: Json) -> Json:
    """chat.getPermalink"""
    channel = state.channel(args["channel"])
    state.message(args["channel"], args["message_ts"])
    path = f"/archives/{channel.id}/p{args['message_ts'].replace('.', '')}"
    return {"channel": channel.id, "permalink": f"https://simulated.slack.com{path}"}


def history(state: State, args: Json) -> Json:
    """conversations.history: newest first, without replies."""
    channel = readable(state, args["channel"])
    found = [m for m in channel.messages.values() if _on_top(m)]
    return _page(found[::-1], args, 100)


def replies(state: State, args: Json) -> Json:
    """conversations.replies: the parent, then oldest first."""
    channel = readable(state, args["channel"])
    root = channel.messages.get(args["ts"])
    if root is None:
        raise Refuse("thread_not_found")
    found = [m for m in channel.messages.values() if m.get("thread_ts") == args["ts"] and m is not root]
    return _page(found, args, 1000, first=[root])


def readable(state: State, name: str) -> Channel:
    channel = state.channel(name)
    if state.bot_user not in channel.members:
        raise Refuse("not_in_channel")
    return channel


def _on_top(message: Json) -> bool:
    return message.get("thread_ts", message["ts"]) == message["ts"] or "subtype" in message


def _page(found: list[Json], args: Json, usual: int, first: list[Json] | None = None) -> Json:
    oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or 1e12)
    inclusive = bool(args.get("inclusive"))
    inside = [
        m
        for m in found
        if oldest < float(m["ts"]) < latest or (inclusive and float(m["ts"]) in (oldest, latest))
    ]
    inside = [*(first or ()), *inside]
    start = int(base64.b64decode(args["cursor"])) if args.get("cursor") else 0
    limit = max(1, min(int(args.get("limit") or usual), 999))
    shown = [dict(m) for m in inside[start : start + limit]]
    if not args.get("include_all_metadata"):
        for message in shown:
            message.pop("metadata", None)
    more = start + limit < len(inside)
    cursor = base64.b64encode(str(start + limit).encode()).decode() if more else ""
    return {"messages": shown, "has_more": more, "response_metadata": {"next_cursor": cursor}}


def info(state: State, args: Json) -> Json:
    """conversations.info"""
    return {"channel": described(state, state.channel(args["channel"]))}


def described(state: State, channel: Channel) -> Json:
    """A conversation as Slack shows it to the app."""
    if channel.im:
        return {"id": channel.id, "is_im": True, "user": channel.im, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_im": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_member": state.bot_user in channel.members,
        "is_ext_shared": channel.shared,
        "context_team_id": state.team,
    }


def listing(state: State, args: Json) -> Json:
    """conversations.list"""
    kinds = set(str(args.get("types") or "public_channel").split(","))
    found = [
        described(state, channel)
        for channel in state.channels.values()
        if ("im" in kinds if channel.im else f"{'private' if channel.private else 'public'}_channel" in kinds)
        and (state.bot_user in channel.members or not channel.private)
        and not (channel.archived and args.get("exclude_archived"))
    ]
    return {"channels": found, "response_metadata": {"next_cursor": ""}}


def members(state: State, args: Json) -> Json:
    """conversations.members"""
    return {
        "members": sorted(state.channel(args["channel"]).members),
        "response_metadata": {"next_cursor": ""},
    }


def opened(state: State, args: Json) -> Json:
    """conversations.open with one person."""
    user = str(args.get("users") or "")
    if user not in state.people:
        raise Refuse("user_not_found")
    if state.people[user].bot:
        raise Refuse("cannot_dm_bot")
    return {"channel": {"id": state.direct(user).id}}


def join(state: State, args: Json) -> Json:
    """conversations.join"""
    channel = state.channel(args["channel"])
    if channel.archived:
        raise Refuse("is_archived")
    channel.members.add(state.bot_user)
    return {"channel": described(state, channel)}


def reactions(state: State, args: Json) -> Json:
    """reactions.get; without ``full`` a long list of people is cut."""
    if not args.get("channel") or not args.get("timestamp"):
        raise Refuse("no_item_specified")
    channel = readable(state, args["channel"])
    message: Json = dict(state.message(args["channel"], args["timestamp"]))
    if not args.get("full"):
        message["reactions"] = [{**r, "users": r["users"][:25]} for r in message.get("reactions", ())]
    if not message.get("reactions"):
        message.pop("reactions", None)
    return {"type": "message", "channel": channel.id, "message": message}


def mark(state: State, args: Json, user: str, *, on: bool) -> None:
    """Put somebody's reaction on a message, or take it off."""
    message = state.message(args["channel"], args["timestamp"])
    name = str(args["name"]).strip(":")
    listed: list[dict[str, Any]] = message.setdefault("reactions", [])
    entry = next((r for r in listed if r["name"] == name), None)
    if on and entry is not None and user in entry["users"]:
        raise Refuse("already_reacted")
    if on and entry is None:
        listed.append({"name": name, "users": [user], "count": 1})
    elif on and entry is not None:
        entry["users"].append(user)
        entry["count"] += 1
    elif entry is None or user not in entry["users"]:
        raise Refuse("no_reaction")
    else:
        entry["users"].remove(user)
        entry["count"] -= 1
        if not entry["users"]:
            listed.remove(entry)


def react(state: State, args: Json) -> Json:
    """reactions.add"""
    mark(state, args, state.bot_user, on=True)
    return {}


def unreact(state: State, args: Json) -> Json:
    """reactions.remove: one's own only."""
    mark(state, args, state.bot_user, on=False)
    return {}
