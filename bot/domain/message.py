"""The neutral values between every chat and the rest: three in, one out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.domain.marks import plain
from bot.errors import BadInput

ACTION_LIMIT = 100
"""Characters; Discord's bound on ``custom_id`` (its API reference), the smallest of all chats."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where something was said or will be said: ``chat`` is "console", "slack", …

    ``thread`` is the post whose thread is meant, None for the channel itself; ``under`` is the ref
    of the message that begins the thread, where the chat has threads. ``hook`` is where the service
    wants its answer to this one request (a response address, an interaction's token): it lives for
    minutes, opens a door, and is never stored or shown.
    """

    chat: str
    channel: str
    thread: int | None = None
    under: str = ""
    hook: str = field(default="", repr=False, compare=False)

    @property
    def address(self) -> str:
        return f"{self.chat}:{self.channel}"


@dataclass(frozen=True, kw_only=True)
class Action:
    """What a button does; encodes to ``verb:kind:id:version`` and survives restarts."""

    verb: str
    kind: str
    id: int
    version: int = 0

    def encode(self) -> str:
        """The wire form, at most `ACTION_LIMIT` characters."""
        text = f"{self.verb}:{self.kind}:{self.id}:{self.version}"
        if len(text) > ACTION_LIMIT:
            raise ValueError(f"action {text!r} is longer than {ACTION_LIMIT} characters")
        return text

    @classmethod
    def decode(cls, text: str) -> Action:
        """The inverse of `encode`; raises `BadInput` for anything else."""
        match = re.fullmatch(r"([a-z_-]+):([a-z_-]+):(\d+):(\d+)", text)
        if match is None:
            raise BadInput("That button is not one of mine.")
        verb, kind, id_, version = match.groups()
        return cls(verb=verb, kind=kind, id=int(id_), version=int(version))


@dataclass(frozen=True, kw_only=True)
class Button:
    """``asks``: the person is asked for a line of text first (a reason, a link, a time), which
    they may leave out when ``optional`` (`bot.domain.asks` has the form for it). ``danger``: it
    cannot be undone, so they are asked twice. ``primary``: what most people came for.
    """

    label: str
    action: Action
    danger: bool = False
    asks: str = ""
    optional: bool = False
    primary: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One row of a card: a short name and what is to be said."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Message:
    """What Clarion says. Adapters dress it; none adds or drops anything.

    ``status`` is the short state on the right of a card's title. ``private``: only the
    person addressed may see it. ``footer`` closes a card. ``mentions`` are members who are to
    notice it. Texts may hold marks (`bot.domain.marks`).
    """

    text: str = ""
    title: str = ""
    status: str = ""
    fields: tuple[Field, ...] = ()
    image: Path | None = None
    image_alt: str = ""
    buttons: tuple[Button, ...] = ()
    footer: str = ""
    private: bool = False
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that somebody gave in a chat. ``ref`` is what `TeamChat.download` finds it by; ``size``
    in bytes as the service tells it."""

    name: str
    ref: str = field(repr=False)
    size: int = 0
    kind: str = ""
    alt: str = ""


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """Somebody typed a command; ``raw`` is everything after its name.

    ``user`` is whoever the chat says it is, in the chat's own terms (an id, or at the console a
    name). ``values`` are given instead of ``raw`` where the chat has forms: by option name, for
    `Command.convert`. ``key`` is the service's own name for this event, the same whenever it is
    delivered again; empty where nothing is delivered twice. ``groups`` are the groups or roles the
    service says the person is in now, None when it does not say. ``partial``: ``values`` are only a
    beginning, taken from a message, and whoever pointed at it is asked for the rest.
    """

    command: str
    raw: str
    user: str
    target: Target
    values: Mapping[str, Any] | None = None
    files: tuple[Attachment, ...] = ()
    key: str = ""
    groups: tuple[str, ...] | None = None
    partial: bool = False


@dataclass(frozen=True, kw_only=True)
class Press:
    """Somebody pressed a button; ``ref`` is the message it stands on, ``text`` what was asked for.

    ``values`` are what a form with more than one input brought, by input name.
    """

    action: Action
    user: str
    ref: str
    target: Target
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """Somebody put (``added``) or took away an emoji. Only a trigger: the card is read again."""

    emoji: str
    user: str
    ref: str
    target: Target
    added: bool = True
    key: str = ""
    groups: tuple[str, ...] | None = None


Inbound = Invocation | Press | Reaction


def in_words(message: Message) -> Message:
    """The message without marks, as a chat shows it that knows words only."""
    return replace(
        message,
        text=plain(message.text),
        title=plain(message.title),
        status=plain(message.status),
        footer=plain(message.footer),
        fields=tuple(Field(name=plain(f.name), value=plain(f.value)) for f in message.fields),
    )


def fold_emoji(emoji: str) -> str:
    """The emoji without skin tones (U+1F3FB–U+1F3FF) and variation selectors (U+FE0E, U+FE0F)."""
    return re.sub("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f]", "", emoji)
