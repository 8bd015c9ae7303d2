"""The neutral values between every chat and the rest: three in, one out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bot.errors import BadInput

ACTION_LIMIT = 100
"""Characters; Discord's bound on ``custom_id`` (its API reference), the smallest of all chats."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where something was said or will be said: ``chat`` is "console", "slack", …

    ``thread`` is the post whose thread is meant, None for the channel itself.
    """

    chat: str
    channel: str
    thread: int | None = None

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
    they may leave out when ``optional``. ``danger``: it cannot be undone, so they are asked twice.
    """

    label: str
    action: Action
    danger: bool = False
    asks: str = ""
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One row of a card: a short name and what is to be said."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Message:
    """What Clarion says. Adapters dress it; none adds or drops anything.

    ``status`` is the short state on the right of a card's title. ``private``: only the
    person addressed may see it. ``footer`` closes a card.
    """

    text: str = ""
    title: str = ""
    status: str = ""
    fields: tuple[Field, ...] = ()
    image: Path | None = None
    buttons: tuple[Button, ...] = ()
    footer: str = ""
    private: bool = False


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """Somebody typed a command; ``raw`` is everything after its name."""

    command: str
    raw: str
    user: str
    target: Target


@dataclass(frozen=True, kw_only=True)
class Press:
    """Somebody pressed a button; ``ref`` is the message it stands on, ``text`` what was asked for."""

    action: Action
    user: str
    ref: str
    target: Target
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """Somebody put (``added``) or took away an emoji. Only a trigger: the card is read again."""

    emoji: str
    user: str
    ref: str
    target: Target
    added: bool = True


Inbound = Invocation | Press | Reaction


def fold_emoji(emoji: str) -> str:
    """The emoji without skin tones (U+1F3FB–U+1F3FF) and variation selectors (U+FE0E, U+FE0F)."""
    return re.sub("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f]", "", emoji)
