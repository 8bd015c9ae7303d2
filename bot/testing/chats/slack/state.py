"""What a workspace holds: people, groups, channels, messages, views, files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bot.ports import Clock

Json = dict[str, Any]

SCOPES = frozenset(
    (
        *("app_mentions:read", "chat:write", "commands", "files:read", "files:write", "im:write"),
        *("channels:history", "groups:history", "im:history", "channels:read", "groups:read", "im:read"),
        *("reactions:read", "usergroups:read", "users:read", "team:read"),
    )
)
"""What the app was granted when it was installed."""

EVENTS = frozenset(
    (
        *("app_home_opened", "app_mention", "reaction_added", "reaction_removed", "app_uninstalled"),
        *("member_joined_channel", "member_left_channel", "channel_archive", "channel_left"),
        *("subteam_members_changed", "subteam_updated", "subteam_created", "tokens_revoked"),
        *("group_left", "group_archive", "channel_unarchive"),
    )
)
"""What the app subscribed to."""


class Refuse(Exception):
    """A method says no: ``error`` is Slack's word, ``extra`` what comes with it."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra


@dataclass(kw_only=True)
class Person:
    """A user; ``team`` is not ours for somebody who comes through Slack Connect."""

    id: str
    name: str
    team: str
    tz: str = "Europe/Lisbon"
    bot: bool = False
    deleted: bool = False


@dataclass(kw_only=True)
class Group:
    """A user group (``@handle``)."""

    id: str
    handle: str
    users: list[str]
    disabled: bool = False


@dataclass(kw_only=True)
class Channel:
    """A conversation. ``im``: the one person it is with; ``shared``: with another organisation."""

    id: str
    name: str
    members: set[str]
    private: bool = False
    archived: bool = False
    shared: bool = False
    im: str = ""
    messages: dict[str, Json] = field(default_factory=dict)
    """By ``ts``, replies too, in the order of time."""


@dataclass(kw_only=True)
class File:
    """A file; ``data`` is None until it was uploaded."""

    id: str
    name: str
    owner: str
    length: int
    data: bytes | None = None
    title: str = ""
    alt: str = ""
    done: bool = False


@dataclass(kw_only=True)
class View:
    """A modal or a Home tab as somebody sees it. ``errors``: what the app answered to a submission."""

    id: str
    user: str
    content: Json
    root: str = ""
    previous: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def title(self) -> str:
        return str(self.content.get("title", {}).get("text", ""))


@dataclass(kw_only=True)
class Trigger:
    """A ``trigger_id``: good for one exchange within three seconds."""

    user: str
    until: float
    used: bool = False


@dataclass(kw_only=True)
class Hook:
    """A ``response_url``: five uses within thirty minutes."""

    user: str
    channel: str
    until: float
    source: str = ""
    ephemeral: bool = True
    uses: int = 0


class State:
    """Everything, and how it is found."""

    def __init__(self, clock: Clock, *, team: str, grid: str, org_install: bool) -> None:
        self.clock = clock
        self.team, self.grid, self.org_install = team, grid, org_install
        self.app, self.bot_id, self.bot_user = "A0CLARION", "B0CLARION", "U0CLARION"
        self.bot_token, self.app_token = "xoxb-1-simulated", "xapp-1-simulated"
        self.signing_secret = "simulated-signing-secret"
        self.scopes: set[str] = set(SCOPES)
        self.subscribed: set[str] = set(EVENTS)
        self.commands: set[str] = {"/clarion"}
        self.shortcuts: set[str] = {"make_post"}
        self.revoked: dict[str, str] = {}
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}
        self.channels: dict[str, Channel] = {}
        self.whispers: dict[str, list[Json]] = {}
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}
        self.url = ""
        self.tickets: set[str] = set()
        self._ids: Counter[str] = Counter()
        self._last = 0
        self.people[self.bot_user] = Person(id=self.bot_user, name="clarion", team=team, bot=True)

    def id(self, prefix: str) -> str:
        """A fresh id of a kind."""
        self._ids[prefix] += 1
        return f"{prefix}0{self._ids[prefix]:08d}"

    def ts(self) -> str:
        """The instant as Slack writes it; no two are the same, later ones are greater."""
        self._last = max(self._last + 1, int(self.clock.now().timestamp() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def person(self, user: str) -> Person:
        if user not in self.people:
            raise Refuse("user_not_found")
        return self.people[user]

    def channel(self, name: str) -> Channel:
        """A conversation by its id, its name, or the person it is with."""
        if name in self.people and not self.people[name].bot:
            return self.direct(name)
        wanted = name.removeprefix("#")
        for channel in self.channels.values():
            if wanted in (channel.id, channel.name):
                if (channel.private or channel.im) and self.bot_user not in channel.members:
                    break
                return channel
        raise Refuse("channel_not_found")

    def direct(self, user: str) -> Channel:
        """The direct messages with somebody, opened when they are not yet."""
        for channel in self.channels.values():
            if channel.im == user:
                return channel
        found = Channel(id=self.id("D"), name="directmessage", members={user, self.bot_user}, im=user)
        return self.channels.setdefault(found.id, found)

    def message(self, channel: str, ts: str, error: str = "message_not_found") -> Json:
        found = self.channel(channel).messages.get(ts)
        if found is None:
            raise Refuse(error)
        return found

    def trigger(self, user: str) -> str:
        """A fresh ``trigger_id``."""
        name = f"{len(self.triggers) + 1}.{self.team[1:]}.{self.id('trigger')[7:]}"
        self.triggers[name] = Trigger(user=user, until=self.clock.now().timestamp() + 3)
        return name

    def exchange(self, trigger: str) -> Trigger:
        """Use a trigger up."""
        found = self.triggers.get(trigger)
        if found is None:
            raise Refuse("invalid_trigger_id")
        if found.used:
            raise Refuse("exchanged_trigger_id")
        if self.clock.now().timestamp() > found.until:
            raise Refuse("expired_trigger_id")
        found.used = True
        return found

    def hook(self, user: str, channel: str, *, source: str = "", ephemeral: bool = True) -> str:
        """The path of a fresh ``response_url``."""
        path = f"/hooks/{self.team}/{len(self.hooks) + 1}/{self.id('secret')}"
        self.hooks[path] = Hook(
            user=user,
            channel=channel,
            until=self.clock.now().timestamp() + 1800,
            source=source,
            ephemeral=ephemeral,
        )
        return path

    def labelled(self, blocks: list[Json]) -> list[Json]:
        """Blocks as they are stored: each has a ``block_id``, everything interactive an ``action_id``."""
        return [self._labelled(block) for block in blocks]

    def _labelled(self, block: Json) -> Json:
        made = {**block, "block_id": block.get("block_id") or self.id("blk")}
        for key in ("accessory", "element"):
            if isinstance(made.get(key), dict):
                made[key] = self._named(made[key])
        if made["type"] == "actions":
            made["elements"] = [self._named(element) for element in made["elements"]]
        return made

    def _named(self, element: Json) -> Json:
        if element["type"] == "image":
            return element
        return {**element, "action_id": element.get("action_id") or self.id("act")}
