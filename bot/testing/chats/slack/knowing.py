"""The methods about who is there: the app itself, users, user groups; and the door to Socket Mode."""

from __future__ import annotations

from bot.testing.chats.slack.state import Group, Json, Person, Refuse, State


def auth_test(state: State, args: Json) -> Json:
    """auth.test"""
    told: Json = {
        "url": "https://simulated.slack.com/",
        "team": "Simulated",
        "user": "clarion",
        "team_id": state.team,
        "user_id": state.bot_user,
        "bot_id": state.bot_id,
        "is_enterprise_install": state.org_install,
    }
    return told | ({"enterprise_id": state.grid} if state.grid else {})


def team_info(state: State, args: Json) -> Json:
    """team.info"""
    grid = {"enterprise_id": state.grid, "enterprise_name": "Simulated Grid"} if state.grid else {}
    return {"team": {"id": state.team, "name": "Simulated", "domain": "simulated", **grid}}


def bots_info(state: State, args: Json) -> Json:
    """bots.info"""
    return {"bot": {"id": state.bot_id, "app_id": state.app, "user_id": state.bot_user, "name": "clarion"}}


def described(state: State, person: Person) -> Json:
    """A user as Slack shows them; of strangers it tells less."""
    told: Json = {
        "id": person.id,
        "team_id": person.team,
        "name": person.name.lower(),
        "deleted": person.deleted,
        "real_name": person.name,
        "profile": {"real_name": person.name, "display_name": person.name, "team": person.team},
        "is_bot": person.bot,
        "is_app_user": False,
        "is_stranger": person.team != state.team,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": 0,
    }
    if state.grid:
        told["enterprise_user"] = {"id": person.id, "enterprise_id": state.grid, "teams": [person.team]}
    return told


def user_info(state: State, args: Json) -> Json:
    """users.info"""
    return {"user": described(state, state.person(args["user"]))}


def user_list(state: State, args: Json) -> Json:
    """users.list, in pages."""
    people = list(state.people.values())
    start, limit = int(args.get("cursor") or 0), int(args.get("limit") or 1000)
    more = start + limit < len(people)
    return {
        "members": [described(state, person) for person in people[start : start + limit]],
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }


def group_list(state: State, args: Json) -> Json:
    """usergroups.list"""
    found = [g for g in state.groups.values() if args.get("include_disabled") or not g.disabled]
    return {"usergroups": [group(state, g, users=bool(args.get("include_users"))) for g in found]}


def group(state: State, found: Group, *, users: bool) -> Json:
    """A user group as the methods and events give it."""
    told: Json = {
        "id": found.id,
        "team_id": state.team,
        "is_usergroup": True,
        "name": found.handle,
        "handle": found.handle,
        "date_delete": int(found.disabled),
        "user_count": len(found.users),
    }
    return told | ({"users": list(found.users)} if users else {})


def group_users(state: State, args: Json) -> Json:
    """usergroups.users.list"""
    found = state.groups.get(args["usergroup"])
    if found is None or (found.disabled and not args.get("include_disabled")):
        raise Refuse("no_such_subteam")
    return {"users": list(found.users)}


def connect(state: State, args: Json) -> Json:
    """apps.connections.open: an address that is good for one connection."""
    ticket = state.id("ticket")
    state.tickets.add(ticket)
    return {"url": f"ws{state.url.removeprefix('http')}/link/?ticket={ticket}&app_id={state.app}"}
