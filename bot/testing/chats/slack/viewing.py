"""The methods about modals and the Home tab."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.testing.chats.slack.limits import refusal
from bot.testing.chats.slack.state import Json, Refuse, State, View

DEEPEST = 3
"""Modals on top of each other."""
EMPTY: Mapping[str, str] = MappingProxyType({"external_id": "", "callback_id": "", "private_metadata": ""})


def checked(content: Json) -> Json:
    """The view, if Slack takes it."""
    if wrong := refusal(content):
        raise Refuse(wrong[0], response_metadata={"messages": wrong[1]})
    return content


def shown(state: State, view: View) -> Json:
    """A view as the methods and payloads give it."""
    return {
        **EMPTY,
        **view.content,
        "id": view.id,
        "team_id": state.team,
        "app_id": state.app,
        "app_installed_team_id": state.team,
        "bot_id": state.bot_id,
        "root_view_id": view.root,
        "previous_view_id": view.previous or None,
        "state": {"values": {}},
    }


def stored(state: State, view: View, content: Json) -> View:
    """Put content into a view; every change gives it another hash."""
    _unique(state, content, view.id)
    view.content = {**content, "blocks": state.labelled(content["blocks"]), "hash": state.ts()}
    view.errors, view.trouble = {}, ""
    state.views[view.id] = view
    return view


def _unique(state: State, content: Json, own: str) -> None:
    name = content.get("external_id")
    if name and any(v.content.get("external_id") == name and v.id != own for v in state.views.values()):
        raise Refuse("duplicate_external_id")


def _hash(view: View, args: Json) -> None:
    if args.get("hash") and args["hash"] != view.content.get("hash"):
        raise Refuse("hash_conflict")


def open_(state: State, args: Json) -> Json:
    """views.open: replaces whatever the person had open."""
    content = checked(args["view"])
    user = state.exchange(args["trigger_id"]).user
    for old in state.stacks.pop(user, ()):
        state.views.pop(old, None)
    return {"view": shown(state, raise_(state, user, content))}


def push(state: State, args: Json) -> Json:
    """views.push: on top of an open modal."""
    content = checked(args["view"])
    user = state.exchange(args["trigger_id"]).user
    if not state.stacks.get(user):
        raise Refuse("not_found")
    return {"view": shown(state, raise_(state, user, content))}


def raise_(state: State, user: str, content: Json) -> View:
    """A new modal on top of somebody's stack."""
    stack = state.stacks.setdefault(user, [])
    if len(stack) >= DEEPEST:
        raise Refuse("push_limit_reached")
    view = View(id=state.id("V"), user=user, content={})
    view.root, view.previous = stack[0] if stack else view.id, stack[-1] if stack else ""
    stored(state, view, content)
    stack.append(view.id)
    return view


def update(state: State, args: Json) -> Json:
    """views.update"""
    content = checked(args["view"])
    named = args.get("external_id")
    view = state.views.get(args.get("view_id") or "") or next(
        (v for v in state.views.values() if named and v.content.get("external_id") == named), None
    )
    if view is None:
        raise Refuse("not_found")
    _hash(view, args)
    return {"view": shown(state, stored(state, view, content))}


def publish(state: State, args: Json) -> Json:
    """views.publish: the Home tab of one person."""
    content = checked(args["view"])
    if content["type"] != "home":
        raise Refuse("invalid_arguments", response_metadata={"messages": ["[ERROR] must be a home view"]})
    user = state.person(args["user_id"]).id
    view = state.homes.get(user) or View(id=state.id("V"), user=user, content={})
    _hash(view, args)
    view.root = view.id
    state.homes[user] = stored(state, view, content)
    return {"view": shown(state, view)}
