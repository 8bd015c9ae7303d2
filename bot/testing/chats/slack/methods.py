"""Every method of the Web API that the workspace knows: who may call it, how often, what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.testing.chats.slack import filing, knowing, rates, talking, viewing
from bot.testing.chats.slack.state import Json, State


@dataclass(frozen=True)
class Method:
    """``scopes``: one of them is needed; ``needed``: arguments; ``puts``: a message into ``channel``."""

    do: Callable[[State, Json], Json]
    tier: int
    scopes: str = ""
    needed: str = ""
    puts: bool = False
    app: bool = False


_READ = "channels:read groups:read im:read"
_HISTORY = "channels:history groups:history im:history"

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "chat.postMessage": Method(talking.post, rates.POSTING, "chat:write", "channel", puts=True),
        "chat.update": Method(talking.update, rates.TIER_3, "chat:write", "channel ts", puts=True),
        "chat.delete": Method(talking.delete, rates.TIER_3, "chat:write", "channel ts"),
        "chat.postEphemeral": Method(talking.whisper, rates.TIER_4, "chat:write", "channel user"),
        "chat.getPermalink": Method(talking.permalink, rates.SPECIAL, "", "channel message_ts"),
        "conversations.history": Method(talking.history, rates.TIER_3, _HISTORY, "channel"),
        "conversations.replies": Method(talking.replies, rates.TIER_3, _HISTORY, "channel ts"),
        "conversations.info": Method(talking.info, rates.TIER_3, _READ, "channel"),
        "conversations.list": Method(talking.listing, rates.TIER_2, _READ),
        "conversations.members": Method(talking.members, rates.TIER_4, _READ, "channel"),
        "conversations.open": Method(talking.opened, rates.TIER_3, "im:write", "users"),
        "conversations.join": Method(talking.join, rates.TIER_3, "channels:join", "channel"),
        "reactions.get": Method(talking.reactions, rates.TIER_3, "reactions:read"),
        "reactions.add": Method(talking.react, rates.TIER_3, "reactions:write", "channel name timestamp"),
        "reactions.remove": Method(talking.unreact, rates.TIER_2, "reactions:write", "name"),
        "users.info": Method(knowing.user_info, rates.TIER_4, "users:read", "user"),
        "users.list": Method(knowing.user_list, rates.TIER_2, "users:read"),
        "usergroups.list": Method(knowing.group_list, rates.TIER_2, "usergroups:read"),
        "usergroups.users.list": Method(knowing.group_users, rates.TIER_2, "usergroups:read", "usergroup"),
        "team.info": Method(knowing.team_info, rates.TIER_3, "team:read"),
        "bots.info": Method(knowing.bots_info, rates.TIER_3, "users:read"),
        "auth.test": Method(knowing.auth_test, rates.SPECIAL),
        "apps.connections.open": Method(knowing.connect, rates.CONNECTING, "connections:write", app=True),
        "views.open": Method(viewing.open_, rates.TIER_4, "", "trigger_id view"),
        "views.push": Method(viewing.push, rates.TIER_4, "", "trigger_id view"),
        "views.update": Method(viewing.update, rates.TIER_4, "", "view"),
        "views.publish": Method(viewing.publish, rates.TIER_4, "", "user_id view"),
        "files.getUploadURLExternal": Method(filing.begin, rates.TIER_4, "files:write", "filename length"),
        "files.completeUploadExternal": Method(
            filing.finish, rates.TIER_4, "files:write", "files", puts=True
        ),
        "files.info": Method(filing.info, rates.TIER_4, "files:read", "file"),
        "files.delete": Method(filing.delete, rates.TIER_3, "files:write", "file"),
    }
)
