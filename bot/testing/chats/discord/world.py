"""What there is in a guild: users, roles, channels, messages; and what the permissions say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.ports import Clock

EPOCH = 1420070400000
"""Milliseconds; where Discord's ids begin to count (reference, "Snowflakes")."""

PERMISSIONS: Mapping[str, int] = MappingProxyType(
    {
        "administrator": 1 << 3,
        "add_reactions": 1 << 6,
        "view_channel": 1 << 10,
        "send_messages": 1 << 11,
        "manage_messages": 1 << 13,
        "embed_links": 1 << 14,
        "attach_files": 1 << 15,
        "read_message_history": 1 << 16,
        "mention_everyone": 1 << 17,
        "use_application_commands": 1 << 31,
        "manage_threads": 1 << 34,
        "create_public_threads": 1 << 35,
        "send_messages_in_threads": 1 << 38,
    }
)
EVERYTHING = (1 << 53) - 1
USUAL = sum(value for name, value in PERMISSIONS.items() if not name.startswith(("admin", "manage_")))
TEXT, DIRECT, THREAD = 0, 1, 11
DEFAULT, STARTER = 0, 21
"""Message types: a usual one, and the first of a thread, which points back to its message."""


@dataclass
class User:
    """An account; ``takes_dms`` False: it lets nobody write to it privately."""

    id: str
    name: str
    shown: str = ""
    bot: bool = False
    takes_dms: bool = True


@dataclass
class Role:
    """A role of the guild; the one with the guild's own id is @everyone."""

    id: str
    name: str
    permissions: int = 0


@dataclass
class Member:
    """A user in the guild."""

    user: User
    roles: list[str]
    joined: datetime


@dataclass
class Channel:
    """A text channel, a direct one (``recipient``) or a thread (``parent``).

    ``overwrites``: role or member id → (is a member, allowed bits, denied bits).
    """

    id: str
    name: str
    type: int = TEXT
    parent: str = ""
    owner: str = ""
    recipient: str = ""
    archived: bool = False
    locked: bool = False
    changed: datetime | None = None
    overwrites: dict[str, tuple[bool, int, int]] = field(default_factory=dict)


@dataclass
class File:
    """An uploaded file; ``id`` and ``channel`` are where it is served."""

    id: str
    channel: str
    name: str
    data: bytes
    kind: str = "application/octet-stream"
    alt: str = ""


@dataclass
class Message:
    """A message; ``reader`` is the only one who sees it (ephemeral), "" for everybody.

    ``reactions``: emoji → user ids, in the order they came. ``loading``: deferred, nothing said yet.
    """

    id: str
    channel: str
    author: User
    created: datetime
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    type: int = DEFAULT
    edited: datetime | None = None
    mentions: list[str] = field(default_factory=list)
    role_mentions: list[str] = field(default_factory=list)
    everyone: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    reference: str = ""
    interaction: str = ""
    reader: str = ""
    loading: bool = False
    deleted: bool = False
    edits: int = 0


class World:
    """The guild's state; knows ids, time and permissions, nothing of protocols."""

    def __init__(self, clock: Clock, *, name: str, token: str) -> None:
        self.clock = clock
        self.token = token
        self._last = 0
        self.id = self.snowflake()
        self.name = name
        self.bot = User(id=self.snowflake(), name="clarion", shown="Clarion", bot=True)
        self.app = self.bot.id
        self.users: dict[str, User] = {self.bot.id: self.bot}
        self.roles: dict[str, Role] = {self.id: Role(id=self.id, name="@everyone", permissions=USUAL)}
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, Message] = {}
        self._standing: dict[str, list[Message]] = {}
        self.files: dict[str, File] = {}
        self.commands: dict[str, dict[str, Any]] = {}
        self.privileged: set[str] = set()
        """Privileged intents that are switched on in the portal: members, content, presences."""
        self.join(self.bot)

    def snowflake(self) -> str:
        """A new id: the clock's milliseconds and a counter, always rising."""
        millis = round(self.clock.now().timestamp() * 1000) - EPOCH
        self._last = max(self._last + 1, millis << 22)
        return str(self._last)

    def reserve(self, given: str) -> str:
        """An id that a test chose; raises `ValueError` when it could not be a snowflake."""
        if given and not given.isdigit():
            raise ValueError(f"Discord's ids are digits, this is {given!r}")
        return given or self.snowflake()

    def join(self, user: User, roles: Iterable[str] = ()) -> Member:
        self.users[user.id] = user
        member = Member(user=user, roles=list(roles), joined=self.clock.now())
        self.members[user.id] = member
        return member

    def put(self, message: Message) -> None:
        """A message stands in its channel from now on."""
        self.messages[message.id] = message
        self._standing.setdefault(message.channel, []).append(message)

    def in_channel(self, channel: str) -> Iterator[Message]:
        """Everything that stands in a channel for everybody, oldest first."""
        return (m for m in self._standing.get(channel, ()) if not m.deleted and not m.reader)

    def newest(self, channel: str) -> Message | None:
        """The last of them."""
        found = reversed(self._standing.get(channel, ()))
        return next((m for m in found if not m.deleted and not m.reader), None)

    def direct(self, user: str) -> Channel:
        """The direct channel between the bot and somebody, made when it was not there."""
        for channel in self.channels.values():
            if channel.type == DIRECT and channel.recipient == user:
                return channel
        made = Channel(id=self.snowflake(), name="", type=DIRECT, recipient=user)
        self.channels[made.id] = made
        return made

    def permissions(self, user: str, channel: Channel | None = None) -> int:
        """The bits somebody has there (topics/permissions, "Permission Hierarchy"); 0 for who is not in."""
        if channel is not None and channel.type == DIRECT:
            return USUAL if user in {channel.recipient, self.bot.id} else 0
        member = self.members.get(user)
        if member is None:
            return 0
        bits = self.roles[self.id].permissions
        for role in member.roles:
            bits |= self.roles[role].permissions if role in self.roles else 0
        if bits & PERMISSIONS["administrator"]:
            return EVERYTHING
        home = self.channels.get(channel.parent) if channel is not None and channel.parent else channel
        if home is None:
            return bits
        for layer in ((self.id,), tuple(r for r in member.roles if r != self.id), (user,)):
            found = [home.overwrites[one] for one in layer if one in home.overwrites]
            for _, _, denied in found:
                bits &= ~denied
            for _, allowed, _ in found:
                bits |= allowed
        return bits

    def may(self, user: str, permission: str, channel: Channel | None = None) -> bool:
        """Whether somebody has a permission there; without seeing a channel there is no other right in it."""
        bits = self.permissions(user, channel)
        if channel is not None and not bits & PERMISSIONS["view_channel"]:
            return False
        return bool(bits & PERMISSIONS[permission])


def moment(snowflake: str) -> datetime:
    """When an id was made."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=(int(snowflake) >> 22) + EPOCH)
