"""Small rows around a post: cards, notices, versions, halts, the audit trail, account health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.approval import Via
from bot.domain.message import Message, Target
from bot.domain.post import Json, Variant


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a post was after its ``number``-th edit."""

    post_id: int
    number: int
    author: str
    at: datetime
    wish: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, kw_only=True)
class Card:
    """A chat message that shows a post. Stale while ``painted < wanted``.

    ``since``: when it was first tried to say it, if nobody knows whether it arrived.
    """

    id: int
    post_id: int
    target: Target
    ref: str | None = None
    wanted: int = 1
    painted: int = 0
    tries: int = 0
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something to be said once. ``key`` names the incident; ``to`` one person, when private.

    ``below``: the key of the message in whose thread it is said, where the chat has threads. ``since``: when
    it was first tried to say it, if nobody knows whether it arrived.
    """

    id: int
    key: str
    target: Target
    message: Message
    brand: str = ""
    post_id: int | None = None
    delivery_id: int | None = None
    to: str | None = None
    tries: int = 0
    ref: str | None = None
    since: datetime | None = None
    below: str | None = None


@dataclass(frozen=True, kw_only=True)
class Halt:
    """A brand is stopped: nothing new is sent until somebody resumes."""

    brand: str
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """Who did what, when. Append-only."""

    at: datetime
    brand: str
    who: str
    what: str
    post_id: int | None = None
    delivery_id: int | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A delivery that waits for approval, and since when people have been asked."""

    delivery_id: int
    post_id: int
    brand: str
    account: str
    fingerprint: str
    asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """What was done once about a request: a reminder, or an escalation that ``called`` people in."""

    post_id: int
    fingerprint: str
    step: str
    at: datetime
    called: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One user of one chat service, and the member it is; ``member`` is empty while nobody said so.

    ``was``: the member it was until somebody took that away; it has voted as that member, so it signs
    nothing as anybody else before an admin says who it is. ``name`` is what people see there, ``zone``
    an IANA name or nothing: both only for showing.
    """

    chat: str
    user_id: str
    member: str = ""
    was: str = ""
    name: str = ""
    zone: str = ""
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class Group:
    """A user group or role of a chat service, as it was read last; ``users`` are ids of the service."""

    chat: str
    name: str
    users: tuple[str, ...]
    read_at: datetime


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Something said that a chat service was told had arrived; ``said`` is the inbound value as JSON.

    ``key`` is the service's name for the event behind the chat's own; ``owner`` the process that
    took it. ``done``: what it asked for was done, or refused.
    """

    key: str
    at: datetime
    owner: str
    said: Json
    done: bool = False


@dataclass(frozen=True, kw_only=True)
class Keepsake:
    """Somebody wants a published post kept, to be used again."""

    post_id: int
    member: str
    brand: str
    via: Via
    at: datetime


class Health(StrEnum):
    OK = "ok"
    EXPIRED = "expired"
    MISCONFIGURED = "misconfigured"


@dataclass(frozen=True, kw_only=True)
class AccountState:
    """What is known of a connected profile. ``blocked_until``: the platform asked us to wait.

    ``health`` other than OK pauses the account until somebody reconnects it or the bot
    starts again. ``why`` is the sentence a person reads.
    """

    name: str
    brand: str
    platform: str
    health: Health = Health.OK
    blocked_until: datetime | None = None
    why: str = ""
    handle: str = ""
